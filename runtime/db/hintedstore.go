package db

import (
	"cmp"
	"encoding/binary"

	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// hinted is a tuple beside a number that orders by its key's first part as far
// as eight bytes can tell. Most comparisons end there, without a look into the
// tuple, which would often be a miss of the processor's cache.
type hinted struct {
	hint uint64
	t    *tuple.Tuple
}

type hintedOrder struct{ kd, cmp *tuple.KeyDef }

func (o hintedOrder) compare(a, b hinted) int {
	if a.hint != b.hint {
		return cmp.Compare(a.hint, b.hint)
	}
	return o.cmp.Compare(a.t, b.t)
}

func (o hintedOrder) compareKey(e hinted, key []byte, n int, hint uint64) int {
	if e.hint != hint && n > 0 {
		return cmp.Compare(e.hint, hint)
	}
	return o.kd.CompareKey(e.t, key, n)
}

func (o hintedOrder) tuple(e hinted) *tuple.Tuple { return e.t }

func (o hintedOrder) hint(key []byte) uint64 {
	if len(key) == 0 {
		return 0
	}
	if mp.KindOf(key) == mp.Uint {
		v, _ := mp.Uint64(key)
		return v
	}
	var head [8]byte
	copy(head[:], mp.Bytes(key))
	return binary.BigEndian.Uint64(head[:])
}

// canHint reports whether the first part of a key is of a type that has hints.
func canHint(kd *tuple.KeyDef) bool {
	p := kd.Parts()[0]
	return !p.IsNullable && p.Path == "" &&
		(p.Type == tuple.Unsigned || p.Type == tuple.String && p.Collation.IsBinary())
}

func newHintedStore(x *Index) store {
	order := hintedOrder{x.kd, x.cmp}
	field := int(x.kd.Parts()[0].Field)
	return &treeStore[hinted]{
		tree: newTree[hinted](hinted{t: new(tuple.Tuple)}, order),
		split: func(t *tuple.Tuple, into []hinted) ([]hinted, error) {
			return append(into, hinted{order.hint(t.Field(field)), t}), nil
		},
		entrySize: 16,
	}
}
