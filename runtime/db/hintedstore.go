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

type hintedOrder struct {
	kd, cmp *tuple.KeyDef
	hintOf  func(value []byte) uint64
	// exact is set when equal hints are equal keys.
	exact bool
}

func (o *hintedOrder) compare(a, b hinted) int {
	if a.hint != b.hint {
		return cmp.Compare(a.hint, b.hint)
	}
	return o.cmp.Compare(a.t, b.t)
}

func (o *hintedOrder) compareKey(e hinted, key []byte, n int, hint uint64) int {
	if e.hint != hint && n > 0 {
		return cmp.Compare(e.hint, hint)
	}
	return o.kd.CompareKey(e.t, key, n)
}

func (o *hintedOrder) tuple(e hinted) *tuple.Tuple { return e.t }

func (o *hintedOrder) hint(key []byte) uint64 {
	if len(key) == 0 {
		return 0
	}
	return o.hintOf(key)
}

func (o *hintedOrder) at(probe hinted, hint uint64) hinted { return hinted{hint, probe.t} }

// hintFor returns what makes the hints of a key's first part, or nil when it
// is of a type that has none.
func hintFor(p tuple.Part) func(value []byte) uint64 {
	if p.IsNullable || p.Path != "" {
		return nil
	}
	switch p.Type {
	case tuple.Unsigned:
		return unsignedHint
	case tuple.Integer:
		return integerHint
	case tuple.Varbinary:
		return bytesHint
	case tuple.UUID:
		return uuidHint
	case tuple.String:
		if p.Collation.IsBinary() {
			return bytesHint
		}
	}
	return nil
}

func unsignedHint(value []byte) uint64 {
	v, _ := mp.Number(value)
	return v
}

// integerHint leaves the last bit out, to have room for both signs.
func integerHint(value []byte) uint64 {
	v, negative := mp.Number(value)
	if negative {
		return (v ^ 1<<63) >> 1
	}
	return v>>1 + 1<<62
}

func bytesHint(value []byte) uint64 { return headOf(mp.Bytes(value)) }

func uuidHint(value []byte) uint64 {
	_, b := mp.Extension(value)
	return headOf(b)
}

func headOf(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var head [8]byte
	copy(head[:], b)
	return binary.BigEndian.Uint64(head[:])
}

func newHintedStore(x *Index, hintOf func([]byte) uint64) store {
	first := x.kd.Parts()[0]
	order := &hintedOrder{kd: x.kd, cmp: x.cmp, hintOf: hintOf}
	order.exact = first.Type == tuple.Unsigned && x.kd.PartCount() == 1 && x.cmp.PartCount() == 1
	probe := new(tuple.Tuple)
	s := &treeStore[hinted]{
		tree: newTree[hinted](hinted{t: probe}, order),
		only: func(t *tuple.Tuple) hinted {
			return hinted{hintOf(t.FieldOn(int(first.Field))), t}
		},
	}
	s.split = func(t *tuple.Tuple, into []hinted) ([]hinted, error) {
		return append(into, s.only(t)), nil
	}
	// The probe carries the hint of the key sought, so that it need not even
	// be recognized unless the hints are equal.
	t := s.tree
	t.sortBy(func(a, b hinted) bool {
		if a.hint != b.hint {
			return a.hint < b.hint
		}
		return t.lessBehindHint(order, a, b, probe)
	})
	return s
}

func (t *tree[E]) lessBehindHint(o *hintedOrder, a, b hinted, probe *tuple.Tuple) bool {
	switch {
	case b.t == probe:
		if o.exact {
			return t.seek.bias < 0
		}
		c := o.kd.CompareKey(a.t, t.seek.key, t.seek.n)
		return c < 0 || c == 0 && t.seek.bias < 0
	case a.t == probe:
		if o.exact {
			return t.seek.bias > 0
		}
		c := o.kd.CompareKey(b.t, t.seek.key, t.seek.n)
		return c > 0 || c == 0 && t.seek.bias > 0
	case o.exact:
		return false
	}
	return o.cmp.Compare(a.t, b.t) < 0
}
