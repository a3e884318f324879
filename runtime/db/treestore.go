package db

import (
	"fmt"

	"shardlua/runtime/tuple"
)

// treeStore is a tree index: it breaks a tuple into its entries.
type treeStore[E comparable] struct {
	*tree[E]
	// split lists the entries of a tuple: one, except in multikey and
	// functional indexes.
	split func(t *tuple.Tuple, into []E) ([]E, error)
	// only is split where every tuple has just one entry, else nil.
	only func(t *tuple.Tuple) E
	room []E
}

// plain is the order of entries that are the tuples themselves.
type plain struct{ kd, cmp *tuple.KeyDef }

func (p plain) compare(a, b *tuple.Tuple) int                { return p.cmp.Compare(a, b) }
func (p plain) hint([]byte) uint64                           { return 0 }
func (p plain) at(probe *tuple.Tuple, _ uint64) *tuple.Tuple { return probe }
func (p plain) compareKey(t *tuple.Tuple, key []byte, n int, _ uint64) int {
	return p.kd.CompareKey(t, key, n)
}
func (p plain) tuple(t *tuple.Tuple) *tuple.Tuple { return t }

func newPlainStore(x *Index) store {
	return &treeStore[*tuple.Tuple]{
		tree: newTree[*tuple.Tuple](new(tuple.Tuple), plain{x.kd, x.cmp}),
		split: func(t *tuple.Tuple, into []*tuple.Tuple) ([]*tuple.Tuple, error) {
			return append(into, t), nil
		},
		only: func(t *tuple.Tuple) *tuple.Tuple { return t },
	}
}

func (s *treeStore[E]) replace(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	if s.only != nil {
		return s.replaceOnly(old, next, mode)
	}
	pushed, kept := old, 0
	if next != nil {
		in, err := s.split(next, s.takeRoom())
		if err != nil {
			return nil, err
		}
		for i, e := range in {
			prev, had := s.set(e)
			if !had {
				continue
			}
			switch dup := s.order.tuple(prev); {
			case dup == next:
			case dup == old && old != nil:
				kept++
			case old == nil && mode == replaceOrInsert:
				pushed = dup
			default:
				s.set(prev)
				s.takeBack(in[:i], old)
				s.giveRoom(in)
				return nil, errDuplicate
			}
		}
		s.giveRoom(in)
	}
	if old == nil {
		return pushed, nil
	}
	out, err := s.split(old, s.takeRoom())
	if err != nil {
		return nil, err
	}
	if kept < len(out) {
		for _, e := range out {
			s.removeUnless(e, next)
		}
	}
	s.giveRoom(out)
	return pushed, nil
}

// replaceOnly is replace where a tuple has one entry.
func (s *treeStore[E]) replaceOnly(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	if next != nil {
		prev, had := s.set(s.only(next))
		if had {
			switch dup := s.order.tuple(prev); {
			case dup == old, dup == next:
				return old, nil
			case old == nil && mode == replaceOrInsert:
				return dup, nil
			}
			s.set(prev)
			return nil, errDuplicate
		}
	}
	if old != nil {
		s.remove(s.only(old))
	}
	return old, nil
}

// takeRoom lends the scratch slice; a nested call, from a function of a
// functional index, finds none and makes its own.
func (s *treeStore[E]) takeRoom() []E {
	room := s.room
	s.room = nil
	return room[:0]
}

func (s *treeStore[E]) giveRoom(room []E) {
	clear(room)
	s.room = room
}

// removeUnless removes the entry e, unless the one in its place is next's.
func (s *treeStore[E]) removeUnless(e E, next *tuple.Tuple) {
	if next == nil {
		s.remove(e)
		return
	}
	if have, ok := s.bt.Get(e); ok && s.order.tuple(have) != next {
		s.remove(e)
	}
}

// takeBack undoes the entries of a tuple that turned out to be a duplicate.
func (s *treeStore[E]) takeBack(in []E, old *tuple.Tuple) {
	for _, e := range in {
		s.remove(e)
	}
	if old == nil {
		return
	}
	if was, err := s.split(old, nil); err == nil {
		for _, e := range was {
			s.set(e)
		}
	}
}

func (s *treeStore[E]) get(k Key) *tuple.Tuple {
	if e, ok := s.lookup(k); ok {
		return s.order.tuple(e)
	}
	return nil
}

func (s *treeStore[E]) at(i int) *tuple.Tuple {
	if e, ok := s.bt.GetAt(i); ok {
		return s.order.tuple(e)
	}
	return nil
}

func (s *treeStore[E]) view() func(func(*tuple.Tuple) bool) {
	frozen := s.bt.Copy()
	return func(visit func(*tuple.Tuple) bool) {
		frozen.Scan(func(e E) bool { return visit(s.order.tuple(e)) })
	}
}

func (s *treeStore[E]) check() error {
	var last E
	var err error
	n := 0
	s.bt.Scan(func(e E) bool {
		if n++; n > 1 && s.order.compare(last, e) >= 0 {
			err = fmt.Errorf("entry %d is not greater than the one before", n)
		}
		last = e
		return err == nil
	})
	if err == nil && n != s.len() {
		err = fmt.Errorf("%d entries counted as %d", n, s.len())
	}
	return err
}

func (s *treeStore[E]) entries(t *tuple.Tuple) (int, error) {
	all, err := s.split(t, nil)
	n := 0
	for i, e := range all {
		// A tuple with the same key twice has one entry for both.
		double := false
		for _, before := range all[:i] {
			double = double || s.order.compare(before, e) == 0
		}
		if !double {
			n++
		}
	}
	return n, err
}

func (s *treeStore[E]) sorted() bool { return true }

func (s *treeStore[E]) bytes() int64 { return extents(s.len(), 645, 728) }

func (s *treeStore[E]) cursor(typ IteratorType, k Key) cursor {
	return &treeCursor[E]{store: s, typ: typ, key: k}
}

// treeCursor reads ahead a little; when the tree changed, it throws away what
// it read and goes on from behind the last entry that it gave.
type treeCursor[E comparable] struct {
	store   *treeStore[E]
	typ     IteratorType
	key     Key
	ahead   []E
	pos     int
	last    E
	started bool
	ended   bool
	batch   int
	version uint64
}

const maxReadAhead = 64

func (c *treeCursor[E]) next() *tuple.Tuple {
	if c.ended {
		return nil
	}
	if c.pos == len(c.ahead) || c.version != c.store.version {
		c.fill()
	}
	if c.pos == len(c.ahead) {
		c.ended = true
		return nil
	}
	c.last = c.ahead[c.pos]
	c.pos++
	return c.store.order.tuple(c.last)
}

func (c *treeCursor[E]) fill() {
	c.batch = min(max(c.batch*2, 1), maxReadAhead)
	c.ahead, c.pos, c.version = c.ahead[:0], 0, c.store.version
	exact := (c.typ == EQ || c.typ == REQ) && c.key.n > 0
	visit := func(e E) bool {
		if exact && !c.store.matches(e, c.key) {
			return false
		}
		c.ahead = append(c.ahead, e)
		return len(c.ahead) < c.batch
	}
	if !c.started {
		c.started = true
		c.store.start(c.typ, c.key, visit)
		return
	}
	c.store.resume(c.typ, c.last, visit)
}
