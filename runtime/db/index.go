package db

import (
	"errors"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// Index is one order, or hash, of a space's tuples. An alter replaces the
// value: look it up in the space for each operation.
type Index struct {
	space *Space
	def   IndexDef
	// kd is the key that searches give; cmp is the order of the tuples, kd
	// with the primary key's parts behind it unless kd is unique by itself.
	kd, cmp *tuple.KeyDef
	// primaryKD breaks the ties of a functional index.
	primaryKD *tuple.KeyDef
	store     store
	fn        *Function
}

// store keeps the tuples of one index.
type store interface {
	// replace takes old out and puts next in; either may be nil. It returns
	// the tuple that next pushed out, which is old, or a duplicate that mode
	// allows, or nil. On error nothing has changed.
	replace(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error)
	// get finds a tuple by a whole key of a unique index.
	get(k Key) *tuple.Tuple
	// cursor begins an iteration.
	cursor(typ IteratorType, k Key) cursor
	// view returns an iteration over what is there now, which stays valid,
	// without the baton, whatever happens to the store.
	view() func(visit func(*tuple.Tuple) bool)
	len() int
	// at returns the i-th tuple in order.
	at(i int) *tuple.Tuple
	// bytes is the memory that the store itself takes.
	bytes() int64
	// sorted reports whether the tuples have an order.
	sorted() bool
	// check verifies the store's own order.
	check() error
	// entries is how many entries the tuple must have.
	entries(t *tuple.Tuple) (int, error)
}

// cursor gives one tuple after the other and survives changes to its store.
type cursor interface {
	next() *tuple.Tuple
}

// replaceMode says which duplicates a replace may push out.
type replaceMode uint8

const (
	// insertNew allows none but the old tuple.
	insertNew replaceMode = iota
	// replaceOld demands the old tuple.
	replaceOld
	// replaceOrInsert allows one.
	replaceOrInsert
)

// Space returns the space that the index belongs to.
func (x *Index) Space() *Space { return x.space }

// ID returns the index's number; 0 is the primary.
func (x *Index) ID() uint32 { return x.def.ID }

// Name returns the index's name.
func (x *Index) Name() string { return x.def.Name }

// Def returns the definition; it is not to be modified.
func (x *Index) Def() *IndexDef { return &x.def }

// KeyDef returns the key definition that searches use.
func (x *Index) KeyDef() *tuple.KeyDef { return x.kd }

// extract returns the tuple's key as a msgpack array.
func (x *Index) extract(t *tuple.Tuple) []byte { return x.kd.ExtractKey(t) }

// find returns the tuple that has t's key.
func (x *Index) find(t *tuple.Tuple) *tuple.Tuple {
	data := x.kd.ExtractKey(t)
	n, size := mp.ArrayHeader(data)
	return x.store.get(Key{parts: data[size:], n: n})
}

// exactKey takes apart a key that must have all parts.
func (x *Index) exactKey(data []byte) (Key, error) {
	k, err := parseKey(data)
	if err != nil {
		return k, err
	}
	if k.n != x.kd.PartCount() {
		return k, boxerr.New(boxerr.ExactMatch, x.kd.PartCount(), k.n)
	}
	if err := x.kd.ValidateKey(k.parts, k.n, true); err != nil {
		return k, err
	}
	return k, x.noNil(k)
}

// noNil refuses nil in an exact key: it could stand for many tuples.
func (x *Index) noNil(k Key) error {
	if !x.kd.IsNullable() {
		return nil
	}
	parts := x.kd.Parts()
	key := k.parts
	for i := range k.n {
		if mp.IsNil(key) {
			return boxerr.New(boxerr.KeyPartType, i, parts[i].Type)
		}
		key = key[mp.Skip(key):]
	}
	return nil
}

// searchKey takes apart a key that may have fewer parts, down to none.
func (x *Index) searchKey(data []byte, typ IteratorType) (Key, error) {
	k, err := parseKey(data)
	if err != nil {
		return k, err
	}
	if k.n > x.kd.PartCount() {
		return k, boxerr.New(boxerr.KeyPartCount, x.kd.PartCount(), k.n)
	}
	everything := k.n == 0 && (typ == ALL || typ == GT)
	if x.def.Type == Hash && k.n < x.kd.PartCount() && !everything {
		return k, boxerr.New(boxerr.PartialKey, "HASH", x.kd.PartCount(), k.n)
	}
	return k, x.kd.ValidateKey(k.parts, k.n, false)
}

// errDuplicate is a store's answer to a second tuple with a unique key.
var errDuplicate = errors.New("duplicate key")

// replace is the store's, with the error that names the index.
func (x *Index) replace(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	pushed, err := x.store.replace(old, next, mode)
	if err == errDuplicate {
		err = boxerr.New(boxerr.TupleFound, x.def.Name, x.space.def.Name)
	}
	return pushed, err
}

// Len returns the number of entries.
func (x *Index) Len() int { return x.store.len() }

// BSize returns the memory that the index takes beside the tuples, in bytes.
func (x *Index) BSize() int64 {
	if x.space.engine == service {
		return 0
	}
	return x.store.bytes()
}
