package vm

import lua "github.com/yuin/gopher-lua"

// Journal remembers what tables held before somebody wrote to them, so that the writes can be undone: those of the code
// for which Active returns true, and no others. It costs what is written, not what there is.
type Journal struct {
	// Active tells whether the code that runs now is the one whose writes are to be remembered.
	Active func() bool

	changes []change
	full    int // compact when there are so many changes
}

// change is what one key of a table held; a nil key stands for the metatable.
type change struct {
	table *lua.LTable
	key   lua.LValue
	was   lua.LValue
}

// compactJournal is from how many changes on those that say nothing new are taken out.
const compactJournal = 1 << 15

// SetJournal makes the journal the one that writes are entered in; nil ends that.
func (vm *VM) SetJournal(j *Journal) { vm.journal = j }

// Journaling tells whether the writes of the code that runs now are entered in a journal.
func (vm *VM) Journaling() bool { return vm.journal != nil && vm.journal.Active() }

// Note enters in the journal, if there is one that wants it, what a key of a table holds. Go code calls it before it
// writes to a table that a script may know.
func (vm *VM) Note(t *lua.LTable, key lua.LValue) {
	if j := vm.journal; j != nil && j.Active() {
		j.Add(t, key, RawGet(t, key))
	}
}

// NoteWas is Note after the write: what the key held is told. A nil key stands for the metatable.
func (vm *VM) NoteWas(t *lua.LTable, key, was lua.LValue) {
	if j := vm.journal; j != nil && j.Active() {
		j.Add(t, key, was)
	}
}

// noteItems is Note for the items from one index to another.
func (vm *VM) noteItems(t *lua.LTable, from, to int) {
	if j := vm.journal; j != nil && j.Active() {
		for i := from; i <= to; i++ {
			j.Add(t, lua.LNumber(i), RawGet(t, lua.LNumber(i)))
		}
	}
}

// noteAll is Note for everything that a table holds.
func (vm *VM) noteAll(t *lua.LTable) {
	if j := vm.journal; j != nil && j.Active() {
		t.ForEach(func(k, v lua.LValue) { j.Add(t, k, v) })
	}
}

// noteMetatable is Note for the metatable of a table.
func (vm *VM) noteMetatable(t *lua.LTable) {
	if j := vm.journal; j != nil && j.Active() {
		j.Add(t, nil, t.Metatable)
	}
}

// Add enters what a key of a table held before it was written to; a nil key stands for the metatable. Earlier entries of the same key count for more.
func (j *Journal) Add(t *lua.LTable, key, was lua.LValue) {
	if j.full == 0 {
		j.full = compactJournal
	}
	if len(j.changes) >= j.full {
		j.compact()
	}
	j.changes = append(j.changes, change{t, key, was})
}

// compact keeps the first entry of each key.
func (j *Journal) compact() {
	type place struct {
		table *lua.LTable
		key   lua.LValue
	}
	seen := make(map[place]bool)
	kept := j.changes[:0]
	for _, c := range j.changes {
		at := place{c.table, c.key}
		if !seen[at] {
			seen[at] = true
			kept = append(kept, c)
		}
	}
	clear(j.changes[len(kept):])
	j.changes = kept
	j.full = max(compactJournal, 2*len(kept))
}

// Len is how many entries there are.
func (j *Journal) Len() int { return len(j.changes) }

// Undo gives every key that was entered the value that it had first, and empties the journal.
func (j *Journal) Undo() {
	for i := len(j.changes) - 1; i >= 0; i-- {
		c := j.changes[i]
		if c.key == nil {
			c.table.Metatable = c.was
		} else {
			RawSet(c.table, c.key, c.was)
		}
	}
	j.changes = nil
}
