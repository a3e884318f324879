package serial

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/vm"
)

const errorValueKey = "shardlua.serial.error"

// SetErrorValue tells how this VM's scripts see an error object. Until it is
// told they see its text.
func SetErrorValue(L *lua.LState, value func(*boxerr.Error) lua.LValue) {
	owner := L.NewUserData()
	owner.Value = value
	L.G.Registry.RawSetString(errorValueKey, owner)
}

// ErrorValue is what a script sees of an error that this package or a format
// returned.
func ErrorValue(L *lua.LState, err error) lua.LValue {
	var raised *vm.Error
	if errors.As(err, &raised) && raised.Value != nil {
		return raised.Value
	}
	var object *boxerr.Error
	if errors.As(err, &object) {
		if owner, ok := L.G.Registry.RawGetString(errorValueKey).(*lua.LUserData); ok {
			return owner.Value.(func(*boxerr.Error) lua.LValue)(object)
		}
	}
	return lua.LString(err.Error())
}

// Raise raises an error that this package or a format returned. A plain text gets the position of the caller.
func Raise(L *lua.LState, err error) {
	var plain *Error
	if errors.As(err, &plain) {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	vm.Raise(L, ErrorValue(L, err))
}

// Module makes the table that a format's module shares with the others: cfg, NULL,
// array_mt, map_mt and new, which makes another such module with settings of
// its own. Fill adds the format's functions, which read the settings through o.
func Module(L *lua.LState, fill func(L *lua.LState, exports *lua.LTable, o *Options)) *lua.LTable {
	o := Default()
	hints := HintsOf(L)
	exports := L.NewTable()
	exports.RawSetString("cfg", o.Config(L))
	exports.RawSetString("NULL", vm.Null)
	exports.RawSetString("array_mt", hints.Array)
	exports.RawSetString("map_mt", hints.Map)
	exports.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
		L.Push(Module(L, fill))
		return 1
	}))
	fill(L, exports, &o)
	return exports
}
