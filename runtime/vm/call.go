package vm

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// Error is a Lua error that reached Go. Value is what was raised, unchanged.
type Error struct {
	Value     lua.LValue
	Traceback string
}

func (e *Error) Error() string {
	if e.Value == nil {
		return "nil"
	}
	return e.Value.String()
}

// Call calls a Lua function in protected mode and returns its first nret
// results (lua.MultRet: all). A Lua error comes back as *Error.
func (vm *VM) Call(L *lua.LState, fn lua.LValue, nret int, args ...lua.LValue) ([]lua.LValue, error) {
	top := L.GetTop()
	if err := L.CallByParam(lua.P{Fn: fn, NRet: nret, Protect: true}, args...); err != nil {
		var api *lua.ApiError
		if errors.As(err, &api) {
			return nil, &Error{Value: api.Object, Traceback: api.StackTrace}
		}
		return nil, err
	}
	rets := make([]lua.LValue, 0, max(L.GetTop()-top, 0))
	for i := top + 1; i <= L.GetTop(); i++ {
		rets = append(rets, L.Get(i))
	}
	L.SetTop(top)
	return rets, nil
}

// Raise raises a Lua error with any value, as error(value, 0) does.
func Raise(L *lua.LState, value lua.LValue) { L.Error(value, 0) }

// RaiseString raises a string with the position of the function at a level
// in front of it; level 1 is the function that called the Go function, and 0
// adds no position.
func RaiseString(L *lua.LState, level int, format string, args ...any) {
	L.Error(lua.LString(fmt.Sprintf(format, args...)), level)
}

// Raise is the same as the package's Raise.
func (vm *VM) Raise(L *lua.LState, value lua.LValue) { Raise(L, value) }

// RaiseString is the same as the package's RaiseString.
func (vm *VM) RaiseString(L *lua.LState, level int, format string, args ...any) {
	RaiseString(L, level, format, args...)
}
