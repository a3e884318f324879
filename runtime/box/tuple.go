package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// Tuple is a tuple of scripts: cdata of type `struct tuple &`. It is the tuple itself under another name, so that
// handing a tuple to a script costs nothing.
type Tuple tuple.Tuple

// NewTuple shows a tuple to scripts; a nil tuple is Lua's nil.
func NewTuple(t *tuple.Tuple) lua.LValue {
	if t == nil {
		return lua.LNil
	}
	return (*Tuple)(t)
}

// Type implements lua.LValue.
func (t *Tuple) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (t *Tuple) CType() vm.CTypeID { return vm.CTuple }

// AppendMsgpack implements serial.MsgpackAppender.
func (t *Tuple) AppendMsgpack(dst []byte) []byte { return append(dst, t.Tuple().Data()...) }

// Tuple is the tuple itself.
func (t *Tuple) Tuple() *tuple.Tuple { return (*tuple.Tuple)(t) }

// String implements lua.LValue: YAML in one line.
func (t *Tuple) String() string { return flowText(t.Tuple().Data()) }

// openTuples gives tuples their metatable and makes box.tuple.
func (b *Box) openTuples(L *lua.LState) *lua.LTable {
	b.tupleMethods = methods(L, map[string]lua.LGFunction{
		"find":      b.tupleFind(false),
		"findall":   b.tupleFind(true),
		"slice":     b.tupleSlice,
		"transform": b.tupleTransform,
		"update":    b.tupleUpdate(false),
		"upsert":    b.tupleUpdate(true),
		"totable":   b.tupleToTable,
		"tomap":     b.tupleToMap,
		"unpack":    b.tupleUnpack,
		"pairs":     b.tuplePairs,
		"bsize":     b.tupleBSize,
		"next":      b.tupleNext,
	})
	list := b.tupleMethods
	list.RawSetString("ipairs", list.RawGetString("pairs"))
	b.tupleStep = L.NewFunction(b.tupleStepOf)
	meta := methods(L, map[string]lua.LGFunction{
		"__index": b.tupleIndex,
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(b.tupleSelf(L, "").FieldCount()))
			return 1
		},
		"__eq": func(L *lua.LState) int {
			for i := 1; i <= 2; i++ {
				if L.Get(i).Type() == lua.LTTable {
					usage(L, "builtin/box/tuple.lua:332", "cannot convert 'table' to 'void *'")
				}
			}
			L.Push(lua.LBool(L.Get(1) == L.Get(2)))
			return 1
		},
		"__tostring": func(L *lua.LState) int {
			L.Push(lua.LString(L.Get(1).String()))
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			if name, ok := L.Get(2).(lua.LString); ok {
				vm.RaiseString(L, 1, "'struct tuple' has no member named '%s'", string(name))
			}
			vm.RaiseString(L, 1, "'struct tuple' cannot be indexed with '%s'", vm.TypeName(L.Get(2)))
			return 0
		},
	})
	for _, name := range []string{"__pairs", "__ipairs"} {
		meta.RawSetString(name, list.RawGetString("pairs"))
	}
	serialize := L.NewFunction(b.tupleSerialize)
	meta.RawSetString("__serialize", serialize)
	list.RawSetString("__serialize", serialize)
	b.host.VM().SetMeta(vm.CTuple, meta)

	exports := L.NewTable()
	list.ForEach(func(k, v lua.LValue) {
		if k.String() != "__serialize" {
			exports.RawSet(k, v)
		}
	})
	exports.RawSetString("new", L.NewFunction(b.tupleNew))
	exports.RawSetString("is", L.NewFunction(func(L *lua.LState) int {
		_, ok := L.Get(1).(*Tuple)
		L.Push(lua.LBool(ok))
		return 1
	}))
	return exports
}

// tupleSelf is the tuple that a method was called on.
func (b *Box) tupleSelf(L *lua.LState, usageText string) *tuple.Tuple {
	t, ok := L.Get(1).(*Tuple)
	if !ok {
		usage(L, "builtin/box/tuple.lua:106", "Usage: %s", usageText)
	}
	return t.Tuple()
}

// tupleIndex is tuple[key]: a field by number, by the name of a method, by the name of a field, or by JSON path.
func (b *Box) tupleIndex(L *lua.LState) int {
	t := L.Get(1).(*Tuple).Tuple()
	switch key := L.Get(2).(type) {
	case lua.LNumber:
		b.pushField(L, t.Field(int(key)-1))
		return 1
	case lua.LString:
		// A field hides the method that has its name.
		m := b.tupleMethods.RawGetString(string(key))
		if m != lua.LNil {
			if _, hidden := t.Format().FieldNumber(string(key)); !hidden {
				L.Push(m)
				return 1
			}
		}
		if data, err := t.FieldByPath(string(key), 1); err == nil && data != nil {
			b.pushField(L, data)
			return 1
		}
		L.Push(m)
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

func (b *Box) pushField(L *lua.LState, data []byte) {
	if data == nil {
		L.Push(lua.LNil)
		return
	}
	L.Push(b.value(L, data))
}

// value is the Lua value of one field.
func (b *Box) value(L *lua.LState, data []byte) lua.LValue {
	v, err := b.codec.DecodeTrusted(L, data, &b.decode)
	if err != nil {
		b.raise(L, err)
	}
	return v
}

// tupleNew is box.tuple.new: of a table or a tuple, or of the arguments themselves.
func (b *Box) tupleNew(L *lua.LState) int {
	var data []byte
	n := L.GetTop()
	_, isTable := L.Get(1).(*lua.LTable)
	_, isTuple := L.Get(1).(*Tuple)
	if n == 1 && isTable {
		data = b.newArray(L, L.Get(1))
	} else if n == 1 && isTuple {
		data = b.tupleArg(L, 1)
	} else {
		data = mp.AppendArrayHeader(b.buf[:0], n)
		for i := 1; i <= n; i++ {
			var err error
			if data, err = b.codec.Append(data, L, L.Get(i), &b.encodeTuple); err != nil {
				b.raise(L, err)
			}
		}
	}
	return b.pushNew(L, data)
}

// newArray is the msgpack of a table that becomes a tuple.
func (b *Box) newArray(L *lua.LState, v lua.LValue) []byte {
	data, err := b.codec.Append(b.buf[:0], L, v, &b.encodeTuple)
	if err != nil {
		b.raise(L, err)
	}
	if !isArray(data) {
		b.fail(L, boxerr.TupleNotArray)
	}
	return data
}

// pushNew makes a tuple without a format.
func (b *Box) pushNew(L *lua.LState, data []byte) int {
	t, err := tuple.New(nil, data)
	if err != nil {
		b.raise(L, err)
	}
	L.Push((*Tuple)(t))
	return 1
}

// tupleSerialize gives encoders the fields as a table.
func (b *Box) tupleSerialize(L *lua.LState) int {
	t, ok := L.Get(1).(*Tuple)
	if !ok {
		b.raise(L, boxerr.New(boxerr.IllegalParams, "tuple expected"))
	}
	v := b.value(L, t.Tuple().Data())
	if table, ok := v.(*lua.LTable); ok {
		table.Metatable = b.flowMeta
	}
	L.Push(v)
	return 1
}
