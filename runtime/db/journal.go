package db

import "shardlua/runtime/boxerr"

// RowType is the IPROTO code of the request that a row records.
type RowType uint8

// The row types that change data, numbered as in IPROTO.
const (
	RowInsert  RowType = 2
	RowReplace RowType = 3
	RowUpdate  RowType = 4
	RowDelete  RowType = 5
	RowUpsert  RowType = 9
	RowNop     RowType = 12
)

// Groups of replication that a row may belong to.
const (
	GroupDefault uint32 = 0
	// GroupLocal marks rows of is_local spaces, which are never replicated.
	GroupLocal uint32 = 1
)

// Row is one change as the journal stores it. Keys, tuples and operations are
// msgpack; the slices are not to be modified.
type Row struct {
	Type      RowType
	SpaceID   uint32
	IndexID   uint32
	IndexBase uint32
	GroupID   uint32
	Tuple     []byte
	Key       []byte
	Ops       []byte
	// ReplicaID and LSN are zero in a row of our own: the journal numbers it.
	// A row applied from another master carries them on.
	ReplicaID uint32
	LSN       int64
	// TSN is the LSN of the first row of the row's transaction, for rows that
	// were read from a log; Commit marks the last of them.
	TSN       int64
	Commit    bool
	Timestamp float64
}

// Journal makes transactions durable.
type Journal interface {
	// Submit queues the rows of one transaction, to be written whole or not
	// at all, and in the order of submission. done is called once, holding
	// the baton, in that same order; it may be called before Submit returns.
	// After a failed write, every transaction that was already queued behind
	// it must fail as well. The rows belong to the database again, which uses
	// them for other transactions, once done was called.
	Submit(rows []*Row, done func(error))
}

// Waiter parks the fiber that holds the baton.
type Waiter interface {
	// Park calls start with the function that makes the fiber ready again,
	// then gives the baton away, and returns when the fiber has it back. A
	// wake that comes before Park gave the baton away is not lost.
	Park(start func(wake func()))
}

// noJournal is wal_mode = none: a commit is complete at once.
type noJournal struct{}

func (noJournal) Submit(_ []*Row, done func(error)) { done(nil) }

// journaled reports whether rows are of use to anybody.
func (db *DB) journaled() bool {
	_, none := db.journal.(noJournal)
	return !none
}

func walError() error { return boxerr.New(boxerr.WALIO) }
