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
