package box

import (
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/luamp"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// fieldRange reads the optional positions from and to of totable and unpack; to is not included.
func fieldRange(L *lua.LState, first, count int) (from, to int) {
	from, to = 1, count
	if v := L.Get(first); v != lua.LNil {
		from = position(L, v, "builtin/box/tuple.lua:177")
		if from < 1 {
			usage(L, "builtin/box/tuple.lua:178", "tuple.totable: invalid second argument")
		}
	}
	if v := L.Get(first + 1); v != lua.LNil {
		to = position(L, v, "builtin/box/tuple.lua:186")
		if to < 1 {
			usage(L, "builtin/box/tuple.lua:187", "tuple.totable: invalid third argument")
		}
	}
	return from - 1, min(to, count)
}

func position(L *lua.LState, v lua.LValue, place string) int {
	if n, ok := v.(lua.LNumber); ok {
		return int(math.Max(math.Min(float64(n), math.MaxInt32), math.MinInt32))
	}
	if n, ok := vm.ToInt64(v); ok {
		return int(n)
	}
	usage(L, place, "attempt to compare %s with number", vm.TypeName(v))
	return 0
}

// fields calls visit for each field from one position up to another.
func (b *Box) fields(L *lua.LState, t *tuple.Tuple, from, to int, visit func(v lua.LValue)) {
	if from >= to {
		return
	}
	data := t.Field(from)
	if data == nil {
		return
	}
	// The fields behind it lie in the same bytes.
	data = data[:cap(data)]
	if whole := t.Data(); len(whole) > 0 {
		_, pos := mp.ArrayHeader(whole)
		data = whole[pos+mp.SkipN(whole[pos:], from):]
	}
	for ; from < to; from++ {
		v, n, err := b.codec.DecodeNext(L, data, &b.decode)
		if err != nil {
			b.raise(L, err)
		}
		data = data[n:]
		visit(v)
	}
}

// tupleToTable is tuple:totable([from[, to]]).
func (b *Box) tupleToTable(L *lua.LState) int {
	t := b.tupleSelf(L, "tuple:totable([from[, to]])")
	from, to := fieldRange(L, 2, t.FieldCount())
	list := vm.NewTable(max(0, to-from), 0)
	b.fields(L, t, from, to, func(v lua.LValue) { list.Append(v) })
	list.Metatable = b.seqMeta
	L.Push(list)
	return 1
}

// tupleUnpack is tuple:unpack([from[, to]]).
func (b *Box) tupleUnpack(L *lua.LState) int {
	t := b.tupleSelf(L, "tuple:totable([from[, to]])")
	from, to := fieldRange(L, 2, t.FieldCount())
	n := 0
	b.fields(L, t, from, to, func(v lua.LValue) {
		L.Push(v)
		n++
	})
	return n
}

// tupleSlice is tuple:slice(start[, end]): positions count from 0, negative ones from the end.
func (b *Box) tupleSlice(L *lua.LState) int {
	t := b.checkedTuple(L, 1)
	if n := L.GetTop(); n < 2 || n > 3 {
		vm.RaiseString(L, 1, "tuple.slice(): bad arguments")
	}
	start, end, okEnd := integerArg(L, 2), integerArg(L, 3), L.GetTop() == 3
	count := t.FieldCount()
	place := func(v int) int {
		if v < 0 {
			return v + count
		}
		return v
	}
	from, to := place(start), count
	if okEnd {
		to = place(end)
	}
	switch {
	case from < 0 || from >= count:
		vm.RaiseString(L, 1, "tuple.slice(): start >= field count")
	case to > count || okEnd && to <= 0:
		// Tarantool counts the end down by one, past zero.
		vm.RaiseString(L, 1, "tuple.slice(): end > field count")
	case to <= from:
		vm.RaiseString(L, 1, "tuple.slice(): start must be less than end")
	}
	b.fields(L, t, from, to, func(v lua.LValue) { L.Push(v) })
	return to - from
}

// integerArg is a number, or zero for what is none.
func integerArg(L *lua.LState, n int) int {
	v, _ := vm.ToNumber(L.Get(n))
	return int(math.Max(math.Min(v, math.MaxInt32), math.MinInt32))
}

// checkedTuple is an argument that must be a tuple.
func (b *Box) checkedTuple(L *lua.LState, n int) *tuple.Tuple {
	t, ok := L.Get(n).(*Tuple)
	if !ok {
		vm.RaiseString(L, 1, "Invalid argument #%d (box.tuple expected, got %s)", n, vm.TypeName(L.Get(n)))
	}
	return t.Tuple()
}

// tupleFind is tuple:find([offset, ]value) and tuple:findall.
func (b *Box) tupleFind(all bool) lua.LGFunction {
	name := "find"
	if all {
		name = "findall"
	}
	return func(L *lua.LState) int {
		t, ok := L.Get(1).(*Tuple)
		n := L.GetTop()
		if !ok {
			usage(L, "builtin/box/tuple.lua:106", "Usage: tuple:%s([offset, ]val)", name)
		}
		offset, wanted := 0, L.Get(2)
		if n > 2 && !vm.IsNil(L.Get(3)) {
			at, ok := vm.ToNumber(L.Get(2))
			offset, wanted = int(at), L.Get(3)
			if !ok {
				usage(L, "builtin/box/tuple.lua:126", "error: invalid key to 'next'")
			}
			if offset < 0 || offset > t.Tuple().FieldCount() {
				usage(L, "builtin/box/tuple.lua:144", "error: invalid key to 'next'")
			}
		}
		count := t.Tuple().FieldCount()
		found := vm.NewTable(0, 0)
		position, hit := offset, 0
		b.fields(L, t.Tuple(), offset, count, func(v lua.LValue) {
			position++
			if hit != 0 && !all || !b.sought(L, v, wanted, all) {
				return
			}
			hit = position
			if all {
				found.Append(lua.LNumber(position))
			}
		})
		switch {
		case all:
			L.Push(found)
		case hit == 0:
			L.Push(lua.LNil)
		default:
			L.Push(lua.LNumber(hit))
		}
		return 1
	}
}

// sought is Lua's ==. An error of it, about values of cdata that cannot be compared, is raised where Tarantool does.
func (b *Box) sought(L *lua.LState, x, y lua.LValue, all bool) bool {
	machine := b.host.VM()
	_, boxed1 := x.(vm.Cdata)
	_, boxed2 := y.(vm.Cdata)
	if !boxed1 && !boxed2 {
		return machine.Equal(L, x, y)
	}
	equal := false
	_, err := machine.Call(L, L.NewFunction(func(L *lua.LState) int {
		equal = machine.Equal(L, x, y)
		return 0
	}), 0)
	if err != nil {
		place := "builtin/fun.lua:464"
		if all {
			place = "builtin/fun.lua:488"
		}
		usage(L, place, "%s", strings.TrimPrefix(err.Error(), vm.Where(L, 1)))
	}
	return equal
}

// tupleToMap is tuple:tomap([{names_only = bool}]).
func (b *Box) tupleToMap(L *lua.LState) int {
	t, ok := L.Get(1).(*Tuple)
	options := L.Get(2)
	_, isTable := options.(*lua.LTable)
	if n := L.GetTop(); n < 1 || n > 2 || n == 2 && !isTable {
		vm.RaiseString(L, 1, "Usage: tuple:tomap(opts)")
	}
	if !ok {
		b.checkedTuple(L, 1)
	}
	namesOnly := false
	if isTable {
		switch v := options.(*lua.LTable).RawGetString("names_only").(type) {
		case lua.LBool:
			namesOnly = bool(v)
		case *lua.LNilType:
		default:
			vm.RaiseString(L, 1, "Usage: tuple:tomap(opts)")
		}
	}
	tp := t.Tuple()
	defs := tp.Format().Fields()
	count := tp.FieldCount()
	m := vm.NewTable(0, len(defs))
	i := 0
	b.fields(L, tp, 0, count, func(v lua.LValue) {
		if i < len(defs) {
			vm.RawSet(m, lua.LString(defs[i].Name), v)
		}
		if i++; !namesOnly {
			vm.RawSet(m, lua.LNumber(i), v)
		}
	})
	L.Push(m)
	return 1
}

// tupleBSize is tuple:bsize(): bytes.
func (b *Box) tupleBSize(L *lua.LState) int {
	L.Push(lua.LNumber(b.tupleSelf(L, "tuple:bsize()").BSize()))
	return 1
}

// tupleNext is tuple:next([position]): the next position and its field.
func (b *Box) tupleNext(L *lua.LState) int {
	t := b.tupleSelf(L, "tuple:next(tuple[, pos])")
	at := 0
	if v := L.Get(2); v != lua.LNil {
		n, ok := v.(lua.LNumber)
		if !ok {
			usage(L, "builtin/box/tuple.lua:157", "bad argument #2 to 'box_tuple_field' (cannot convert '%s' to 'unsigned int')", vm.TypeName(v))
		}
		at = int(n)
	}
	data := t.Field(at)
	if data == nil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(at + 1))
	b.pushField(L, data)
	return 2
}

// tupleStepOf is the step of a for loop over a tuple.
func (b *Box) tupleStepOf(L *lua.LState) int {
	t := b.checkedTuple(L, 1)
	at := 0
	switch v := L.Get(2).(type) {
	case lua.LNumber:
		at = int(v)
	case *lua.LNilType:
	default:
		n, ok := vm.ToInt64(v)
		if !ok {
			usage(L, "builtin/box/tuple.lua:126", "error: invalid key to 'next'")
		}
		at = int(n)
	}
	data := t.Field(at)
	if data == nil {
		if at != t.FieldCount() {
			usage(L, "builtin/box/tuple.lua:144", "error: invalid key to 'next'")
		}
		L.Push(lua.LNil)
		return 1
	}
	L.Push(luamp.Integer(uint64(at + 1)))
	b.pushField(L, data)
	return 2
}

// tuplePairs is tuple:pairs([position]): an iterator of the module fun.
func (b *Box) tuplePairs(L *lua.LState) int {
	b.tupleSelf(L, "tuple:pairs(tuple[, pos])")
	return b.pushIterator(L, b.tupleStep, L.Get(1), L.Get(2))
}
