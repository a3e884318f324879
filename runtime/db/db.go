package db

import (
	"fmt"
	"sort"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/collation"
)

// Options are what a database needs from its host. All but the zero value's
// defaults may be changed later through DB's methods.
type Options struct {
	// Journal gets every transaction; nil is wal_mode = none.
	Journal Journal
	// Waiter parks fibers; nil only with a Journal that always calls done
	// before Submit returns.
	Waiter Waiter
	// Procedures runs functions; nil refuses functional indexes.
	Procedures Procedures
	// Fault is told of broken invariants, which are bugs; nil ignores them.
	Fault func(text string)
}

// Procedures runs the functions that rows of _func describe.
type Procedures interface {
	// Check compiles a function with a body. It is called when the function
	// is created, and its error refuses that.
	Check(f *Function) error
	// Keys calls a function of a functional index with a tuple and returns
	// the msgpack of its results: one key, or an array of keys if the
	// function is multikey.
	Keys(f *Function, t *tuple.Tuple) ([]byte, error)
	// Forget drops what Check compiled.
	Forget(f *Function)
}

// DB is the database of one instance. See the package comment for who may
// call it.
type DB struct {
	journal    Journal
	waiter     Waiter
	procedures Procedures
	onFault    func(string)

	spaces        map[uint32]*Space
	spaceNames    map[string]*Space
	users         map[uint32]*User
	userNames     map[string]*User
	functions     map[uint32]*Function
	functionNames map[string]*Function
	sequences     map[uint32]*Sequence
	collations    map[uint32]*collation.Collation
	rights        map[uint32]*rights
	// rightsVersion grows whenever users or grants change.
	rightsVersion uint64

	clusterUUID string
	replicaID   uint32
	// OnCluster is told of each committed change of _cluster; either argument
	// may be nil.
	OnCluster func(old, next *Replica)
	// OnDenied is told of each request that lacks a right, unless it is nil.
	OnDenied func(access, kind, name string)

	schemaVersion uint64
	readOnly      bool
	lastTxn       int64
	// recovering is set while rows of a snapshot come in: they are known to
	// be good, and their order is not that of creation.
	recovering bool
	// inFlight are the transactions that wait for the journal, oldest first.
	inFlight []*Txn
	memory   memory
	// spareTxns are ended transactions to be used again.
	spareTxns []*Txn
}

// New makes a database that has only its system spaces, and those empty: what
// Bootstrap or recovery starts from.
func New(o Options) *DB {
	db := &DB{
		journal: o.Journal, waiter: o.Waiter, procedures: o.Procedures, onFault: o.Fault,
		spaces: map[uint32]*Space{}, spaceNames: map[string]*Space{},
		users: map[uint32]*User{}, userNames: map[string]*User{},
		functions: map[uint32]*Function{}, functionNames: map[string]*Function{},
		sequences: map[uint32]*Sequence{}, collations: map[uint32]*collation.Collation{},
		rights: map[uint32]*rights{},
	}
	db.SetMemory(0, 0)
	if db.journal == nil {
		db.journal = noJournal{}
	}
	if err := db.createSystemSpaces(); err != nil {
		db.fault("%v", err)
	}
	return db
}

// SetJournal changes where transactions go from now on. No transaction may be
// open: what it did so far may have left no rows.
func (db *DB) SetJournal(j Journal) {
	if j == nil {
		j = noJournal{}
	}
	db.journal = j
}

// SetReadOnly refuses, or allows again, changes that are replicated.
func (db *DB) SetReadOnly(on bool) { db.readOnly = on }

// ReadOnly reports whether changes are refused.
func (db *DB) ReadOnly() bool { return db.readOnly }

func (db *DB) writable() error {
	if db.readOnly {
		return boxerr.New(boxerr.Readonly)
	}
	return nil
}

// SchemaVersion grows with every change of a space, an index or a function
// that clients can see.
func (db *DB) SchemaVersion() uint64 { return db.schemaVersion }

// Space returns the space numbered id, or nil.
func (db *DB) Space(id uint32) *Space { return db.spaces[id] }

// SpaceByName returns the space called name, or nil.
func (db *DB) SpaceByName(name string) *Space { return db.spaceNames[name] }

// Spaces returns all spaces in the order of their numbers.
func (db *DB) Spaces() []*Space {
	all := make([]*Space, 0, len(db.spaces))
	for _, s := range db.spaces {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].def.ID < all[j].def.ID })
	return all
}

// fault reports what can only be a bug of this package.
func (db *DB) fault(format string, args ...any) {
	if db.onFault != nil {
		db.onFault(fmt.Sprintf(format, args...))
	}
}

// Sequences returns all sequences in the order of their numbers.
func (db *DB) Sequences() []*Sequence {
	all := make([]*Sequence, 0, len(db.sequences))
	for _, q := range db.sequences {
		all = append(all, q)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}
