package internals

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
)

// Upgrade runs the migrations of a list that take a table of internals to a version, as List.UpgradeTo does. In a reload
// what they change can be taken back.
func (s *Store) Upgrade(list *evolution.List, table *lua.LTable, version int, log evolution.Log) ([]evolution.Step, error) {
	w := &witness{store: s, seen: &Capture{root: table, tables: make(map[*lua.LTable][]entry)}}
	steps, err := list.UpgradeTo(evolution.Watched(table, w), version, log)
	w.report()
	if s.OnUpgrade != nil && len(steps) > 0 {
		s.OnUpgrade(list.Module, steps)
	}
	return steps, err
}

// witness enters in the VM's journal what Go migrations do to internals, which the VM does not see: it remembers the
// tables that a migration got hold of, and compares them afterwards.
type witness struct {
	store *Store
	seen  *Capture
}

// Writes implements evolution.Watcher.
func (w *witness) Writes(t *lua.LTable, key lua.LValue) { w.store.host.VM().Note(t, key) }

// Exposes implements evolution.Watcher.
func (w *witness) Exposes(t *lua.LTable) {
	if w.store.host.VM().Journaling() && isPlain(t) {
		w.seen.visit(t)
	}
}

// report enters what has changed in the tables that were exposed.
func (w *witness) report() {
	vm := w.store.host.VM()
	for t, was := range w.seen.tables {
		now := make(map[lua.LValue]lua.LValue)
		for _, e := range contents(t) {
			now[e.key] = e.value
		}
		for _, e := range was {
			if now[e.key] != e.value {
				vm.NoteWas(t, e.key, e.value)
			}
			delete(now, e.key)
		}
		for k := range now {
			vm.NoteWas(t, k, lua.LNil)
		}
		if !isPlain(t) {
			vm.NoteWas(t, nil, lua.LNil)
		}
	}
}
