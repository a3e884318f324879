package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// internalTable is box.internal, as far as modules outside Tarantool use it: statements on spaces that are known by
// their numbers, and the checks that the methods of box.space begin with.
func (b *Box) internalTable(L *lua.LState) *lua.LTable {
	t := methods(L, map[string]lua.LGFunction{
		"schema_version":      b.internalSchemaVersion,
		"check_primary_index": b.checkPrimaryIndex,
		"check_space_arg":     b.checkSpaceArg,
		"check_index_arg":     b.checkIndexArg,
		"check_iterator_type": b.checkIteratorType,
		"insert":              b.rowByID("Usage space:insert(tuple)", b.insert),
		"replace":             b.rowByID("Usage space:replace(tuple)", b.replace),
		"upsert":              b.upsertByID,
		"get":                 b.keyByID("Usage index.get(space_id, index_id, key)", 3, b.get),
		"update":              b.keyByID("Usage index:update(key, ops)", 4, b.update),
		"delete":              b.keyByID("Usage space:delete(key)", 3, b.remove),
		"min":                 b.keyByID("usage index.min(space_id, index_id, key)", 3, b.min),
		"max":                 b.keyByID("usage index.max(space_id, index_id, key)", 3, b.max),
		"random":              b.keyByID("Usage index.random(space_id, index_id, rnd)", 3, b.random),
		"select":              b.selectByID,
		"count":               b.countByID,
		"truncate":            b.truncateByID,
		"module_reload":       b.funcReload,
	})
	t.RawSetString("collation", b.collationTable(L))
	t.RawSetString("space", methods(L, map[string]lua.LGFunction{"frommap": b.fromMap}))
	return t
}

func (b *Box) internalSchemaVersion(L *lua.LState) int {
	L.Push(lua.LNumber(b.db.SchemaVersion()))
	return 1
}

// checkPrimaryIndex returns the primary index of a space or throws.
func (b *Box) checkPrimaryIndex(L *lua.LState) int {
	s := b.primaryArg(L, "primary")
	L.Push(b.indexTableOf(s, 0))
	return 1
}

func (b *Box) checkSpaceArg(L *lua.LState) int {
	method := "nil"
	if v := L.Get(2); v != lua.LNil {
		method = b.text(L, v)
	}
	if t, ok := L.Get(1).(*lua.LTable); !ok || t.RawGetString("id") == lua.LNil {
		usage(L, spacePlace, "Use space:%s(...) instead of space.%s(...)", method, method)
	}
	return 0
}

func (b *Box) checkIndexArg(L *lua.LState) int {
	method := "nil"
	if v := L.Get(2); v != lua.LNil {
		method = b.text(L, v)
	}
	if t, ok := L.Get(1).(*lua.LTable); !ok || t.RawGetString("id") == lua.LNil {
		usage(L, indexPlace, "Use index:%s(...) instead of index.%s(...)", method, method)
	}
	return 0
}

// checkIteratorType is the number of the iterator that options ask for; without them all is, or equality to the key.
func (b *Box) checkIteratorType(L *lua.LState) int {
	key := emptyKey
	if !truth(L.Get(2)) {
		key = nil
	}
	L.Push(lua.LNumber(b.iteratorOf(L, L.Get(1), key)))
	return 1
}

// spaceByID is the space that the first argument numbers; what is none is answered with the usage.
func (b *Box) spaceByID(L *lua.LState, help string) *db.Space {
	id := L.Get(1)
	if !isNumber(id) {
		usage(L, "", "%s", help)
	}
	n, _ := vm.ToNumber(id)
	s := b.db.Space(wrap32(n))
	if s == nil {
		b.fail(L, boxerr.NoSuchSpace, b.text(L, id))
	}
	return s
}

// rowByID is a statement (space_id, tuple).
func (b *Box) rowByID(help string, run lua.LGFunction) lua.LGFunction {
	return func(L *lua.LState) int {
		if L.GetTop() != 2 || !isOps(L.Get(2)) {
			usage(L, "", "%s", help)
		}
		L.Replace(1, b.spaces.byID[b.spaceByID(L, help).ID()].table)
		return run(L)
	}
}

// upsertByID is (space_id, tuple, ops).
func (b *Box) upsertByID(L *lua.LState) int {
	const help = "Usage space:upsert(tuple_key, ops)"
	if L.GetTop() != 3 || !isOps(L.Get(2)) || !isOps(L.Get(3)) {
		usage(L, "", help)
	}
	L.Replace(1, b.spaces.byID[b.spaceByID(L, help).ID()].table)
	return b.upsert(L)
}

// keyByID is a statement (space_id, index_id, key, …).
func (b *Box) keyByID(help string, args int, run rowOp) lua.LGFunction {
	return func(L *lua.LState) int {
		if L.GetTop() != args || !isNumber(L.Get(2)) {
			usage(L, "", "%s", help)
		}
		s := b.spaceByID(L, help)
		index, _ := vm.ToNumber(L.Get(2))
		L.Remove(1)
		return run(L, s, wrap32(index))
	}
}

// selectByID is (space_id, index_id, iterator, offset, limit, key).
func (b *Box) selectByID(L *lua.LState) int {
	const help = "Usage index:select(iterator, offset, limit, key)"
	var numbers [4]uint32
	if L.GetTop() != 6 {
		usage(L, "", help)
	}
	for i := range numbers {
		n, ok := vm.ToNumber(L.Get(i + 2))
		if !ok {
			usage(L, "", help)
		}
		numbers[i] = wrap32(n)
	}
	s := b.spaceByID(L, help)
	typ, offset, limit := db.IteratorType(min(numbers[1], 255)), numbers[2], numbers[3]
	rows, err := s.Select(b.Context(), numbers[0], typ, offset, limit, b.keyArg(L, 6))
	if err != nil {
		b.raise(L, err)
	}
	values := make([]lua.LValue, len(rows))
	for i, t := range rows {
		values[i] = (*Tuple)(t)
	}
	L.Push(serial.NewArray(L, values))
	return 1
}

// countByID is (space_id, index_id, iterator, key).
func (b *Box) countByID(L *lua.LState) int {
	const help = "usage index.count(space_id, index_id, iterator, key)"
	if L.GetTop() != 4 || !isNumber(L.Get(2)) || !isNumber(L.Get(3)) {
		usage(L, "", help)
	}
	s := b.spaceByID(L, help)
	index, _ := vm.ToNumber(L.Get(2))
	typ, _ := vm.ToNumber(L.Get(3))
	n, err := s.Count(b.Context(), wrap32(index), db.IteratorType(min(wrap32(typ), 255)), b.keyArg(L, 4))
	if err != nil {
		b.raise(L, err)
	}
	L.Push(lua.LNumber(n))
	return 1
}

// truncateByID is (space_id).
func (b *Box) truncateByID(L *lua.LState) int {
	if !isNumber(L.Get(1)) {
		got := "no value"
		if L.GetTop() > 0 {
			got = vm.TypeName(L.Get(1))
		}
		vm.RaiseString(L, -1, "bad argument #1 to '?' (number expected, got %s)", got)
	}
	L.Replace(1, b.spaces.byID[b.spaceByID(L, "").ID()].table)
	return b.truncate(L)
}
