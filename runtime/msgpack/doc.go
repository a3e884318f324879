// Package msgpack is the Lua modules `msgpack` and `msgpackffi`.
//
// The one idea: package luamp does the work; this package checks arguments, and
// knows the two kinds of memory that scripts hand over besides strings.
//
//	msgpack.encode(value)                 a string
//	msgpack.encode(value, ibuf)           the number of bytes added to the buffer
//	msgpack.decode(text[, offset])        a value, the offset after it
//	msgpack.decode(pointer, size)         a value, the pointer after it
//	msgpack.decode_unchecked(text[, offset] | pointer)
//	msgpack.ibuf_decode(pointer)          the pointer after the value, the value
//	msgpack.decode_array_header(pointer, size), decode_map_header(pointer, size)
//	msgpack.new(), msgpack.cfg{option = value, ...}
//
// A script must not be able to read beyond memory that is its own, so what is
// called unchecked is checked all the same.
package msgpack

import (
	"io"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// Ibuf is a buffer that encode can write to: a cdata whose CType is vm.CIbuf.
type Ibuf interface {
	vm.Cdata
	io.Writer
}

// Pointer is a cdata `char *` or `const char *`.
type Pointer interface {
	vm.Cdata
	// Window returns the memory from where the pointer points to the end of the
	// block that it points into.
	Window() []byte
	// Plus makes a pointer of the same type, n bytes further.
	Plus(n int) vm.Cdata
}

// Module is the Lua module `msgpack`.
var Module = module.Module{Name: "msgpack", Open: func(_ module.Host, L *lua.LState) lua.LValue { return Open(L) }}

// Open makes the module's table.
func Open(L *lua.LState) *lua.LTable { return serial.Module(L, fill) }

// settings are the options of one module, and what it works with.
type settings struct {
	o     *serial.Options
	codec *luamp.Codec
}

func fill(L *lua.LState, exports *lua.LTable, o *serial.Options) {
	s := settings{o, luamp.Of(L)}
	for name, fn := range map[string]lua.LGFunction{
		"encode":              s.encode,
		"decode":              s.decode,
		"decode_unchecked":    s.decodeUnchecked,
		"ibuf_decode":         s.ibufDecode,
		"decode_array_header": func(L *lua.LState) int { return header(L, "decode_array_header", mp.Array) },
		"decode_map_header":   func(L *lua.LState) int { return header(L, "decode_map_header", mp.Map) },
	} {
		exports.RawSetString(name, L.NewFunction(fn))
	}
}

func (s settings) options() *luamp.Options { return &luamp.Options{Options: *s.o} }

func (s settings) encode(L *lua.LState) int {
	if L.GetTop() < 1 {
		vm.RaiseString(L, 1, "msgpack.encode: a Lua object expected")
	}
	var buffer Ibuf
	if L.GetTop() >= 2 {
		var ok bool
		if buffer, ok = L.Get(2).(Ibuf); !ok || buffer.CType() != vm.CIbuf {
			vm.RaiseString(L, 1, "msgpack.encode: argument 2 must be of type 'struct ibuf'")
		}
	}
	out, err := s.codec.Append(nil, L, L.Get(1), s.options())
	if err != nil {
		serial.Raise(L, err)
	}
	if buffer == nil {
		L.Push(lua.LString(out))
		return 1
	}
	if _, err := buffer.Write(out); err != nil {
		serial.Raise(L, err)
	}
	L.Push(lua.LNumber(len(out)))
	return 1
}

const wantText = "msgpack.decode: a Lua string or 'char *' expected"

// text returns the string argument, if the first is one.
func text(L *lua.LState) (string, bool) {
	s, ok := L.Get(1).(lua.LString)
	return string(s), ok
}

func (s settings) decode(L *lua.LState) int {
	if p, ok := L.Get(1).(Pointer); ok {
		size := vm.CheckInt(L, 2)
		if size < 0 {
			vm.RaiseString(L, 1, "msgpack.decode: size can't be negative")
		}
		window := p.Window()
		v, n := s.value(L, window[:min(size, len(window))])
		L.Push(v)
		L.Push(p.Plus(n))
		return 2
	}
	return s.decodeText(L)
}

func (s settings) decodeUnchecked(L *lua.LState) int {
	if p, ok := L.Get(1).(Pointer); ok {
		v, n := s.value(L, p.Window())
		L.Push(v)
		L.Push(p.Plus(n))
		return 2
	}
	return s.decodeText(L)
}

func (s settings) decodeText(L *lua.LState) int {
	data, ok := text(L)
	if !ok {
		vm.RaiseString(L, 1, wantText)
	}
	offset := 1
	if L.GetTop() >= 2 {
		offset = vm.CheckInt(L, 2)
		if offset < 1 || offset > len(data) {
			vm.RaiseString(L, 1, "msgpack.decode: offset is out of bounds")
		}
	}
	v, n := s.value(L, []byte(data[offset-1:]))
	L.Push(v)
	L.Push(lua.LNumber(offset + n))
	return 2
}

func (s settings) ibufDecode(L *lua.LState) int {
	p, ok := L.Get(1).(Pointer)
	if !ok {
		vm.RaiseString(L, 1, "msgpack.ibuf_decode: 'char *' expected")
	}
	v, n := s.value(L, p.Window())
	L.Push(p.Plus(n))
	L.Push(v)
	return 2
}

// value reads a value and returns its length.
func (s settings) value(L *lua.LState, data []byte) (lua.LValue, int) {
	v, rest, err := s.codec.Decode(L, data, s.options())
	if err == luamp.ErrInvalid {
		vm.RaiseString(L, 1, "msgpack.decode: invalid MsgPack")
	}
	if err != nil {
		serial.Raise(L, err)
	}
	return v, len(data) - len(rest)
}

func header(L *lua.LState, name string, want mp.Kind) int {
	if L.GetTop() != 2 {
		vm.RaiseString(L, 1, "Usage: msgpack.%s(ptr, size)", name)
	}
	p, ok := L.Get(1).(Pointer)
	if !ok {
		vm.RaiseString(L, 1, "msgpack.%s: 'char *' expected", name)
	}
	size := vm.CheckInt(L, 2)
	if size <= 0 {
		vm.RaiseString(L, 1, "msgpack.%s: non-positive size", name)
	}
	data := p.Window()
	data = data[:min(size, len(data))]
	if len(data) == 0 || mp.KindOf(data) != want {
		vm.RaiseString(L, 1, "msgpack.%s: unexpected msgpack type", name)
	}
	width := headerWidth(data[0])
	if width > len(data) {
		vm.RaiseString(L, 1, "msgpack.%s: unexpected end of buffer", name)
	}
	count, _ := mp.ArrayHeader(data)
	L.Push(lua.LNumber(count))
	L.Push(p.Plus(width))
	return 2
}

// headerWidth is how long the header of an array or a map is.
func headerWidth(lead byte) int {
	switch lead {
	case 0xdc, 0xde:
		return 3
	case 0xdd, 0xdf:
		return 5
	}
	return 1
}
