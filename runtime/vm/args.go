package vm

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"
)

// ArgError raises "bad argument #n to 'f' (text)", where f is what the caller
// called the running Go function. Of a method, self is argument 0.
func ArgError(L *lua.LState, n int, text string) {
	name := "?"
	if f := stateOf(L).currentFrame; f != nil && f.Fn.IsG {
		kind, called := calledAs(f)
		switch kind {
		case "method":
			if n--; n == 0 {
				RaiseString(L, 1, "calling '%s' on bad self (%s)", called, text)
			}
			fallthrough
		case "global", "local", "field", "upvalue":
			name = called
		}
	}
	RaiseString(L, 1, "bad argument #%d to '%s' (%s)", n, name, text)
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
	v := L.Get(n)
	if s, ok := v.(lua.LString); ok {
		return string(s)
	}
	s, ok := text(v)
	if !ok {
		TypeError(L, n, "string")
	}
	return s
}

// CheckNumber returns the n-th argument, which must be a number or a string
// that reads as one.
func CheckNumber(L *lua.LState, n int) float64 {
	v := L.Get(n)
	if f, ok := v.(lua.LNumber); ok {
		return float64(f)
	}
	f, ok := ToNumber(v)
	if !ok {
		TypeError(L, n, "number")
	}
	return f
}

// CheckInt returns the n-th argument, which must be a number, cut to an int.
func CheckInt(L *lua.LState, n int) int { return clampInt(CheckNumber(L, n)) }

func clampInt(f float64) int {
	switch {
	case f != f:
		return math.MinInt32
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int(f)
}

// checkInt32 is CheckInt for what LuaJIT keeps in a C int: numbers beyond it become the least one.
func checkInt32(L *lua.LState, n int) int {
	f := CheckNumber(L, n)
	if f >= 1<<31 || f < -1<<31 || f != f {
		return math.MinInt32
	}
	return int(f)
}

func optInt32(L *lua.LState, n int, def int) int {
	if isNil(L.Get(n)) {
		return def
	}
	return checkInt32(L, n)
}

// CheckBool returns the n-th argument, which must be a boolean.
func CheckBool(L *lua.LState, n int) bool {
	b, ok := L.Get(n).(lua.LBool)
	if !ok {
		TypeError(L, n, "boolean")
	}
	return bool(b)
}

// OptTable is CheckTable with nil for nil and for no argument.
func OptTable(L *lua.LState, n int) *lua.LTable {
	if isNil(L.Get(n)) {
		return nil
	}
	return CheckTable(L, n)
}

// OptString is CheckString with a default for nil and for no argument.
func OptString(L *lua.LState, n int, def string) string {
	if isNil(L.Get(n)) {
		return def
	}
	return CheckString(L, n)
}

// OptNumber is CheckNumber with a default for nil and for no argument.
func OptNumber(L *lua.LState, n int, def float64) float64 {
	if isNil(L.Get(n)) {
		return def
	}
	return CheckNumber(L, n)
}

// OptInt is CheckInt with a default for nil and for no argument.
func OptInt(L *lua.LState, n int, def int) int {
	if isNil(L.Get(n)) {
		return def
	}
	return CheckInt(L, n)
}
