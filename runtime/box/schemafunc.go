package box

import (
	"errors"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// schemaFuncTable is box.schema.func.
func (b *Box) schemaFuncTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create": b.funcCreate,
		"drop":   b.funcDrop,
		"exists": b.funcExists,
		"call":   b.funcCallByName,
		"reload": b.funcReload,
		"bless": func(L *lua.LState) int {
			vm.CheckTable(L, 1).Metatable = b.functions.meta
			return 0
		},
	})
}

var funcOptions = []param{
	{"setuid", "boolean"}, {"if_not_exists", "boolean"}, {"user", "string, number"}, {"language", "string"},
	{"body", "string"}, {"is_deterministic", "boolean"}, {"is_sandboxed", "boolean"}, {"comment", "string"},
	{"param_list", "table"}, {"returns", "string"}, {"exports", "table"}, {"opts", "table"},
}

func (b *Box) funcRow(L *lua.LState, v lua.LValue) *tuple.Tuple {
	if vm.IsNil(v) {
		return nil
	}
	index := uint32(0)
	if _, ok := v.(lua.LString); ok {
		index = 2
	}
	return b.getRow(L, vfuncSpace, index, b.appendTo(L, newRow(1), v))
}

// funcCreate is box.schema.func.create(name, options).
func (b *Box) funcCreate(L *lua.LState) int {
	o := b.options(L, L.Get(2), funcOptions)
	name := L.Get(1)
	key := newRow(1)
	if vm.IsNil(name) {
		key = newRow(0)
	} else {
		key = b.appendTo(L, key, name)
	}
	if t := b.getRow(L, vfuncSpace, 2, key); t != nil {
		if flag(o, "if_not_exists") {
			return 0
		}
		b.fail(L, boxerr.FunctionExists, b.text(L, name))
	}
	owner := b.Context().UID()
	if u := given(o, "user"); u != nil {
		owner = b.needUser(L, u)
	}
	setuid := uint64(0)
	if flag(o, "setuid") {
		setuid = 1
	}
	word := func(name, absent string) string {
		if v := given(o, name); v != nil {
			return v.String()
		}
		return absent
	}
	table := func(name string, absent ...string) lua.LValue {
		if v, ok := given(o, name).(*lua.LTable); ok {
			return v
		}
		t := vm.NewTable(len(absent), 0)
		for _, s := range absent {
			t.Append(lua.LString(s))
		}
		return t
	}
	now := b.host.Machine().Clock.Now().In(time.Local).Format("2006-01-02 15:04:05")
	data := newRow(19).uint(uint64(b.nextID(L, funcSpace))).uint(uint64(owner))
	data = b.appendTo(L, data, name).uint(setuid).str(strings.ToUpper(word("language", "LUA"))).str(word("body", ""))
	data = b.appendTo(L, data.str("function"), table("param_list")).str(word("returns", "any")).str("none").str("none")
	data = data.bool(flag(o, "is_deterministic")).bool(flag(o, "is_sandboxed")).bool(true)
	data = b.appendTo(L, data, table("exports", "LUA"))
	data = b.mappingOf(L, data, table("opts").(*lua.LTable)).str(word("comment", "")).str(now).str(now)
	b.insertRow(L, funcSpace, data)
	return 0
}

// funcDrop is box.schema.func.drop(function, {if_exists = }).
func (b *Box) funcDrop(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"if_exists", "boolean"}})
	name := L.Get(1)
	if vm.IsNil(name) {
		b.fail(L, boxerr.ExactMatch, 1, 0)
	}
	t := b.funcRow(L, name)
	if t == nil {
		if !flag(o, "if_exists") {
			b.fail(L, boxerr.NoSuchFunction, b.text(L, name))
		}
		return 0
	}
	b.dropFunction(L, uintField(t, 0))
	return 0
}

func (b *Box) dropFunction(L *lua.LState, id uint32) {
	b.revokeObject(L, "function", id)
	b.deleteRow(L, funcSpace, idKey(id))
}

// funcExists is box.schema.func.exists(function).
func (b *Box) funcExists(L *lua.LState) int {
	L.Push(lua.LBool(b.funcRow(L, L.Get(1)) != nil))
	return 1
}

// funcCallByName is box.schema.func.call(name, …): a function that _func has.
func (b *Box) funcCallByName(L *lua.LState) int {
	name, ok := L.Get(1).(lua.LString)
	if !ok {
		vm.RaiseString(L, 1, "Use func:call(...)")
	}
	f := b.db.FunctionByName(string(name))
	if f == nil {
		b.fail(L, boxerr.NoSuchFunction, string(name))
	}
	if err := b.db.CheckExecute(b.Context(), f.Name); err != nil {
		b.raise(L, err)
	}
	args := make([]lua.LValue, 0, L.GetTop())
	for i := 2; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	return b.results(L, args, func(args []lua.LValue) ([]lua.LValue, error) { return b.callFunction(L, f, args) })
}

// results returns what a function of _func returned; what it threw becomes a box error.
func (b *Box) results(L *lua.LState, args []lua.LValue, call func([]lua.LValue) ([]lua.LValue, error)) int {
	results, err := call(args)
	if err != nil {
		var thrown *vm.Error
		if errors.As(err, &thrown) {
			err = b.boxError(L, err)
		}
		b.raise(L, err)
	}
	for _, r := range results {
		L.Push(r)
	}
	return len(results)
}

// funcReload is box.schema.func.reload(module), for functions in C, of which there are none.
func (b *Box) funcReload(L *lua.LState) int {
	switch L.Get(1).(type) {
	case lua.LString, lua.LNumber:
	default:
		got := "no value"
		if L.GetTop() > 0 {
			got = vm.TypeName(L.Get(1))
		}
		vm.RaiseString(L, -1, "bad argument #1 to '?' (string expected, got %s)", got)
	}
	b.fail(L, boxerr.NoSuchModule, L.Get(1).String())
	return 0
}

// functionMethods are those of the tables in box.func.
func (b *Box) functionMethods() map[string]lua.LGFunction {
	self := func(L *lua.LState, method string) uint32 {
		if t, ok := L.Get(1).(*lua.LTable); ok {
			if id, ok := t.RawGetString("id").(lua.LNumber); ok {
				return uint32(id)
			}
		}
		usage(L, "builtin/box/schema.lua:2217", "Use func:%s(...) instead of func.%s(...)", method, method)
		return 0
	}
	return map[string]lua.LGFunction{
		"call": func(L *lua.LState) int {
			id := self(L, "call")
			var args []lua.LValue
			switch v := L.Get(2).(type) {
			case *lua.LTable:
				for i := 1; i <= vm.Length(v); i++ {
					args = append(args, vm.GetInt(v, i))
				}
			case *lua.LNilType:
			default:
				usage(L, "builtin/box/schema.lua:2232", "Use func:call(table)")
			}
			f := b.db.Function(id)
			if f == nil {
				b.fail(L, boxerr.NoSuchFunction, L.Get(1).(*lua.LTable).RawGetString("name").String())
			}
			if err := b.db.CheckExecute(b.Context(), f.Name); err != nil {
				b.raise(L, err)
			}
			return b.results(L, args, func(args []lua.LValue) ([]lua.LValue, error) { return b.callFunction(L, f, args) })
		},
		"drop": func(L *lua.LState) int {
			b.dropFunction(L, self(L, "drop"))
			return 0
		},
	}
}
