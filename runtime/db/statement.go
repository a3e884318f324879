package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/update"
)

// request is one statement as it was asked for.
type request struct {
	typ   RowType
	index uint32
	key   []byte
	data  []byte
	ops   []byte
	base  uint32
	// applied is the row that recovery or replication applies, or nil.
	applied *Row
}

// Insert adds a tuple, whose key must be new in every unique index.
func (s *Space) Insert(c *Context, data []byte) (*tuple.Tuple, error) {
	return s.write(c, &request{typ: RowInsert, data: data})
}

// Replace adds a tuple in place of the one that has its primary key.
func (s *Space) Replace(c *Context, data []byte) (*tuple.Tuple, error) {
	return s.write(c, &request{typ: RowReplace, data: data})
}

// Update applies operations to the tuple with a unique key and returns the
// result, or nil when there is no such tuple. base is the number that the
// operations give to the first field.
func (s *Space) Update(c *Context, index uint32, key, ops []byte, base uint32) (*tuple.Tuple, error) {
	return s.write(c, &request{typ: RowUpdate, index: index, key: key, ops: ops, base: base})
}

// Upsert adds a tuple or, when its primary key exists, applies operations to
// the tuple that has it. Operations that do not fit that tuple are skipped.
func (s *Space) Upsert(c *Context, data, ops []byte, base uint32) error {
	_, err := s.write(c, &request{typ: RowUpsert, data: data, ops: ops, base: base})
	return err
}

// Delete removes the tuple with a unique key and returns it, or nil when there
// is no such tuple.
func (s *Space) Delete(c *Context, index uint32, key []byte) (*tuple.Tuple, error) {
	return s.write(c, &request{typ: RowDelete, index: index, key: key})
}

// write runs one statement: rights, transaction, change, triggers.
func (s *Space) write(c *Context, r *request) (*tuple.Tuple, error) {
	if s.dropped {
		return nil, errNoSuchSpaceID(s.def.ID)
	}
	if r.applied == nil {
		if !s.def.Temporary && !s.def.Local {
			if err := s.db.writable(); err != nil {
				return nil, err
			}
		}
		if err := s.checkAccess(c, PrivWrite); err != nil {
			return nil, err
		}
	}
	t := c.begin()
	if err := t.beginStmt(); err != nil {
		if t.autocommit && len(t.open) == 0 {
			t.rollback()
		}
		return nil, err
	}
	result, err := s.change(c, t, r)
	if err = t.endStmt(err); err != nil {
		return nil, err
	}
	return result, nil
}

// change finds out what the statement does, and does it.
func (s *Space) change(c *Context, t *Txn, r *request) (*tuple.Tuple, error) {
	switch s.engine {
	case sysview:
		return nil, boxerr.New(boxerr.ViewIsRO, s.def.Name)
	case blackhole:
		return s.swallow(t, r)
	case service:
		return s.changeSetting(c, r)
	}
	if s.primary() == nil {
		if r.data != nil {
			if _, err := tuple.New(s.format, r.data); err != nil {
				return nil, err
			}
		}
		return nil, errNoSuchIndex(0, s)
	}
	if s.sequence != nil && (r.typ == RowInsert || r.typ == RowReplace) {
		if err := s.generate(c, r); err != nil {
			return nil, err
		}
	}
	old, next, err := s.resolve(r)
	if err != nil {
		return nil, err
	}
	insertOnly := r.typ == RowInsert
	rewritten := false
	if !s.muted && !s.BeforeReplace.Empty() && !s.db.recovering && (old != nil || next != nil || r.typ != RowUpdate) {
		if old == nil && r.typ == RowInsert && next != nil {
			old = s.primary().find(next)
		}
		wanted := next
		if next, err = s.runBefore(c, old, next, r.typ); err != nil {
			return nil, err
		}
		// The triggers may have changed what is there now.
		rewritten = next != wanted
		if next == old {
			return nil, s.skip(t, r)
		}
	}
	if old == nil && next == nil {
		return nil, s.skip(t, r)
	}
	mode := replaceOrInsert
	if insertOnly && !rewritten {
		mode = insertNew
	}
	if r.typ == RowUpdate || r.typ == RowUpsert && old != nil {
		mode = replaceOld
	}
	if mode == insertNew {
		old = nil
	}
	if next != nil && next != old {
		if err := s.allow(next); err != nil {
			return nil, err
		}
	}
	old, err = s.replaceAll(old, next, mode)
	if err != nil {
		return nil, err
	}
	st := t.newStmt()
	st.space, st.typ, st.old, st.next = s, r.typ, old, next
	t.push(st)
	if !s.def.Temporary && s.db.journaled() {
		st.row = s.rowFor(t, r, old, next, rewritten)
	}
	if err := s.runAfter(c, st); err != nil {
		return nil, err
	}
	if next == nil {
		return old, nil
	}
	return next, nil
}

// resolve finds the tuple that the request is about and the one to come.
func (s *Space) resolve(r *request) (old, next *tuple.Tuple, err error) {
	pk := s.primary()
	switch r.typ {
	case RowInsert:
		next, err = tuple.New(s.format, r.data)
		return nil, next, err
	case RowReplace:
		if next, err = tuple.New(s.format, r.data); err != nil {
			return nil, nil, err
		}
		if !s.BeforeReplace.Empty() {
			old = pk.find(next)
		}
		return old, next, nil
	case RowDelete:
		if old, err = s.findOne(r.index, r.key); err != nil {
			return nil, nil, err
		}
		return old, nil, nil
	case RowUpdate:
		if old, err = s.findOne(r.index, r.key); err != nil || old == nil {
			return nil, nil, err
		}
		data, err := update.Update(old, r.ops, int(r.base))
		if err != nil {
			return nil, nil, err
		}
		if next, err = tuple.New(s.format, data); err != nil {
			return nil, nil, err
		}
		if err = s.sameKey(old, next); err != nil && pk.find(next) != nil {
			err = boxerr.New(boxerr.TupleFound, pk.def.Name, s.def.Name)
		}
		return old, next, err
	}
	return s.resolveUpsert(r)
}

func (s *Space) resolveUpsert(r *request) (old, next *tuple.Tuple, err error) {
	next, err = tuple.New(s.format, r.data)
	if err != nil {
		return nil, nil, err
	}
	old = s.primary().find(next)
	if old == nil {
		// The operations must be well formed even if nobody needs them.
		_, err = update.Upsert(next, r.ops, int(r.base))
		return nil, next, err
	}
	data, err := update.Upsert(old, r.ops, int(r.base))
	if err != nil {
		return nil, nil, err
	}
	if next, err = tuple.New(s.format, data); err != nil {
		return nil, nil, err
	}
	if s.sameKey(old, next) != nil {
		// An upsert that would change the key does nothing.
		return old, old, nil
	}
	return old, next, nil
}

// sameKey checks that an update left the primary key alone.
func (s *Space) sameKey(old, next *tuple.Tuple) error {
	pk := s.primary()
	if pk.kd.Compare(old, next) != 0 {
		return boxerr.New(boxerr.CantUpdatePrimaryKey, pk.def.Name, s.def.Name)
	}
	return nil
}

// findOne finds the tuple with a whole key of a unique index.
func (s *Space) findOne(index uint32, key []byte) (*tuple.Tuple, error) {
	x := s.Index(index)
	if x == nil {
		return nil, errNoSuchIndex(index, s)
	}
	if !x.def.Unique {
		return nil, boxerr.New(boxerr.MoreThanOneTuple)
	}
	k, err := x.exactKey(key)
	if err != nil {
		return nil, err
	}
	return x.store.get(k), nil
}

// rowFor makes the row that repeats the statement.
func (s *Space) rowFor(t *Txn, r *request, old, next *tuple.Tuple, rewritten bool) *Row {
	row := t.newRow()
	if r.applied != nil && !rewritten {
		*row = *r.applied
		return row
	}
	if a := r.applied; a != nil {
		// A trigger made something else of it, but the number is used up all the same.
		row.ReplicaID, row.LSN, row.TSN, row.Commit, row.Timestamp = a.ReplicaID, a.LSN, a.TSN, a.Commit, a.Timestamp
	}
	row.SpaceID = s.def.ID
	if s.def.Local {
		row.GroupID = GroupLocal
	}
	row.Type = r.typ
	switch {
	case next == nil:
		row.Type = RowDelete
		row.Key = s.primary().extract(old)
	case rewritten || r.typ == RowInsert || r.typ == RowReplace:
		if rewritten {
			row.Type = RowReplace
		}
		row.Tuple = next.Data()
	case r.typ == RowUpdate:
		row.Key, row.Ops, row.IndexBase = r.key, r.ops, r.base
		if r.index != 0 {
			row.Key = s.primary().extract(old)
		}
	case r.typ == RowUpsert:
		row.Tuple, row.Ops, row.IndexBase = r.data, r.ops, r.base
	}
	return row
}

// skip ends a statement that changes nothing. An applied row still goes to the
// journal as a NOP, so that its LSN is not lost.
func (s *Space) skip(t *Txn, r *request) error {
	if r.applied != nil && r.applied.LSN != 0 {
		t.push(&stmt{space: s, typ: RowNop, row: nopFor(r.applied)})
	}
	return nil
}

func nopFor(row *Row) *Row {
	return &Row{Type: RowNop, SpaceID: row.SpaceID, GroupID: row.GroupID,
		ReplicaID: row.ReplicaID, LSN: row.LSN, Timestamp: row.Timestamp}
}

// swallow is the blackhole engine: rows are journaled and kept nowhere.
func (s *Space) swallow(t *Txn, r *request) (*tuple.Tuple, error) {
	if r.typ != RowInsert && r.typ != RowReplace {
		return nil, unsupported("blackhole", requestName(r.typ)+"()")
	}
	next, err := tuple.New(s.format, r.data)
	if err != nil {
		return nil, err
	}
	t.push(&stmt{space: s, typ: r.typ, row: s.rowFor(t, r, nil, next, false)})
	return next, nil
}

func (s *Space) runBefore(c *Context, old, next *tuple.Tuple, typ RowType) (*tuple.Tuple, error) {
	for _, tr := range s.BeforeReplace.All() {
		got, err := tr.Run(c, s, old, next, typ)
		if err != nil {
			return nil, err
		}
		if got != next && got != nil && got != old {
			if got, err = tuple.New(s.format, got.Data()); err != nil {
				return nil, err
			}
			if old != nil {
				if err := s.sameKey(old, got); err != nil {
					return nil, err
				}
			}
		}
		next = got
	}
	return next, nil
}

func (s *Space) runAfter(c *Context, st *stmt) error {
	if !s.muted {
		for _, tr := range s.OnReplace.All() {
			if err := tr.Run(c, s, st.old, st.next, st.typ); err != nil {
				return err
			}
		}
	}
	if s.ddl != nil {
		return s.ddl(c, st)
	}
	return nil
}

func requestName(t RowType) string {
	switch t {
	case RowInsert:
		return "insert"
	case RowReplace:
		return "replace"
	case RowUpdate:
		return "update"
	case RowDelete:
		return "delete"
	case RowUpsert:
		return "upsert"
	}
	return "nop"
}

// sessionCall names the request as the errors of _session_settings do.
func sessionCall(t RowType) string {
	if t == RowInsert {
		t = RowReplace
	}
	return requestName(t) + "()"
}

// Truncate deletes all tuples of the space at once.
func (s *Space) Truncate(c *Context) error {
	if s.dropped {
		return errNoSuchSpaceID(s.def.ID)
	}
	if s.IsSystem() {
		return boxerr.New(boxerr.TruncateSystemSpace, s.def.Name)
	}
	if err := s.checkAccess(c, PrivWrite); err != nil {
		return err
	}
	row := mp.AppendUint(mp.AppendArrayHeader(nil, 2), uint64(s.def.ID))
	row = mp.AppendUint(row, 1)
	ops := mp.AppendArrayHeader(mp.AppendArrayHeader(nil, 1), 3)
	ops = mp.AppendUint(mp.AppendUint(mp.AppendString(ops, "+"), 1), 1)
	return c.asAdmin(func() error { return s.db.spaces[truncateID].Upsert(c, row, ops, 0) })
}
