// Package fiber is the Lua module `fiber`: threads of control for scripts, channels and conditions between them.
//
// The one idea: a fiber of a script is a sched.Fiber with a Lua thread. Each has one handle, the userdata that scripts
// hold; it is made when a script first asks for it and stays the same until the fiber is gone, so handles can be
// compared. A handle outlives its fiber and then says "the fiber is dead".
//
//	local f = fiber.new(function(x) fiber.sleep(1) return x + 1 end, 41)
//	f:set_joinable(true)
//	local ok, answer = f:join() -- true, 42
//
// Script-visible functions of the module: create, new, self, find, id, name, status, sleep, yield, cancel (kill),
// testcancel, wakeup, join, set_joinable, info, top, top_enable, top_disable, time, time64, clock, clock64, channel,
// cond. They take the arguments, give the results and raise the errors of Tarantool 2.6.
//
// Go code starts fibers that run Lua functions with Spawn, and gets the Lua thread of a fiber of its own with Thread.
package fiber

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/sched"
)

// Module is the Lua module `fiber`.
var Module = module.Module{Name: "fiber", Open: open}

// lib is what the module keeps per host.
type lib struct {
	host    module.Host
	meta    *lua.LTable // of fiber handles
	methods *lua.LTable
	channel *lua.LTable // metatable of channels
	cond    *lua.LTable // metatable of conditions
	zombies map[uint64]*handle
}

type libKey struct{}

// of returns the host's lib, which is made when somebody first needs it.
func of(h module.Host) *lib {
	if m, ok := h.Service(libKey{}).(*lib); ok {
		return m
	}
	L := h.VM().State()
	m := &lib{host: h, zombies: make(map[uint64]*handle)}
	h.SetService(libKey{}, m)
	m.openHandles(L)
	m.openChannels(L)
	m.openConds(L)
	return m
}

func open(h module.Host, L *lua.LState) lua.LValue {
	m := of(h)
	exports := L.NewTable()
	for name, fn := range m.methodFuncs() {
		exports.RawSetString(name, L.NewFunction(fn))
	}
	for name, fn := range map[string]lua.LGFunction{
		"create": m.luaCreate, "new": m.luaNew, "self": m.luaSelf, "find": m.luaFind, "sleep": m.luaSleep,
		"yield": m.luaYield, "kill": m.luaCancel, "info": m.luaInfo, "top": m.luaTop, "top_enable": m.luaTopEnable,
		"top_disable": m.luaTopDisable, "time": m.luaTime, "time64": m.luaTime64, "clock": m.luaClock,
		"clock64": m.luaClock64, "channel": m.luaChannel, "cond": m.luaCond,
	} {
		exports.RawSetString(name, L.NewFunction(fn))
	}
	internal := L.NewTable()
	internal.RawSetString("schedule_task", L.NewFunction(func(L *lua.LState) int {
		m.luaNew(L)
		return 0
	}))
	exports.RawSetString("_internal", internal)
	return exports
}

// current is the fiber that runs.
func (m *lib) current() *sched.Fiber { return m.host.Sched().Current() }
