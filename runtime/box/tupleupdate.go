package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/update"
	"shardlua/runtime/vm"
)

// tupleUpdate is tuple:update(ops) and tuple:upsert(ops): a new tuple of the same format.
func (b *Box) tupleUpdate(upsert bool) lua.LGFunction {
	name, place, apply := "update", "builtin/box/tuple.lua:230", update.Update
	if upsert {
		name, place, apply = "upsert", "builtin/box/tuple.lua:243", update.Upsert
	}
	return func(L *lua.LState) int {
		t := b.tupleSelf(L, "tuple:"+name+"({ { op, field, arg}+ })")
		ops, ok := L.Get(2).(*lua.LTable)
		if !ok {
			usage(L, place, "Usage: tuple:%s({ { op, field, arg}+ })", name)
		}
		data, err := apply(t, b.opsOf(L, ops), 1)
		if err != nil {
			b.raise(L, err)
		}
		next, err := tuple.New(t.Format(), data)
		if err != nil {
			b.raise(L, err)
		}
		L.Push((*Tuple)(next))
		return 1
	}
}

// opsOf is the msgpack of the operations of tuple:update, with complaints in the words of msgpackffi.
func (b *Box) opsOf(L *lua.LState, ops *lua.LTable) []byte {
	data, err := b.codec.Append(b.buf[:0], L, ops, &b.encode)
	if err != nil {
		b.foreign(L, err, ops)
	}
	if !isArray(data) {
		b.fail(L, boxerr.TupleNotArray)
	}
	return data
}

// tupleTransform is tuple:transform(start, count, …): takes fields out and puts the arguments in their place. The
// result has no format.
func (b *Box) tupleTransform(L *lua.LState) int {
	t := b.checkedTuple(L, 1)
	top := L.GetTop()
	if top < 3 {
		vm.RaiseString(L, 1, "tuple.transform(): bad arguments")
	}
	count := t.FieldCount()
	from := integerArg(L, 2)
	switch {
	case from == 0 || from < -count:
		vm.RaiseString(L, 1, "tuple.transform(): offset is out of bound")
	case from < 0:
		from += count
	default:
		from = min(from-1, count)
	}
	length := integerArg(L, 3)
	if length < 0 {
		vm.RaiseString(L, 1, "tuple.transform(): len is negative")
	}
	gone := min(length, count-from)
	data := t.Data()
	_, pos := mp.ArrayHeader(data)
	middle := pos + mp.SkipN(data[pos:], from)
	tail := middle + mp.SkipN(data[middle:], gone)
	out := mp.AppendArrayHeader(make([]byte, 0, len(data)+16), count-gone+top-3)
	out = append(out, data[pos:middle]...)
	for i := 4; i <= top; i++ {
		var err error
		if out, err = b.codec.Append(out, L, L.Get(i), &b.encodeTuple); err != nil {
			b.raise(L, err)
		}
	}
	return b.pushNew(L, append(out, data[tail:]...))
}
