package runtime

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/golua"
	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Values are what Lua code has returned. They are a copy that nothing in the instance refers to, so they are valid,
// and may be read without the baton, for as long as they are kept. Tuples have become tables; functions, userdata and
// other values without a form of data are what they were.
type Values []lua.LValue

// Decode stores the values in what the targets point to, the first in the first, by the rules of golua.Decode. Values
// without a target are left out; targets without a value stay as they are, as does one for a nil.
func (v Values) Decode(targets ...any) error {
	for i, target := range targets {
		if i == len(v) {
			break
		}
		if err := golua.Decode(v[i], target); err != nil {
			return fmt.Errorf("result %d: %w", i+1, err)
		}
	}
	return nil
}

// detach copies values so that no Lua code has the copies.
func detach(L *lua.LState, values []lua.LValue) (Values, error) {
	d := detacher{L: L, codec: luamp.Of(L), options: luamp.Default()}
	made := make(Values, len(values))
	for i, v := range values {
		var err error
		if made[i], err = d.value(v, 0); err != nil {
			return nil, fmt.Errorf("result %d: %w", i+1, err)
		}
	}
	return made, nil
}

type detacher struct {
	L       *lua.LState
	codec   *luamp.Codec
	options luamp.Options
}

func (d *detacher) value(v lua.LValue, depth int) (lua.LValue, error) {
	if depth > golua.MaxDepth {
		return nil, fmt.Errorf("a table is nested more than %d levels deep", golua.MaxDepth)
	}
	switch from := v.(type) {
	case *lua.LTable:
		t := golua.NewTable()
		for w := serial.Walk(from); w.Next(); {
			made, err := d.value(w.Val, depth+1)
			if err != nil {
				return nil, err
			}
			vm.RawSet(t, w.Key, made)
		}
		return t, nil
	case serial.MsgpackAppender:
		if c, ok := v.(vm.Cdata); ok && c.CType() == vm.CTuple {
			return d.codec.DecodeTrusted(d.L, from.AppendMsgpack(nil), &d.options)
		}
	}
	return v, nil
}
