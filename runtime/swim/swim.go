// Package swim is the Lua module `swim`, without the protocol: the module can be required, and making an instance
// raises one error that says so.
package swim

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `swim`: new() is refused.
var Module = module.Module{Name: "swim", Open: func(_ module.Host, L *lua.LState) lua.LValue {
	exports := L.NewTable()
	exports.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
		vm.RaiseString(L, 1, "swim.new: the protocol SWIM is not supported by this server")
		return 0
	}))
	return exports
}}
