package reload

import (
	"errors"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/internals"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

const (
	// firstStepTurns is how many turns the new version's fibers get to make their first step.
	firstStepTurns = 64
	// lastWords is how long the fibers of a refused version may take to end before the old one is told to go on.
	lastWords = time.Second
)

// transaction is a reload that runs.
type transaction struct {
	r     *Reloader
	fiber *sched.Fiber
	roots []string // the modules that were asked for

	compiled map[string]*chunk
	pending  map[string]bool           // roots that are not loaded yet
	loaded   map[lua.LValue]lua.LValue // package.loaded before
	names    map[string]bool           // of internals that existed
	restore  []func()
	journal  vm.Journal
	brood    sched.Brood
	elders   []*sched.Fiber // of the old version

	// What becomes true when the transaction is kept.
	values  map[string]lua.LValue
	sources map[string]uint64
	steps   map[string][]evolution.Step
}

// member tells whether a fiber is the one that reloads or one that the new version has started.
func (tx *transaction) member(f *sched.Fiber) bool {
	return f == tx.fiber || tx.brood.Has(f)
}

// writes tells whether what is written now is the reload's work. The fiber that reloads is set apart from its brood
// while it does the caller's: a health function.
func (tx *transaction) writes() bool {
	f := tx.r.host.Sched().Current()
	return f != nil && f.Brood == &tx.brood
}

// loadOne is the transaction of a plain require.
func (tx *transaction) loadOne(L *lua.LState, name string, load func() lua.LValue) (lua.LValue, error) {
	r := tx.r
	tx.begin()
	began := r.host.Machine().Clock.Monotonic()
	var value lua.LValue
	err := tx.within("loading of module '"+name+"'", func() error {
		r.loader.Loaded().RawSetString(name, lua.LNil)
		_, err := r.host.VM().Call(L, L.NewFunction(func(*lua.LState) int {
			value = r.plain(tx.fiber, name, load)
			return 0
		}), 0)
		if err == nil {
			err = tx.firstSteps()
		}
		return err
	})
	if err != nil {
		tx.rollback(L)
		return nil, err
	}
	tx.commit()
	r.host.Log().Sayf(say.Verbose, "reload of %s done in %v", name, r.host.Machine().Clock.Monotonic()-began)
	return value, nil
}

// begin remembers what may have to be put back.
func (tx *transaction) begin() {
	r := tx.r
	tx.values, tx.sources = make(map[string]lua.LValue), make(map[string]uint64)
	tx.steps = make(map[string][]evolution.Step)
	tx.loaded, tx.names = make(map[lua.LValue]lua.LValue), make(map[string]bool)
	r.loader.Loaded().ForEach(func(k, v lua.LValue) { tx.loaded[k] = v })
	store := internals.Of(r.host)
	for _, n := range store.Names() {
		tx.names[n] = true
	}
	for _, c := range capturersOf(r.host).list {
		tx.restore = append(tx.restore, c())
	}
	store.OnUpgrade = func(module string, steps []evolution.Step) {
		tx.steps[module] = append(tx.steps[module], steps...)
	}
	tx.journal.Active = tx.writes
	r.host.VM().SetJournal(&tx.journal)
	tx.fiber.Brood = &tx.brood
}

// within runs a part of the reload that must end within the limit.
func (tx *transaction) within(what string, part func() error) error {
	stop := tx.limit(what)
	defer stop()
	return part()
}

// limit interrupts a part that runs too long, again and again, until the returned function is called.
func (tx *transaction) limit(what string) (stop func()) {
	r := tx.r
	clock := r.host.Machine().Clock
	late := fmt.Errorf("%s did not end within %v", what, r.Limit)
	wasCancelled := tx.fiber.Cancelled()
	stopped, finished := make(chan struct{}), make(chan struct{})
	fired := make(chan struct{}, 1)
	timer := clock.AfterFunc(r.Limit, func() { fired <- struct{}{} })
	cancelled := false
	go func() {
		defer close(finished)
		for {
			select {
			case <-stopped:
				return
			case <-fired:
				if f := r.host.Sched().Current(); f != nil && tx.member(f) {
					r.host.VM().Interrupt(late)
				} else {
					tx.fiber.Cancel()
					cancelled = true
				}
				timer = clock.AfterFunc(limitAgain, func() { fired <- struct{}{} })
			}
		}
	}()
	return func() {
		close(stopped)
		<-finished
		timer.Stop()
		r.host.VM().ClearInterrupt()
		if cancelled && !wasCancelled {
			tx.fiber.Uncancel()
		}
	}
}

// limitAgain is after how long a part that did not heed the interrupt is interrupted again.
const limitAgain = 100 * time.Millisecond

// firstSteps lets the fibers that the new version has started run until their first wait. One that has died by an
// error by then spoils the reload.
func (tx *transaction) firstSteps() error {
	for range firstStepTurns {
		waiting := false
		for _, child := range tx.brood.Fibers() {
			if child.Failure != nil {
				return fmt.Errorf("%w: %s: %w", errFiberDied, child.Name(), child.Failure)
			}
			waiting = waiting || child.Switches() == 0
		}
		if !waiting {
			return nil
		}
		if err := tx.fiber.Yield(); err != nil {
			return err
		}
	}
	return nil
}

var errFiberDied = errors.New("a fiber of the new version died at its first step")

// commit keeps what was done, and ends the transaction.
func (tx *transaction) commit() {
	for name, value := range tx.values {
		tx.r.record(name).value = value
	}
	for name, sum := range tx.sources {
		tx.r.record(name).source = sum
	}
	for _, root := range tx.roots {
		tx.r.record(root).fibers = tx.brood.Fibers()
	}
	tx.leave()
}

// leave ends the transaction and lets the next one in.
func (tx *transaction) leave() {
	r := tx.r
	tx.fiber.Brood = nil
	tx.brood.Close()
	r.host.VM().SetJournal(nil)
	internals.Of(r.host).OnUpgrade = nil
	r.running = nil
	r.idle.Broadcast()
}

// rollback puts everything back, ends the fibers of the new version, and tells the old one that it serves on.
func (tx *transaction) rollback(L *lua.LState) {
	tx.undo()
	tx.endBrood()
	tx.leave()
	for _, name := range tx.roots {
		tx.r.tellRollback(L, name)
	}
}

// undo puts back what the host knows, without a wait: nobody sees anything between.
func (tx *transaction) undo() {
	for i := len(tx.restore) - 1; i >= 0; i-- {
		tx.restore[i]()
	}
	tx.restore = nil
	store := internals.Of(tx.r.host)
	for _, n := range store.Names() {
		if !tx.names[n] {
			store.Drop(n)
		}
	}
	tx.journal.Undo()
	loaded := tx.r.loader.Loaded()
	var added []lua.LValue
	loaded.ForEach(func(k, _ lua.LValue) {
		if _, had := tx.loaded[k]; !had {
			added = append(added, k)
		}
	})
	for _, k := range added {
		loaded.RawSet(k, lua.LNil)
	}
	for k, v := range tx.loaded {
		loaded.RawSet(k, v)
	}
}

// endBrood cancels the fibers of the new version, waits for their end, and takes back what they wrote dying.
func (tx *transaction) endBrood() {
	tx.fiber.Brood = nil // what the caller's fiber does from now on is no part of the new version
	for _, child := range tx.brood.Fibers() {
		child.Cancel()
	}
	clock := tx.r.host.Machine().Clock
	deadline := clock.Monotonic() + lastWords
	for turn := 0; tx.anyAlive(); turn++ {
		if turn < firstStepTurns {
			_ = tx.fiber.Yield() // to one that is cancelled itself, too
			continue
		}
		if clock.Monotonic() >= deadline || tx.fiber.Sleep(time.Millisecond) != nil {
			break
		}
	}
	for _, child := range tx.brood.Fibers() {
		if !child.Ended() {
			tx.r.host.Log().Sayf(say.Warn, "fiber '%s' of the refused version does not end", child.Name())
		}
	}
	tx.journal.Undo()
}

func (tx *transaction) anyAlive() bool {
	for _, child := range tx.brood.Fibers() {
		if !child.Ended() {
			return true
		}
	}
	return false
}

// thrownValue is what a script threw when that is no string, nil otherwise.
func thrownValue(err error) lua.LValue {
	var thrown *vm.Error
	if errors.As(err, &thrown) && thrown.Value.Type() != lua.LTString {
		return thrown.Value
	}
	return nil
}
