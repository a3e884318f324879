package vm

import (
	"context"
	"runtime"
	"sync"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// coroutine is a thread with a goroutine of its own. Of the goroutines that
// belong to one chain of resumes exactly one runs; the others wait for the one
// they resumed or that will resume them.
//
// Lua holds the coroutine by a handle, an empty thread value. The goroutine
// knows the handle only weakly, so that a suspended coroutine which Lua has
// forgotten is noticed and its goroutine ended.
type coroutine struct {
	context.Context // what lets a thread carry it

	vm      *VM
	handle  weak.Pointer[lua.LState]
	thread  *lua.LState
	fn      lua.LValue
	started bool
	done    bool
	active  bool // runs, or waits for a coroutine that it resumed
	wake    chan []lua.LValue
	reply   chan transfer
}

// transfer is what a coroutine hands back: what it yielded or returned, or
// how it failed.
type transfer struct {
	values []lua.LValue
	err    *Error
	unwind any
	ended  bool
	exited bool // the fiber was abandoned inside the coroutine
}

// orphans are the coroutines whose handle is gone.
type orphans struct {
	mu   sync.Mutex
	list []*coroutine
}

func (o *orphans) add(c *coroutine) {
	o.mu.Lock()
	o.list = append(o.list, c)
	o.mu.Unlock()
}

// reap ends the goroutines of forgotten coroutines. It runs while the VM is
// held, one goroutine at a time.
func (vm *VM) reap() {
	vm.orphans.mu.Lock()
	list := vm.orphans.list
	vm.orphans.list = nil
	vm.orphans.mu.Unlock()
	for _, c := range list {
		if c.started && !c.done && !c.active {
			close(c.wake)
			<-c.reply
			c.done = true
		}
	}
}

func (vm *VM) openCoroutine() {
	vm.Register(vm.library("coroutine"), map[string]lua.LGFunction{
		"create": vm.coCreate, "resume": vm.coResume, "yield": vm.coYield, "status": coStatus,
		"wrap": vm.coWrap, "running": vm.coRunning, "isyieldable": coIsYieldable,
	})
}

// coroutineOf returns the coroutine of a thread or handle, nil for others.
func coroutineOf(L *lua.LState) *coroutine {
	c, _ := L.Context().(*coroutine)
	return c
}

// Thread returns the thread that runs a thread value's code: for a coroutine
// the one behind the handle that Lua holds.
func Thread(L *lua.LState) *lua.LState {
	if c := coroutineOf(L); c != nil {
		return c.thread
	}
	return L
}

func (vm *VM) newCoroutine(fn lua.LValue) (*coroutine, *lua.LState) {
	vm.reap()
	handle := &lua.LState{G: vm.main.G, Env: vm.main.Env}
	c := &coroutine{Context: context.Background(), vm: vm, fn: fn, handle: weak.Make(handle)}
	handle.SetContext(c)
	runtime.AddCleanup(handle, vm.orphans.add, c)
	return c, handle
}

func (vm *VM) coCreate(L *lua.LState) int {
	fn := CheckFunction(L, 1)
	_, handle := vm.newCoroutine(fn)
	L.Push(handle)
	return 1
}

// transferTo resumes a coroutine and waits until it yields or ends.
func (vm *VM) transferTo(L *lua.LState, c *coroutine, args []lua.LValue) transfer {
	c.active = true
	first := !c.started
	if first {
		c.started = true
		c.thread = vm.NewThread()
		c.thread.Env = L.Env
		c.thread.SetContext(c)
		vm.install(c.thread)
		c.wake = make(chan []lua.LValue)
		c.reply = make(chan transfer)
	}
	// What follows the hand-over runs beside the coroutine: all that both
	// see is written before it.
	L.G.CurrentThread = c.thread
	if first {
		go c.body(args)
	} else {
		c.wake <- args
	}
	t := <-c.reply
	if t.exited {
		// Nothing of the VM may be touched any more: the baton is gone.
		runtime.Goexit()
	}
	L.G.CurrentThread = L
	c.active = false
	if t.ended {
		c.done = true
		c.thread.Dead = true
	}
	if t.unwind != nil {
		panic(t.unwind)
	}
	return t
}

// body is the goroutine of a coroutine.
func (c *coroutine) body(args []lua.LValue) {
	t := transfer{ended: true, exited: true}
	defer func() {
		if r := recover(); r != nil {
			t.unwind, t.exited = r, false
		}
		c.reply <- t
	}()
	L := c.thread
	base := L.GetTop()
	L.Push(c.fn)
	for _, a := range args {
		L.Push(a)
	}
	err := c.vm.protect(L, len(args), lua.MultRet, nil, false)
	t.exited = false
	if err != nil {
		t.err = err
		return
	}
	for i := base + 1; i <= L.GetTop(); i++ {
		t.values = append(t.values, L.Get(i))
	}
}

// resume returns what the coroutine handed back or the error's text.
func (vm *VM) resume(L *lua.LState, c *coroutine, args []lua.LValue) transfer {
	switch {
	case c.active:
		return transfer{err: &Error{Value: lua.LString("cannot resume running coroutine")}}
	case c.done:
		return transfer{err: &Error{Value: lua.LString("cannot resume dead coroutine")}}
	}
	return vm.transferTo(L, c, args)
}

func checkCoroutine(L *lua.LState, n int) *coroutine {
	if th, ok := L.Get(n).(*lua.LState); ok {
		if c := coroutineOf(th); c != nil {
			return c
		}
	}
	ArgError(L, n, "coroutine expected")
	return nil
}

func arguments(L *lua.LState, from int) []lua.LValue {
	n := L.GetTop()
	if n < from {
		return nil
	}
	args := make([]lua.LValue, 0, n-from+1)
	for i := from; i <= n; i++ {
		args = append(args, L.Get(i))
	}
	return args
}

func (vm *VM) pushAll(L *lua.LState, values []lua.LValue) int {
	s := stateOf(L)
	vm.ensure(L, s, s.reg.top+len(values)+1)
	copy(s.reg.array[s.reg.top:], values)
	s.reg.top += len(values)
	return len(values)
}

func (vm *VM) coResume(L *lua.LState) int {
	if th, ok := L.Get(1).(*lua.LState); ok && coroutineOf(th) == nil {
		// The thread of a fiber goes on when the fiber does.
		L.Push(lua.LFalse)
		L.Push(lua.LString("cannot resume running coroutine"))
		return 2
	}
	c := checkCoroutine(L, 1)
	handle := L.Get(1)
	t := vm.resume(L, c, arguments(L, 2))
	runtime.KeepAlive(handle)
	if t.err != nil {
		L.Push(lua.LFalse)
		L.Push(t.err.Value)
		return 2
	}
	L.Push(lua.LTrue)
	return vm.pushAll(L, t.values) + 1
}

func (vm *VM) coWrap(L *lua.LState) int {
	fn := CheckFunction(L, 1)
	c, handle := vm.newCoroutine(fn)
	L.Push(vm.function(func(L *lua.LState) int {
		t := vm.resume(L, c, arguments(L, 1))
		runtime.KeepAlive(handle)
		if t.err != nil {
			if s, ok := t.err.Value.(lua.LString); ok {
				RaiseString(L, 1, "%s", string(s))
			}
			Raise(L, t.err.Value)
		}
		return vm.pushAll(L, t.values)
	}))
	return 1
}

func (vm *VM) coYield(L *lua.LState) int {
	c := coroutineOf(L)
	if c == nil {
		RaiseString(L, 1, "attempt to yield across C-call boundary")
	}
	c.reply <- transfer{values: arguments(L, 1)}
	args, ok := <-c.wake
	if !ok {
		panic(&Unwind{Reason: "forgotten coroutine"})
	}
	L.SetTop(0)
	return vm.pushAll(L, args)
}

func coStatus(L *lua.LState) int {
	if th, ok := L.Get(1).(*lua.LState); ok && coroutineOf(th) == nil {
		// The thread of a fiber: it runs, or has yielded to others.
		status := "suspended"
		if th == L {
			status = "running"
		}
		L.Push(lua.LString(status))
		return 1
	}
	c := checkCoroutine(L, 1)
	status := "suspended"
	switch {
	case c.done:
		status = "dead"
	case c.thread == L:
		status = "running"
	case c.active:
		status = "normal"
	}
	L.Push(lua.LString(status))
	return 1
}

// coRunning is nil in the main script only: each other fiber is a thread of its own.
func (vm *VM) coRunning(L *lua.LState) int {
	if c := coroutineOf(L); c != nil {
		if h := c.handle.Value(); h != nil {
			L.Push(h)
			return 1
		}
	}
	if L == vm.main || L == vm.script {
		L.Push(lua.LNil)
	} else {
		L.Push(L)
	}
	return 1
}

func coIsYieldable(L *lua.LState) int {
	L.Push(lua.LBool(coroutineOf(L) != nil))
	return 1
}
