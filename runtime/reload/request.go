package reload

import (
	"fmt"
	"sort"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/internals"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
)

// Request asks for a reload of one or more modules as one transaction.
type Request struct {
	// Modules are names as given to require; one that ends with * stands for all loaded modules that begin so.
	Modules []string
	// DryRun compiles everything and reports, and changes nothing.
	DryRun bool
	// HandOver is how long the fibers of the old version may take to end after the switch; 0 does not wait. When they
	// take longer, the reload stands, and the report says so.
	HandOver time.Duration
	// Health is called after the switch, with the calling thread; its error rolls the reload back. Nil means healthy.
	Health func(L *lua.LState) error
}

// Report tells what a reload did, or in a dry run would do.
type Report struct {
	Modules []ModuleReport
	// Pause is how long the bodies and migrations ran.
	Pause time.Duration
	// Lingering are the names of fibers of the old version that had not ended when HandOver was over.
	Lingering []string
}

// ModuleReport is the part of one module.
type ModuleReport struct {
	Name string
	// Stateful says that the module has internals under its own name.
	Stateful bool
	// Before and After are the versions of these internals. After is unknown, and equal to Before, in a dry run.
	Before, After int
	// Steps are the migrations that ran; in a dry run those that the host would run to its newest version.
	Steps []evolution.Step
}

// Reload does what a Request asks for. On an error nothing has happened. The calling fiber must not have an open
// transaction of the database.
func (r *Reloader) Reload(L *lua.LState, req Request) (*Report, error) {
	f := r.host.Sched().Current()
	names, err := r.expand(req.Modules)
	switch {
	case err != nil:
		return nil, err
	case r.running != nil && r.running.fiber == f:
		return nil, fmt.Errorf("a module cannot reload others while it is loaded")
	case inTransaction(f):
		return nil, fmt.Errorf("reload of %s: not allowed while a transaction of the database is open", strings.Join(names, ", "))
	}
	if err := r.wait(f); err != nil {
		return nil, err
	}
	tx := &transaction{r: r, fiber: f, name: strings.Join(names, ", ")}
	r.running = tx
	if err := r.compileAll(L, f, names); err != nil {
		r.end(tx)
		r.rolledBack(tx.name, err)
		return nil, err
	}
	if req.DryRun {
		r.end(tx)
		return r.forecast(names), nil
	}
	report, err := r.swap(L, tx, names, req)
	if err != nil {
		r.rolledBack(tx.name, err)
		return nil, err
	}
	report.Lingering = r.handOver(f, tx.elders, req.HandOver)
	return report, nil
}

// expand resolves patterns against package.loaded. Names come out in order, each once.
func (r *Reloader) expand(patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("reload needs the names of modules")
	}
	loaded := loadedNames(r.loader.Loaded())
	chosen := make(map[string]bool)
	for _, p := range patterns {
		prefix, isPattern := strings.CutSuffix(p, "*")
		found := false
		for name := range loaded {
			if name == p || isPattern && strings.HasPrefix(name, prefix) {
				chosen[name], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no module '%s' is loaded", p)
		}
	}
	var names []string
	for name := range chosen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names, nil
}

// forecast is the report of a dry run.
func (r *Reloader) forecast(names []string) *Report {
	report := &Report{}
	store := internals.Of(r.host)
	for _, name := range names {
		m := ModuleReport{Name: name}
		if t := store.Get(name); t != nil {
			m.Stateful = true
			m.Before = evolution.Over(t).Version()
			m.After = m.Before
			if list := store.List(name); list != nil {
				m.Steps, _ = list.Plan(m.Before, list.Version())
			}
		}
		report.Modules = append(report.Modules, m)
	}
	return report
}

// swap runs the new code within the transaction, which it ends.
func (r *Reloader) swap(L *lua.LState, tx *transaction, names []string, req Request) (*Report, error) {
	old := make(map[string]lua.LValue)
	for _, name := range names {
		old[name] = r.loader.Loaded().RawGetString(name)
		if rec := r.stateful[name]; rec != nil {
			tx.elders = append(tx.elders, rec.fibers...)
		}
	}
	report := r.forecast(names)
	tx.begin(L)
	clock := r.host.Machine().Clock
	began := clock.Monotonic()
	stopLimit := tx.limit()
	_, err := r.host.VM().Call(L, L.NewFunction(func(L *lua.LState) int {
		for _, name := range names {
			r.unload(name)
		}
		for _, name := range names {
			r.host.Require(L, name)
		}
		return 0
	}), 0)
	stopLimit()
	report.Pause = clock.Monotonic() - began
	if err == nil {
		// Before anybody else runs: the old code does not know the migrated internals.
		r.point(L, old, false)
		if err = r.prove(L, tx, req); err != nil {
			r.point(L, old, true)
		}
	}
	r.end(tx)
	if err != nil {
		tx.rollback(nil)
		for _, name := range names {
			r.tellRollback(L, name, old[name])
		}
		return nil, err
	}
	for i := range report.Modules {
		r.complete(&report.Modules[i], tx)
	}
	r.host.Log().Sayf(say.Info, "reloaded %s in %v", tx.name, report.Pause)
	return report, nil
}

// prove lets the new version, which everybody sees by now, show that it works.
func (r *Reloader) prove(L *lua.LState, tx *transaction, req Request) error {
	if err := tx.firstSteps(); err != nil {
		return err
	}
	if req.Health == nil {
		return nil
	}
	if err := req.Health(L); err != nil {
		return fmt.Errorf("the new version is not healthy: %w", err)
	}
	return nil
}

// unload takes a module and its own parts out of package.loaded.
func (r *Reloader) unload(name string) {
	loaded := r.loader.Loaded()
	loaded.RawSetString(name, lua.LNil)
	if rec := r.stateful[name]; rec != nil {
		for _, part := range rec.parts {
			if strings.HasPrefix(part, name+".") {
				loaded.RawSetString(part, lua.LNil)
			}
		}
	}
}

// complete fills in what is known after the switch.
func (r *Reloader) complete(m *ModuleReport, tx *transaction) {
	if rec := r.stateful[m.Name]; rec != nil {
		rec.value = r.loader.Loaded().RawGetString(m.Name)
		rec.fibers = tx.brood.Fibers()
	}
	t := internals.Of(r.host).Get(m.Name)
	if t == nil {
		return
	}
	in := evolution.Over(t)
	m.Stateful, m.After = true, in.Version()
	ran := in.History()
	m.Steps = nil
	for v := m.Before; v < m.After && len(ran) >= m.After-v; v++ {
		e := ran[len(ran)-(m.After-v)]
		m.Steps = append(m.Steps, evolution.Step{Version: e.Version, Name: e.Name, Down: e.Down})
	}
}

// point makes global variables, and the fields of loaded modules, that hold an old version of a module hold the new
// one, or back. So vshard.storage is what was reloaded, as if the script had assigned it.
func (r *Reloader) point(L *lua.LState, old map[string]lua.LValue, back bool) {
	loaded := r.loader.Loaded()
	change := make(map[lua.LValue]lua.LValue)
	for name, was := range old {
		is := loaded.RawGetString(name)
		if _, isTable := was.(*lua.LTable); !isTable || was == is {
			continue
		}
		if back {
			change[is] = was
		} else {
			change[was] = is
		}
	}
	holders := []*lua.LTable{L.G.Global}
	loaded.ForEach(func(_, v lua.LValue) {
		if t, ok := v.(*lua.LTable); ok && t != L.G.Global && t != loaded {
			holders = append(holders, t)
		}
	})
	for _, t := range holders {
		var keys []lua.LValue
		t.ForEach(func(k, v lua.LValue) {
			if _, ok := change[v]; ok {
				keys = append(keys, k)
			}
		})
		for _, k := range keys {
			t.RawSet(k, change[t.RawGet(k)])
		}
	}
}

// tellRollback lets the old version, which serves on, mend what its fibers may have given up already: it calls the
// function on_reload_rollback of its table, if there is one.
func (r *Reloader) tellRollback(L *lua.LState, name string, value lua.LValue) {
	t, ok := value.(*lua.LTable)
	if !ok {
		return
	}
	fn, ok := t.RawGetString("on_reload_rollback").(*lua.LFunction)
	if !ok {
		return
	}
	if _, err := r.host.VM().Call(L, fn, 0); err != nil {
		r.host.Log().Sayf(say.Error, "%s: on_reload_rollback: %s", name, err.Error())
	}
}

// handOver waits for the fibers of the old version to end and returns the names of those that did not.
func (r *Reloader) handOver(f *sched.Fiber, elders []*sched.Fiber, patience time.Duration) []string {
	clock := r.host.Machine().Clock
	deadline := clock.Monotonic() + patience
	for patience > 0 {
		alive := false
		for _, e := range elders {
			alive = alive || !e.Ended()
		}
		if !alive || clock.Monotonic() >= deadline || f.Sleep(time.Millisecond) != nil {
			break
		}
	}
	var names []string
	for _, e := range elders {
		if patience > 0 && !e.Ended() {
			names = append(names, e.Name())
		}
	}
	return names
}
