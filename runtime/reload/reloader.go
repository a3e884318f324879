package reload

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/internals"
	"shardlua/runtime/module"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// LoadLimit is how long the bodies of a module may run in a reload before it is given up.
const LoadLimit = 10 * time.Second

// Loader is what a Reloader needs of the host's require.
type Loader interface {
	// Loaded is package.loaded.
	Loaded() *lua.LTable
	// Source finds the source of a module as require would. It is an error when there is none; ErrNoSource means that
	// the module does not come from a source.
	Source(L *lua.LState, name string) (source []byte, chunkname string, err error)
}

// ErrNoSource says that a module is made by a function in package.preload or by the host.
var ErrNoSource = errors.New("the module has no source")

// Reloader has the modules of one instance that take part. It is used with the baton held.
type Reloader struct {
	host   module.Host
	loader Loader
	// Limit is how long the bodies may run; LoadLimit unless a test changes it.
	Limit time.Duration

	stateful map[string]*record
	loads    map[*sched.Fiber][]string // what each fiber is loading, outermost first
	running  *transaction
	idle     *sched.Cond
	compiled map[string]*lua.LFunction // of the running transaction
}

// record is what is known of a module that opens internals.
type record struct {
	value lua.LValue // what its last successful load returned
	parts []string   // the modules that were loaded within it, in the order of their loading
	// fibers are those that its last load by Reload has started.
	fibers []*sched.Fiber
}

type reloaderKey struct{}

// New makes the Reloader of an instance.
func New(h module.Host, loader Loader) *Reloader {
	r := &Reloader{
		host: h, loader: loader, Limit: LoadLimit,
		stateful: make(map[string]*record), loads: make(map[*sched.Fiber][]string),
		idle: new(sched.Cond),
	}
	h.SetService(reloaderKey{}, r)
	internals.Of(h).OnOpen = r.opened
	internals.Of(h).Reload = r.LuaReload
	return r
}

// Of returns the Reloader of an instance, nil before New.
func Of(h module.Host) *Reloader {
	r, _ := h.Service(reloaderKey{}).(*Reloader)
	return r
}

// opened notes that the modules that the calling fiber is loading have internals.
func (r *Reloader) opened(string) {
	for _, name := range r.loads[r.host.Sched().Current()] {
		if r.stateful[name] == nil {
			r.stateful[name] = &record{}
		}
	}
}

// Compiled is the chunk of a module that the running reload has compiled ahead, nil when there is none.
func (r *Reloader) Compiled(name string) *lua.LFunction {
	if r.running == nil || r.running.fiber != r.host.Sched().Current() {
		return nil
	}
	return r.compiled[name]
}

// Load runs load, which loads the module of that name and returns its value, as a transaction when the module has state
// and as it is otherwise. It raises what load raises.
func (r *Reloader) Load(L *lua.LState, name string, load func() lua.LValue) lua.LValue {
	f := r.host.Sched().Current()
	old := r.stateful[name]
	if old == nil || r.running != nil && r.running.fiber == f {
		return r.plain(f, name, load)
	}
	if err := r.wait(f); err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	if inTransaction(f) {
		vm.RaiseString(L, 1, "reload of %s: not allowed while a transaction of the database is open", name)
	}
	tx := &transaction{r: r, fiber: f, name: name}
	r.running = tx
	if err := r.compileAll(L, f, []string{name}); err != nil {
		r.end(tx)
		r.restoreLoaded(name, old)
		r.rolledBack(name, err)
		vm.RaiseString(L, 1, "error loading module '%s': %s", name, err.Error())
	}
	return r.transact(L, tx, old, load)
}

// inTransaction tells whether the fiber has an open database transaction, which a wait would abort.
func inTransaction(f *sched.Fiber) bool {
	c, ok := f.Txn.(interface{ InTxn() bool })
	return ok && c.InTxn()
}

// plain loads without a transaction, noting what is loaded within what.
func (r *Reloader) plain(f *sched.Fiber, name string, load func() lua.LValue) lua.LValue {
	r.loads[f] = append(r.loads[f], name)
	defer func() {
		if rest := r.loads[f][:len(r.loads[f])-1]; len(rest) > 0 {
			r.loads[f] = rest
		} else {
			delete(r.loads, f)
		}
	}()
	before := loadedNames(r.loader.Loaded())
	value := load()
	if rec := r.stateful[name]; rec != nil {
		if r.running == nil {
			rec.value = value
		}
		rec.parts = mergeParts(rec.parts, name, before, loadedNames(r.loader.Loaded()))
	}
	return value
}

func loadedNames(loaded *lua.LTable) map[string]bool {
	names := make(map[string]bool)
	loaded.ForEach(func(k, _ lua.LValue) {
		if name, ok := k.(lua.LString); ok {
			names[string(name)] = true
		}
	})
	return names
}

// mergeParts adds to the parts of a module what has come into package.loaded since.
func mergeParts(parts []string, name string, before, after map[string]bool) []string {
	known := make(map[string]bool, len(parts))
	for _, p := range parts {
		known[p] = true
	}
	var fresh []string
	for n := range after {
		if !before[n] && n != name && !known[n] {
			fresh = append(fresh, n)
		}
	}
	sort.Strings(fresh)
	return append(parts, fresh...)
}

// wait lets a reload that runs on another fiber end: two never mix.
func (r *Reloader) wait(f *sched.Fiber) error {
	for r.running != nil {
		r.idle.Wait(f, sched.Forever)
		if err := f.CheckCancelled(); err != nil {
			return err
		}
	}
	return nil
}

// chunk is a module that is compiled ahead.
type chunk struct {
	name, file string
	source     []byte
	fn         *lua.LFunction
	err        error
}

// compileAll compiles modules and their own parts while other fibers run, so that a syntax error anywhere is found
// before anything has changed. Each file is read once: what was compiled is what will run.
func (r *Reloader) compileAll(L *lua.LState, f *sched.Fiber, names []string) error {
	var chunks []*chunk
	for _, name := range names {
		more, err := r.chunksOf(L, name)
		if err != nil {
			return err
		}
		chunks = append(chunks, more...)
	}
	machine := r.host.VM()
	f.Await(func(done func()) {
		go func() {
			defer done()
			for _, c := range chunks {
				c.fn, c.err = machine.Load(c.source, c.file)
			}
		}()
	})
	r.compiled = make(map[string]*lua.LFunction)
	for _, c := range chunks {
		if c.err != nil {
			return c.err
		}
		r.compiled[c.name] = c.fn
	}
	return nil
}

// chunksOf finds the sources of a module and of its own parts.
func (r *Reloader) chunksOf(L *lua.LState, name string) ([]*chunk, error) {
	parts := []string{name}
	if rec := r.stateful[name]; rec != nil {
		for _, p := range rec.parts {
			if strings.HasPrefix(p, name+".") {
				parts = append(parts, p)
			}
		}
	}
	var chunks []*chunk
	for _, part := range parts {
		source, file, err := r.loader.Source(L, part)
		switch {
		case errors.Is(err, ErrNoSource) || err != nil && part != name:
			continue // nothing to compile, or a part that the new version may do without
		case err != nil:
			return nil, err
		}
		chunks = append(chunks, &chunk{name: part, file: file, source: source})
	}
	return chunks, nil
}

// restoreLoaded lets require find the old version again.
func (r *Reloader) restoreLoaded(name string, old *record) {
	if old.value != nil {
		r.loader.Loaded().RawSetString(name, old.value)
	}
}

func (r *Reloader) rolledBack(name string, err error) {
	r.host.Log().Sayf(errorLevel, "reload of %s rolled back: %s", name, err.Error())
}

// errLimit is raised in bodies that do not end.
func errLimit(name string, limit time.Duration) error {
	return fmt.Errorf("loading of module '%s' did not end within %v", name, limit)
}

var errFiberDied = errors.New("a fiber of the new version died at its first step")
