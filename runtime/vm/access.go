package vm

import lua "github.com/yuin/gopher-lua"

// The operators of the language for Go code. They obey metamethods and raise
// what the operators raise; gopher-lua's own (L.GetField, L.Equal, …) do not
// know Null and cdata.

// Index is obj[key].
func (vm *VM) Index(L *lua.LState, obj, key lua.LValue) lua.LValue { return vm.index(L, obj, key) }

// SetIndex is obj[key] = value.
func (vm *VM) SetIndex(L *lua.LState, obj, key, value lua.LValue) { vm.setIndex(L, obj, key, value) }

// Equal is a == b.
func (vm *VM) Equal(L *lua.LState, a, b lua.LValue) bool { return vm.equal(L, a, b) }

// Less is a < b.
func (vm *VM) Less(L *lua.LState, a, b lua.LValue) bool { return vm.less(L, a, b) }

// LessEqual is a <= b.
func (vm *VM) LessEqual(L *lua.LState, a, b lua.LValue) bool { return vm.lessEqual(L, a, b) }

// Metatable returns the metatable of any value, nil when it has none.
func (vm *VM) Metatable(v lua.LValue) *lua.LTable { return vm.metatable(v) }

// Metamethod returns a field of the metatable of any value, LNil when absent.
func (vm *VM) Metamethod(v lua.LValue, event string) lua.LValue { return vm.metamethod(v, event) }

// Function makes a Lua function of a Go function.
func (vm *VM) Function(fn lua.LGFunction) *lua.LFunction { return vm.function(fn) }

// Number boxes a number, sharing small integers.
func (vm *VM) Number(f float64) lua.LValue { return vm.num(lua.LNumber(f)) }

// Text is the string that a string or number is where a string is due.
func Text(v lua.LValue) (string, bool) { return text(v) }

// Truth says whether a value counts as true; Null does.
func Truth(v lua.LValue) bool { return truth(v) }

// SetString is t[key] = value without metamethods.
func SetString(t *lua.LTable, key string, value lua.LValue) { setString(t, lua.LString(key), value) }

// Append is t[#t + 1] = value without metamethods.
func Append(t *lua.LTable, value lua.LValue) { setInt(t, Length(t)+1, value) }

// Closed says whether a thread value is a coroutine that has ended.
func Closed(L *lua.LState) bool {
	c := coroutineOf(L)
	return c != nil && c.done
}
