package msgpack_test

import (
	"bytes"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/msgpack"
	"shardlua/runtime/vm"
)

// pointer is a `char *` into a block.
type pointer struct{ block []byte }

func (p *pointer) String() string       { return "cdata<char *>" }
func (p *pointer) Type() lua.LValueType { return lua.LTUserData }
func (p *pointer) CType() vm.CTypeID    { return vm.CGeneric }
func (p *pointer) Window() []byte       { return p.block }
func (p *pointer) Plus(n int) vm.Cdata  { return &pointer{p.block[n:]} }

// ibuf is a growing buffer.
type ibuf struct{ bytes.Buffer }

func (b *ibuf) String() string       { return "cdata<struct ibuf>" }
func (b *ibuf) Type() lua.LValueType { return lua.LTUserData }
func (b *ibuf) CType() vm.CTypeID    { return vm.CIbuf }

func call(t *testing.T, L *lua.LState, module *lua.LTable, name string, args ...lua.LValue) (string, []lua.LValue) {
	t.Helper()
	rets, err := vm.Of(L).Call(L, module.RawGetString(name), lua.MultRet, args...)
	if err != nil {
		return err.Error(), nil
	}
	return "", rets
}

func TestMemory(t *testing.T) {
	L := vm.New(vm.Options{}).State()
	m := msgpack.Open(L)
	buffer := &ibuf{}
	if text, rets := call(t, L, m, "encode", lua.LString("abc"), buffer); text != "" || rets[0] != lua.LValue(lua.LNumber(4)) {
		t.Fatal(text, rets)
	}
	if buffer.Buffer.String() != "\xa3abc" {
		t.Errorf("wrote %q", buffer.Buffer.String())
	}
	for _, c := range []struct {
		name, memory string
		size         lua.LValue
		want         string // an error, or the value
		left         int    // bytes after the pointer that comes back
	}{
		{"decode", "\x05\x06", lua.LNumber(2), "5", 1},
		{"decode", "\x05\x06", lua.LNumber(99), "5", 1},
		{"decode", "\x92\x06", lua.LNumber(2), "msgpack.decode: invalid MsgPack", 0},
		{"decode", "\x05", lua.LNumber(0), "msgpack.decode: invalid MsgPack", 0},
		{"decode", "\x05", lua.LNumber(-1), "msgpack.decode: size can't be negative", 0},
		{"decode_unchecked", "\x05\x06", nil, "5", 1},
		{"decode_unchecked", "\xa5a", nil, "msgpack.decode: invalid MsgPack", 0},
		{"decode_array_header", "\x92\x01\x02", lua.LNumber(3), "2", 2},
		{"decode_array_header", "\xdc\x00\x02\x01", lua.LNumber(4), "2", 1},
		{"decode_array_header", "\xdc\x00", lua.LNumber(2), "msgpack.decode_array_header: unexpected end of buffer", 0},
		{"decode_array_header", "\x82", lua.LNumber(1), "msgpack.decode_array_header: unexpected msgpack type", 0},
		{"decode_array_header", "\x92", lua.LNumber(0), "msgpack.decode_array_header: non-positive size", 0},
		{"decode_map_header", "\xdf\x00\x00\x00\x07", lua.LNumber(5), "7", 0},
		{"decode_map_header", "\x92", lua.LNumber(1), "msgpack.decode_map_header: unexpected msgpack type", 0},
	} {
		args := []lua.LValue{&pointer{[]byte(c.memory)}}
		if c.size != nil {
			args = append(args, c.size)
		}
		text, rets := call(t, L, m, c.name, args...)
		if rets == nil {
			if text != c.want {
				t.Errorf("%s(%x): %q, want %q", c.name, c.memory, text, c.want)
			}
			continue
		}
		if rets[0].String() != c.want || len(rets[1].(*pointer).block) != c.left {
			t.Errorf("%s(%x): %v and %v", c.name, c.memory, rets[0], rets[1].(*pointer).block)
		}
	}
	_, rets := call(t, L, m, "ibuf_decode", &pointer{[]byte("\x05\x06")})
	if len(rets) != 2 || rets[1] != lua.LValue(lua.LNumber(5)) || len(rets[0].(*pointer).block) != 1 {
		t.Error("ibuf_decode:", rets)
	}
}
