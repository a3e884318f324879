package db

import (
	"slices"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// maxNesting is how deep statements may nest through triggers
// (TXN_SUB_STMT_MAX).
const maxNesting = 3

// Change is one statement of a transaction, as on_commit and on_rollback see it.
type Change struct {
	Space     *Space
	Old, Next *tuple.Tuple
}

// TxnTrigger is called when a transaction ended, with its changes in order.
// What it returns is logged by the caller and changes nothing.
type TxnTrigger func(c *Context, changes []Change)

// Txn is a transaction. It belongs to one Context until it ends, and is not to
// be used after that.
type Txn struct {
	db    *DB
	c     *Context
	stmts []*stmt
	// open holds, for each statement under way, the number of statements
	// that were complete when it began.
	open       []int
	savepoints []*Savepoint
	autocommit bool
	// touched is set by the first statement, reads included: from then on the
	// fiber must not yield.
	touched bool
	// yielded is set when the fiber gave the baton away in mid-transaction.
	yielded bool
	state   txnState
	err     error
	wake    func()
	id      int64
	// answer and park are finish and the start of a wait as values, made once.
	answer func(error)
	park   func(wake func())

	OnCommit   Triggers[TxnTrigger]
	OnRollback Triggers[TxnTrigger]
	// These spare allocations in the usual transaction of one statement.
	first    stmt
	firstRow Row
	one      [1]*stmt
	oneRow   [1]*Row
	oneOpen  [1]int
}

// maxSpareTxns bounds how many ended transactions wait for their next use.
const maxSpareTxns = 1024

// newAutocommit makes the transaction of a single statement, of one that has
// ended if there is any. A savepoint of the former life does no harm: it is
// not on the list of the new one.
func (db *DB) newAutocommit(c *Context) *Txn {
	n := len(db.spareTxns)
	if n == 0 {
		t := &Txn{db: db, c: c, autocommit: true}
		t.stmts, t.open = t.one[:0], t.oneOpen[:0]
		return t
	}
	t := db.spareTxns[n-1]
	db.spareTxns[n-1] = nil
	db.spareTxns = db.spareTxns[:n-1]
	t.c = c
	return t
}

// recycle keeps an ended transaction of a single statement for the next one.
// Nobody else may know it any more: a journal that has it and has not answered
// does, and so does one that is still to answer for a transaction which fell
// with an earlier one.
func (t *Txn) recycle() {
	db := t.db
	if !t.autocommit || t.state == txnInFlight || len(db.spareTxns) == maxSpareTxns {
		return
	}
	for _, st := range t.stmts[:cap(t.stmts)] {
		if st != nil && st != &t.first {
			// A large one is left to the collector.
			return
		}
	}
	t.one[0], t.oneRow[0] = nil, nil
	t.stmts, t.open, t.savepoints = t.one[:0], t.oneOpen[:0], nil
	t.first, t.firstRow = stmt{}, Row{}
	t.touched, t.yielded, t.state, t.err, t.wake = false, false, txnOpen, nil, nil
	t.OnCommit.Clear()
	t.OnRollback.Clear()
	t.c = nil
	db.spareTxns = append(db.spareTxns, t)
}

type txnState uint8

const (
	txnOpen txnState = iota
	txnInFlight
	txnCommitted
	txnRolledBack
)

// stmt is one change to one space.
type stmt struct {
	space     *Space
	typ       RowType
	old, next *tuple.Tuple
	row       *Row
	// undo and done are what DDL has to do when the statement is rolled back,
	// last first, or committed.
	undo, done []func()
}

func (st *stmt) onUndo(f func()) { st.undo = append(st.undo, f) }
func (st *stmt) onDone(f func()) { st.done = append(st.done, f) }

// Savepoint is a point in a transaction to roll back to.
type Savepoint struct {
	txn   *Txn
	pos   int
	depth int
}

// Begin opens a transaction.
func (c *Context) Begin() error {
	if c.txn != nil {
		return boxerr.New(boxerr.ActiveTransaction)
	}
	c.txn = &Txn{db: c.db, c: c}
	return nil
}

// Commit ends the transaction and waits until the journal has it. When the
// journal cannot write, the transaction and all that were submitted after it
// are rolled back. Without an open transaction it does nothing.
func (c *Context) Commit() error {
	t := c.txn
	if t == nil {
		return nil
	}
	if len(t.open) > 0 {
		return boxerr.New(boxerr.CommitInSubStmt)
	}
	return t.commit()
}

// CommitThen is Commit for a fiber that has more to do than to wait: done is called once, with the baton, when the
// journal has the transaction or could not write it; that may be before CommitThen returns. When it returns an error,
// done is not called. A transaction with on_commit or on_rollback triggers is waited for, because those belong to the
// fiber.
func (c *Context) CommitThen(done func(error)) error {
	t := c.txn
	switch {
	case t == nil:
		done(nil)
		return nil
	case len(t.open) > 0:
		return boxerr.New(boxerr.CommitInSubStmt)
	case t.yielded || !t.OnCommit.Empty() || !t.OnRollback.Empty():
		if err := t.commit(); err != nil {
			return err
		}
		done(nil)
		return nil
	}
	rows := t.rows()
	t.c.txn = nil
	if len(rows) == 0 {
		t.settle()
		done(nil)
		return nil
	}
	t.submit(rows)
	switch t.state {
	case txnInFlight:
		t.wake = func() { done(t.err) }
	case txnRolledBack:
		return t.err
	default:
		done(nil)
	}
	return nil
}

// Rollback undoes the open transaction, if there is one.
func (c *Context) Rollback() error {
	t := c.txn
	if t == nil {
		return nil
	}
	if len(t.open) > 0 {
		return boxerr.New(boxerr.RollbackInSubStmt)
	}
	t.rollback()
	return nil
}

// InTxn reports whether a transaction is open.
func (c *Context) InTxn() bool { return c.txn != nil }

// Savepoint marks the place that the transaction has reached.
func (c *Context) Savepoint() (*Savepoint, error) {
	t := c.txn
	if t == nil {
		return nil, boxerr.New(boxerr.NoTransaction)
	}
	sp := &Savepoint{txn: t, pos: len(t.stmts), depth: len(t.open)}
	t.savepoints = append(t.savepoints, sp)
	return sp, nil
}

// RollbackTo undoes what the transaction did since the savepoint. Savepoints
// made later are void from then on.
func (c *Context) RollbackTo(sp *Savepoint) error {
	t := c.txn
	if t == nil {
		return boxerr.New(boxerr.NoTransaction)
	}
	if sp == nil || sp.txn != t || sp.depth != len(t.open) {
		return boxerr.New(boxerr.NoSuchSavepoint)
	}
	for i, have := range t.savepoints {
		if have == sp {
			t.savepoints = t.savepoints[:i+1]
			t.undoTo(sp.pos)
			return nil
		}
	}
	return boxerr.New(boxerr.NoSuchSavepoint)
}

// OnYield is called by the scheduler when the fiber of this context gives the
// baton away. A transaction that changed data is undone at once, and can only
// be rolled back from then on: no other fiber may see its changes.
func (c *Context) OnYield() {
	t := c.txn
	if t == nil || t.state != txnOpen || !t.touched || t.yielded {
		return
	}
	t.yielded = true
	t.undoTo(0)
}

// OnFiberEnd rolls back what a fiber left open.
func (c *Context) OnFiberEnd() {
	if t := c.txn; t != nil && t.state == txnOpen {
		t.open = nil
		t.rollback()
	}
}

// begin opens the transaction of a single statement unless one is open.
func (c *Context) begin() *Txn {
	if c.txn == nil {
		c.txn = c.db.newAutocommit(c)
	}
	return c.txn
}

// beginStmt opens a statement.
func (t *Txn) beginStmt() error {
	if len(t.open) > maxNesting {
		return boxerr.New(boxerr.SubStmtMax, maxNesting)
	}
	t.touched = true
	t.open = append(t.open, len(t.stmts))
	return nil
}

// newStmt makes the record of a change; push puts it into the transaction.
func (t *Txn) newStmt() *stmt {
	if t.autocommit && t.first.space == nil {
		return &t.first
	}
	return new(stmt)
}

func (t *Txn) newRow() *Row {
	if t.autocommit && t.firstRow.Type == 0 {
		return &t.firstRow
	}
	return new(Row)
}

func (t *Txn) push(st *stmt) { t.stmts = append(t.stmts, st) }

// endStmt closes the innermost statement, undoing it when err is not nil, and
// commits or rolls back a transaction that was opened for it alone.
func (t *Txn) endStmt(err error) error {
	began := t.open[len(t.open)-1]
	if err != nil {
		t.undoTo(began)
	}
	t.open = t.open[:len(t.open)-1]
	if !t.autocommit || len(t.open) > 0 {
		return err
	}
	if err != nil {
		t.rollback()
		t.recycle()
		return err
	}
	return t.commit()
}

// undoTo undoes all changes past the first pos.
func (t *Txn) undoTo(pos int) {
	for i := len(t.stmts) - 1; i >= pos; i-- {
		t.stmts[i].rollback()
		t.stmts[i] = nil
	}
	if pos < len(t.stmts) {
		t.stmts = t.stmts[:pos]
	}
}

func (st *stmt) rollback() {
	for i := len(st.undo) - 1; i >= 0; i-- {
		st.undo[i]()
	}
	st.space.restore(st.next, st.old)
}

func (t *Txn) rollback() {
	changes := t.changes(&t.OnRollback)
	t.undoTo(0)
	t.state = txnRolledBack
	t.c.txn = nil
	t.tellRollback(changes)
}

// changes lists the changes if list has any trigger to show them to.
func (t *Txn) changes(list *Triggers[TxnTrigger]) []Change {
	if list.Empty() {
		return nil
	}
	all := make([]Change, 0, len(t.stmts))
	for _, st := range t.stmts {
		all = append(all, Change{Space: st.space, Old: st.old, Next: st.next})
	}
	return all
}

// tellCommit runs the triggers of a commit, the one added first before the others.
func (t *Txn) tellCommit(changes []Change) {
	for _, tr := range slices.Backward(t.OnCommit.All()) {
		tr.Run(t.c, changes)
	}
}

// tellRollback runs the triggers of a rollback, the one added last before the
// others. They see the changes in the order in which these were undone.
func (t *Txn) tellRollback(changes []Change) {
	slices.Reverse(changes)
	for _, tr := range t.OnRollback.All() {
		tr.Run(t.c, changes)
	}
}

func (t *Txn) commit() error {
	if t.yielded {
		t.rollback()
		return boxerr.New(boxerr.TransactionYield)
	}
	rows := t.rows()
	changes := t.changes(&t.OnCommit)
	undone := t.changes(&t.OnRollback)
	// The fiber has no transaction while it waits: its triggers, and other
	// code that runs on it, open their own.
	t.c.txn = nil
	if len(rows) == 0 {
		// Nothing to write, and nothing that could fail: it does not wait.
		t.settle()
	} else {
		t.submit(rows)
		if t.state == txnInFlight {
			t.db.waiter.Park(t.park)
		}
	}
	if t.state == txnRolledBack {
		t.tellRollback(undone)
		return t.err
	}
	t.tellCommit(changes)
	t.recycle()
	return nil
}

// rows lists what the journal is to get.
func (t *Txn) rows() []*Row {
	rows := t.oneRow[:0]
	for _, st := range t.stmts {
		if st.row != nil {
			rows = append(rows, st.row)
		}
	}
	return rows
}

// submit gives the rows to the journal.
func (t *Txn) submit(rows []*Row) {
	t.state = txnInFlight
	t.db.inFlight = append(t.db.inFlight, t)
	if t.answer == nil {
		t.answer, t.park = t.finish, t.startWait
	}
	t.db.journal.Submit(rows, t.answer)
}

func (t *Txn) startWait(wake func()) {
	if t.state != txnInFlight {
		wake()
		return
	}
	t.wake = wake
}

// finish is the journal's answer. Failure takes with it everything submitted
// later, the last first, because that may rest on what is undone here.
func (t *Txn) finish(err error) {
	if t.state != txnInFlight {
		return
	}
	db := t.db
	if err == nil {
		db.forget(t)
		t.settle()
		t.wakeUp()
		return
	}
	from := 0
	for from < len(db.inFlight) && db.inFlight[from] != t {
		from++
	}
	failed := append([]*Txn{}, db.inFlight[from:]...)
	db.inFlight = db.inFlight[:from]
	for i := len(failed) - 1; i >= 0; i-- {
		f := failed[i]
		f.err = walError()
		f.undoTo(0)
		f.state = txnRolledBack
	}
	for _, f := range failed {
		f.wakeUp()
	}
}

func (t *Txn) settle() {
	t.state = txnCommitted
	for _, st := range t.stmts {
		for _, f := range st.done {
			f()
		}
	}
}

func (t *Txn) wakeUp() {
	if t.wake != nil {
		t.wake()
		t.wake = nil
	}
}

// forget takes t out of the queue of transactions that wait for the journal.
func (db *DB) forget(t *Txn) {
	if i := slices.Index(db.inFlight, t); i >= 0 {
		db.inFlight = slices.Delete(db.inFlight, i, i+1)
	}
}
