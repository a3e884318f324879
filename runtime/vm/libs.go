package vm

import (
	"syscall"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openLibs() {
	vm.openBase()
	vm.openPackage()
	vm.openTable()
	vm.openString()
	vm.openMath()
	vm.openBit()
	vm.openCoroutine()
	vm.openDebug()
	vm.openJit()
	vm.openForeign(lua.OpenOs, "os")
	vm.openForeign(lua.OpenIo, "io")
	libos := vm.main.G.Global.RawGetString("os").(*lua.LTable)
	osTime := libos.RawGetString("time").(*lua.LFunction).GFunction
	vm.Register(libos, map[string]lua.LGFunction{
		"clock": osClock,
		"time": func(L *lua.LState) int {
			if t := OptTable(L, 1); t != nil {
				checkDate(L, t)
			}
			return osTime(L)
		},
	})
	vm.openBridge()
}

// checkDate demands the fields that os.time cannot do without.
func checkDate(L *lua.LState, t *lua.LTable) {
	for _, field := range [...]string{"day", "month", "year"} {
		if _, ok := ToNumber(t.RawGetString(field)); !ok {
			RaiseString(L, 1, "field '%s' missing in date table", field)
		}
	}
}

// osClock is the processor time that the process has used, in seconds.
func osClock(L *lua.LState) int {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		L.Push(lua.LNumber(-1))
		return 1
	}
	micros := (u.Utime.Sec+u.Stime.Sec)*1e6 + u.Utime.Usec + u.Stime.Usec
	L.Push(lua.LNumber(float64(micros) / 1e6))
	return 1
}

// library makes a library's table, global and in package.loaded.
func (vm *VM) library(name string) *lua.LTable {
	t := newTable(0, 16)
	vm.setLibrary(name, t)
	return t
}

func (vm *VM) setLibrary(name string, t *lua.LTable) {
	setString(vm.main.G.Global, lua.LString(name), t)
	setString(vm.Loaded(), lua.LString(name), t)
}

// Loaded is package.loaded.
func (vm *VM) Loaded() *lua.LTable {
	t, ok := vm.main.G.Registry.RawGetString("_LOADED").(*lua.LTable)
	if !ok {
		t = newTable(0, 16)
		setString(vm.main.G.Registry, lua.LString("_LOADED"), t)
		setString(t, lua.LString("_G"), vm.main.G.Global)
	}
	return t
}

// preload makes a library that require hands out and no global names.
func (vm *VM) preload(name string, v lua.LValue) {
	setString(vm.Loaded(), lua.LString(name), v)
}

// openForeign opens one of gopher-lua's own libraries.
func (vm *VM) openForeign(open lua.LGFunction, name string) {
	L := vm.main
	L.Push(L.NewFunction(open))
	L.Push(lua.LString(name))
	L.Call(1, 1)
	t := L.Get(-1).(*lua.LTable)
	L.Pop(1)
	vm.setLibrary(name, t)
}

// openBridge gives gopher-lua's own accessors, which Go code reaches by
// L.GetField and the like, the metatables of strings and cdata.
func (vm *VM) openBridge() {
	L := vm.main
	L.SetMetatable(lua.LString(""), vm.stringMeta)
	bridge := newTable(0, 4)
	vm.Register(bridge, map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(vm.index(L, L.Get(1), L.Get(2)))
			return 1
		},
		"__newindex": func(L *lua.LState) int {
			vm.setIndex(L, L.Get(1), L.Get(2), L.Get(3))
			return 0
		},
		"__call": func(L *lua.LState) int {
			fn, ok := vm.metamethod(L.Get(1), "__call").(*lua.LFunction)
			if !ok {
				vm.callError(L, L.Get(1))
			}
			nargs := L.GetTop()
			L.Insert(fn, 1)
			L.Call(nargs, lua.MultRet)
			return L.GetTop()
		},
	})
	L.SetMetatable(Int64(0), bridge)
}

func (vm *VM) openJit() {
	t := vm.library("jit")
	for k, v := range map[string]lua.LValue{
		"version": lua.LString("LuaJIT 2.1.0-beta3"), "version_num": lua.LNumber(20100),
		"os": lua.LString("Linux"), "arch": lua.LString("x64"),
	} {
		setString(t, lua.LString(k), v)
	}
	nothing := func(*lua.LState) int { return 0 }
	vm.Register(t, map[string]lua.LGFunction{
		"on": nothing, "off": nothing, "flush": nothing, "attach": nothing,
		"status": func(L *lua.LState) int {
			L.Push(lua.LTrue)
			return 1
		},
	})
	opt := newTable(0, 1)
	vm.Register(opt, map[string]lua.LGFunction{"start": nothing})
	setString(t, lua.LString("opt"), opt)
	vm.preload("jit.opt", opt)
}
