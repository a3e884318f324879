package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// collationTable is box.internal.collation.
func (b *Box) collationTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create":     b.collationCreate,
		"drop":       b.collationDrop,
		"exists":     b.collationExists,
		"id_by_name": b.collationID,
	})
}

func (b *Box) collationRow(L *lua.LState, name lua.LValue) *tuple.Tuple {
	key := newRow(0)
	if !vm.IsNil(name) {
		key = b.appendTo(L, newRow(1), name)
	}
	return b.getRow(L, vcollationSpace, 1, key)
}

// collationCreate is box.internal.collation.create(name, type, locale, options).
func (b *Box) collationCreate(L *lua.LState) int {
	for i, what := range []string{"name (first arg)", "type (second arg)", "locale (third arg)"} {
		if _, ok := L.Get(i + 1).(lua.LString); !ok {
			b.illegal(L, "%s must be a string", what)
		}
	}
	options := vm.NewTable(0, 0)
	quiet := false
	switch o := L.Get(4).(type) {
	case *lua.LTable:
		o.ForEach(func(k, v lua.LValue) {
			if k == lua.LString("if_not_exists") {
				quiet = truth(v)
				return
			}
			vm.RawSet(options, k, v)
		})
	default:
		if !vm.IsNil(o) {
			b.illegal(L, "options (fourth arg) must be a table or nil")
		}
	}
	if quiet && b.collationRow(L, L.Get(1)) != nil {
		return 0
	}
	data := newRow(6).uint(uint64(b.nextID(L, collationSpace))).str(L.Get(1).String()).uint(uint64(b.Context().UID()))
	b.insertRow(L, collationSpace, b.mappingOf(L, data.str(L.Get(2).String()).str(L.Get(3).String()), options))
	return 0
}

// collationDrop is box.internal.collation.drop(name, options).
func (b *Box) collationDrop(L *lua.LState) int {
	b.options(L, L.Get(2), []param{{"if_exists", "boolean"}})
	if t := b.collationRow(L, L.Get(1)); t != nil {
		b.deleteRow(L, collationSpace, idKey(uintField(t, 0)))
	}
	return 0
}

// collationExists is box.internal.collation.exists(name).
func (b *Box) collationExists(L *lua.LState) int {
	L.Push(lua.LBool(b.collationRow(L, L.Get(1)) != nil))
	return 1
}

// collationID is box.internal.collation.id_by_name(name).
func (b *Box) collationID(L *lua.LState) int {
	t := b.collationRow(L, L.Get(1))
	if t == nil {
		usage(L, "builtin/box/schema.lua:2305", "attempt to index local 'coll' (a nil value)")
	}
	L.Push(lua.LNumber(uintField(t, 0)))
	return 1
}
