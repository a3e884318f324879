package serial

import (
	"math/bits"

	lua "github.com/yuin/gopher-lua"
)

// Stock Tarantool prints the keys of a table in the order in which LuaJIT keeps them. The order follows from the order
// in which the keys were set: a table of nodes, twice as large whenever it is full, where a string goes to the node that
// its hash names, or to the last free one when that is taken. The functions here go through the same motions. Tables
// that had keys removed, that were made with room for many keys, or that have keys other than strings may differ.

// smallTable is how many keys are put in order without allocation.
const smallTable = 32

// Ordered begins a walk in LuaJIT's order where it can be told, and in that of Walk where it cannot.
func Ordered(t *lua.LTable) Walker {
	w := Walk(t)
	if len(w.t.dict) == 1 {
		// LuaJIT has the key 0 in front of the array part.
		if v := w.t.dict[lua.LNumber(0)]; v != nil && v != lua.LNil {
			w.zero, w.keys = v, without(w.keys, lua.LNumber(0))
		}
	}
	keys := w.keys
	if len(keys) < 2 || len(w.t.strdict) < 2 || len(w.t.dict) > 0 && w.zero == nil {
		return w
	}
	// Keys whose values were removed keep their nodes, as in LuaJIT, until the table is swept.
	if len(keys) > smallTable {
		hashes, size := hashKeys(make([]uint32, 0, len(keys)), keys), 1<<bits.Len(uint(len(keys)-1))
		if len(hashes) == len(keys) {
			w.many = make([]uint32, len(keys))
			place(hashes, make([]node[uint32], size), make([]node[uint32], size), w.many)
			w.order = len(keys)
		}
		return w
	}
	var room [smallTable]uint32
	hashes := hashKeys(room[:0], keys)
	if len(hashes) == len(keys) {
		var nodes, spare [smallTable]node[uint8]
		place(hashes, nodes[:], spare[:], w.few[:])
		w.order = len(keys)
	}
	return w
}

// without is the list less one key.
func without(keys []lua.LValue, key lua.LValue) []lua.LValue {
	rest := make([]lua.LValue, 0, len(keys))
	for _, k := range keys {
		if k != key {
			rest = append(rest, k)
		}
	}
	return rest
}

// hashKeys adds the hashes of the keys up to the first that is not a string.
func hashKeys(hashes []uint32, keys []lua.LValue) []uint32 {
	for _, k := range keys {
		s, ok := k.(lua.LString)
		if !ok {
			break
		}
		hashes = append(hashes, stringHash(string(s)))
	}
	return hashes
}

// node holds the number of a key, from 1, and the number of the next node of its chain, from 1.
type node[T uint8 | uint32] struct{ key, next T }

// place puts keys with these hashes, one after the other, into a table that grows, and writes the numbers of the keys in
// the order of their nodes. The two scratch tables have room for all.
func place[T uint8 | uint32](hashes []uint32, nodes, spare []node[T], order []T) {
	size, free := 0, 0
	for key := range hashes {
		if insert(hashes, nodes[:size], &free, key) {
			continue
		}
		old := nodes[:size]
		size = 1 << bits.Len(uint(max(key, 1)))
		nodes, spare = spare, nodes
		clear(nodes[:size])
		free = size
		for _, n := range old {
			insert(hashes, nodes[:size], &free, int(n.key)-1)
		}
		insert(hashes, nodes[:size], &free, key)
	}
	n := 0
	for _, at := range nodes[:size] {
		if at.key != 0 {
			order[n] = at.key - 1
			n++
		}
	}
}

// insert puts a key into its node, or reports that the table is full. Free counts down the nodes that may be free. A full
// table has no empty node, so it is copied whole.
func insert[T uint8 | uint32](hashes []uint32, nodes []node[T], free *int, key int) bool {
	if len(nodes) == 0 {
		return false
	}
	mask := uint32(len(nodes) - 1)
	at := hashes[key] & mask
	if nodes[at].key != 0 {
		spot := *free
		for {
			if spot == 0 {
				return false
			}
			if spot--; nodes[spot].key == 0 {
				break
			}
		}
		*free = spot
		home := hashes[nodes[at].key-1] & mask
		if home != at {
			// Who sits here is not at home, and moves on.
			for uint32(nodes[home].next) != at+1 {
				home = uint32(nodes[home].next) - 1
			}
			nodes[home].next = T(spot) + 1
			nodes[spot] = nodes[at]
			nodes[at] = node[T]{}
		} else {
			nodes[spot].next = nodes[at].next
			nodes[at].next = T(spot) + 1
			at = uint32(spot)
		}
	}
	nodes[at].key = T(key) + 1
	return true
}

// stringHash is LuaJIT's hash of a string: four samples of it, mixed.
func stringHash(s string) uint32 {
	if s == "" {
		return 0
	}
	n := len(s)
	h := uint32(n)
	var a, b uint32
	if n >= 4 {
		a = word(s, 0)
		h ^= word(s, n-4)
		b = word(s, n/2-2)
		h ^= b
		h -= bits.RotateLeft32(b, 14)
		b += word(s, n/4-1)
	} else {
		a = uint32(s[0])
		h ^= uint32(s[n-1])
		b = uint32(s[n/2])
		h ^= b
		h -= bits.RotateLeft32(b, 14)
	}
	a ^= h
	a -= bits.RotateLeft32(h, 11)
	b ^= a
	b -= bits.RotateLeft32(a, 25)
	h ^= b
	return h - bits.RotateLeft32(b, 16)
}

// word is the little-endian number of four bytes.
func word(s string, i int) uint32 {
	return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
}
