package sched

import (
	"errors"
	"runtime"
	"time"

	"shardlua/runtime/sys"
)

// Forever is a timeout that never comes.
const Forever time.Duration = -1

// ErrCancelled is what a wait returns in a fiber that was cancelled.
var ErrCancelled = errors.New("fiber is cancelled")

// Fiber is one thread of control. It is valid until it ends; keep one beyond that with Keep.
type Fiber struct {
	sched *Scheduler
	id    uint64
	name  string
	fn    func(*Fiber)

	// Lua is the Lua thread that the fiber runs on, for the package that makes such threads. It stays with the
	// Fiber from one use to the next.
	Lua any
	// Session, Txn and Storage belong to the layers above: the session that the fiber works for, its open
	// transaction, and the table that scripts keep in fiber.self().storage.
	Session any
	Txn     any
	Storage any
	// Request is the remote request that the fiber serves, for the server that it came to; nil when it serves none.
	Request any
	// Diag is the last error that happened in the fiber, which scripts see as box.error.last().
	Diag error
	// Owner is the script-side handle of the fiber, nil when no script has asked for one.
	Owner any
	// OnYield, when set, is called each time the fiber is about to wait.
	OnYield func()
	// Brood, when set, collects the fibers that this one starts with Go and Start, and those that they start.
	Brood *Brood
	// Failure is the error that ended the fiber's function, for whoever keeps the Fiber; the layer above sets it.
	Failure error
	// OnEnd, when set, is called once, with the baton, when the fiber has ended.
	OnEnd func()

	worker  *worker       // nil before the fiber starts
	done    chan struct{} // closed at the end, when somebody waits in Do
	timer   sys.Timer
	csw     uint64
	ran     time.Duration // see Account; guarded by sched.mu
	ranOld  time.Duration
	parkGen uint64 // counts the waits, so that a late timer does not end a later one

	cancelled bool
	waits     int // since Close
	joiners   []*Fiber
	kept      bool

	// Guarded by sched.mu.
	queued  bool
	started bool
	parked  bool
	ended   bool
	expired bool
}

// ID is the number of the fiber; numbers are not used again.
func (f *Fiber) ID() uint64 { return f.id }

// Name is what SetName, or the one who started the fiber, called it.
func (f *Fiber) Name() string { return f.name }

// SetName renames the fiber.
func (f *Fiber) SetName(name string) { f.name = name }

// Scheduler is the one that runs the fiber.
func (f *Fiber) Scheduler() *Scheduler { return f.sched }

// Switches counts how often the fiber got the baton.
func (f *Fiber) Switches() uint64 { return f.csw }

// Keep lets the Fiber be asked about after its end: it is not used again for another function.
func (f *Fiber) Keep() { f.kept = true }

// Ended tells whether the fiber's function has returned.
func (f *Fiber) Ended() bool {
	f.sched.mu.Lock()
	defer f.sched.mu.Unlock()
	return f.ended
}

// Cancelled tells whether Cancel was called.
func (f *Fiber) Cancelled() bool {
	f.sched.mu.Lock()
	defer f.sched.mu.Unlock()
	return f.cancelled
}

// Cancel asks the fiber to end: its waits return ErrCancelled from now on. It may be called from any goroutine.
func (f *Fiber) Cancel() {
	s := f.sched
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.ended {
		return
	}
	f.cancelled = true
	if f.parked {
		s.push(f)
	}
}

// Uncancel takes a Cancel back, for one who has cancelled a wait and not the fiber.
func (f *Fiber) Uncancel() {
	f.sched.mu.Lock()
	defer f.sched.mu.Unlock()
	f.cancelled = false
}

// Wakeup ends the fiber's present wait or, when it runs, makes its next wait end at once. It does nothing to a fiber
// that is ready anyway, or has ended. It may be called from any goroutine.
func (f *Fiber) Wakeup() {
	s := f.sched
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.parked || f.started && !f.ended {
		s.push(f)
	}
}

// Go starts a fiber that runs fn after the fibers that are ready now, as a part of what the calling fiber does. It returns
// nil when the Scheduler is closed.
func (f *Fiber) Go(name string, fn func(*Fiber)) *Fiber { return f.sched.start(f, name, fn, nil) }

// Start starts a fiber that runs fn at once: the calling fiber goes on, before all that are ready, when the new one
// waits for the first time or ends. It returns nil when the Scheduler is closed.
func (f *Fiber) Start(name string, fn func(*Fiber)) *Fiber {
	s := f.sched
	s.mu.Lock()
	started := s.create(f, name, fn, nil)
	if started == nil {
		s.mu.Unlock()
		return nil
	}
	if f.queued { // somebody woke the caller already, which still holds for its next wait
		s.ready.remove(f)
	}
	woken := f.queued
	f.queued = true
	s.ready.pushFront(f)
	s.hand(started)
	s.mu.Unlock()
	f.suspend()
	if woken {
		s.mu.Lock()
		s.push(f)
		s.mu.Unlock()
	}
	return started
}

// Yield lets every fiber that is ready run before this one goes on. It returns ErrCancelled in a cancelled fiber.
func (f *Fiber) Yield() error {
	f.leaveClosed()
	f.yielding()
	s := f.sched
	s.mu.Lock()
	s.push(f)
	f.wait()
	return f.state()
}

// graceWaits is how many waits a fiber gets after Close to clean up behind itself.
const graceWaits = 16

// leaveClosed tells whether Close has cancelled the fiber. It ends one that goes on waiting all the same: a loop that
// ignores errors.
func (f *Fiber) leaveClosed() bool {
	s := f.sched
	s.mu.Lock()
	closing := s.closed && f.cancelled
	if closing {
		f.waits++
	}
	s.mu.Unlock()
	if f.waits > graceWaits {
		f.Abandon()
	}
	return closing
}

// Park waits until somebody calls Wakeup or Cancel, or the timeout passes; Forever waits without one. It returns true
// when the timeout has passed. A woken fiber must look again at what it waited for: anybody may wake it.
func (f *Fiber) Park(timeout time.Duration) (expired bool) {
	if f.leaveClosed() {
		timeout = 0
	}
	f.yielding()
	f.sched.mu.Lock()
	f.park(timeout)
	return f.expired
}

// park waits once. The caller holds mu; park lets it go.
func (f *Fiber) park(timeout time.Duration) {
	f.parkGen++
	f.parked, f.expired = true, false
	if timeout >= 0 {
		f.setTimer(timeout, f.parkGen)
	}
	f.wait()
}

// setTimer arranges for the wait number gen to end. The caller holds mu.
func (f *Fiber) setTimer(timeout time.Duration, gen uint64) {
	if timeout == 0 {
		f.expired = true
		f.sched.push(f)
		return
	}
	s := f.sched // f may be in use again, for another function, when a late timer looks at it
	f.timer = s.clock.AfterFunc(timeout, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if f.parked && f.parkGen == gen {
			f.expired = true
			s.push(f)
		}
	})
}

// wait gives the baton away and returns when it is back. The caller holds mu; wait lets it go.
func (f *Fiber) wait() {
	s := f.sched
	if next := s.next(); next == f {
		f.queued = false
		f.csw++
	} else {
		if next != nil {
			s.hand(next)
		} else {
			s.lay()
		}
		s.mu.Unlock()
		f.suspend()
		s.mu.Lock()
	}
	f.parked = false
	timer := f.timer
	f.timer = nil
	s.mu.Unlock()
	if timer != nil {
		timer.Stop()
	}
}

// Sleep waits for d, or until somebody wakes the fiber. It returns ErrCancelled in a cancelled fiber.
func (f *Fiber) Sleep(d time.Duration) error {
	if d <= 0 {
		return f.Yield()
	}
	if err := f.state(); err != nil {
		return err
	}
	f.Park(d)
	return f.state()
}

// Block waits until *done, which somebody sets who has the baton and then calls Wakeup. Nothing else ends it, neither
// Wakeup alone nor Cancel.
func (f *Fiber) Block(done *bool) {
	for !*done {
		f.yielding()
		f.sched.mu.Lock()
		f.park(Forever)
	}
}

// Await calls start, which begins some work elsewhere and arranges for done to be called, once, from any
// goroutine; Await returns when done was called. Neither Wakeup nor Cancel end it: it is for work whose result cannot be
// thrown away, such as a write to the log.
func (f *Fiber) Await(start func(done func())) {
	finished := f.begin(start)
	for !f.parkUnless(finished, false, Forever) {
	}
}

// begin starts the work of an Await and returns the flag that done sets, which sched.mu guards.
func (f *Fiber) begin(start func(done func())) *bool {
	s := f.sched
	finished := new(bool)
	start(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		*finished = true
		if f.parked {
			s.push(f)
		}
	})
	return finished
}

// AwaitUntil is Await for work that can be given up: it returns early with ErrCancelled when the fiber is cancelled, and
// with ErrTimeout when the timeout passes (Forever: none). The caller then ends the work; a late done is ignored.
func (f *Fiber) AwaitUntil(timeout time.Duration, start func(done func())) error {
	finished := f.begin(start)
	clock := f.sched.clock
	deadline := clock.Monotonic() + timeout
	for left := timeout; ; left = deadline - clock.Monotonic() {
		if timeout < 0 {
			left = Forever
		} else if left < 0 {
			left = 0
		}
		switch {
		case f.parkUnless(finished, true, left):
			return nil
		case f.Cancelled():
			return ErrCancelled
		case left == 0:
			return ErrTimeout
		}
	}
}

// ErrTimeout is what AwaitUntil returns when the time is over.
var ErrTimeout = errors.New("timed out")

// parkUnless waits once, unless *finished is set, which it returns; a cancelled fiber does not wait when heed is set.
func (f *Fiber) parkUnless(finished *bool, heed bool, timeout time.Duration) bool {
	s := f.sched
	s.mu.Lock()
	ready := *finished || heed && f.cancelled
	s.mu.Unlock()
	if !ready {
		f.yielding()
		s.mu.Lock()
		if !*finished && !(heed && f.cancelled) {
			f.park(timeout)
			s.mu.Lock()
		}
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return *finished
}

// Join waits until other has ended. It returns ErrCancelled when the waiting fiber is cancelled. The caller has called
// Keep on other.
func (f *Fiber) Join(other *Fiber) error {
	for !other.Ended() {
		if err := f.state(); err != nil {
			return err
		}
		other.joiners = append(other.joiners, f)
		f.Park(Forever)
	}
	return nil
}

// finish runs with the baton at the end of the fiber's function.
func (f *Fiber) finish() {
	if f.OnEnd != nil {
		f.OnEnd()
	}
	f.sched.mu.Lock()
	f.ended = true
	f.sched.mu.Unlock()
	for _, j := range f.joiners {
		j.Wakeup()
	}
	f.joiners = nil
}

func (f *Fiber) yielding() {
	if f.OnYield != nil {
		f.OnYield()
	}
}

// state is ErrCancelled in a cancelled fiber.
func (f *Fiber) state() error {
	if f.Cancelled() {
		return ErrCancelled
	}
	return nil
}

// CheckCancelled returns ErrCancelled in a cancelled fiber.
func (f *Fiber) CheckCancelled() error { return f.state() }

// Abandon ends the calling goroutine in the middle of the fiber's function and gives the baton away for good. Deferred
// functions run without the baton. It serves os.exit, which does not return.
func (f *Fiber) Abandon() {
	s := f.sched
	f.finish()
	s.mu.Lock()
	f.Lua = nil
	s.forget(f)
	// The end of this goroutine ends its carrier.
	s.carried = false
	if next := s.next(); next != nil {
		s.send(next)
	} else {
		s.lay()
	}
	s.mu.Unlock()
	runtime.Goexit()
}
