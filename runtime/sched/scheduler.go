package sched

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"shardlua/runtime/sys"
)

// FirstID is the id of the first fiber that a Scheduler starts: the one that makes the Lua globals, so that the main
// script has Tarantool's 103. Smaller ids are Tarantool's system fibers.
const FirstID = 102

// maxIdle is how many finished fibers, with the Lua stacks that they carry, wait for their next use.
const maxIdle = 1024

var errPanic = errors.New("the fiber ended by a panic")

// ErrClosed is what Do returns after Close.
var ErrClosed = errors.New("the scheduler is closed")

// Scheduler passes the baton among the fibers of one Host.
type Scheduler struct {
	clock sys.Clock

	// OnPanic is told of a Go panic that left a fiber's function: the fiber ends, the others go on. Set it before the
	// first fiber starts.
	OnPanic func(f *Fiber, value any, stack []byte)
	// BeforeIdle, when set, is called with the baton when no fiber is ready, before the baton is laid down. It may make
	// fibers ready, and must not wait.
	BeforeIdle func()

	mu      sync.Mutex
	ready   queue
	asides  []func()  // what Interject left for the holder of the baton
	held    bool      // somebody has the baton
	carried bool      // there is a carrier
	workers []*worker // coroutines without a fiber, most recently used last
	idle    []*Fiber  // finished fibers, to be used again
	live    map[uint64]*Fiber
	nextID  uint64
	closed  bool
	drained chan struct{} // closed when the last fiber of a closed Scheduler has ended

	// wake gives a carrier without a fiber its next one; it is closed when there will be none.
	wake chan *Fiber
	// handed is the fiber that the one which is about to give the baton away hands it to. The baton guards it.
	handed *Fiber

	account account
	current atomic.Pointer[Fiber] // who holds the baton
}

// New makes a Scheduler without fibers.
func New(clock sys.Clock) *Scheduler {
	return &Scheduler{clock: clock, live: make(map[uint64]*Fiber), nextID: FirstID, drained: make(chan struct{}),
		wake: make(chan *Fiber, 1)}
}

// Clock is the clock that Sleep and timeouts go by.
func (s *Scheduler) Clock() sys.Clock { return s.clock }

// Current is the fiber that holds the baton, nil when nobody does. A fiber may ask it about itself; from another
// goroutine the answer may be stale.
func (s *Scheduler) Current() *Fiber { return s.current.Load() }

// Go starts a fiber that runs fn after the fibers that are ready now. It may be called from any goroutine, and
// returns nil when the Scheduler is closed. It belongs to no Brood: what a server or a connection starts for itself is
// nobody's child, whoever runs at that moment.
func (s *Scheduler) Go(name string, fn func(*Fiber)) *Fiber {
	return s.start(nil, name, fn, nil)
}

// start makes a fiber and lets it get ready. When the fiber has ended, done is closed, unless it is nil.
func (s *Scheduler) start(parent *Fiber, name string, fn func(*Fiber), done chan struct{}) *Fiber {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.create(parent, name, fn, done)
	if f != nil {
		s.push(f)
	}
	return f
}

// create makes a fiber that nobody runs yet; nil in a closed Scheduler. The parent is the running fiber when that starts it
// as a part of its own work, and nil otherwise. The caller holds mu.
func (s *Scheduler) create(parent *Fiber, name string, fn func(*Fiber), done chan struct{}) *Fiber {
	if s.closed {
		return nil
	}
	var f *Fiber
	if n := len(s.idle); n > 0 {
		f = s.idle[n-1]
		s.idle[n-1] = nil
		s.idle = s.idle[:n-1]
		*f = Fiber{sched: s, Lua: f.Lua, parkGen: f.parkGen}
	} else {
		f = &Fiber{sched: s}
	}
	f.id, f.name, f.fn, f.done = s.nextID, name, fn, done
	s.nextID++
	s.live[f.id] = f
	if parent != nil && parent.Brood != nil {
		parent.Brood.add(f)
	}
	return f
}

// Do starts a fiber that runs fn and waits until it has ended. It is the door for goroutines that are no fibers;
// calling it from a fiber would wait for ever.
func (s *Scheduler) Do(name string, fn func(*Fiber) error) error {
	err := errPanic
	done := make(chan struct{})
	if s.start(nil, name, func(f *Fiber) { err = fn(f) }, done) == nil {
		return ErrClosed
	}
	<-done
	return err
}

// push makes f ready. The caller holds mu.
func (s *Scheduler) push(f *Fiber) {
	if f.queued {
		return
	}
	f.queued = true
	s.ready.push(f)
	if !s.held {
		s.held = true
		s.send(s.ready.pop())
	}
}

// hand makes f the one who has the baton when the running fiber has suspended itself. The caller is the running fiber and
// holds mu.
func (s *Scheduler) hand(f *Fiber) {
	s.pass(f)
	s.handed = f
}

// send gives f the baton, which nobody has. The caller is no fiber and holds mu.
func (s *Scheduler) send(f *Fiber) {
	s.pass(f)
	if s.carried {
		s.wake <- f
		return
	}
	s.carried = true
	go s.carry(f)
}

// pass notes that f has the baton. The caller holds mu.
func (s *Scheduler) pass(f *Fiber) {
	f.queued, f.started = false, true
	f.csw++
	s.switchTo(f)
}

// lay lets nobody have the baton. The caller holds mu.
func (s *Scheduler) lay() {
	s.held = false
	s.switchTo(nil)
}

// next takes the fiber that is to have the baton; nil when none is ready. The caller holds mu, which next lets go for a
// while when there is something to do between two fibers, and the baton.
func (s *Scheduler) next() *Fiber {
	for {
		switch {
		case len(s.asides) > 0:
			fn := s.asides[0]
			s.asides = append(s.asides[:0], s.asides[1:]...)
			s.mu.Unlock()
			s.aside(fn)
			s.mu.Lock()
			continue
		case s.ready.size > 0 || s.BeforeIdle == nil:
			return s.ready.pop()
		}
		s.mu.Unlock()
		s.BeforeIdle()
		s.mu.Lock()
		if len(s.asides) == 0 {
			return s.ready.pop()
		}
	}
}

// aside runs what was interjected. A panic ends it only.
func (s *Scheduler) aside(fn func()) {
	defer func() {
		if v := recover(); v != nil {
			if s.OnPanic == nil {
				panic(v)
			}
			s.OnPanic(&Fiber{sched: s, name: "aside"}, v, debug.Stack())
		}
	}()
	fn()
}

// Interject runs fn with the baton but on no fiber: at once when nobody has the baton, otherwise when the one who has it
// waits or ends. It is for other goroutines that have a short message for many fibers, which costs no switch to a
// fiber of its own that way. fn must not wait.
func (s *Scheduler) Interject(fn func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asides = append(s.asides, fn)
	if s.held {
		return
	}
	s.held = true
	if f := s.next(); f != nil {
		s.send(f)
	} else {
		s.lay()
	}
}

// leave passes the baton of an ended fiber on. It returns the next fiber when that one has not started, so that the
// same coroutine can run it.
func (s *Scheduler) leave(f *Fiber) *Fiber {
	f.finish()

	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(f)
	if !f.kept && len(s.idle) < maxIdle {
		used := f
		if f.Owner != nil {
			// Scripts may hold on to the Fiber and ask it who it is, so only its Lua thread is used again.
			used = &Fiber{sched: s, Lua: f.Lua}
			f.Lua = nil
		}
		s.idle = append(s.idle, used)
	}
	next := s.next()
	switch {
	case next == nil:
		s.lay()
		return nil
	case next.started:
		s.hand(next)
		return nil
	}
	s.pass(next)
	return next
}

// forget takes an ended fiber off the list of the living. The caller holds mu.
func (s *Scheduler) forget(f *Fiber) {
	if f.queued { // woken while it ran
		s.ready.remove(f)
		f.queued = false
	}
	delete(s.live, f.id)
	if f.done != nil {
		close(f.done)
	}
	if s.closed && len(s.live) == 0 {
		close(s.drained)
	}
}

// call runs the function of f. A panic ends the fiber only.
func (s *Scheduler) call(f *Fiber) {
	defer func() {
		if v := recover(); v != nil {
			f.Lua = nil // its stack is in an unknown state
			if s.OnPanic != nil {
				s.OnPanic(f, v, debug.Stack())
				return
			}
			panic(fmt.Sprintf("fiber %d %q: %v", f.id, f.name, v))
		}
	}()
	f.fn(f)
}

// Find returns the living fiber with that id, nil when there is none.
func (s *Scheduler) Find(id uint64) *Fiber {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live[id]
}

// Each calls fn for every living fiber, in no particular order.
func (s *Scheduler) Each(fn func(*Fiber)) {
	s.mu.Lock()
	all := make([]*Fiber, 0, len(s.live))
	for _, f := range s.live {
		all = append(all, f)
	}
	s.mu.Unlock()
	for _, f := range all {
		fn(f)
	}
}

// Count is how many fibers live. It may be called from any goroutine.
func (s *Scheduler) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live)
}

// Close refuses new fibers and cancels the living ones. It may be called from any goroutine and does not wait; Drained
// tells when the last fiber has ended.
func (s *Scheduler) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	workers := s.workers
	s.workers = nil
	all := make([]*Fiber, 0, len(s.live))
	for _, f := range s.live {
		all = append(all, f)
	}
	if len(all) == 0 {
		close(s.drained)
		close(s.wake)
	}
	s.mu.Unlock()
	for _, w := range workers {
		w.stop()
	}
	for _, f := range all {
		f.Cancel()
	}
}

// Drained is closed when a closed Scheduler has no fiber left.
func (s *Scheduler) Drained() <-chan struct{} { return s.drained }
