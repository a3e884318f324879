package socket

import (
	_ "embed"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

//go:embed luasocket.lua
var luasocketSource string

// luasocket is the table of the functions that LuaSocket's users expect in the module: tcp, connect and bind.
func (lib *library) luasocket(L *lua.LState, exports, methods *lua.LTable) *lua.LTable {
	fn, err := lib.host.VM().Load([]byte(luasocketSource), "@builtin/socket.lua")
	if err != nil {
		vm.RaiseString(L, 0, "%s", err)
	}
	L.Push(fn)
	L.Push(exports)
	L.Push(methods)
	L.Call(2, 1)
	t, _ := L.Get(-1).(*lua.LTable)
	L.Pop(1)
	return t
}
