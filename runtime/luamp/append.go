package luamp

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// Append adds a Lua value to dst. When it fails, dst is as long as it was.
// Errors are those of serial.Inspect, and a *serial.Error for tables that nest
// too deep.
func (c *Codec) Append(dst []byte, L *lua.LState, v lua.LValue, o *Options) ([]byte, error) {
	e := c.encoder(L, o)
	out, err := e.value(dst, v, 0)
	c.idle = e
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendArray adds the values of a table's array part as an array, whatever the
// table's other keys and metatable say: the form in which requests carry keys
// and tuples.
func (c *Codec) AppendArray(dst []byte, L *lua.LState, t *lua.LTable, o *Options) ([]byte, error) {
	e := c.encoder(L, o)
	out, err := e.array(dst, t, t.Len(), 1)
	c.idle = e
	if err != nil {
		return dst, err
	}
	return out, nil
}

// encoder is the state of one call of Append. Field is scratch: it holds the
// value that is looked at, and nothing once the walk has gone inside it.
type encoder struct {
	L     *lua.LState
	o     *Options
	field serial.Field
}

// encoder takes the one that lies idle. There is none when a __serialize
// function encodes in its turn, or has yielded.
func (c *Codec) encoder(L *lua.LState, o *Options) *encoder {
	e := c.idle
	if e == nil {
		e = new(encoder)
	}
	c.idle = nil
	e.L, e.o = L, o
	return e
}

func (e *encoder) value(dst []byte, v lua.LValue, depth int) ([]byte, error) {
	switch v := v.(type) {
	case lua.LString:
		return mp.AppendString(dst, string(v)), nil
	case lua.LNumber:
		if n := float64(v); n >= 0 && n < 1<<53 && n == float64(uint64(n)) {
			if n < 128 {
				return append(dst, byte(n)), nil
			}
			return mp.AppendUint(dst, uint64(n)), nil
		}
	case serial.MsgpackAppender:
		if v.(vm.Cdata).CType() != vm.CError || e.o.ErrorAsExt {
			return v.AppendMsgpack(dst), nil
		}
	}
	if e.o.Handlers != nil {
		if c, ok := v.(vm.Cdata); ok {
			if h := e.o.Handlers[vm.Of(e.L).CdataName(c)]; h != nil {
				return h(e.L, dst, v)
			}
		}
	}
	f := &e.field
	if err := serial.Inspect(e.L, &e.o.Options, v, f); err != nil {
		return nil, err
	}
	switch f.Kind {
	case serial.Nil:
		return mp.AppendNil(dst), nil
	case serial.Bool:
		return mp.AppendBool(dst, f.Bool), nil
	case serial.Uint:
		return mp.AppendUint(dst, f.Uint()), nil
	case serial.Int:
		return mp.AppendInt(dst, f.Int()), nil
	case serial.Float:
		return mp.AppendFloat(dst, float32(f.Real())), nil
	case serial.Double:
		return mp.AppendDouble(dst, f.Real()), nil
	case serial.String:
		return mp.AppendString(dst, f.Str), nil
	case serial.Raw:
		return f.Cdata.(serial.MsgpackAppender).AppendMsgpack(dst), nil
	}
	depth++
	if depth > e.o.Depth() {
		if e.o.DeepAsNil {
			return mp.AppendNil(dst), nil
		}
		return nil, &serial.Error{Text: fmt.Sprintf("Too high nest level - %d", depth)}
	}
	if f.Kind == serial.Array {
		return e.array(dst, f.Table, f.Size, depth)
	}
	return e.mapping(dst, f.Table, f.Size, depth)
}

func (e *encoder) array(dst []byte, t *lua.LTable, size, depth int) ([]byte, error) {
	if uint64(size) > math.MaxUint32 {
		return nil, &serial.Error{Text: "array is too long"}
	}
	dst = mp.AppendArrayHeader(dst, size)
	var err error
	for i := range size {
		// The table is asked anew each time: a __serialize function that runs in
		// between may change it.
		if dst, err = e.value(dst, vm.GetInt(t, i+1), depth); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func (e *encoder) mapping(dst []byte, t *lua.LTable, size, depth int) ([]byte, error) {
	dst = mp.AppendMapHeader(dst, size)
	var err error
	pairs := 0
	for w := serial.Ordered(t); pairs < size && w.Next(); pairs++ {
		val := w.Val
		if dst, err = e.value(dst, w.Key, depth); err != nil {
			return nil, err
		}
		if dst, err = e.value(dst, val, depth); err != nil {
			return nil, err
		}
	}
	for ; pairs < size; pairs++ { // a __serialize function removed keys
		dst = mp.AppendNil(mp.AppendNil(dst))
	}
	return dst, nil
}
