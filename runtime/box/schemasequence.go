package box

import (
	"math"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/luamp"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// schemaSequenceTable is box.schema.sequence.
func (b *Box) schemaSequenceTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create": b.sequenceCreate,
		"alter":  func(L *lua.LState) int { return b.alterSequence(L, b.needSequence(L, L.Get(1))) },
		"drop":   b.sequenceDrop,
		"bless":  b.sequenceBless,
	})
}

var sequenceOptions = []param{
	{"step", "number, cdata"}, {"min", "number, cdata"}, {"max", "number, cdata"}, {"start", "number, cdata"},
	{"cache", "number, cdata"}, {"cycle", "boolean"},
}

// sequenceArgs checks options of a sequence. Tarantool speaks of numbers only, but takes 64-bit integers as well.
func (b *Box) sequenceArgs(L *lua.LState, v lua.LValue, more ...param) *lua.LTable {
	if t, ok := v.(*lua.LTable); ok {
		for _, o := range sequenceOptions[:5] {
			if x := t.RawGetString(o.name); x != lua.LNil && vm.TypeName(x) != "number" && vm.TypeName(x) != "cdata" {
				b.illegal(L, "options parameter '%s' should be of type number", o.name)
			}
		}
	}
	return b.options(L, v, append(more, sequenceOptions...))
}

// sequenceRow finds a sequence by its name or number.
func (b *Box) sequenceRow(L *lua.LState, v lua.LValue) *tuple.Tuple {
	if vm.IsNil(v) {
		return nil
	}
	index := uint32(0)
	if _, ok := v.(lua.LString); ok {
		index = 2
	}
	return b.getRow(L, vsequenceSpace, index, b.appendTo(L, newRow(1), v))
}

// needSequence is the number of a sequence, which must exist.
func (b *Box) needSequence(L *lua.LState, v lua.LValue) uint32 {
	t := b.sequenceRow(L, v)
	if t == nil {
		b.fail(L, boxerr.NoSuchSequence, b.text(L, v))
	}
	return uintField(t, 0)
}

// sequenceCreate is box.schema.sequence.create(name, options).
func (b *Box) sequenceCreate(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "name", "string")
	o := b.sequenceArgs(L, L.Get(2), param{"if_not_exists", "boolean"})
	name := L.Get(1).String()
	if t := b.sequenceRow(L, L.Get(1)); t != nil {
		if !flag(o, "if_not_exists") {
			b.fail(L, boxerr.SequenceExists, name)
		}
		L.Push(b.sequences.byID[uintField(t, 0)])
		L.Push(lua.LString("not created"))
		return 2
	}
	L.Push(b.sequences.byID[b.createSequence(L, name, o)])
	return 1
}

func (b *Box) createSequence(L *lua.LState, name string, o *lua.LTable) uint32 {
	id := b.nextID(L, sequenceSpace)
	if b.system(sequenceSpace).Len() == 0 {
		id = 1
	}
	number := func(name string, absent int64) int64 {
		if v := given(o, name); v != nil {
			return b.integer(v)
		}
		return absent
	}
	step := number("step", 1)
	least, most := int64(1), int64(math.MaxInt64)
	if step < 0 {
		least, most = math.MinInt64, -1
	}
	least, most = number("min", least), number("max", most)
	first := least
	if step < 0 {
		first = most
	}
	data := newRow(9).uint(uint64(id)).uint(uint64(b.Context().UID())).str(name)
	data = data.int(step).int(least).int(most).int(number("start", first))
	b.insertRow(L, sequenceSpace, data.int(number("cache", 0)).bool(flag(o, "cycle")))
	return id
}

// integer is a number of a script, 64 bits.
func (b *Box) integer(v lua.LValue) int64 {
	if n, ok := v.(lua.LNumber); ok {
		switch {
		case n >= math.MaxInt64:
			return math.MaxInt64
		case n <= math.MinInt64:
			return math.MinInt64
		}
		return int64(n)
	}
	n, _ := vm.ToInt64(v)
	return n
}

func (b *Box) alterSequence(L *lua.LState, id uint32) int {
	o := b.sequenceArgs(L, L.Get(2), param{"name", "string"})
	if L.Get(2) == lua.LNil {
		return 0
	}
	old := b.getRow(L, sequenceSpace, 0, idKey(id))
	data := newRow(9).raw(old.Field(0)).raw(old.Field(1))
	for i, name := range []string{"name", "step", "min", "max", "start", "cache", "cycle"} {
		v := given(o, name)
		switch {
		case v == nil:
			data = data.raw(old.Field(i + 2))
		case name == "name" || name == "cycle":
			data = b.appendTo(L, data, v)
		default:
			data = data.int(b.integer(v))
		}
	}
	b.replaceRow(L, sequenceSpace, data)
	return 0
}

// sequenceDrop is box.schema.sequence.drop(sequence, {if_exists = }).
func (b *Box) sequenceDrop(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"if_exists", "boolean"}})
	t := b.sequenceRow(L, L.Get(1))
	if t == nil {
		if !flag(o, "if_exists") {
			b.fail(L, boxerr.NoSuchSequence, b.text(L, L.Get(1)))
		}
		return 0
	}
	b.dropSequenceRow(L, uintField(t, 0))
	return 0
}

func (b *Box) dropSequenceRow(L *lua.LState, id uint32) {
	b.revokeObject(L, "sequence", id)
	b.deleteRow(L, sequenceDataSpace, idKey(id))
	b.deleteRow(L, sequenceSpace, idKey(id))
}

func (b *Box) sequenceBless(L *lua.LState) int {
	vm.CheckTable(L, 1).Metatable = b.sequences.meta
	return 0
}

// sequenceArg is the sequence that a method was called on.
func (b *Box) sequenceArg(L *lua.LState, line string) uint32 {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		usage(L, "builtin/box/schema.lua:"+line, "attempt to index local 'self' (a %s value)", vm.TypeName(L.Get(1)))
	}
	id, _ := t.RawGetString("id").(lua.LNumber)
	return uint32(id)
}

// sequenceMethods are those of the tables in box.sequence.
func (b *Box) sequenceMethods() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"next": func(L *lua.LState) int {
			v, err := b.db.NextSequence(b.Context(), b.sequenceArg(L, "1817"))
			if err != nil {
				b.raise(L, err)
			}
			L.Push(luamp.SignedInteger(v))
			return 1
		},
		"current": func(L *lua.LState) int {
			v, err := b.db.CurrentSequence(b.Context(), b.sequenceArg(L, "1822"))
			if err != nil {
				b.raise(L, err)
			}
			L.Push(vm.Int64(v))
			return 1
		},
		"set": func(L *lua.LState) int {
			id := b.sequenceArg(L, "1830")
			v := L.Get(2)
			if name := vm.TypeName(v); name != "number" && (name != "cdata" || vm.IsNil(v)) {
				vm.RaiseString(L, -1, "expected int64_t as 2 argument")
			}
			if err := b.db.SetSequence(b.Context(), id, b.integer(v)); err != nil {
				b.raise(L, err)
			}
			return 0
		},
		"reset": func(L *lua.LState) int {
			if err := b.db.ResetSequence(b.Context(), b.sequenceArg(L, "1834")); err != nil {
				b.raise(L, err)
			}
			return 0
		},
		"alter": func(L *lua.LState) int { return b.alterSequence(L, b.sequenceArg(L, "1838")) },
		"drop": func(L *lua.LState) int {
			id := b.sequenceArg(L, "1842")
			if b.db.Sequence(id) == nil {
				b.fail(L, boxerr.NoSuchSequence, strconv.FormatUint(uint64(id), 10))
			}
			b.dropSequenceRow(L, id)
			return 0
		},
	}
}
