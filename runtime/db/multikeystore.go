package db

import (
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// element is a tuple by one element of the array that a multikey index runs
// over.
type element struct {
	t *tuple.Tuple
	i int
}

type multikey struct{ kd, cmp *tuple.KeyDef }

func (m multikey) compare(a, b element) int           { return m.cmp.CompareMultikey(a.t, a.i, b.t, b.i) }
func (m multikey) hint([]byte) uint64                 { return 0 }
func (m multikey) at(probe element, _ uint64) element { return probe }
func (m multikey) compareKey(e element, key []byte, n int, _ uint64) int {
	return m.kd.CompareKeyMultikey(e.t, e.i, key, n)
}
func (m multikey) tuple(e element) *tuple.Tuple { return e.t }

func newMultikeyStore(x *Index) store {
	kd := x.kd
	return &treeStore[element]{
		tree: newTree[element](element{t: new(tuple.Tuple)}, multikey{kd, x.cmp}),
		split: func(t *tuple.Tuple, into []element) ([]element, error) {
			for i := range kd.MultikeyCount(t) {
				if !kd.Excludes(t, i) {
					into = append(into, element{t, i})
				}
			}
			return into, nil
		},
	}
}

// computed is a tuple by one key that a function computed for it.
type computed struct {
	t   *tuple.Tuple
	key string
	n   int
}

// functional orders computed keys, and tuples with equal ones by the primary
// key unless the index is unique.
type functional struct {
	kd, pk *tuple.KeyDef
	unique bool
}

func (f functional) compare(a, b computed) int {
	if c := f.kd.CompareKeys([]byte(a.key), a.n, []byte(b.key), b.n); c != 0 || f.unique && !hasNil(a) {
		return c
	}
	return f.pk.Compare(a.t, b.t)
}

// hasNil reports whether a part of the key is nil; such keys may repeat in a
// unique index.
func hasNil(e computed) bool {
	key := []byte(e.key)
	for range e.n {
		if mp.IsNil(key) {
			return true
		}
		key = key[mp.Skip(key):]
	}
	return false
}

func (f functional) hint([]byte) uint64                   { return 0 }
func (f functional) at(probe computed, _ uint64) computed { return probe }
func (f functional) compareKey(e computed, key []byte, n int, _ uint64) int {
	return f.kd.CompareKeys([]byte(e.key), n, key, n)
}
func (f functional) tuple(e computed) *tuple.Tuple { return e.t }

func newFunctionalStore(x *Index) store {
	db, fn := x.space.db, x.fn
	return &treeStore[computed]{
		tree: newTree[computed](computed{t: new(tuple.Tuple)},
			functional{kd: x.kd, pk: x.primaryKD, unique: x.def.Unique}),
		split: func(t *tuple.Tuple, into []computed) ([]computed, error) {
			out, err := db.procedures.Keys(fn, t)
			if err != nil {
				return nil, because(boxerr.New(boxerr.FuncIndexFunc, x.def.Name, x.space.def.Name, "can't evaluate function"), err)
			}
			return x.computedKeys(t, out, into)
		},
	}
}

// because puts the cause of an error below it.
func because(e *boxerr.Error, cause error) error {
	e.Prev = boxerr.From(cause)
	return e
}

// computedKeys takes apart what the function returned.
func (x *Index) computedKeys(t *tuple.Tuple, out []byte, into []computed) ([]computed, error) {
	fail := func(why string) error {
		return boxerr.New(boxerr.FuncIndexFormat, x.def.Name, x.space.def.Name, why)
	}
	one := func(v []byte) error {
		if mp.KindOf(v) != mp.Array {
			return fail("supplied key type is invalid: expected array")
		}
		n, size := mp.ArrayHeader(v)
		v = v[size:]
		if n != x.kd.PartCount() {
			return fail(boxerr.New(boxerr.ExactMatch, x.kd.PartCount(), n).Error())
		}
		if err := x.kd.ValidateKey(v, n, true); err != nil {
			return because(boxerr.New(boxerr.FuncIndexFormat, x.def.Name, x.space.def.Name,
				"key does not follow functional index definition"), err)
		}
		into = append(into, computed{t, string(v), n})
		return nil
	}
	if len(out) == 0 {
		return into, nil
	}
	if !x.fn.Multikey {
		return into, one(out)
	}
	if mp.KindOf(out) != mp.Array {
		return nil, fail("a multikey function mustn't return a scalar")
	}
	err := eachItem(out, func(_ int, item []byte) error { return one(item) })
	return into, err
}
