package fiber

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/sched"
)

// Thread is the Lua thread of a fiber. It is made at the first call and stays with the Fiber for its next use.
func Thread(h module.Host, f *sched.Fiber) *lua.LState {
	if L, ok := f.Lua.(*lua.LState); ok {
		return L
	}
	L := h.VM().NewThread()
	f.Lua = L
	return L
}

// Spawn starts a fiber that calls fn with args once the fibers that are ready have run, as a part of what the calling
// fiber does. An error that leaves fn is logged. It returns nil when the instance is closing.
func Spawn(h module.Host, name string, fn *lua.LFunction, args ...lua.LValue) *sched.Fiber {
	m := of(h)
	return h.Sched().Current().Go(name, func(f *sched.Fiber) { m.run(f, fn, args) })
}

// run is what a fiber of a script does.
func (m *lib) run(f *sched.Fiber, fn *lua.LFunction, args []lua.LValue) {
	L := Thread(m.host, f)
	m.host.VM().ResetThread(L)
	results, err := m.host.VM().Call(L, fn, lua.MultRet, args...)
	f.Failure = err
	if hd := handleOf(f); hd != nil && hd.joinable {
		m.bury(hd, results, err)
		return
	}
	if err != nil && !f.Cancelled() {
		logError(m.host, f, err)
	}
}

// arguments copies what a script passed after its n-th argument.
func arguments(L *lua.LState, n int) []lua.LValue {
	args := make([]lua.LValue, 0, max(0, L.GetTop()-n))
	for i := n + 1; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	return args
}
