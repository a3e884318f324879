// Package clock is the Lua module `clock`: the machine's clocks in seconds, or in nanoseconds as 64-bit integers.
//
// The wall clock and the monotonic one are the host's, so a test can move them; the processor times are the process's.
package clock

import (
	"runtime"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `clock`: time (also called realtime), monotonic, proc and thread return seconds; time64,
// realtime64, monotonic64, proc64 and thread64 return nanoseconds; bench(f, …) returns a table of the processor
// seconds that f took and of what it returned.
var Module = module.Module{Name: "clock", Open: open}

func open(h module.Host, L *lua.LState) lua.LValue {
	machine := h.Machine().Clock
	wall := func() int64 { return machine.Now().UnixNano() }
	monotonic := func() int64 { return int64(machine.Monotonic()) }
	exports := L.NewTable()
	for name, read := range map[string]func() int64{
		"time": wall, "realtime": wall, "monotonic": monotonic,
		"proc": func() int64 { return cpu(unix.CLOCK_PROCESS_CPUTIME_ID) }, "thread": threadTime,
	} {
		exports.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			noArguments(L)
			L.Push(lua.LNumber(float64(read()) / float64(time.Second)))
			return 1
		}))
		exports.RawSetString(name+"64", L.NewFunction(func(L *lua.LState) int {
			noArguments(L)
			L.Push(vm.Uint64(uint64(read())))
			return 1
		}))
	}
	exports.RawSetString("bench", L.NewFunction(bench))
	return exports
}

// noArguments refuses arguments, as the C functions that these are in Tarantool do.
func noArguments(L *lua.LState) {
	if L.GetTop() > 0 {
		vm.RaiseString(L, 1, "wrong number of arguments for function call")
	}
}

func cpu(id int32) int64 {
	var ts unix.Timespec
	if unix.ClockGettime(id, &ts) != nil {
		return 0
	}
	return ts.Nano()
}

// threadTime is the time of the thread that the fiber happens to run on.
func threadTime() int64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cpu(unix.CLOCK_THREAD_CPUTIME_ID)
}

func bench(L *lua.LState) int {
	fn := L.Get(1)
	if _, ok := fn.(*lua.LFunction); !ok && L.GetMetaField(fn, "__call") == lua.LNil {
		vm.RaiseString(L, 0, "builtin/clock.lua:35: attempt to call local 'fun' (a %s value)", vm.TypeName(fn))
	}
	n := L.GetTop()
	for i := 1; i <= n; i++ {
		L.Push(L.Get(i))
	}
	start := cpu(unix.CLOCK_PROCESS_CPUTIME_ID)
	L.Call(n-1, lua.MultRet)
	taken := cpu(unix.CLOCK_PROCESS_CPUTIME_ID) - start
	result := L.NewTable()
	result.Append(lua.LNumber(float64(taken) / float64(time.Second)))
	for i := n + 1; i <= L.GetTop(); i++ {
		result.RawSetInt(i-n+1, L.Get(i))
	}
	L.Push(result)
	return 1
}
