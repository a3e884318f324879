package db

import "shardlua/runtime/tuple"

// SpaceDef is what a row of _space says.
type SpaceDef struct {
	ID         uint32
	Owner      uint32
	Name       string
	Engine     string
	FieldCount uint32
	// Temporary spaces keep their definition but not their rows.
	Temporary bool
	// Local is is_local: the rows are journaled but not replicated.
	Local bool
	// Sync is is_sync: commits wait for a quorum.
	Sync bool
	// Fields are the declared fields, in order.
	Fields []tuple.FieldDef
	// Flags and Format are the msgpack that the row holds.
	Flags, Format []byte
}

// IndexType is how an index finds its tuples.
type IndexType uint8

// The index types of this database.
const (
	Tree IndexType = iota
	Hash
	// rtree and bitset are checked, and then refused.
	rtree
	bitset
)

// String returns the name as box.space.x.index.y.type shows it.
func (t IndexType) String() string {
	return [...]string{"TREE", "HASH", "RTREE", "BITSET"}[t]
}

// IndexDef is what a row of _index says.
type IndexDef struct {
	SpaceID uint32
	ID      uint32
	Name    string
	Type    IndexType
	Unique  bool
	FuncID  uint32
	Parts   []tuple.Part
	// Opts and RawParts are the msgpack that the row holds.
	Opts, RawParts []byte
}
