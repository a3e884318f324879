package fiber

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// defaultName is what fibers of scripts are called until they get a name.
const defaultName = "lua"

// luaCreate starts a fiber and lets it run until its first wait.
func (m *lib) luaCreate(L *lua.LState) int {
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok {
		vm.RaiseString(L, 1, "fiber.create(function, ...): bad arguments")
	}
	args := arguments(L, 1)
	var ud *lua.LUserData
	f := m.current().Start(defaultName, func(f *sched.Fiber) {
		ud = m.userdata(f)
		m.run(f, fn, args)
	})
	if f == nil {
		m.raiseClosing(L)
	}
	L.Push(ud)
	return 1
}

// luaNew makes a fiber that runs after those that are ready.
func (m *lib) luaNew(L *lua.LState) int {
	fn, ok := L.Get(1).(*lua.LFunction)
	if !ok {
		vm.RaiseString(L, 1, "fiber.new(function, ...): bad arguments")
	}
	f := Spawn(m.host, defaultName, fn, arguments(L, 1)...)
	if f == nil {
		m.raiseClosing(L)
	}
	L.Push(m.userdata(f))
	return 1
}

// raiseClosing ends a fiber that goes on starting others while the instance ends.
func (m *lib) raiseClosing(L *lua.LState) { m.raiseCancelled(L, m.current()) }

func (m *lib) luaSelf(L *lua.LState) int {
	L.Push(m.userdata(m.current()))
	return 1
}

func (m *lib) luaFind(L *lua.LState) int {
	if L.GetTop() != 1 {
		vm.RaiseString(L, 1, "fiber.find(id): bad arguments")
	}
	id, ok := vm.ToNumber(L.Get(1))
	if ok && id >= 1 && id < math.MaxUint32 {
		if ud := m.find(uint64(id)); ud != nil {
			L.Push(ud)
			return 1
		}
	}
	L.Push(lua.LNil)
	return 1
}

func (m *lib) luaSleep(L *lua.LState) int {
	seconds, ok := vm.ToNumber(L.Get(1))
	if !ok || L.GetTop() != 1 {
		vm.RaiseString(L, 1, "fiber.sleep(delay): bad arguments")
	}
	f := m.current()
	if d := duration(seconds); d == 0 {
		_ = f.Yield()
	} else {
		f.Park(d)
	}
	m.checkCancelled(L)
	return 0
}

func (m *lib) luaYield(L *lua.LState) int {
	if m.current().Yield() != nil {
		m.checkCancelled(L)
	}
	return 0
}

func (m *lib) luaTime(L *lua.LState) int {
	L.Push(lua.LNumber(float64(m.host.Machine().Clock.Now().UnixMicro()) / 1e6))
	return 1
}

func (m *lib) luaTime64(L *lua.LState) int {
	L.Push(vm.Uint64(uint64(m.host.Machine().Clock.Now().UnixMicro())))
	return 1
}

func (m *lib) luaClock(L *lua.LState) int {
	L.Push(lua.LNumber(m.host.Machine().Clock.Monotonic().Seconds()))
	return 1
}

func (m *lib) luaClock64(L *lua.LState) int {
	L.Push(vm.Uint64(uint64(m.host.Machine().Clock.Monotonic().Microseconds())))
	return 1
}

// duration is a number of seconds; what is not positive is 0, and what is too long to wait for is Forever.
func duration(seconds float64) time.Duration {
	switch {
	case seconds <= 0:
		return 0
	case !(seconds < float64(math.MaxInt64/int64(time.Second)/2)): // NaN as well
		return sched.Forever
	}
	return time.Duration(math.Ceil(seconds * float64(time.Second)))
}
