package luamp

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// MaxNumber is the greatest integer that is read as a Lua number; those beyond
// it, and those below -MaxNumber, become 64-bit cdata.
const MaxNumber = 1e14 - 1

// ErrInvalid says that bytes are not MessagePack.
var ErrInvalid = &serial.Error{Text: "invalid MsgPack"}

// Decode reads the first value of foreign bytes and returns what follows it.
func (c *Codec) Decode(L *lua.LState, data []byte, o *Options) (v lua.LValue, rest []byte, err error) {
	n, err := mp.Check(data)
	if err != nil {
		return nil, nil, ErrInvalid
	}
	v, err = c.DecodeTrusted(L, data[:n], o)
	if err != nil {
		return nil, nil, err
	}
	return v, data[n:], nil
}

// DecodeTrusted reads the first value of bytes that mp.Check has seen, or that
// this process has written.
func (c *Codec) DecodeTrusted(L *lua.LState, data []byte, o *Options) (lua.LValue, error) {
	d := decoder{Codec: c, L: L, o: o}
	v, _, err := d.value(data, 0)
	return v, err
}

// DecodeNext is DecodeTrusted for a sequence of values: it also returns the
// number of bytes of the value.
func (c *Codec) DecodeNext(L *lua.LState, data []byte, o *Options) (lua.LValue, int, error) {
	d := decoder{Codec: c, L: L, o: o}
	v, rest, err := d.value(data, 0)
	return v, len(data) - len(rest), err
}

type decoder struct {
	*Codec
	L *lua.LState
	o *Options
}

func (d *decoder) integer(v uint64) lua.LValue {
	if v <= MaxNumber {
		return d.vm.Number(float64(v))
	}
	return vm.Uint64(v)
}

// Integer is the Lua value of a non-negative integer.
func Integer(v uint64) lua.LValue {
	if v <= MaxNumber {
		return lua.LNumber(v)
	}
	return vm.Uint64(v)
}

// SignedInteger is the Lua value of an integer.
func SignedInteger(v int64) lua.LValue {
	if -MaxNumber <= v && v <= MaxNumber {
		return lua.LNumber(v)
	}
	return vm.Int64(v)
}

func (d *decoder) value(b []byte, depth int) (lua.LValue, []byte, error) {
	if b[0] <= 0x7f {
		return d.integer(uint64(b[0])), b[1:], nil
	}
	switch mp.KindOf(b) {
	case mp.Nil:
		return vm.Null, b[1:], nil
	case mp.Bool:
		return lua.LBool(mp.Boolean(b)), b[1:], nil
	case mp.Uint:
		n, _ := mp.Number(b)
		return d.integer(n), b[intWidth(b[0]):], nil
	case mp.Int:
		n, _ := mp.Number(b)
		return SignedInteger(int64(n)), b[intWidth(b[0]):], nil
	case mp.Float, mp.Double:
		n := mp.Real(b)
		if !d.o.DecodeInvalidNumbers && (math.IsNaN(n) || math.IsInf(n, 0)) {
			return nil, nil, boxerr.Newf(boxerr.ClassLuajitError, "number must not be NaN or Inf")
		}
		return d.vm.Number(n), b[mp.Skip(b):], nil
	case mp.Str, mp.Bin:
		return d.names.value(mp.Bytes(b)), b[mp.Skip(b):], nil
	case mp.Array:
		return d.array(b, depth+1)
	case mp.Map:
		return d.mapping(b, depth+1)
	case mp.Ext:
		typ, data := mp.Extension(b)
		read := d.exts[typ]
		if read == nil {
			return nil, nil, &serial.Error{Text: fmt.Sprintf("Unsuported MsgPack extension type: %d", typ)}
		}
		v, err := read(d.L, data)
		return v, b[mp.Skip(b):], err
	}
	return nil, nil, ErrInvalid
}

func intWidth(lead byte) int {
	if lead <= 0x7f || lead >= 0xe0 {
		return 1
	}
	return 1 + 1<<(lead&3)
}

func (d *decoder) deep(depth int) error {
	if depth > serial.DepthLimit {
		return &serial.Error{Text: fmt.Sprintf("Too high nest level - %d", depth)}
	}
	return nil
}

func (d *decoder) array(b []byte, depth int) (lua.LValue, []byte, error) {
	if err := d.deep(depth); err != nil {
		return nil, nil, err
	}
	n, size := mp.ArrayHeader(b)
	b = b[size:]
	values := make([]lua.LValue, n)
	var err error
	for i := range values {
		if values[i], b, err = d.value(b, depth); err != nil {
			return nil, nil, err
		}
	}
	t := serial.NewArray(d.L, values)
	if d.o.DecodeSaveMetatables {
		t.Metatable = d.hints.Array
	}
	return t, b, nil
}

func (d *decoder) mapping(b []byte, depth int) (lua.LValue, []byte, error) {
	if err := d.deep(depth); err != nil {
		return nil, nil, err
	}
	n, size := mp.MapHeader(b)
	b = b[size:]
	t := vm.NewTable(0, n)
	var k, v lua.LValue
	var err error
	for range n {
		if k, b, err = d.value(b, depth); err != nil {
			return nil, nil, err
		}
		if v, b, err = d.value(b, depth); err != nil {
			return nil, nil, err
		}
		if num, ok := k.(lua.LNumber); ok && num != num {
			return nil, nil, &serial.Error{Text: "table index is NaN"}
		}
		vm.RawSet(t, k, v)
	}
	if d.o.DecodeSaveMetatables {
		t.Metatable = d.hints.Map
	}
	return t, b, nil
}
