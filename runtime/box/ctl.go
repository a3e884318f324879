package box

import (
	"math"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/fiber"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// ctlTriggers are the lists of box.ctl.
type ctlTriggers struct {
	shutdown   triggerList
	schemaInit triggerList
}

// triggerList is a list of Lua functions that scripts change by calling it; the one that was added last runs first.
type triggerList struct{ all []*lua.LFunction }

// change is what a script does to the list: (fn) adds, (fn, old) replaces, (nil, old) removes, () lists them, the
// oldest first.
func (t *triggerList) change(L *lua.LState) int {
	next, old := L.Get(1), L.Get(2)
	nextFn, isNext := next.(*lua.LFunction)
	oldFn, isOld := old.(*lua.LFunction)
	switch {
	case next == lua.LNil && old == lua.LNil:
		list := L.NewTable()
		for _, fn := range t.all {
			list.Append(fn)
		}
		L.Push(list)
		return 1
	case !isNext && !vm.IsNil(next), !isOld && old != lua.LNil, !isNext && !isOld:
		vm.RaiseString(L, -1, "trigger reset: incorrect arguments")
	case !isOld:
		t.all = append(t.all[:len(t.all):len(t.all)], nextFn)
		L.Push(nextFn)
		return 1
	}
	for i, fn := range t.all {
		if fn != oldFn {
			continue
		}
		all := append([]*lua.LFunction{}, t.all...)
		if isNext {
			all[i] = nextFn
			t.all = all
			L.Push(nextFn)
			return 1
		}
		t.all = append(all[:i], all[i+1:]...)
		return 0
	}
	vm.RaiseString(L, -1, "trigger reset: Trigger is not found")
	return 0
}

// run calls the functions until one fails.
func (t *triggerList) run(b *Box, args ...lua.LValue) error {
	if len(t.all) == 0 {
		return nil
	}
	L := b.host.Thread(b.host.Sched().Current())
	all := t.all
	for i := len(all) - 1; i >= 0; i-- {
		if _, err := b.host.VM().Call(L, all[i], 0, args...); err != nil {
			return err
		}
	}
	return nil
}

func (b *Box) openCtl(L *lua.LState) {
	b.exports.RawSetString("ctl", methods(L, map[string]lua.LGFunction{
		"wait_ro":             func(L *lua.LState) int { return b.waitReadOnly(L, true) },
		"wait_rw":             func(L *lua.LState) int { return b.waitReadOnly(L, false) },
		"on_shutdown":         b.inst.ctl.shutdown.change,
		"on_schema_init":      b.inst.ctl.schemaInit.change,
		"clear_synchro_queue": func(*lua.LState) int { return 0 }, // synchronous transactions never wait here
	}))
}

// waitReadOnly waits until the instance is, or is not, read-only. Before box.cfg it is.
func (b *Box) waitReadOnly(L *lua.LState, want bool) int {
	seconds := vm.OptNumber(L, 1, math.Inf(1))
	deadline := time.Duration(0)
	if seconds < 1e9 {
		deadline = b.host.Machine().Clock.Monotonic() + time.Duration(math.Max(0, seconds)*float64(time.Second))
	}
	b.waitMode(L, want, deadline)
	return 0
}

// waitMode waits until a deadline on the monotonic clock, or for ever when that is zero.
func (b *Box) waitMode(L *lua.LState, want bool, deadline time.Duration) {
	clock, f := b.host.Machine().Clock, b.host.Sched().Current()
	for b.readOnly() != want {
		left := sched.Forever
		if deadline > 0 {
			left = max(0, deadline-clock.Monotonic())
		}
		if left == 0 {
			b.raise(L, timedOut())
		}
		b.inst.changed.Wait(f, left)
		if f.Cancelled() {
			fiber.RaiseCancelled(b.host, L)
		}
	}
}

// readOnly tells whether data can be changed; without a database it cannot, though Tarantool does not call that
// read-only.
func (b *Box) readOnly() bool { return b.db != nil && b.inst.store != nil && b.db.ReadOnly() }

func (b *Box) runShutdown() {
	if err := b.inst.ctl.shutdown.run(b); err != nil {
		fiber.LogError(b.host, err)
	}
}

func (b *Box) runSchemaInit() {
	if err := b.inst.ctl.schemaInit.run(b); err != nil {
		fiber.LogError(b.host, err)
	}
}

// timedOut is the error of a wait that took too long.
func timedOut() error {
	return boxerr.NewSystem(boxerr.ClassTimedOut, int(syscall.ETIMEDOUT), "timed out")
}
