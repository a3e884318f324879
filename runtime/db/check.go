package db

import (
	"errors"
	"fmt"

	"shardlua/runtime/tuple"
)

// Check verifies what must always hold: every index of every space holds
// exactly the tuples of the primary index, in order, each with the format's
// consent; the sizes are right; and the schema objects are what the rows of
// the system spaces say. It reads everything, and returns all that is wrong.
func (db *DB) Check() error {
	var wrong []error
	for _, s := range db.Spaces() {
		if s.engine != memtx || s.primary() == nil {
			continue
		}
		wrong = append(wrong, s.check()...)
	}
	for name, s := range db.spaceNames {
		if s.def.Name != name || db.spaces[s.def.ID] != s {
			wrong = append(wrong, fmt.Errorf("name '%s' leads to space '%s'", name, s.def.Name))
		}
	}
	if len(db.spaceNames) != len(db.spaces) {
		wrong = append(wrong, fmt.Errorf("%d spaces have %d names", len(db.spaces), len(db.spaceNames)))
	}
	return errors.Join(append(wrong, db.checkSchema()...)...)
}

func (s *Space) check() []error {
	var wrong []error
	report := func(x *Index, format string, args ...any) {
		where := fmt.Sprintf("index '%s' of space '%s': ", x.def.Name, s.def.Name)
		wrong = append(wrong, errors.New(where+fmt.Sprintf(format, args...)))
	}
	there := map[*tuple.Tuple]bool{}
	var bytes int64
	s.primary().store.view()(func(t *tuple.Tuple) bool {
		there[t] = true
		bytes += int64(t.BSize())
		return true
	})
	if bytes != s.bytes {
		wrong = append(wrong, fmt.Errorf("space '%s': %d bytes counted as %d", s.def.Name, bytes, s.bytes))
	}
	for _, x := range s.indexes {
		if err := x.store.check(); err != nil {
			report(x, "%v", err)
		}
		seen := map[*tuple.Tuple]int{}
		x.store.view()(func(t *tuple.Tuple) bool {
			seen[t]++
			if !there[t] {
				report(x, "tuple %x is not in the primary index", t.Data())
			}
			return true
		})
		for t := range there {
			n, err := x.store.entries(t)
			if err != nil {
				report(x, "tuple %x: %v", t.Data(), err)
			} else if n != seen[t] {
				report(x, "tuple %x has %d entries and should have %d", t.Data(), seen[t], n)
			}
		}
	}
	return wrong
}

// checkSchema compares the schema objects to the rows that describe them.
func (db *DB) checkSchema() []error {
	var wrong []error
	rows := func(id uint32) int { return db.spaces[id].Len() }
	if db.clusterUUID == "" {
		// Not bootstrapped: the system spaces have no rows yet.
		return nil
	}
	if rows(spaceID) != len(db.spaces) {
		wrong = append(wrong, fmt.Errorf("%d spaces, %d rows in _space", len(db.spaces), rows(spaceID)))
	}
	indexes := 0
	for _, s := range db.spaces {
		indexes += len(s.indexes)
	}
	grants := 0
	for _, u := range db.users {
		grants += len(u.grants)
	}
	for _, n := range []struct {
		what string
		have int
		rows int
	}{
		{"indexes", indexes, rows(indexID)},
		{"users", len(db.users), rows(userID)},
		{"functions", len(db.functions), rows(funcID)},
		{"sequences", len(db.sequences), rows(sequenceID)},
		{"collations", len(db.collations), rows(collationID)},
		{"grants", grants, rows(privID)},
	} {
		if n.have != n.rows {
			wrong = append(wrong, fmt.Errorf("%d %s, %d rows", n.have, n.what, n.rows))
		}
	}
	return wrong
}
