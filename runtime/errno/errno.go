// Package errno is the Lua module `errno`, and the place where the other modules leave the error of their last
// system call.
//
// The one idea: an instance has one errno, as a process in C has. A module that calls the system says Fail, which
// keeps the number and makes the values that a script gets: nil or false, and a box error.
package errno

import (
	"errors"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `errno`: errno() is the number of the last error, errno(n) sets it and returns the one
// before, errno.strerror([n]) is its text, and errno.ENOENT and its like are the numbers.
var Module = module.Module{Name: "errno", Open: open}

type lastKey struct{}

// last returns the instance's errno.
func last(h module.Host) *int {
	if n, ok := h.Service(lastKey{}).(*int); ok {
		return n
	}
	n := new(int)
	h.SetService(lastKey{}, n)
	return n
}

// Get returns the number of the last error.
func Get(h module.Host) int { return *last(h) }

// Set keeps the number of the last error; the caller holds the baton.
func Set(h module.Host, n int) { *last(h) = n }

// Number is the errno inside a Go error: 0 for nil, EIO for an error that has none.
func Number(err error) int {
	var n syscall.Errno
	switch {
	case err == nil:
		return 0
	case errors.As(err, &n):
		return int(n)
	}
	return int(syscall.EIO)
}

// ValueKey is the host's service, of type func(*boxerr.Error) lua.LValue, that makes the box.error value that scripts
// see. Package box sets it.
type ValueKey struct{}

// Value is a box error as scripts see it.
func Value(h module.Host, err *boxerr.Error) lua.LValue {
	if wrap, ok := h.Service(ValueKey{}).(func(*boxerr.Error) lua.LValue); ok {
		return wrap(err)
	}
	return &bare{err}
}

// System keeps the errno of err and returns the SystemError "who: text".
func System(h module.Host, who string, err error) lua.LValue {
	n := Number(err)
	Set(h, n)
	return Value(h, boxerr.NewSystem(boxerr.ClassSystemError, n, "%s: %s", who, Text(n)))
}

// bare is a box error in an instance that has no box.
type bare struct{ err *boxerr.Error }

func (e *bare) String() string       { return e.err.Message }
func (e *bare) Type() lua.LValueType { return lua.LTUserData }
func (e *bare) CType() vm.CTypeID    { return vm.CError }

func open(h module.Host, L *lua.LState) lua.LValue {
	exports, known, meta := L.NewTable(), L.NewTable(), L.NewTable()
	for _, c := range constants {
		known.RawSetString(c.name, lua.LNumber(c.value))
	}
	exports.RawSetString("strerror", L.NewFunction(func(L *lua.LState) int {
		n := Get(h)
		if !vm.IsNil(L.Get(1)) {
			v, ok := number(L.Get(1))
			if !ok {
				vm.RaiseString(L, 0, "builtin/errno.lua:12: bad argument #1 to 'strerror' (cannot convert 'nil' to 'int')")
			}
			n = v
		}
		L.Push(lua.LString(Text(n)))
		return 1
	}))
	meta.RawSetString("__index", known)
	meta.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		vm.RaiseString(L, 0, "builtin/errno.lua:19: Can't create new errno constants")
		return 0
	}))
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		old := Get(h)
		if arg := L.Get(2); !vm.IsNil(arg) {
			n, ok := arg.(lua.LNumber)
			if !ok {
				vm.ArgError(L, 1, "cannot convert '"+vm.TypeName(arg)+"' to 'int'")
			}
			Set(h, int(n))
		}
		L.Push(lua.LNumber(old))
		return 1
	}))
	L.SetMetatable(exports, meta)
	return exports
}

// number is tonumber.
func number(v lua.LValue) (int, bool) {
	switch v := v.(type) {
	case lua.LNumber:
		return int(v), true
	case lua.LString:
		if f, ok := vm.ToNumber(v); ok {
			return int(f), true
		}
	}
	return 0, false
}
