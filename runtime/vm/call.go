package vm

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Error is a Lua error that reached Go. Value is what was raised, unchanged.
type Error struct {
	Value     lua.LValue
	Traceback string
}

func (e *Error) Error() string {
	switch v := e.Value.(type) {
	case nil:
		return "nil"
	case lua.LNumber:
		return FormatNumber(float64(v))
	default:
		return v.String()
	}
}

// Unwind is a panic value that no protected call catches. A goroutine that
// runs a coroutine or fiber is ended by it.
type Unwind struct{ Reason any }

// Call calls a Lua function in protected mode and returns its first nret
// results (lua.MultRet: all). A Lua error comes back as *Error, with the
// traceback of the place that raised it.
func (vm *VM) Call(L *lua.LState, fn lua.LValue, nret int, args ...lua.LValue) ([]lua.LValue, error) {
	n, err := vm.callKeep(L, fn, nret, args)
	if err != nil {
		return nil, err
	}
	rets := append([]lua.LValue(nil), vm.results(L, n)...)
	vm.Drop(L, n)
	return rets, nil
}

// CallKeep is Call for all results, which it leaves on the stack: the i-th of n
// is L.Get(i-n-1). Drop takes them off.
func (vm *VM) CallKeep(L *lua.LState, fn lua.LValue, args ...lua.LValue) (n int, err error) {
	return vm.callKeep(L, fn, lua.MultRet, args)
}

func (vm *VM) callKeep(L *lua.LState, fn lua.LValue, nret int, args []lua.LValue) (n int, err error) {
	s := stateOf(L)
	base := s.reg.top
	vm.push(L, s, fn, args)
	if failure := vm.protect(L, len(args), nret, nil, true); failure != nil {
		return 0, failure
	}
	return s.reg.top - base, nil
}

// results are the n values on top of the stack.
func (vm *VM) results(L *lua.LState, n int) []lua.LValue {
	s := stateOf(L)
	return s.reg.array[s.reg.top-n : s.reg.top]
}

// Drop takes n values off the stack.
func (vm *VM) Drop(L *lua.LState, n int) {
	clear(vm.results(L, n))
	stateOf(L).reg.top -= n
}

// push puts a function and its arguments on the stack.
func (vm *VM) push(L *lua.LState, s *state, fn lua.LValue, args []lua.LValue) {
	top := s.reg.top
	vm.ensure(L, s, top+len(args)+2)
	s.reg.array[top] = fn
	copy(s.reg.array[top+1:], args)
	s.reg.top = top + 1 + len(args)
}

// CallRaw calls a function without protection: a Lua error passes through.
func (vm *VM) CallRaw(L *lua.LState, fn lua.LValue, nret int, args ...lua.LValue) []lua.LValue {
	s := stateOf(L)
	base := s.reg.top
	vm.push(L, s, fn, args)
	vm.invoke(L, len(args), nret)
	rets := append([]lua.LValue(nil), s.reg.array[base:s.reg.top]...)
	s.reg.top = base
	return rets
}

// invoke calls what lies on the stack below its arguments, and leaves the
// results in their place: lua_call, with LuaJIT's error for what cannot be
// called. It goes past L.Call, which copies each frame twice.
func (vm *VM) invoke(L *lua.LState, nargs, nret int) {
	s := stateOf(L)
	base := s.reg.top - nargs - 1
	fn, ok := s.reg.array[base].(*lua.LFunction)
	if !ok {
		fn = vm.callable(L, s, base, nargs)
		nargs++
	}
	if fn.IsG {
		vm.callG(L, s, s.currentFrame, fn, base, nargs, nret)
	} else {
		vm.enter(L, s, s.currentFrame, fn, base, nargs, nret)
		vm.run(L, nil)
	}
	if nret != lua.MultRet {
		s.reg.top = base + nret
	}
}

// protect calls what lies on the stack, as lua_pcall does. The handler, if
// any, runs where the error was raised and its result replaces the value.
func (vm *VM) protect(L *lua.LState, nargs, nret int, handler lua.LValue, trace bool) (failure *Error) {
	s := stateOf(L)
	cf := s.currentFrame
	depth := s.stack.stack.depth()
	base := s.reg.top - nargs - 1
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if u, ok := r.(*Unwind); ok {
			panic(u)
		}
		failure = &Error{Value: errorValue(r)}
		if trace {
			failure.Traceback = vm.Traceback(L, "", 0)
		}
		if handler != nil {
			failure.Value = vm.handle(L, s, handler, failure.Value)
		}
		if s.uvcache != nil {
			closeUpvalues(s, base)
		}
		s.stack.stack.unwind(depth)
		s.currentFrame = cf
		s.reg.top = base
	}()
	vm.invoke(L, nargs, nret)
	return nil
}

// handle runs a message handler above the frames of the error.
func (vm *VM) handle(L *lua.LState, s *state, handler, value lua.LValue) (result lua.LValue) {
	cf, depth, top := s.currentFrame, s.stack.stack.depth(), s.reg.top
	vm.stackLimit += handlerSlots
	defer func() {
		vm.stackLimit -= handlerSlots
		if r := recover(); r != nil {
			if u, ok := r.(*Unwind); ok {
				panic(u)
			}
			result = lua.LString("error in error handling")
			s.stack.stack.unwind(depth)
			s.currentFrame, s.reg.top = cf, top
		}
	}()
	if cf != nil && !cf.Fn.IsG {
		s.reg.top = max(top, cf.LocalBase+int(cf.Fn.Proto.NumUsedRegisters))
	}
	L.Push(handler)
	L.Push(value)
	vm.invoke(L, 1, 1)
	result = L.Get(-1)
	s.reg.top = top
	return result
}

// errorValue is the Lua value that a recovered panic stands for.
func errorValue(r any) lua.LValue {
	api, ok := r.(*lua.ApiError)
	if !ok {
		text := fmt.Sprint(r)
		if text == "lua callstack overflow" {
			text = "stack overflow"
		}
		return lua.LString(text)
	}
	if s, ok := api.Object.(lua.LString); ok {
		return lua.LString(translate(string(s)))
	}
	return api.Object
}

// translate puts the few errors that gopher-lua itself raises into LuaJIT's
// words.
func translate(text string) string {
	const foreign = "attempt to call a non-function object"
	if strings.HasSuffix(text, foreign) {
		return strings.TrimSuffix(text, foreign) + "attempt to call a nil value"
	}
	if strings.HasSuffix(text, "registry overflow") {
		return strings.TrimSuffix(text, "registry overflow") + "stack overflow"
	}
	return text
}

// Raise raises a Lua error with any value, as error(value, 0) does.
func Raise(_ *lua.LState, value lua.LValue) {
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: value})
}

// RaiseString raises a string with the position of a function in front of it.
// Level 1 is the function that called the running Go function, level 0 the
// running function itself, and a level below 0 adds no position.
func RaiseString(L *lua.LState, level int, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	if level >= 0 {
		message = Where(L, level) + message
	}
	Raise(L, lua.LString(message))
}

// Where is the position "file:line: " of the function at a level, empty when
// that is not a Lua function.
func Where(L *lua.LState, level int) string {
	f := frameAt(L, level)
	if f == nil || f.Fn.IsG {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", f.Fn.Proto.SourceName, currentLine(f))
}

func frameAt(L *lua.LState, level int) *frame {
	f := stateOf(L).currentFrame
	for ; level > 0 && f != nil; level-- {
		f = f.Parent
	}
	return f
}

func currentLine(f *frame) int {
	lines := f.Fn.Proto.DbgSourcePositions
	pc := max(f.Pc-1, 0)
	if pc < len(lines) {
		return lines[pc]
	}
	return -1
}

// Raise is the same as the package's Raise.
func (vm *VM) Raise(L *lua.LState, value lua.LValue) { Raise(L, value) }

// RaiseString is the same as the package's RaiseString.
func (vm *VM) RaiseString(L *lua.LState, level int, format string, args ...any) {
	RaiseString(L, level, format, args...)
}
