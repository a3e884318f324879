package vm

import (
	"context"
	"iter"
	"runtime"
	"sync"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

// coroutine is a thread that runs on a strand, which is switched to and from
// directly. Of the strands that belong to one chain of resumes exactly one
// runs; the others wait for the one they resumed or that will resume them.
//
// Lua holds the coroutine by a handle, an empty thread value. The strand knows
// the handle only weakly, so that a suspended coroutine which Lua has
// forgotten is noticed and its strand used for another.
type coroutine struct {
	context.Context // what lets a thread carry it

	vm        *VM
	handle    weak.Pointer[lua.LState]
	thread    *lua.LState
	strand    *strand // while it is under way
	fn        lua.LValue
	started   bool
	done      bool
	active    bool // runs, or waits for a coroutine that it resumed
	forgotten bool // is to end

	// What passes between the coroutine and its resumer: values both ways, and
	// how it ended.
	values []lua.LValue
	ended  bool
	err    *Error
	unwind any
}

// strand is a goroutine that coroutines run on, one after another.
type strand struct {
	coroutine *coroutine
	next      func() (struct{}, bool)
	yield     func(struct{}) bool
}

// strands are those without a coroutine.
type strands struct{ free []*strand }

// maxStrands is how many of them are kept.
const maxStrands = 16

// end lets all of them return.
func (s *strands) end() {
	for _, st := range s.free {
		st.next()
	}
}

func newStrand() *strand {
	st := &strand{}
	// Nothing stops a strand: one that is not used any more has no coroutine
	// and returns.
	st.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		st.yield = yield
		for st.coroutine != nil {
			st.coroutine.body()
			st.coroutine = nil
			yield(struct{}{})
		}
	})
	return st
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

// reap ends the strands' work for forgotten coroutines. It runs while the VM is
// held, one goroutine at a time.
func (vm *VM) reap() {
	vm.orphans.mu.Lock()
	list := vm.orphans.list
	vm.orphans.list = nil
	vm.orphans.mu.Unlock()
	for _, c := range list {
		if c.started && !c.done && !c.active {
			c.forgotten = true
			c.strand.next()
			c.end()
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

// transferTo resumes a coroutine, which has the values that it is given, and
// returns when it has yielded or ended.
func (vm *VM) transferTo(L *lua.LState, c *coroutine) {
	c.active = true
	if !c.started {
		c.started = true
		c.thread = vm.NewThread()
		c.thread.Env = L.Env
		c.thread.SetContext(c)
		if n := len(vm.strands.free); n > 0 {
			c.strand = vm.strands.free[n-1]
			vm.strands.free = vm.strands.free[:n-1]
		} else {
			c.strand = newStrand()
		}
		c.strand.coroutine = c
	}
	L.G.CurrentThread = c.thread
	c.strand.next() // does not return if the fiber is abandoned inside
	L.G.CurrentThread = L
	c.active = false
	if c.ended {
		c.end()
	}
	if c.unwind != nil {
		panic(c.unwind)
	}
}

// end notes that the coroutine is over, and keeps its strand for another one.
func (c *coroutine) end() {
	c.done, c.thread.Dead = true, true
	if idle := c.vm.strands; len(idle.free) < maxStrands {
		idle.free = append(idle.free, c.strand)
	} else {
		c.strand.next() // which returns
	}
	c.strand = nil
}

// body runs the coroutine's function, on its strand.
func (c *coroutine) body() {
	defer func() {
		if r := recover(); r != nil {
			c.unwind, c.ended = r, true
		}
	}()
	L := c.thread
	base := L.GetTop()
	L.Push(c.fn)
	nargs := c.take(L)
	err := c.vm.protect(L, nargs, lua.MultRet, nil, false)
	c.ended, c.err = true, err
	if err == nil {
		c.give(L, base+1)
	}
}

// give lets the values of a thread from an index on pass to the other side.
func (c *coroutine) give(L *lua.LState, from int) {
	c.values = c.values[:0]
	for i := from; i <= L.GetTop(); i++ {
		c.values = append(c.values, L.Get(i))
	}
}

// take pushes the values that the other side has given.
func (c *coroutine) take(L *lua.LState) int {
	n := c.vm.pushAll(L, c.values)
	clear(c.values)
	return n
}

// resume runs the coroutine with the arguments from an index on until it hands
// something back: it takes the values, or there is an error.
func (vm *VM) resume(L *lua.LState, c *coroutine, from int) *Error {
	switch {
	case c.active:
		return &Error{Value: lua.LString("cannot resume running coroutine")}
	case c.done:
		return &Error{Value: lua.LString("cannot resume dead coroutine")}
	}
	c.give(L, from)
	vm.transferTo(L, c)
	return c.err
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
	err := vm.resume(L, c, 2)
	runtime.KeepAlive(handle)
	if err != nil {
		L.Push(lua.LFalse)
		L.Push(err.Value)
		return 2
	}
	L.Push(lua.LTrue)
	return c.take(L) + 1
}

func (vm *VM) coWrap(L *lua.LState) int {
	fn := CheckFunction(L, 1)
	c, handle := vm.newCoroutine(fn)
	L.Push(vm.function(func(L *lua.LState) int {
		err := vm.resume(L, c, 1)
		runtime.KeepAlive(handle)
		if err != nil {
			if s, ok := err.Value.(lua.LString); ok {
				RaiseString(L, 1, "%s", string(s))
			}
			Raise(L, err.Value)
		}
		return c.take(L)
	}))
	return 1
}

func (vm *VM) coYield(L *lua.LState) int {
	c := coroutineOf(L)
	if c == nil {
		RaiseString(L, 1, "attempt to yield across C-call boundary")
	}
	c.give(L, 1)
	c.strand.yield(struct{}{})
	if c.forgotten {
		panic(&Unwind{Reason: "forgotten coroutine"})
	}
	L.SetTop(0)
	return c.take(L)
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
