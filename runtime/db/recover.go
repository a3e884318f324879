package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// Recover applies a row of a snapshot, or of a log that is read at start,
// without rights, user triggers or journal. Rows of one transaction that are
// not all there must not be given to it. Foreign bytes: the row is checked.
func (db *DB) Recover(r *Row) error {
	was, journal := db.recovering, db.journal
	db.recovering, db.journal = true, noJournal{}
	defer func() { db.recovering, db.journal = was, journal }()
	return db.Apply(db.NewContext(AdminID), r)
}

// Apply makes the change that a row from elsewhere records: in the context's
// transaction if one is open, else in one of its own. The row itself goes to
// the journal, with its replica and LSN.
func (db *DB) Apply(c *Context, r *Row) error {
	if r.Type == RowNop {
		return db.applyNop(c, r)
	}
	s := db.spaces[r.SpaceID]
	if s == nil {
		return errNoSuchSpaceID(r.SpaceID)
	}
	for _, b := range [][]byte{r.Tuple, r.Key, r.Ops} {
		if b != nil {
			if err := mp.Validate(b); err != nil {
				return boxerr.New(boxerr.InvalidMsgPack, "row")
			}
		}
	}
	req := request{typ: r.Type, index: r.IndexID, key: r.Key, data: r.Tuple, ops: r.Ops, base: r.IndexBase, applied: r}
	missing := uint32(0)
	switch r.Type {
	case RowInsert, RowReplace:
		if r.Tuple == nil {
			missing = bodyTuple
		}
	case RowUpsert:
		if r.Tuple == nil {
			missing = bodyTuple
		} else if r.Ops == nil {
			missing = bodyOps
		}
	case RowUpdate:
		if r.Key == nil {
			missing = bodyKey
		} else if r.Ops == nil {
			missing = bodyTuple
		}
	case RowDelete:
		if r.Key == nil {
			missing = bodyKey
		}
	default:
		return errUnknownRow(r.Type)
	}
	if missing != 0 {
		return boxerr.New(boxerr.MissingRequestField, map[uint32]string{
			bodyTuple: "tuple", bodyKey: "key", bodyOps: "operations"}[missing])
	}
	_, err := s.write(c, &req)
	return err
}

func (db *DB) applyNop(c *Context, r *Row) error {
	t := c.begin()
	if err := t.beginStmt(); err != nil {
		return err
	}
	t.push(&stmt{typ: RowNop, row: nopFor(r), space: db.spaces[schemaID]})
	return t.endStmt(nil)
}

// ReadView is the database at one moment. It may be read without the baton.
type ReadView struct {
	spaces []spaceView
}

type spaceView struct {
	id, group uint32
	each      func(func(*tuple.Tuple) bool)
}

// ReadView takes the database as it is now. Its cost does not depend on how
// much data there is in trees.
func (db *DB) ReadView() *ReadView {
	v := &ReadView{}
	for _, s := range db.Spaces() {
		if s.engine != memtx || s.def.Temporary || s.primary() == nil {
			continue
		}
		sv := spaceView{id: s.def.ID, each: s.primary().store.view()}
		if s.def.ID == sequenceDataID {
			sv.each = db.sequenceRows()
		}
		if s.def.Local {
			sv.group = GroupLocal
		}
		v.spaces = append(v.spaces, sv)
	}
	return v
}

// sequenceRows lists what _sequence_data would hold if every value that a
// sequence put into a tuple were written there.
func (db *DB) sequenceRows() func(func(*tuple.Tuple) bool) {
	var rows []*tuple.Tuple
	for _, q := range db.Sequences() {
		if !q.started {
			continue
		}
		t, err := tuple.New(nil, q.row())
		if err != nil {
			db.fault("row of sequence '%s': %v", q.Name, err)
			continue
		}
		rows = append(rows, t)
	}
	return func(visit func(*tuple.Tuple) bool) {
		for _, t := range rows {
			if !visit(t) {
				return
			}
		}
	}
}

// Rows calls visit for every row, in the order that a snapshot has them: by
// space, and by primary key. It stops at the first error and returns it. The
// row is reused from call to call.
func (v *ReadView) Rows(visit func(r *Row) error) error {
	for _, s := range v.spaces {
		var err error
		row := Row{Type: RowInsert, SpaceID: s.id, GroupID: s.group}
		s.each(func(t *tuple.Tuple) bool {
			row.Tuple = t.Data()
			err = visit(&row)
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
