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
	// OnlyChanged leaves modules out none of whose sources is another than the one that runs.
	OnlyChanged bool
	// HandOver is how long the fibers of the old version may take to end after the switch; 0 does not wait. When they
	// take longer, the reload stands, and the report says so.
	HandOver time.Duration
	// Health is called after the switch, with the calling thread; its error rolls the reload back, as does its not
	// ending within the Reloader's limit. Nil means healthy.
	Health func(L *lua.LState) error
}

// Reload does what a Request asks for. On an error nothing has happened. The calling fiber must not have an open
// transaction of the database. A dry run returns an error only when the request is wrong; what would keep the reload
// from happening is in its report.
func (r *Reloader) Reload(L *lua.LState, req Request) (*Report, error) {
	f := r.host.Sched().Current()
	names, err := r.expand(req.Modules)
	switch {
	case err != nil:
		return nil, err
	case r.running != nil && r.running.member(f):
		return nil, fmt.Errorf("a module cannot reload others while it is loaded")
	}
	tx := &transaction{r: r, fiber: f, roots: names}
	title := strings.Join(names, ", ")
	if err := r.enter(tx); err != nil {
		return nil, fmt.Errorf("reload of %s: %w", title, err)
	}
	compileErr := r.compileAhead(L, tx)
	report := r.outline(L, tx)
	if req.OnlyChanged {
		report.dropUnchanged(tx)
	}
	if len(tx.roots) == 0 {
		tx.leave()
		return report, nil
	}
	title = strings.Join(tx.roots, ", ")
	if req.DryRun {
		r.rehearse(L, tx, report)
		return report, nil
	}
	if compileErr != nil {
		tx.leave()
		r.rolledBack(title, compileErr)
		return nil, compileErr
	}
	if err := r.swap(L, tx, req, report); err != nil {
		r.rolledBack(title, err)
		return nil, err
	}
	report.Lingering = r.handOver(f, tx.elders, req.HandOver)
	return report, nil
}

// expand resolves patterns against package.loaded. Names come out in order, each once. A pattern stands for modules
// that come from a source.
func (r *Reloader) expand(patterns []string) ([]string, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("reload needs the names of modules")
	}
	loaded := make(map[string]bool)
	r.loader.Loaded().ForEach(func(k, v lua.LValue) {
		if name, ok := k.(lua.LString); ok && lua.LVAsBool(v) {
			loaded[string(name)] = true
		}
	})
	chosen := make(map[string]bool)
	for _, p := range patterns {
		prefix, isPattern := strings.CutSuffix(p, "*")
		found := false
		for name := range loaded {
			if name == p || isPattern && strings.HasPrefix(name, prefix) && r.hasSource(name) {
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

// hasSource tells whether a loaded module was loaded from a text.
func (r *Reloader) hasSource(name string) bool {
	rec := r.records[name]
	return rec != nil && rec.source != 0
}

// swap runs the new code within the transaction, which it ends.
func (r *Reloader) swap(L *lua.LState, tx *transaction, req Request, report *Report) error {
	for _, name := range tx.roots {
		if rec := r.records[name]; rec != nil {
			tx.elders = append(tx.elders, rec.fibers...)
		}
	}
	tx.begin()
	clock := r.host.Machine().Clock
	began := clock.Monotonic()
	err := tx.within("loading of module '"+strings.Join(tx.roots, "', '")+"'", func() error {
		_, err := r.host.VM().Call(L, L.NewFunction(func(L *lua.LState) int {
			tx.loadAll(L)
			return 0
		}), 0)
		if err == nil {
			// Before anybody else runs: the old code does not know the migrated internals.
			tx.point(L)
		}
		report.Pause = clock.Monotonic() - began
		if err == nil {
			err = tx.firstSteps()
		}
		return err
	})
	if err == nil {
		err = tx.checkHealth(L, req.Health)
	}
	if err != nil {
		tx.rollback(L)
		return err
	}
	for i := range report.Modules {
		tx.complete(&report.Modules[i])
	}
	tx.commit()
	r.host.Log().Sayf(say.Info, "reloaded %s in %v", strings.Join(tx.roots, ", "), report.Pause)
	return nil
}

// loadAll loads the modules that were asked for. Who requires one of them meanwhile, and is no part of this, gets the
// old version; a module that requires another one of them loads that one.
func (tx *transaction) loadAll(L *lua.LState) {
	r := tx.r
	loaded := r.loader.Loaded()
	tx.pending = make(map[string]bool)
	for _, name := range tx.roots {
		tx.pending[name] = true
		loaded.RawSetString(name, lua.LNil)
		for part, own := range r.family(name) {
			if own {
				loaded.RawSetString(part, lua.LNil)
			}
		}
	}
	for _, name := range tx.roots {
		if tx.pending[name] {
			r.host.Require(L, name)
		}
	}
}

// checkHealth lets the caller decide whether the new version stays.
func (tx *transaction) checkHealth(L *lua.LState, health func(*lua.LState) error) error {
	if health == nil {
		return nil
	}
	// What the function does is the caller's work, not the new version's.
	tx.fiber.Brood = nil
	err := tx.within("the health function", func() error { return health(L) })
	if err != nil {
		return fmt.Errorf("the new version is not healthy: %w", err)
	}
	for _, child := range tx.brood.Fibers() {
		if child.Failure != nil {
			return fmt.Errorf("a fiber of the new version has died: %s: %w", child.Name(), child.Failure)
		}
	}
	return nil
}

// complete fills in what is known after the switch.
func (tx *transaction) complete(m *ModuleReport) {
	m.Steps = tx.steps[m.Name]
	if t := internals.Of(tx.r.host).Get(m.Name); t != nil {
		m.Stateful, m.After = true, evolution.Over(t).Version()
	}
}

// point makes global variables, and the fields of loaded modules, that hold an old version of a module hold the new
// one. So vshard.storage is what was reloaded, as if the script had assigned it.
func (tx *transaction) point(L *lua.LState) {
	loaded := tx.r.loader.Loaded()
	change := make(map[lua.LValue]lua.LValue)
	for _, name := range tx.roots {
		was, is := tx.loaded[lua.LString(name)], loaded.RawGetString(name)
		if _, isTable := was.(*lua.LTable); isTable && was != is {
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
			if _, isTable := v.(*lua.LTable); !isTable {
				return
			}
			if _, ok := change[v]; ok {
				keys = append(keys, k)
			}
		})
		for _, k := range keys {
			was := t.RawGet(k)
			tx.journal.Add(t, k, was)
			t.RawSet(k, change[was])
		}
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
