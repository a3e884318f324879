package box

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

func isArray(data []byte) bool {
	return len(data) > 0 && (data[0]&0xf0 == 0x90 || data[0] == 0xdc || data[0] == 0xdd)
}

// tupleArg is the msgpack of an argument that must be a tuple or an array. It is valid until the next conversion.
func (b *Box) tupleArg(L *lua.LState, n int) []byte {
	return b.arrayOf(L, L.Get(n))
}

func (b *Box) arrayOf(L *lua.LState, v lua.LValue) []byte {
	if t, ok := v.(*Tuple); ok {
		return t.Tuple().Data()
	}
	data := b.append(L, v)
	if !isArray(data) {
		b.fail(L, boxerr.TupleNotArray)
	}
	return data
}

// emptyKey is the key without parts.
var emptyKey = []byte{0x90}

// keyArg is the msgpack of an argument that is a key: nothing for all, a value for a key of one part, or an array. It
// is valid until the next conversion.
func (b *Box) keyArg(L *lua.LState, n int) []byte { return b.keyOf(L, L.Get(n)) }

func (b *Box) keyOf(L *lua.LState, v lua.LValue) []byte {
	var data []byte
	var err error
	switch v := v.(type) {
	case *lua.LTable:
		// Whatever keys a table has beside its array part, they are no part of the key.
		data, err = b.codec.AppendArray(b.buf[:0], L, v, &b.encode)
	case *Tuple:
		return v.Tuple().Data()
	default:
		if vm.IsNil(v) {
			return emptyKey
		}
		data, err = b.codec.Append(append(b.buf[:0], 0x91), L, v, &b.encode)
	}
	if err != nil {
		b.foreign(L, err, v)
	}
	if cap(data) <= maxScratch {
		b.buf = data
	}
	return data
}

// foreign throws what kept v from being encoded, as Tarantool's msgpackffi does.
func (b *Box) foreign(L *lua.LState, err error, v lua.LValue) {
	var text *serial.Error
	if errors.As(err, &text) {
		usage(L, "builtin/msgpackffi.lua:292", "can not encode Lua type: '%s'", foreignType(v))
	}
	b.raise(L, err)
}

// foreignType names the type in a key that msgpack has no form of.
func foreignType(v lua.LValue) string {
	if t, ok := v.(*lua.LTable); ok {
		for w := serial.Walk(t); w.Next(); {
			switch w.Val.Type() {
			case lua.LTFunction, lua.LTThread:
				return vm.TypeName(w.Val)
			case lua.LTTable:
				return foreignType(w.Val)
			}
		}
		return "userdata"
	}
	return vm.TypeName(v)
}
