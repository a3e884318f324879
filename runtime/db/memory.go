package db

import (
	"math"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// memory bounds what tuples may take, in bytes. Go's heap knows no such bound: this is an account of the sizes that
// tuples have in Tarantool's arena.
type memory struct {
	limit, largest int64
	// used is at least what the tuples take; what is dropped as a whole is noticed when the limit is reached.
	used int64
}

// tupleHeader is what a tuple takes beside its data and the offsets of its indexed fields.
const tupleHeader = 14

// SetMemory sets how much all tuples, and a single one, may take: memtx_memory and memtx_max_tuple_size. Zero means that
// there is no limit.
func (db *DB) SetMemory(limit, largest int64) {
	if limit <= 0 {
		limit = math.MaxInt64
	}
	if largest <= 0 {
		largest = math.MaxInt64
	}
	db.memory.limit, db.memory.largest = limit, largest
}

// TupleMemory is what the tuples of all spaces take, in bytes.
func (db *DB) TupleMemory() int64 {
	used := int64(0)
	for _, s := range db.spaces {
		if s.primary() != nil && s.engine == memtx {
			used += s.bytes + tupleHeader*int64(s.primary().Len())
		}
	}
	db.memory.used = used
	return used
}

// extentSize is how much memory an index of Tarantool's takes at a time, in bytes.
const extentSize = 16 << 10

// extents is what an index would take in Tarantool: three extents at first, and one more whenever the entries that it
// has room for are used up. For trees it is what they take when their keys come in order.
func extents(entries, first, more int) int64 {
	if entries == 0 {
		return 0
	}
	return int64(3+(max(0, entries-first)+more-1)/more) * extentSize
}

// TupleSizes calls visit with what each tuple would take in Tarantool's arena, in bytes.
func (db *DB) TupleSizes(visit func(size int64)) {
	for _, s := range db.spaces {
		if s.primary() == nil || s.engine != memtx {
			continue
		}
		around := tupleHeader + int64(s.format.OffsetBytes())
		s.primary().store.view()(func(t *tuple.Tuple) bool {
			visit(around + int64(t.BSize()))
			return true
		})
	}
}

// allow refuses a tuple that is too large, or for which there is no memory.
func (s *Space) allow(next *tuple.Tuple) error {
	m := &s.db.memory
	size := tupleHeader + int64(s.format.OffsetBytes()) + int64(next.BSize())
	switch {
	case size > m.largest:
		return boxerr.New(boxerr.MemtxMaxTupleSize, size)
	case m.used+size > m.limit && s.db.TupleMemory()+size > m.limit:
		return boxerr.Newf(boxerr.ClassOutOfMemory, "Failed to allocate %d bytes in slab allocator for memtx_tuple", size)
	}
	return nil
}
