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
)

// Report tells what a reload did, or in a dry run would do.
type Report struct {
	Modules []ModuleReport
	DryRun  bool
	// Pause is how long the bodies and migrations ran; 0 in a dry run.
	Pause time.Duration
	// Lingering are the names of fibers of the old version that had not ended when HandOver was over.
	Lingering []string
	// Refused are the reasons for which the reload would be rolled back, as far as a dry run can tell.
	Refused []string
}

// ModuleReport is the part of one module.
type ModuleReport struct {
	Name string
	// Stateful says that the module has internals under its own name.
	Stateful bool
	// Before and After are the versions of these internals; in a dry run After is the one that the new code needs.
	Before, After int
	// Steps are the migrations that ran, with their times; in a dry run those that would.
	Steps []evolution.Step
	// Files is how many sources belong to the module: its own, its parts', and those beside it that it may load anew.
	Files int
	// Changed are the modules among them whose sources are not those that run.
	Changed []string
	// Reapplied is what the running version says that a reload applies anew: its function on_reload_plan tells.
	Reapplied []string
}

// outline is the part of the report that is known before the new code runs.
func (r *Reloader) outline(L *lua.LState, tx *transaction) *Report {
	report := &Report{}
	store := internals.Of(r.host)
	for _, name := range tx.roots {
		m := ModuleReport{Name: name, Reapplied: r.reapplied(L, name)}
		if t := store.Get(name); t != nil {
			m.Stateful = true
			m.Before = evolution.Over(t).Version()
			m.After = m.Before
		}
		for member := range r.family(name) {
			c := tx.compiled[member]
			if c == nil {
				continue
			}
			m.Files++
			if c.sum != r.record(member).source {
				m.Changed = append(m.Changed, member)
			}
		}
		sort.Strings(m.Changed)
		report.Modules = append(report.Modules, m)
	}
	return report
}

// dropUnchanged leaves the modules out that would run the sources that run already.
func (r *Report) dropUnchanged(tx *transaction) {
	kept := r.Modules[:0]
	tx.roots = nil
	for _, m := range r.Modules {
		if len(m.Changed) > 0 {
			kept = append(kept, m)
			tx.roots = append(tx.roots, m.Name)
		}
	}
	r.Modules = kept
}

// reapplied asks the running version of a module what a reload of it applies anew.
func (r *Reloader) reapplied(L *lua.LState, name string) []string {
	fn := r.hook(name, "on_reload_plan")
	if fn == nil {
		return nil
	}
	values, err := r.host.VM().Call(L, fn, 1)
	if err != nil {
		r.host.Log().Sayf(say.Error, "%s: on_reload_plan: %s", name, err.Error())
		return nil
	}
	list, ok := values[0].(*lua.LTable)
	if !ok {
		return nil
	}
	var lines []string
	for i := 1; i <= list.Len(); i++ {
		lines = append(lines, list.RawGetInt(i).String())
	}
	return lines
}

// rehearse finds out what a reload would do, without a wait and taking all of it back. It ends the transaction.
//
// The bodies do not run: they do more than the host can take back. What runs is the part of a module that states the
// version which it needs (name.reload_evolution, whose table has the field version), and the host's migrations.
func (r *Reloader) rehearse(L *lua.LState, tx *transaction, report *Report) {
	report.DryRun = true
	for _, name := range tx.sorted() {
		c := tx.compiled[name]
		if c.own && c.err != nil {
			report.Refused = append(report.Refused, c.err.Error())
		}
	}
	for _, name := range tx.roots {
		if tx.compiled[name] == nil && !r.isMade(L, name) {
			report.Refused = append(report.Refused, fmt.Sprintf("module '%s' not found", name))
		}
	}
	tx.begin()
	for i := range report.Modules {
		if err := r.rehearseUpgrade(L, tx, &report.Modules[i]); err != nil {
			report.Refused = append(report.Refused, err.Error())
		}
	}
	tx.undo()
	tx.endBrood()
	tx.leave()
}

// isMade tells whether a module comes from no source: require finds it all the same.
func (r *Reloader) isMade(L *lua.LState, name string) bool {
	_, err := r.loader.Finder(L).Find(name)
	return err == ErrNoSource
}

func (tx *transaction) sorted() []string {
	var names []string
	for name := range tx.compiled {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (r *Reloader) rehearseUpgrade(L *lua.LState, tx *transaction, m *ModuleReport) error {
	if !m.Stateful {
		return nil
	}
	store := internals.Of(r.host)
	list := store.List(m.Name)
	needed, stated, err := r.neededVersion(L, tx, m.Name)
	switch {
	case err != nil:
		return err
	case !stated && list == nil:
		return nil
	case !stated:
		needed = list.Version()
	}
	if list == nil {
		list = &evolution.List{Module: m.Name}
	}
	m.After = needed
	m.Steps, err = store.Upgrade(list, store.Get(m.Name), needed, func(evolution.Level, string) {})
	return err
}

// neededVersion runs the part of a module that states the version of the internals which its code needs.
func (r *Reloader) neededVersion(L *lua.LState, tx *transaction, module string) (version int, stated bool, err error) {
	c := tx.compiled[module+".reload_evolution"]
	if c == nil || c.err != nil {
		return 0, false, nil
	}
	var values []lua.LValue
	err = tx.within("loading of module '"+c.name+"'", func() error {
		values, err = r.host.VM().Call(L, c.fn, 1, lua.LString(c.name))
		return err
	})
	if err != nil {
		return 0, false, err
	}
	t, ok := values[0].(*lua.LTable)
	if !ok {
		return 0, false, nil
	}
	n, ok := t.RawGetString("version").(lua.LNumber)
	return int(n), ok, nil
}

// String is the report as people read it.
func (r *Report) String() string {
	var b strings.Builder
	for _, m := range r.Modules {
		b.WriteString(m.Name + "\n")
		fmt.Fprintf(&b, "  files        %d, %d changed", m.Files, len(m.Changed))
		if len(m.Changed) > 0 {
			b.WriteString(": " + strings.Join(m.Changed, ", "))
		}
		b.WriteString("\n")
		switch {
		case !m.Stateful:
			b.WriteString("  internals    none\n")
		case m.Before == m.After:
			fmt.Fprintf(&b, "  internals    version %d\n", m.Before)
		default:
			fmt.Fprintf(&b, "  internals    version %d -> %d\n", m.Before, m.After)
		}
		for _, s := range m.Steps {
			fmt.Fprintf(&b, "  migration    %s (%v)\n", s, s.Took.Round(time.Microsecond))
		}
		for _, line := range m.Reapplied {
			b.WriteString("  applied anew " + line + "\n")
		}
	}
	switch {
	case len(r.Modules) == 0:
		b.WriteString("no module has changed\n")
	case len(r.Refused) > 0:
		for _, reason := range r.Refused {
			b.WriteString("refused: " + reason + "\n")
		}
	case r.DryRun:
		b.WriteString("nothing was changed\n")
	default:
		fmt.Fprintf(&b, "pause %v\n", r.Pause.Round(time.Microsecond))
	}
	for _, name := range r.Lingering {
		b.WriteString("fiber of the old version still runs: " + name + "\n")
	}
	return b.String()
}
