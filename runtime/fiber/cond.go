package fiber

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

func (m *lib) openConds(L *lua.LState) {
	m.cond = newClass(L, "fiber.cond", map[string]lua.LGFunction{
		"wait": m.condWait,
		"signal": func(L *lua.LState) int {
			checkCond(L, "signal()").Signal()
			return 0
		},
		"broadcast": func(L *lua.LState) int {
			checkCond(L, "broadcast()").Broadcast()
			return 0
		},
	})
	m.cond.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString("cond"))
		return 1
	}))
}

func (m *lib) luaCond(L *lua.LState) int {
	L.Push(&lua.LUserData{Value: new(sched.Cond), Metatable: m.cond, Env: L.Env})
	return 1
}

// checkCond returns the condition that the first argument is. Usage is what to say when there is no argument.
func checkCond(L *lua.LState, usage string) *sched.Cond {
	if L.GetTop() < 1 {
		vm.RaiseString(L, 1, "usage: cond:%s", usage)
	}
	if ud, ok := L.Get(1).(*lua.LUserData); ok {
		if c, ok := ud.Value.(*sched.Cond); ok {
			return c
		}
	}
	vm.TypeError(L, 1, "fiber.cond")
	return nil
}

// condWait does not raise the error of a cancelled fiber: Tarantool 2.6 does not either.
func (m *lib) condWait(L *lua.LState) int {
	const usage = "wait([timeout])"
	if L.GetTop() < 1 {
		vm.RaiseString(L, 1, "usage: cond:%s", usage)
	}
	limit, ok := timeout(L, 2)
	if !ok {
		vm.RaiseString(L, 1, "usage: cond:%s", usage)
	}
	if checkCond(L, usage).Wait(m.current(), limit) {
		L.Push(lua.LTrue)
		return 1
	}
	m.checkWait(L, sched.ErrTimeout)
	L.Push(lua.LFalse)
	return 1
}
