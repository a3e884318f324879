package db

import "shardlua/runtime/boxerr"

// Suspend sets the open transaction aside: its changes are taken out of the indexes, so that the fiber may wait, and
// are kept for Resume. It returns nil when no transaction is open. A transaction that changed the schema cannot be set
// aside and is aborted, as if the fiber had waited in its middle.
func (c *Context) Suspend() *Txn {
	t := c.txn
	if t == nil {
		return nil
	}
	c.txn = nil
	for _, st := range t.stmts {
		if len(st.undo) > 0 || len(st.done) > 0 {
			t.yielded = true
			t.undoTo(0)
			return t
		}
	}
	for i := len(t.stmts) - 1; i >= 0; i-- {
		t.stmts[i].rollback()
	}
	return t
}

// Resume makes the changes of a transaction that Suspend set aside again, and opens it in the context. When another
// transaction has changed one of the tuples since, or a space has gone, this one is rolled back and the error tells
// of the conflict.
func (c *Context) Resume(t *Txn) error {
	if c.txn != nil {
		return boxerr.New(boxerr.ActiveTransaction)
	}
	for i, st := range t.stmts {
		if err := st.redo(); err != nil {
			t.stmts = t.stmts[:i]
			t.c, c.txn = c, t
			t.rollback()
			return err
		}
	}
	t.c, c.txn = c, t
	return nil
}

// Discard ends a transaction that was set aside and is not to be resumed.
func (t *Txn) Discard() {
	changes := t.changes(&t.OnRollback)
	t.stmts, t.state = nil, txnRolledBack
	t.tellRollback(changes)
}

// redo makes the change of a statement that was rolled back, if what it found then is still there.
func (st *stmt) redo() error {
	s := st.space
	if st.old == nil && st.next == nil || s.engine != memtx {
		return nil
	}
	subject := st.next
	if subject == nil {
		subject = st.old
	}
	if s.dropped || s.primary() == nil || s.primary().find(subject) != st.old {
		return boxerr.New(boxerr.TransactionConflict)
	}
	if _, err := s.replaceAll(st.old, st.next, replaceOrInsert); err != nil {
		return err
	}
	return nil
}
