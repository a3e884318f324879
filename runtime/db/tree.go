package db

import (
	"github.com/tidwall/btree"

	"shardlua/runtime/tuple"
)

// nodeDegree is half of a tree node's capacity. Wide nodes keep the trees
// shallow: a search is one miss of the processor's cache for each level and
// few within a node.
const nodeDegree = 128

// tree is an ordered store. E is what stands for a tuple in it: the tuple
// itself, or the tuple with the number of its array element in a multikey
// index, or with its computed key in a functional one.
//
// A key is sought with a probe: one entry that never is in the tree, which
// the order places by the key that seek set rather than by a tuple of its own.
type tree[E comparable] struct {
	bt    *btree.BTreeG[E]
	order order[E]
	probe E
	seek  struct {
		key  []byte
		n    int
		bias int
		hint uint64
	}
	// version grows with each change, so that a cursor sees it must seek anew.
	version uint64
	// latest is the entry that came last, and rising how many in a row came
	// behind the one before: keys that count up are put at the end unsought.
	latest E
	rising int
	// added is how many of the rising keys were new, in a row: nothing took
	// another's place or was removed in between. They begin behind unpacked.
	added    int
	unpacked E
}

// packEvery is after how many new rising keys their nodes are packed.
const packEvery = 4096

// risingEnough is the number of rising keys from which on more are expected.
const risingEnough = 4

// order is how the entries of one kind of tree compare.
type order[E comparable] interface {
	compare(a, b E) int
	// compareKey may trust that hint is what the method hint made of key.
	compareKey(e E, key []byte, n int, hint uint64) int
	hint(key []byte) uint64
	// at returns the probe made fit for a search for a key with that hint.
	at(probe E, hint uint64) E
	tuple(e E) *tuple.Tuple
}

func newTree[E comparable](probe E, o order[E]) *tree[E] {
	t := &tree[E]{order: o, probe: probe}
	t.sortBy(t.less)
	return t
}

// sortBy makes the empty tree use less, which must order as t.less does.
func (t *tree[E]) sortBy(less func(a, b E) bool) {
	t.bt = btree.NewBTreeGOptions(less, btree.Options{Degree: nodeDegree, NoLocks: true})
}

func (t *tree[E]) less(a, b E) bool {
	if b == t.probe {
		return t.compareProbe(a) < 0
	}
	if a == t.probe {
		return t.compareProbe(b) > 0
	}
	return t.order.compare(a, b) < 0
}

// compareProbe compares e to the key sought. The bias says on which side of
// the probe the entries that match the key are.
func (t *tree[E]) compareProbe(e E) int {
	c := t.order.compareKey(e, t.seek.key, t.seek.n, t.seek.hint)
	if c == 0 {
		return t.seek.bias
	}
	return c
}

// at places the probe: before all entries that match the key when bias is 1,
// after them when it is -1, and equal to them when it is 0.
func (t *tree[E]) at(k Key, bias int) E {
	t.seek.key, t.seek.n, t.seek.bias = k.parts, k.n, bias
	t.seek.hint = t.order.hint(k.parts)
	return t.order.at(t.probe, t.seek.hint)
}

func (t *tree[E]) matches(e E, k Key) bool {
	return t.order.compareKey(e, k.parts, k.n, t.order.hint(k.parts)) == 0
}

// set puts e in place of the entry that compares equal to it.
func (t *tree[E]) set(e E) (prev E, replaced bool) {
	t.version++
	rises := t.bt.Len() > 0 && t.bt.Less(t.latest, e)
	t.latest = e
	if !rises {
		t.rising, t.added = 0, 0
		return t.bt.Set(e)
	}
	if t.rising++; t.rising <= risingEnough {
		return t.bt.Set(e)
	}
	if prev, replaced = t.bt.Load(e); replaced {
		t.added = 0
		return prev, true
	}
	if t.added == 0 {
		t.unpacked = e
	}
	if t.added++; t.added == packEvery {
		t.pack()
	}
	return prev, false
}

// pack gives back the spare room of the nodes that rising keys have filled
// since the last time. When a node at the right edge is split, its left half
// keeps the whole room and never needs it again. A node that belongs to a copy
// of the tree is copied before it is changed, to as much room as it needs:
// hence the tree is made to believe that there is a copy. Whoever then comes to
// a node that was not packed pays for a copy of it, too, so that packing is
// worth its price only where the tree grows and changes at one end.
func (t *tree[E]) pack() {
	t.bt.Copy()
	// The keys rise from one to the next, but there may be greater ones beyond.
	t.bt.AscendMut(t.unpacked, func(e E) bool { return !t.bt.Less(t.latest, e) })
	t.added, t.unpacked = 1, t.latest
}

func (t *tree[E]) remove(e E) bool {
	t.version++
	t.added = 0
	_, ok := t.bt.Delete(e)
	return ok
}

// lookup finds an entry by a whole key.
func (t *tree[E]) lookup(k Key) (E, bool) { return t.bt.Get(t.at(k, 0)) }

// start calls visit for the entries of an iteration from its first on, until
// visit returns false.
func (t *tree[E]) start(typ IteratorType, k Key, visit func(E) bool) {
	if k.n == 0 {
		if typ.reverse() {
			t.bt.Reverse(visit)
		} else {
			t.bt.Scan(visit)
		}
		return
	}
	switch typ {
	case EQ, GE, ALL:
		t.bt.Ascend(t.at(k, 1), visit)
	case GT:
		t.bt.Ascend(t.at(k, -1), visit)
	case REQ, LE:
		t.bt.Descend(t.at(k, -1), visit)
	case LT:
		t.bt.Descend(t.at(k, 1), visit)
	}
}

// resume is start, but from behind the entry last.
func (t *tree[E]) resume(typ IteratorType, last E, visit func(E) bool) {
	behind := func(e E) bool {
		return t.order.compare(e, last) == 0 || visit(e)
	}
	if typ.reverse() {
		t.bt.Descend(last, behind)
	} else {
		t.bt.Ascend(last, behind)
	}
}

func (t *tree[E]) len() int { return t.bt.Len() }
