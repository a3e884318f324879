package db

import "shardlua/runtime/tuple"

// BeforeReplace is called before a statement changes a space. It sees the
// tuple that is about to go and the one about to come, either of which may be
// nil, and returns what is to come instead: next itself to go on, old to leave
// things as they are, nil to delete, or another tuple. typ is the request.
type BeforeReplace func(c *Context, s *Space, old, next *tuple.Tuple, typ RowType) (*tuple.Tuple, error)

// OnReplace is called after a statement changed a space, inside its transaction.
type OnReplace func(c *Context, s *Space, old, next *tuple.Tuple, typ RowType) error

// Space is a set of tuples with its indexes. The value of a given number stays
// the same through alters; Dropped tells when it is gone.
type Space struct {
	db     *DB
	def    SpaceDef
	format *tuple.Format
	// indexes are in the order of their numbers, the primary first.
	indexes  []*Index
	engine   engine
	sequence *boundSequence
	// bytes is the size of all tuples, as bsize reports it.
	bytes   int64
	dropped bool
	// muted stops the users' triggers.
	muted bool

	OnReplace     *Triggers[OnReplace]
	BeforeReplace *Triggers[BeforeReplace]
	// ddl is the system space's own handler, run behind the users' triggers.
	ddl func(c *Context, st *stmt) error
}

// engine is what differs between memtx, sysview, blackhole and service spaces.
type engine uint8

const (
	memtx engine = iota
	sysview
	blackhole
	service
)

// ID returns the space's number.
func (s *Space) ID() uint32 { return s.def.ID }

// Name returns the space's name.
func (s *Space) Name() string { return s.def.Name }

// Def returns the definition; it is not to be modified.
func (s *Space) Def() *SpaceDef { return &s.def }

// Format returns the format that the space's tuples have.
func (s *Space) Format() *tuple.Format { return s.format }

// Dropped reports whether the space exists no more.
func (s *Space) Dropped() bool { return s.dropped }

// Indexes returns the indexes in the order of their numbers; the slice is not
// to be modified and does not change.
func (s *Space) Indexes() []*Index { return s.indexes }

// Index returns the index numbered id, or nil.
func (s *Space) Index(id uint32) *Index {
	if int(id) < len(s.indexes) && s.indexes[id].def.ID == id {
		return s.indexes[id]
	}
	for _, x := range s.indexes {
		if x.def.ID == id {
			return x
		}
	}
	return nil
}

// IndexByName returns the index called name, or nil.
func (s *Space) IndexByName(name string) *Index {
	for _, x := range s.indexes {
		if x.def.Name == name {
			return x
		}
	}
	return nil
}

// IsSystem reports whether the space is one of the database's own.
func (s *Space) IsSystem() bool { return isSystemID(s.def.ID) }

func isSystemID(id uint32) bool { return id > 256 && id < 512 }

// primary returns the primary index, or nil in a space that has none yet.
func (s *Space) primary() *Index {
	if len(s.indexes) == 0 || s.indexes[0].def.ID != 0 {
		return nil
	}
	return s.indexes[0]
}

// BSize returns the size of all tuples in bytes.
func (s *Space) BSize() int64 {
	if s.engine != memtx {
		return 0
	}
	return s.bytes
}
