package msgpack

import (
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/buffer"
	"shardlua/runtime/ffi"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// FFI is the Lua module `msgpackffi`: the same bytes, through the functions and
// in the words of Tarantool's other implementation.
var FFI = module.Module{Name: "msgpackffi", Open: openFFI}

func openFFI(h module.Host, L *lua.LState) lua.LValue {
	handlers := map[string]luamp.Handler{}
	exports := OpenFFI(L, handlers)
	exports.RawSetString("on_encode", onEncode(h, L, handlers))
	return exports
}

// onEncode makes the function that teaches the encoder a C type.
func onEncode(h module.Host, L *lua.LState, handlers map[string]luamp.Handler) *lua.LFunction {
	buffers := buffer.Of(h, L)
	given := map[string]*lua.LFunction{}
	return L.NewFunction(func(L *lua.LState) int {
		t, ok1 := L.Get(1).(*ffi.TypeObject)
		fn, ok2 := L.Get(2).(*lua.LFunction)
		if !ok1 || !ok2 {
			vm.RaiseString(L, 0, "builtin/msgpackffi.lua:55: Usage: on_encode(ffi.typeof('mytype'), function(buf, obj)")
		}
		name := t.CTypeName()
		if old := given[name]; old != nil {
			L.Push(old)
		} else {
			L.Push(lua.LNil)
		}
		given[name] = fn
		handlers[name] = func(L *lua.LState, dst []byte, v lua.LValue) ([]byte, error) {
			b := buffers.NewIbuf()
			_, err := h.VM().Call(L, fn, 0, b, v)
			return append(dst, b.Unread()...), err
		}
		return 1
	})
}

// OpenFFI makes the table of msgpackffi. Its encoder knows the C types that handlers have, also later ones.
func OpenFFI(L *lua.LState, handlers map[string]luamp.Handler) *lua.LTable {
	codec, hints := luamp.Of(L), serial.HintsOf(L)
	exports, internal := L.NewTable(), L.NewTable()
	exports.RawSetString("NULL", vm.Null)
	exports.RawSetString("array_mt", hints.Array)
	exports.RawSetString("map_mt", hints.Map)
	exports.RawSetString("internal", internal)

	encode := func(L *lua.LState, v lua.LValue) []byte {
		o := luamp.Default()
		o.Handlers = handlers
		out, err := codec.Append(nil, L, v, &o)
		if err != nil {
			raiseFFI(L, err)
		}
		return out
	}
	exports.RawSetString("encode", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(encode(L, L.Get(1))))
		return 1
	}))
	decode := L.NewFunction(func(L *lua.LState) int { return decodeFFI(L, codec) })
	exports.RawSetString("decode", decode)
	exports.RawSetString("decode_unchecked", decode)

	internal.RawSetString("encode_r", L.NewFunction(func(L *lua.LState) int {
		write(L, encode(L, L.Get(2)))
		return 0
	}))
	internal.RawSetString("encode_array", L.NewFunction(func(L *lua.LState) int {
		write(L, mp.AppendArrayHeader(nil, vm.CheckInt(L, 2)))
		return 0
	}))
	internal.RawSetString("encode_fix", L.NewFunction(func(L *lua.LState) int {
		write(L, []byte{byte(vm.CheckInt(L, 2)) | byte(vm.CheckInt(L, 3))})
		return 0
	}))
	return exports
}

// write adds bytes to the buffer that is the first argument.
func write(L *lua.LState, data []byte) {
	buffer, ok := L.Get(1).(Ibuf)
	if !ok {
		vm.TypeError(L, 1, "struct ibuf")
		return
	}
	if _, err := buffer.Write(data); err != nil {
		serial.Raise(L, err)
	}
}

// raiseFFI says what went wrong as msgpackffi does.
func raiseFFI(L *lua.LState, err error) {
	var plain *serial.Error
	switch text := err.Error(); {
	case text == "invalid __serialize value":
		vm.RaiseString(L, 0, "builtin/msgpackffi.lua:262: Invalid __serialize value")
	case errors.As(err, &plain):
		const unsupported = "unsupported Lua type "
		if text == unsupported+"'cdata'" {
			// What Tarantool's module raises while it makes its message.
			vm.RaiseString(L, 0, "builtin/msgpackffi.lua:289: cannot convert 'string' to 'ctype'")
		}
		if rest, ok := strings.CutPrefix(text, unsupported); ok {
			text = "builtin/msgpackffi.lua:292: can not encode Lua type: " + rest
		}
		vm.RaiseString(L, 0, "%s", text)
	}
	serial.Raise(L, err)
}

func decodeFFI(L *lua.LState, codec *luamp.Codec) int {
	o := luamp.Default()
	var data []byte
	pointer, isPointer := L.Get(1).(Pointer)
	offset := 1
	if isPointer {
		data = pointer.Window()
	} else {
		s, ok := text(L)
		if !ok {
			vm.RaiseString(L, 0, "builtin/msgpackffi.lua:626: msgpackffi.decode_unchecked(str, offset) -> res, new_offset | "+
				"msgpackffi.decode_unchecked([const] char *buf) -> res, new_buf")
		}
		offset = vm.OptInt(L, 2, 1)
		if offset < 1 || offset > len(s) {
			vm.RaiseString(L, 0, "builtin/msgpackffi.lua:604: offset = %d is out of bounds [1..%d]", offset, len(s))
		}
		data = []byte(s[offset-1:])
	}
	v, rest, err := codec.Decode(L, data, &o)
	if err == luamp.ErrInvalid {
		vm.RaiseString(L, 1, "msgpackffi.decode_unchecked: invalid MsgPack")
	}
	if err != nil {
		vm.RaiseString(L, 1, "Unsupported extension type")
	}
	n := len(data) - len(rest)
	L.Push(v)
	if isPointer {
		L.Push(pointer.Plus(n))
	} else {
		L.Push(lua.LNumber(offset + n))
	}
	return 2
}
