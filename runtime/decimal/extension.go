package decimal

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
)

// extend teaches the codec of tuples and messages to make decimals of their MessagePack extension.
func extend(L *lua.LState) {
	luamp.Of(L).Extension(mp.ExtDecimal, func(_ *lua.LState, data []byte) (lua.LValue, error) {
		d, err := decimal.Unpack(data)
		if err != nil {
			return nil, &serial.Error{Text: "msgpack.decode: invalid MsgPack"}
		}
		return NewValue(d), nil
	})
}
