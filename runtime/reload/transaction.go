package reload

import (
	"errors"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/internals"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

const errorLevel = say.Error

// firstStepTurns is how many turns the new version's fibers get to make their first step.
const firstStepTurns = 64

// transaction is a reload that runs.
type transaction struct {
	r       *Reloader
	fiber   *sched.Fiber
	name    string
	loaded  map[lua.LValue]lua.LValue
	states  []*internals.Capture
	names   map[string]bool // of internals that existed
	restore []func()
	brood   sched.Brood
	elders  []*sched.Fiber // of the old version
}

// transact loads within a transaction.
func (r *Reloader) transact(L *lua.LState, tx *transaction, old *record, load func() lua.LValue) lua.LValue {
	tx.begin(L)
	name := tx.name
	began := r.host.Machine().Clock.Monotonic()
	stopLimit := tx.limit()
	var value lua.LValue
	_, err := r.host.VM().Call(L, L.NewFunction(func(*lua.LState) int {
		value = r.plain(tx.fiber, name, load)
		return 0
	}), 0)
	stopLimit()
	if err == nil {
		err = tx.firstSteps()
	}
	r.end(tx)
	if err == nil {
		old.value, old.fibers = value, tx.brood.Fibers()
		r.host.Log().Sayf(say.Verbose, "reload of %s done in %v", name, r.host.Machine().Clock.Monotonic()-began)
		return value
	}
	tx.rollback(old)
	r.rolledBack(name, err)
	r.tellRollback(L, name, old.value)
	var thrown *vm.Error
	if errors.As(err, &thrown) {
		vm.Raise(L, thrown.Value)
	}
	vm.RaiseString(L, 1, "%s", err.Error())
	return nil
}

// begin remembers what may have to be put back.
func (tx *transaction) begin(L *lua.LState) {
	tx.loaded, tx.names = make(map[lua.LValue]lua.LValue), make(map[string]bool)
	tx.r.loader.Loaded().ForEach(func(k, v lua.LValue) { tx.loaded[k] = v })
	store := internals.Of(tx.r.host)
	for _, n := range store.Names() {
		tx.names[n] = true
		tx.states = append(tx.states, internals.Take(store.Get(n)))
	}
	for _, t := range globalState(L) {
		tx.states = append(tx.states, internals.Take(t))
	}
	for _, c := range capturersOf(tx.r.host).list {
		tx.restore = append(tx.restore, c())
	}
	tx.fiber.Brood = &tx.brood
}

// globalState finds the tables in which modules written for stock Tarantool keep their state: rawget(_G, '__module_…').
func globalState(L *lua.LState) []*lua.LTable {
	var found []*lua.LTable
	L.G.Global.ForEach(func(k, v lua.LValue) {
		name, isName := k.(lua.LString)
		t, isTable := v.(*lua.LTable)
		if isName && isTable && len(name) > 2 && name[:2] == "__" {
			found = append(found, t)
		}
	})
	return found
}

// limit interrupts bodies that run too long, again and again, until the returned function is called.
func (tx *transaction) limit() (stop func()) {
	r := tx.r
	clock := r.host.Machine().Clock
	stopped := make(chan struct{})
	fired := make(chan struct{}, 1)
	timer := clock.AfterFunc(r.Limit, func() { fired <- struct{}{} })
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		wait := time.Duration(0)
		for {
			select {
			case <-stopped:
				return
			case <-fired:
				if r.host.Sched().Current() == tx.fiber {
					r.host.VM().Interrupt(errLimit(tx.name, r.Limit))
				} else {
					tx.fiber.Cancel()
				}
				wait = 100 * time.Millisecond
				timer = clock.AfterFunc(wait, func() { fired <- struct{}{} })
			}
		}
	}()
	return func() {
		close(stopped)
		<-finished
		timer.Stop()
		r.host.VM().ClearInterrupt()
	}
}

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

func (r *Reloader) end(tx *transaction) {
	tx.fiber.Brood = nil
	tx.brood.Close()
	r.running, r.compiled = nil, nil
	r.idle.Broadcast()
}

// rollback puts everything back.
func (tx *transaction) rollback(old *record) {
	for _, child := range tx.brood.Fibers() {
		child.Cancel()
	}
	for i := len(tx.restore) - 1; i >= 0; i-- {
		tx.restore[i]()
	}
	store := internals.Of(tx.r.host)
	for _, n := range store.Names() {
		if !tx.names[n] {
			store.Drop(n)
		}
	}
	for _, s := range tx.states {
		s.Restore()
	}
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
	if old != nil {
		tx.r.restoreLoaded(tx.name, old)
	}
}
