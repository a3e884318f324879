package db

// Triggers is a list of functions in the order in which they run: the one
// that was added last runs first. The zero value is empty.
type Triggers[F any] struct {
	list []*Trigger[F]
}

// Trigger is one function in a list; its address is its identity.
type Trigger[F any] struct {
	Run F
	// Tag is for whoever added the trigger, such as the Lua function it calls.
	Tag any
}

// Add puts run in front of the others.
func (t *Triggers[F]) Add(run F, tag any) *Trigger[F] {
	tr := &Trigger[F]{Run: run, Tag: tag}
	t.list = append([]*Trigger[F]{tr}, t.list...)
	return tr
}

// Remove takes a trigger off the list and reports whether it was there. A
// round of calls that is under way still runs it.
func (t *Triggers[F]) Remove(tr *Trigger[F]) bool {
	for i, have := range t.list {
		if have == tr {
			t.list = append(append([]*Trigger[F]{}, t.list[:i]...), t.list[i+1:]...)
			return true
		}
	}
	return false
}

// Clear empties the list.
func (t *Triggers[F]) Clear() { t.list = nil }

// All returns the triggers in running order; the slice is never modified.
func (t *Triggers[F]) All() []*Trigger[F] { return t.list }

// Empty reports whether there is nothing to run.
func (t *Triggers[F]) Empty() bool { return len(t.list) == 0 }

// Capture remembers the list and what its triggers run, and returns the function that puts both back.
func (t *Triggers[F]) Capture() (restore func()) {
	list := t.list
	were := make([]Trigger[F], len(list))
	for i, tr := range list {
		were[i] = *tr
	}
	return func() {
		for i, tr := range list {
			*tr = were[i]
		}
		t.list = list
	}
}
