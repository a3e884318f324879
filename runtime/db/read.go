package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
)

// readable begins a read of an index: rights, and the mark that the
// transaction has seen data.
func (s *Space) readable(c *Context, index uint32) (*Index, error) {
	if s.dropped {
		return nil, errNoSuchSpaceID(s.def.ID)
	}
	if err := s.checkAccess(c, PrivRead); err != nil {
		return nil, err
	}
	x := s.Index(index)
	if x == nil {
		return nil, errNoSuchIndex(index, s)
	}
	if c.txn != nil && s.engine == memtx {
		c.txn.touched = true
	}
	return x, nil
}

// Get returns the tuple with a whole key of a unique index, or nil.
func (s *Space) Get(c *Context, index uint32, key []byte) (*tuple.Tuple, error) {
	x, err := s.readable(c, index)
	if err != nil {
		return nil, err
	}
	if !x.def.Unique {
		return nil, boxerr.New(boxerr.MoreThanOneTuple)
	}
	k, err := x.exactKey(key)
	if err != nil {
		return nil, err
	}
	t := x.store.get(k)
	if t != nil && s.engine == sysview && !s.visible(c, t) {
		return nil, nil
	}
	if s.engine == service {
		t = c.setting(t)
	}
	return t, nil
}

// Iterator gives the tuples of an index one after the other. It may outlive
// changes to the space, and the index itself.
type Iterator struct {
	s   *Space
	x   *Index
	cur cursor
	c   *Context
}

// Next returns the next tuple, or nil at the end.
func (it *Iterator) Next() *tuple.Tuple {
	if it.s.dropped || !it.alive() {
		return nil
	}
	for {
		t := it.cur.next()
		if it.s.engine == service {
			return it.c.setting(t)
		}
		if t == nil || it.s.engine != sysview || it.s.visible(it.c, t) {
			return t
		}
	}
}

// alive reports whether the index that the iteration is over still exists; an
// alter may have renamed it.
func (it *Iterator) alive() bool {
	x := it.s.Index(it.x.def.ID)
	return x != nil && x.store == it.x.store
}

// Iterate begins an iteration over the tuples that stand to key as typ says. An
// empty key stands for all tuples.
func (s *Space) Iterate(c *Context, index uint32, typ IteratorType, key []byte) (*Iterator, error) {
	x, err := s.readable(c, index)
	if err != nil {
		return nil, err
	}
	if typ >= iteratorTypeCount {
		return nil, boxerr.New(boxerr.IllegalParams, "Invalid iterator type")
	}
	k, err := x.searchKey(key, typ)
	if err != nil {
		return nil, err
	}
	if err := x.checkIterator(typ, k); err != nil {
		return nil, err
	}
	// The caller may reuse the bytes of the key; the iteration keeps its own.
	k.parts = append([]byte(nil), k.parts...)
	return &Iterator{s: s, x: x, cur: x.store.cursor(typ, k), c: c}, nil
}

func (x *Index) checkIterator(typ IteratorType, k Key) error {
	if typ > GT || x.def.Type == Hash && typ != EQ && typ != ALL && typ != GT {
		return x.lacks("requested iterator type")
	}
	return nil
}

// Select returns at most limit tuples of an iteration, past the first offset.
func (s *Space) Select(c *Context, index uint32, typ IteratorType, offset, limit uint32, key []byte) ([]*tuple.Tuple, error) {
	it, err := s.Iterate(c, index, typ, key)
	if err != nil {
		return nil, err
	}
	var found []*tuple.Tuple
	for limit > 0 {
		t := it.Next()
		if t == nil {
			break
		}
		if offset > 0 {
			offset--
			continue
		}
		found = append(found, t)
		limit--
	}
	return found, nil
}

// Count returns how many tuples stand to key as typ says.
func (s *Space) Count(c *Context, index uint32, typ IteratorType, key []byte) (int, error) {
	it, err := s.Iterate(c, index, typ, key)
	if err != nil {
		return 0, err
	}
	if s.engine != sysview && it.x.everything(key) {
		return it.x.store.len(), nil
	}
	n := 0
	for it.Next() != nil {
		n++
	}
	return n, nil
}

// lacks is the error for what an index cannot do.
func (x *Index) lacks(what string) error {
	return boxerr.New(boxerr.UnsupportedIndexFeature, x.def.Name, x.def.Type, x.space.def.Name, x.space.def.Engine, what)
}

// Size is how many tuples the index has, where it can tell.
func (x *Index) Size() (int, error) {
	if x.space.engine == service {
		return 0, x.lacks("size()")
	}
	return x.Len(), nil
}

func (x *Index) everything(key []byte) bool {
	k, err := parseKey(key)
	return err == nil && k.n == 0
}

// Min returns the first tuple that matches key, or of all when it is empty.
func (s *Space) Min(c *Context, index uint32, key []byte) (*tuple.Tuple, error) {
	return s.edge(c, index, key, GE, EQ, "min()")
}

// Max returns the last tuple that matches key, or of all when it is empty.
func (s *Space) Max(c *Context, index uint32, key []byte) (*tuple.Tuple, error) {
	return s.edge(c, index, key, LE, REQ, "max()")
}

func (s *Space) edge(c *Context, index uint32, key []byte, all, some IteratorType, call string) (*tuple.Tuple, error) {
	x, err := s.readable(c, index)
	if err != nil {
		return nil, err
	}
	if !x.store.sorted() {
		return nil, x.lacks(call)
	}
	typ := some
	if x.everything(key) {
		typ = all
	}
	it, err := s.Iterate(c, index, typ, key)
	if err != nil {
		return nil, err
	}
	return it.Next(), nil
}

// Random returns some tuple of the index, chosen by seed, or nil when it is empty.
func (s *Space) Random(c *Context, index uint32, seed uint32) (*tuple.Tuple, error) {
	x, err := s.readable(c, index)
	if err != nil {
		return nil, err
	}
	if s.engine == service {
		return nil, x.lacks("random()")
	}
	n := x.store.len()
	if n == 0 {
		return nil, nil
	}
	return x.store.at(int(seed) % n), nil
}

// Len returns the number of tuples in the space.
func (s *Space) Len() int {
	if pk := s.primary(); pk != nil && s.engine == memtx {
		return pk.store.len()
	}
	return 0
}
