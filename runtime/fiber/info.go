package fiber

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// stackSize is what a waiting fiber takes at least: the smallest stack of a goroutine and of a Lua thread, in bytes.
const stackSize = 8192

// luaInfo describes every fiber. In `memory`, total is an estimate; a fiber's stack grows by need, and what of it is in
// use is not known.
func (m *lib) luaInfo(L *lua.LState) int {
	withTrace := true
	if opts, ok := L.Get(1).(*lua.LTable); ok {
		for _, key := range []string{"backtrace", "bt"} {
			if v := opts.RawGetString(key); v != lua.LNil {
				withTrace = lua.LVAsBool(v)
			}
		}
	}
	all := L.NewTable()
	m.host.Sched().Each(func(f *sched.Fiber) {
		t, memory := L.NewTable(), L.NewTable()
		memory.RawSetString("total", lua.LNumber(stackSize))
		memory.RawSetString("used", lua.LNumber(0))
		t.RawSetString("csw", lua.LNumber(f.Switches()))
		t.RawSetString("fid", lua.LNumber(f.ID()))
		t.RawSetString("memory", memory)
		t.RawSetString("name", lua.LString(f.Name()))
		t.RawSetString("time", lua.LNumber(f.RunTime().Seconds()))
		if thread, ok := f.Lua.(*lua.LState); ok && withTrace {
			t.RawSetString("backtrace", backtrace(L, thread))
		}
		vm.RawSet(all, lua.LNumber(f.ID()), t)
	})
	L.Push(all)
	return 1
}

// backtrace lists the Lua calls of a thread, innermost first. Tarantool lists C functions as well; here are none.
func backtrace(L, thread *lua.LState) *lua.LTable {
	trace := L.NewTable()
	for level := 0; ; level++ {
		dbg, ok := thread.GetStack(level)
		if !ok {
			return trace
		}
		if _, err := thread.GetInfo("nSl", dbg, lua.LNil); err != nil {
			return trace
		}
		name, source, line := dbg.Name, dbg.Source, dbg.CurrentLine
		if !strings.HasPrefix(source, "[") && !strings.HasPrefix(source, "@") && !strings.HasPrefix(source, "=") {
			source = "@" + source
		}
		if name == "" || strings.ContainsAny(name, "?<( ") {
			name = "(unnamed)"
		}
		if dbg.What == "G" || dbg.What == "C" {
			source, line = "=[C]", -1
		}
		entry := L.NewTable()
		entry.RawSetString("L", lua.LString(name+" in "+source+" at line "+strconv.Itoa(line)))
		trace.Append(entry)
	}
}

func (m *lib) luaTopEnable(*lua.LState) int {
	m.host.Sched().Account(true)
	return 0
}

func (m *lib) luaTopDisable(*lua.LState) int {
	m.host.Sched().Account(false)
	return 0
}

// luaTop tells what share of the time each fiber ran, in per cent: `average` since top_enable, `instant` since the last
// call of top; `time` is in seconds. The fiber 1/sched stands for the time in which no fiber ran.
func (m *lib) luaTop(L *lua.LState) int {
	usage, ok := m.host.Sched().Usage()
	if !ok {
		vm.RaiseString(L, 1, "fiber.top() is disabled. Enable it with fiber.top_enable() first")
	}
	cpu := L.NewTable()
	row := func(name string, u sched.Share) {
		t := L.NewTable()
		t.RawSetString("instant", lua.LNumber(100*u.Recent))
		t.RawSetString("average", lua.LNumber(100*u.Average))
		t.RawSetString("time", lua.LNumber(u.Time.Seconds()))
		cpu.RawSetString(name, t)
	}
	for f, u := range usage.Fibers {
		row(strconv.FormatUint(f.ID(), 10)+"/"+f.Name(), u)
	}
	row("1/sched", usage.Idle)
	top := L.NewTable()
	top.RawSetString("cpu", cpu)
	top.RawSetString("cpu_misses", lua.LNumber(0))
	L.Push(top)
	return 1
}
