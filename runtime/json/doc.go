// Package json is the Lua module `json`.
//
// The one idea: text is written from Lua values and Lua values are made from
// text in one pass each; what a value is to JSON is decided by package serial.
//
//	json.encode(value[, options])   a string
//	json.decode(text[, options])    a value
//	json.new()                      a module of its own, with settings of its own
//	json.cfg{option = value, ...}   changes the settings
//
// Options override the settings for one call. Errors name the place as
// Tarantool's do: "Expected value but found T_END on line 1 at character 2".
package json

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Module is the Lua module `json`.
var Module = module.Module{Name: "json", Open: func(_ module.Host, L *lua.LState) lua.LValue { return Open(L) }}

// Open makes the module's table.
func Open(L *lua.LState) *lua.LTable {
	exports := serial.Module(L, fill)
	exports.RawSetString("null", vm.Null)
	return exports
}

func fill(L *lua.LState, exports *lua.LTable, o *serial.Options) {
	exports.RawSetString("encode", L.NewFunction(func(L *lua.LState) int {
		call := options(L, o)
		out, err := Append(nil, L, L.Get(1), &call)
		if err != nil {
			serial.Raise(L, err)
		}
		L.Push(lua.LString(out))
		return 1
	}))
	exports.RawSetString("decode", L.NewFunction(func(L *lua.LState) int {
		call := options(L, o)
		v, err := Decode(L, vm.CheckString(L, 1), &call)
		if err != nil {
			serial.Raise(L, err)
		}
		L.Push(v)
		return 1
	}))
}

// options are the settings of one call.
func options(L *lua.LState, o *serial.Options) serial.Options {
	call := *o
	switch L.GetTop() {
	case 1:
	case 2:
		switch t := L.Get(2).(type) {
		case *lua.LTable, lua.LString:
			call.Read(L, t)
		default:
			vm.RaiseString(L, 0, "attempt to index a %s value", vm.TypeName(t))
		}
	default:
		vm.ArgError(L, 1, "expected 1 or 2 arguments")
	}
	return call
}
