package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

func parseSequence(t *tuple.Tuple, code boxerr.Code) (*Sequence, error) {
	f := fieldsOf(t)
	q := &Sequence{ID: f.id(), Owner: f.id(), Name: f.string(), Step: f.int(), Min: f.int(),
		Max: f.int(), Start: f.int(), Cache: f.int(), Cycle: f.bool()}
	fail := func(why string) (*Sequence, error) { return nil, boxerr.New(code, q.Name, why) }
	if len(q.Name) > maxName {
		return fail("sequence name is too long")
	}
	if err := checkName(q.Name); err != nil {
		return nil, err
	}
	switch {
	case q.Step == 0:
		return fail("step option must be non-zero")
	case q.Min > q.Max:
		return fail("max must be greater than or equal to min")
	case q.Start < q.Min || q.Start > q.Max:
		return fail("start must be between min and max")
	}
	return q, nil
}

// onSequence follows a change of _sequence.
func (db *DB) onSequence(c *Context, st *stmt) error {
	if st.next == nil {
		return db.dropSequence(c, st)
	}
	id := fieldsOf(st.next).id()
	old := db.sequences[id]
	code := boxerr.AlterSequence
	if old == nil {
		code = boxerr.CreateSequence
	}
	q, err := parseSequence(st.next, code)
	if err != nil {
		return err
	}
	if old == nil {
		if err := db.checkDDL(c, PrivCreate, KindSequence, q.Name, q.Owner); err != nil {
			return err
		}
		db.sequences[id] = q
		st.onUndo(func() { delete(db.sequences, id) })
		return nil
	}
	if err := db.checkDDL(c, PrivAlter, KindSequence, old.Name, old.Owner); err != nil {
		return err
	}
	was := *old
	q.value, q.started, q.generated = old.value, old.started, old.generated
	*old = *q
	st.onUndo(func() {
		value, started := old.value, old.started
		*old = was
		old.value, old.started = value, started
	})
	return nil
}

func (db *DB) dropSequence(c *Context, st *stmt) error {
	id := fieldsOf(st.old).id()
	q := db.sequences[id]
	if q == nil {
		return nil
	}
	if err := db.checkDDL(c, PrivDrop, KindSequence, q.Name, q.Owner); err != nil {
		return err
	}
	fail := func(why string) error { return boxerr.New(boxerr.DropSequence, q.Name, why) }
	switch {
	case db.hasRow(sequenceDataID, id):
		return fail("the sequence has data")
	case db.hasGrants(KindSequence, id):
		return fail("the sequence has grants")
	}
	for _, s := range db.spaces {
		if s.sequence != nil && s.sequence.seq == q {
			return fail("the sequence is in use")
		}
	}
	delete(db.sequences, id)
	st.onUndo(func() { db.sequences[id] = q })
	return nil
}

// onSequenceData follows a change of _sequence_data. Like Tarantool, it is not
// undone: a value that was given is gone.
func (db *DB) onSequenceData(_ *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	f := fieldsOf(row)
	id := f.id()
	q := db.sequences[id]
	if q == nil {
		return boxerr.New(boxerr.NoSuchSequence, id)
	}
	q.started = st.next != nil
	if st.next != nil {
		q.value = f.int()
	}
	return nil
}

// onSpaceSequence follows a change of _space_sequence.
func (db *DB) onSpaceSequence(c *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	f := fieldsOf(row)
	id, seq := f.id(), f.id()
	generated := f.bool()
	s := db.spaces[id]
	if s == nil {
		return errNoSuchSpaceID(id)
	}
	q := db.sequences[seq]
	if q == nil {
		return boxerr.New(boxerr.NoSuchSequence, seq)
	}
	b := &boundSequence{seq: q}
	if f.left > 0 {
		b.field, b.path = f.id(), f.string()
	} else if pk := s.primary(); pk != nil {
		b.field, b.path = pk.def.Parts[0].Field, pk.def.Parts[0].Path
	}
	if err := db.checkSpaceSequence(c, st, s, q, generated); err != nil {
		return err
	}
	was, wasGenerated := s.sequence, q.generated
	if st.next == nil {
		s.sequence = nil
		q.generated = false
	} else {
		pk := s.primary()
		if pk == nil {
			return errNoSuchIndex(0, s)
		}
		if err := pk.def.checkSequence(b.field, b.path, s.def.Name); err != nil {
			return err
		}
		s.sequence, q.generated = b, generated
	}
	st.onUndo(func() { s.sequence, q.generated = was, wasGenerated })
	return nil
}

func (db *DB) checkSpaceSequence(c *Context, st *stmt, s *Space, q *Sequence, generated bool) error {
	if db.recovering {
		return nil
	}
	want := PrivCreate
	if st.next == nil {
		want = PrivDrop
	}
	if err := s.checkAccess(c, PrivRead); err != nil {
		return err
	}
	if err := s.checkAccess(c, PrivWrite); err != nil {
		return err
	}
	if generated {
		return nil
	}
	if err := db.checkDDL(c, want, KindSpace, s.def.Name, s.def.Owner); err != nil {
		return err
	}
	return db.checkObject(c, PrivRead|PrivWrite, KindSequence, q.ID, q.Owner, q.Name)
}
