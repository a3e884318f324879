package vm

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// ArgError raises "bad argument #n to 'f' (text)".
func ArgError(L *lua.LState, n int, text string) {
	RaiseString(L, 1, "bad argument #%d to '?' (%s)", n, text)
}

// TypeError raises "bad argument #n to 'f' (want expected, got …)".
func TypeError(L *lua.LState, n int, want string) {
	got := "no value"
	if n <= L.GetTop() {
		got = TypeName(L.Get(n))
	}
	ArgError(L, n, fmt.Sprintf("%s expected, got %s", want, got))
}

// CheckAny demands that the n-th argument is there.
func CheckAny(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		ArgError(L, n, "value expected")
	}
	return L.Get(n)
}

// CheckTable returns the n-th argument, which must be a table.
func CheckTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		TypeError(L, n, "table")
	}
	return t
}

// CheckFunction returns the n-th argument, which must be a function.
func CheckFunction(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		TypeError(L, n, "function")
	}
	return f
}

// CheckString returns the n-th argument, which must be a string or a number.
func CheckString(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return v.String()
	}
	TypeError(L, n, "string")
	return ""
}

// CheckNumber returns the n-th argument, which must be a number or a string
// that reads as one.
func CheckNumber(L *lua.LState, n int) float64 {
	switch v := L.Get(n).(type) {
	case lua.LNumber:
		return float64(v)
	case lua.LString:
		if lua.LVCanConvToString(v) {
			return float64(lua.LVAsNumber(v))
		}
	}
	TypeError(L, n, "number")
	return 0
}

// CheckInt returns the n-th argument, which must be a number, cut to an int.
func CheckInt(L *lua.LState, n int) int { return int(CheckNumber(L, n)) }

// OptString is CheckString with a default for nil and for no argument.
func OptString(L *lua.LState, n int, def string) string {
	if L.Get(n) == lua.LNil {
		return def
	}
	return CheckString(L, n)
}

// OptNumber is CheckNumber with a default for nil and for no argument.
func OptNumber(L *lua.LState, n int, def float64) float64 {
	if L.Get(n) == lua.LNil {
		return def
	}
	return CheckNumber(L, n)
}

// OptInt is CheckInt with a default for nil and for no argument.
func OptInt(L *lua.LState, n int, def int) int {
	if L.Get(n) == lua.LNil {
		return def
	}
	return CheckInt(L, n)
}
