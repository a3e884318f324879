package module

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Script makes a Module of Lua source that the binary carries. Messages call it builtin/name.lua, as Tarantool's do.
func Script(name, source string) Module {
	return Module{Name: name, Open: func(h Host, L *lua.LState) lua.LValue {
		fn, err := h.VM().Load([]byte(source), "@builtin/"+name+".lua")
		if err != nil {
			vm.RaiseString(L, 0, "%s", err.Error())
		}
		L.Push(fn)
		L.Call(0, 1)
		value := L.Get(-1)
		L.Pop(1)
		return value
	}}
}
