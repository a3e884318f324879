package uuid

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
)

// extend teaches the codec of tuples and messages to make uuids of their MessagePack extension.
func extend(L *lua.LState) {
	luamp.Of(L).Extension(mp.ExtUUID, func(_ *lua.LState, data []byte) (lua.LValue, error) {
		u, ok := FromMsgpack(data)
		if !ok {
			return nil, &serial.Error{Text: "msgpack.decode: invalid MsgPack"}
		}
		return u, nil
	})
}
