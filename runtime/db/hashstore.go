package db

import (
	"fmt"

	"shardlua/runtime/tuple"
)

// hashStore is a hash index. The tuples lie in rows, in the order in which
// they came, except that a new tuple takes the place of the one that went
// last: what stock Tarantool shows for keys that count up. The table finds
// the row of a key; it is open and probed linearly.
type hashStore struct {
	kd    *tuple.KeyDef
	rows  []*tuple.Tuple
	free  []uint32
	table []uint32 // number of a row, plus one; 0 for none
}

const minTable = 16

func newHashStore(x *Index) store { return &hashStore{kd: x.kd} }

func (h *hashStore) home(hash uint64) int {
	// The table is indexed by the low bits; fold the high ones into them.
	return int(hash^hash>>32) & (len(h.table) - 1)
}

// slotOf finds the slot of the tuple that has t's key, or the free slot where
// it would go.
func (h *hashStore) slotOf(t *tuple.Tuple) int {
	i := h.home(h.kd.Hash(t))
	for h.table[i] != 0 && h.kd.Compare(h.rows[h.table[i]-1], t) != 0 {
		i = (i + 1) & (len(h.table) - 1)
	}
	return i
}

func (h *hashStore) grow() {
	h.table = make([]uint32, max(minTable, len(h.table)*2))
	for i, t := range h.rows {
		if t != nil {
			h.table[h.slotOf(t)] = uint32(i + 1)
		}
	}
}

func (h *hashStore) replace(old, next *tuple.Tuple, mode replaceMode) (*tuple.Tuple, error) {
	pushed := old
	if next != nil {
		if (h.len()+1)*4 > len(h.table)*3 {
			h.grow()
		}
		i := h.slotOf(next)
		if h.table[i] == 0 {
			h.table[i] = h.place(next)
		} else {
			row := &h.rows[h.table[i]-1]
			switch {
			case *row == old && old != nil:
				*row = next
				return old, nil
			case old == nil && mode == replaceOrInsert:
				pushed, *row = *row, next
			default:
				return nil, errDuplicate
			}
		}
	}
	if old != nil {
		h.remove(old)
	}
	return pushed, nil
}

// place puts t into a row and returns its number, plus one.
func (h *hashStore) place(t *tuple.Tuple) uint32 {
	if n := len(h.free); n > 0 {
		row := h.free[n-1]
		h.free = h.free[:n-1]
		h.rows[row] = t
		return row + 1
	}
	h.rows = append(h.rows, t)
	return uint32(len(h.rows))
}

// remove takes t out and moves up the slots that it kept from their home.
func (h *hashStore) remove(t *tuple.Tuple) {
	if len(h.table) == 0 {
		return
	}
	i := h.slotOf(t)
	if h.table[i] == 0 {
		return
	}
	row := h.table[i] - 1
	h.rows[row] = nil
	h.free = append(h.free, row)
	mask := len(h.table) - 1
	for j := (i + 1) & mask; h.table[j] != 0; j = (j + 1) & mask {
		home := h.home(h.kd.Hash(h.rows[h.table[j]-1]))
		if (j-home)&mask >= (j-i)&mask {
			h.table[i] = h.table[j]
			i = j
		}
	}
	h.table[i] = 0
}

// find returns the number of the row with a key, or -1.
func (h *hashStore) find(k Key) int {
	if len(h.table) == 0 {
		return -1
	}
	for i := h.home(h.kd.HashKey(k.parts)); h.table[i] != 0; i = (i + 1) & (len(h.table) - 1) {
		row := int(h.table[i] - 1)
		if h.kd.CompareKey(h.rows[row], k.parts, k.n) == 0 {
			return row
		}
	}
	return -1
}

func (h *hashStore) get(k Key) *tuple.Tuple {
	if i := h.find(k); i >= 0 {
		return h.rows[i]
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
	// ALL asks for no key, even if one is given; what is left is GT.
	if typ == GT && k.n > 0 {
		row := h.find(k)
		if row < 0 {
			return &listCursor{}
		}
		c.pos = row + 1
	}
	return c
}

// hashCursor walks the rows, which do not move.
type hashCursor struct {
	h   *hashStore
	pos int
}

func (c *hashCursor) next() *tuple.Tuple {
	for c.pos < len(c.h.rows) {
		t := c.h.rows[c.pos]
		c.pos++
		if t != nil {
			return t
		}
	}
	return nil
}

func (h *hashStore) view() func(func(*tuple.Tuple) bool) {
	frozen := append([]*tuple.Tuple(nil), h.rows...)
	return func(visit func(*tuple.Tuple) bool) {
		for _, t := range frozen {
			if t != nil && !visit(t) {
				return
			}
		}
	}
}

func (h *hashStore) len() int { return len(h.rows) - len(h.free) }

func (h *hashStore) at(i int) *tuple.Tuple {
	for range h.rows {
		if t := h.rows[i%len(h.rows)]; t != nil {
			return t
		}
		i++
	}
	return nil
}

func (h *hashStore) bytes() int64 { return extents(h.len(), 1024, 1024) }
func (h *hashStore) sorted() bool { return false }

func (h *hashStore) check() error {
	used := 0
	for i, t := range h.rows {
		if t == nil {
			continue
		}
		if row := h.table[h.slotOf(t)]; row != uint32(i+1) {
			return fmt.Errorf("the tuple in row %d is found in row %d", i, int(row)-1)
		}
	}
	for _, row := range h.table {
		if row != 0 {
			used++
		}
	}
	if used != h.len() {
		return fmt.Errorf("%d tuples counted as %d", used, h.len())
	}
	return nil
}

func (h *hashStore) entries(*tuple.Tuple) (int, error) { return 1, nil }
