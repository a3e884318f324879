package db

import "sort"

// Sequence returns what fills a field of the space's primary key: the
// sequence's number, the field from 0 and the path inside it.
func (s *Space) Sequence() (id, field uint32, path string, ok bool) {
	if s.sequence == nil {
		return 0, 0, "", false
	}
	return s.sequence.seq.ID, s.sequence.field, s.sequence.path, true
}

// IsView reports whether the space only shows rows of another one, as far as
// the user may see them.
func (s *Space) IsView() bool { return s.engine == sysview }

// MuteTriggers stops the space's on_replace and before_replace triggers from
// running, or lets them run again.
func (s *Space) MuteTriggers(on bool) { s.muted = on }

// ID numbers the transactions of a database; a transaction gets its number
// when somebody first asks for it.
func (t *Txn) ID() int64 {
	if t.id == 0 {
		t.db.lastTxn++
		t.id = t.db.lastTxn
	}
	return t.id
}

// Functions returns all functions in the order of their numbers.
func (db *DB) Functions() []*Function {
	all := make([]*Function, 0, len(db.functions))
	for _, f := range db.functions {
		all = append(all, f)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}
