package reload

import (
	"fmt"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/internals"
	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// LoadLimit is how long the bodies of a module, or a health function, may run in a reload before it is given up.
const LoadLimit = 10 * time.Second

// Reloader has the modules of one instance that take part. It is used with the baton held.
type Reloader struct {
	host   module.Host
	loader Loader
	// Limit is how long the bodies may run; LoadLimit unless a test changes it.
	Limit time.Duration

	records map[string]*record
	loads   map[*sched.Fiber][]string // what each fiber is loading, outermost first
	running *transaction
	hangup  *Request
	idle    *sched.Cond
}

// record is what is known of a module that require has loaded.
type record struct {
	value lua.LValue // what its last successful load returned
	// stateful says that it, or a module that was loaded within it, keeps state that outlives it.
	stateful bool
	// needs are the modules that it required while it was loaded, in that order.
	needs []string
	// source is the checksum of the text that runs; 0 when it does not come from a text.
	source uint64
	// fibers are those that its last load by Reload has started.
	fibers []*sched.Fiber
}

type reloaderKey struct{}

// New makes the Reloader of an instance.
func New(h module.Host, loader Loader) *Reloader {
	r := &Reloader{
		host: h, loader: loader, Limit: LoadLimit,
		records: make(map[string]*record), loads: make(map[*sched.Fiber][]string),
		idle: new(sched.Cond),
	}
	h.SetService(reloaderKey{}, r)
	internals.Of(h).OnOpen = r.opened
	internals.Of(h).Functions = map[string]lua.LGFunction{"reload": r.LuaReload, "reload_on_sighup": r.LuaOnHangup}
	return r
}

// Of returns the Reloader of an instance, nil before New.
func Of(h module.Host) *Reloader {
	r, _ := h.Service(reloaderKey{}).(*Reloader)
	return r
}

func (r *Reloader) record(name string) *record {
	rec := r.records[name]
	if rec == nil {
		rec = &record{}
		r.records[name] = rec
	}
	return rec
}

// stateful is the record of a module that has state, nil when it has none.
func (r *Reloader) stateful(name string) *record {
	if rec := r.records[name]; rec != nil && rec.stateful {
		return rec
	}
	return nil
}

// opened notes that the modules that the calling fiber is loading have internals.
func (r *Reloader) opened(string) {
	for _, name := range r.loads[r.host.Sched().Current()] {
		r.record(name).stateful = true
	}
}

// Required notes that a module was required. Package runtime tells it of modules that were loaded already.
func (r *Reloader) Required(name string) {
	if len(r.loads) == 0 {
		return
	}
	for _, outer := range r.loads[r.host.Sched().Current()] {
		if rec := r.record(outer); outer != name && !slices.Contains(rec.needs, name) {
			rec.needs = append(rec.needs, name)
		}
	}
}

// Elder is the old version of a module that somebody else is reloading: those who require the module meanwhile get it.
// It is nil when there is none.
func (r *Reloader) Elder(name string) lua.LValue {
	if r.running == nil || r.running.member(r.host.Sched().Current()) {
		return nil
	}
	old := r.running.loaded[lua.LString(name)]
	if old == nil || !lua.LVAsBool(old) {
		return nil
	}
	return old
}

// Load runs load, which loads the module of that name and returns its value, as a transaction when the module has state
// and as it is otherwise. It raises what load raises.
func (r *Reloader) Load(L *lua.LState, name string, load func() lua.LValue) lua.LValue {
	f := r.host.Sched().Current()
	r.Required(name)
	if r.running != nil {
		if r.running.member(f) {
			delete(r.running.pending, name)
			return r.plain(f, name, load)
		}
		if !slices.Contains(r.running.roots, name) || r.running.pending[name] {
			if old := r.Elder(name); old != nil {
				return old
			}
		}
	}
	old := r.stateful(name)
	if old == nil || old.value == nil {
		return r.plain(f, name, load)
	}
	tx := &transaction{r: r, fiber: f, roots: []string{name}}
	err := r.enter(tx)
	if loaded := r.loader.Loaded(); !lua.LVAsBool(loaded.RawGetString(name)) {
		// The old version is there for everybody else until the new one runs, and if this is refused.
		loaded.RawSetString(name, old.value)
	}
	if err != nil {
		r.rolledBack(name, err)
		vm.RaiseString(L, 1, "reload of %s: %s", name, err.Error())
	}
	if err := r.compileAhead(L, tx); err != nil {
		tx.leave()
		r.rolledBack(name, err)
		vm.RaiseString(L, 1, "error loading module '%s': %s", name, err.Error())
	}
	value, err := tx.loadOne(L, name, load)
	if err != nil {
		r.rolledBack(name, err)
		raise(L, 1, err)
	}
	return value
}

// raise throws an error: the value itself when a script threw it.
func raise(L *lua.LState, level int, err error) {
	if thrown := thrownValue(err); thrown != nil {
		vm.Raise(L, thrown)
	}
	vm.RaiseString(L, level, "%s", err.Error())
}

// enter makes tx the reload that runs, after the one that runs on another fiber: two never mix.
func (r *Reloader) enter(tx *transaction) error {
	if inTransaction(tx.fiber) {
		return errInTransaction
	}
	for r.running != nil {
		r.idle.Wait(tx.fiber, sched.Forever)
		if err := tx.fiber.CheckCancelled(); err != nil {
			return err
		}
	}
	r.running = tx
	return nil
}

// inTransaction tells whether the fiber has an open database transaction, which a wait would abort.
func inTransaction(f *sched.Fiber) bool {
	c, ok := f.Txn.(interface{ InTxn() bool })
	return ok && c.InTxn()
}

// plain loads without a transaction of its own, noting what is loaded within what and which modules have state.
func (r *Reloader) plain(f *sched.Fiber, name string, load func() lua.LValue) lua.LValue {
	r.loads[f] = append(r.loads[f], name)
	defer func() {
		if rest := r.loads[f][:len(r.loads[f])-1]; len(rest) > 0 {
			r.loads[f] = rest
		} else {
			delete(r.loads, f)
		}
	}()
	before := r.globalState()
	value := load()
	if r.running != nil && r.running.member(f) {
		r.running.values[name] = value
	} else {
		r.record(name).value = value
	}
	if after := r.globalState(); after[stateName(name)] || len(after) > len(before) {
		r.opened(name)
	}
	return value
}

// stateName is the global variable in which a module written for stock Tarantool keeps its state, as vshard's do.
func stateName(module string) string { return "__module_" + strings.ReplaceAll(module, ".", "_") }

// globalState lists the tables in which modules written for stock Tarantool keep their state: rawget(_G, '__…').
func (r *Reloader) globalState() map[string]bool {
	found := make(map[string]bool)
	r.host.VM().State().G.Global.ForEach(func(k, v lua.LValue) {
		name, isName := k.(lua.LString)
		if _, isTable := v.(*lua.LTable); isName && isTable && strings.HasPrefix(string(name), "__") && len(name) > 2 {
			found[string(name)] = true
		}
	})
	return found
}

func (r *Reloader) rolledBack(name string, err error) {
	r.host.Log().Sayf(say.Error, "reload of %s rolled back: %s", name, err.Error())
}

// tellRollback lets the old version, which serves on, mend what its fibers may have given up already: it calls the
// function on_reload_rollback of its table, if there is one.
func (r *Reloader) tellRollback(L *lua.LState, name string) {
	fn := r.hook(name, "on_reload_rollback")
	if fn == nil {
		return
	}
	if _, err := r.host.VM().Call(L, fn, 0); err != nil {
		r.host.Log().Sayf(say.Error, "%s: on_reload_rollback: %s", name, err.Error())
	}
}

// hook is a function of the table that a loaded module has returned, nil when it has none of that name.
func (r *Reloader) hook(name, function string) *lua.LFunction {
	t, ok := r.loader.Loaded().RawGetString(name).(*lua.LTable)
	if !ok {
		return nil
	}
	fn, _ := vm.RawGet(t, lua.LString(function)).(*lua.LFunction)
	return fn
}

var errInTransaction = fmt.Errorf("not allowed while a transaction of the database is open")
