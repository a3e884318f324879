package db

import (
	"fmt"

	"shardlua/runtime/tuple"
)

// hashStore is a hash index: an open table of tuples, probed linearly. The
// slots are its order; a removal leaves no gap in a run of slots, but no
// tuple that an iteration has passed moves ahead of it unless the table grows.
type hashStore struct {
	kd      *tuple.KeyDef
	slots   []*tuple.Tuple
	count   int
	version uint64
}

const minSlots = 16

func newHashStore(x *Index) store { return &hashStore{kd: x.kd} }

func (h *hashStore) home(t *tuple.Tuple) int { return int(h.kd.Hash(t)) & (len(h.slots) - 1) }

// slotOf finds the slot of the tuple that has t's key, or the free slot where
// it would go.
func (h *hashStore) slotOf(t *tuple.Tuple) int {
	i := h.home(t)
	for h.slots[i] != nil && h.kd.Compare(h.slots[i], t) != 0 {
		i = (i + 1) & (len(h.slots) - 1)
	}
	return i
}

func (h *hashStore) grow() {
	old := h.slots
	h.slots = make([]*tuple.Tuple, max(minSlots, len(old)*2))
	for _, t := range old {
		if t != nil {
			h.slots[h.slotOf(t)] = t
		}
	}
}

func (h *hashStore) replace(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	pushed := old
	if next != nil {
		if h.count*4 >= len(h.slots)*3 {
			h.grow()
		}
		i := h.slotOf(next)
		switch dup := h.slots[i]; {
		case dup == nil:
			h.count++
		case dup == old && old != nil:
			h.slots[i] = next
			h.version++
			return old, nil
		case old == nil && mode == replaceOrInsert:
			pushed = dup
		default:
			return nil, errDuplicate
		}
		h.slots[i] = next
		h.version++
	}
	if old != nil {
		h.remove(old)
	}
	return pushed, nil
}

// remove takes t out and moves up what its slot kept from its home.
func (h *hashStore) remove(t *tuple.Tuple) {
	if h.count == 0 {
		return
	}
	i := h.slotOf(t)
	if h.slots[i] == nil {
		return
	}
	h.count--
	h.version++
	mask := len(h.slots) - 1
	for j := (i + 1) & mask; h.slots[j] != nil; j = (j + 1) & mask {
		home := h.home(h.slots[j])
		if (j-home)&mask >= (j-i)&mask {
			h.slots[i] = h.slots[j]
			i = j
		}
	}
	h.slots[i] = nil
}

func (h *hashStore) find(k Key) int {
	if h.count == 0 {
		return -1
	}
	i := int(h.kd.HashKey(k.parts)) & (len(h.slots) - 1)
	for ; h.slots[i] != nil; i = (i + 1) & (len(h.slots) - 1) {
		if h.kd.CompareKey(h.slots[i], k.parts, k.n) == 0 {
			return i
		}
	}
	return -1
}

func (h *hashStore) get(k Key) *tuple.Tuple {
	if i := h.find(k); i >= 0 {
		return h.slots[i]
	}
	return nil
}

func (h *hashStore) cursor(typ IteratorType, k Key) cursor {
	if typ == EQ {
		if t := h.get(k); t != nil {
			return &listCursor{left: []*tuple.Tuple{t}}
		}
		return &listCursor{}
	}
	c := &hashCursor{h: h}
	if typ == GT && k.n > 0 {
		i := h.find(k)
		if i < 0 {
			return &listCursor{}
		}
		c.pos = i + 1
	}
	return c
}

// hashCursor walks the slots; a table that grew is walked on from where the
// last tuple is now.
type hashCursor struct {
	h    *hashStore
	pos  int
	size int
	last *tuple.Tuple
}

func (c *hashCursor) next() *tuple.Tuple {
	if c.size != len(c.h.slots) && c.last != nil {
		c.pos = c.h.slotOf(c.last)
		if c.h.slots[c.pos] != nil {
			c.pos++
		}
	}
	c.size = len(c.h.slots)
	for c.pos < len(c.h.slots) {
		t := c.h.slots[c.pos]
		c.pos++
		if t != nil {
			c.last = t
			return t
		}
	}
	return nil
}

func (h *hashStore) view() func(func(*tuple.Tuple) bool) {
	frozen := append([]*tuple.Tuple(nil), h.slots...)
	return func(visit func(*tuple.Tuple) bool) {
		for _, t := range frozen {
			if t != nil && !visit(t) {
				return
			}
		}
	}
}

func (h *hashStore) len() int { return h.count }

func (h *hashStore) at(i int) *tuple.Tuple {
	for _, t := range h.slots {
		if t == nil {
			continue
		}
		if i == 0 {
			return t
		}
		i--
	}
	return nil
}

func (h *hashStore) bytes() int64 { return int64(len(h.slots)) * 8 }
func (h *hashStore) sorted() bool { return false }

func (h *hashStore) check() error {
	n := 0
	for i, t := range h.slots {
		if t == nil {
			continue
		}
		n++
		if at := h.slotOf(t); at != i {
			return fmt.Errorf("the tuple in slot %d is found in slot %d", i, at)
		}
	}
	if n != h.count {
		return fmt.Errorf("%d tuples counted as %d", n, h.count)
	}
	return nil
}

func (h *hashStore) entries(*tuple.Tuple) (int, error) { return 1, nil }
