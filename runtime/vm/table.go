package vm

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// gopher-lua's own table functions fill the gap before a far index with nils,
// never forget the keys that were removed, and count a table from its end past
// all that was removed there. The functions here leave tables that gopher-lua
// reads correctly and do none of that.

const compactAfter = 32 // keys from which on removed ones are swept

func newTable(items, fields int) *lua.LTable {
	var t *lua.LTable
	if small := max(items, fields); small == 0 || small > 4 || items > 0 && fields > 0 {
		t = &lua.LTable{Metatable: lua.LNil}
	} else {
		// The values of a small array, or the keys of a small record, are in one
		// piece of memory with the table.
		m := &struct {
			table lua.LTable
			room  [4]lua.LValue
		}{table: lua.LTable{Metatable: lua.LNil}}
		t = &m.table
		if items > 0 {
			layoutOf(t).array = m.room[:0:4]
		} else {
			layoutOf(t).keys = m.room[:0:4]
		}
	}
	tl := layoutOf(t)
	if items > 0 && tl.array == nil {
		tl.array = make([]lua.LValue, 0, items)
	}
	if fields > 0 {
		tl.strdict = make(map[string]lua.LValue, fields)
		tl.k2i = make(map[lua.LValue]int)
		if tl.keys == nil {
			tl.keys = make([]lua.LValue, 0, fields)
		}
	}
	return t
}

// NewTable makes a table with room for items and fields.
func NewTable(items, fields int) *lua.LTable { return newTable(items, fields) }

// RawGet reads a table without metamethods. Unlike gopher-lua's own it finds
// integer keys that lie far beyond the array part.
func RawGet(t *lua.LTable, key lua.LValue) lua.LValue {
	switch k := key.(type) {
	case lua.LString:
		return t.RawGetString(string(k))
	case lua.LNumber:
		tl := layoutOf(t)
		if i := int(k); uint(i-1) < uint(len(tl.array)) && lua.LNumber(i) == k {
			return tl.array[i-1]
		}
		if tl.dict != nil {
			if v, ok := tl.dict[key]; ok {
				return v
			}
		}
		return lua.LNil
	}
	return t.RawGetH(key)
}

// GetInt is RawGet for an index.
func GetInt(t *lua.LTable, i int) lua.LValue {
	tl := layoutOf(t)
	if uint(i-1) < uint(len(tl.array)) {
		return tl.array[i-1]
	}
	if len(tl.dict) > 0 {
		if v, ok := tl.dict[lua.LNumber(i)]; ok {
			return v
		}
	}
	return lua.LNil
}

func (vm *VM) rawGet(t *lua.LTable, key lua.LValue) lua.LValue { return RawGet(t, key) }

// RawSet writes a table without metamethods. The key is neither nil nor NaN.
func RawSet(t *lua.LTable, key, value lua.LValue) {
	switch k := key.(type) {
	case lua.LString:
		setString(t, key, value) // key, which is boxed already
	case lua.LNumber:
		if i := int(k); lua.LNumber(i) == k && i >= 1 && i < 1<<26 {
			setInt(t, i, value)
			return
		}
		setHash(t, key, value)
	default:
		setHash(t, key, value)
	}
}

// setFast stores unless the key is one that raises an error.
func (vm *VM) setFast(t *lua.LTable, key, value lua.LValue) bool {
	switch k := key.(type) {
	case lua.LString:
		setString(t, key, value)
		return true
	case lua.LNumber:
		tl := layoutOf(t)
		if i := int(k); uint(i-1) < uint(len(tl.array)) && lua.LNumber(i) == k && !isNil(value) {
			tl.array[i-1] = value
			return true
		}
		if k != k {
			return false
		}
	case *lua.LNilType:
		return false
	case Cdata:
		if key == Null {
			RawSet(t, key, value)
			return true
		}
	}
	RawSet(t, key, value)
	return true
}

func setString(t *lua.LTable, key lua.LValue, value lua.LValue) {
	tl := layoutOf(t)
	k := string(key.(lua.LString))
	if isNil(value) {
		delete(tl.strdict, k)
		return
	}
	if tl.strdict == nil {
		tl.strdict = make(map[string]lua.LValue, 4)
	} else if _, old := tl.strdict[k]; old {
		tl.strdict[k] = value
		return
	}
	tl.strdict[k] = value
	tl.addKey(key)
}

func setHash(t *lua.LTable, key, value lua.LValue) {
	tl := layoutOf(t)
	if isNil(value) {
		delete(tl.dict, key)
		return
	}
	if tl.dict == nil {
		tl.dict = make(map[lua.LValue]lua.LValue, 4)
	} else if _, old := tl.dict[key]; old {
		tl.dict[key] = value
		return
	}
	tl.dict[key] = value
	tl.addKey(key)
}

// The order of traversal is in keys. Where each key stands there, k2i, is made
// when somebody asks for it: most tables never do, and it takes more time and
// memory than the rest of them. It is whole when it has as many keys as the
// list; gopher-lua's own functions, which add to both, may list a key twice
// while it is not.

// scanned is how many keys are looked through rather than indexed.
const scanned = 8

// addKey enters a new key, which has its value already, in the order of
// traversal. Keys that were removed keep their place for a traversal that is
// under way; adding a key ends any such traversal, so this is where they are
// swept.
func (tl *tableLayout) addKey(key lua.LValue) {
	if tl.k2i == nil {
		tl.k2i = make(map[lua.LValue]int)
	}
	n, live := len(tl.keys), len(tl.strdict)+len(tl.dict)
	if n >= live { // some were removed, perhaps this one
		if _, ok := tl.place(key); ok {
			return
		}
		if n = len(tl.keys); n >= compactAfter && n > 2*live {
			tl.sweep()
			if _, ok := tl.k2i[key]; ok {
				return
			}
			n = len(tl.keys)
		}
	}
	if n > 0 && len(tl.k2i) == n {
		tl.k2i[key] = n
	}
	tl.keys = append(tl.keys, key)
}

// place is where a key stands in the list of keys.
func (tl *tableLayout) place(key lua.LValue) (int, bool) {
	if len(tl.keys) <= scanned {
		for i, k := range tl.keys {
			if sameKey(k, key) {
				return i, true
			}
		}
		return 0, false
	}
	tl.settle()
	i, ok := tl.k2i[key]
	return i, ok
}

// settle makes the index of the keys whole, and lists each once.
func (tl *tableLayout) settle() {
	if len(tl.k2i) == len(tl.keys) {
		return
	}
	index := make(map[lua.LValue]int, len(tl.keys))
	once := tl.keys[:0]
	for _, k := range tl.keys {
		if _, twice := index[k]; !twice {
			index[k] = len(once)
			once = append(once, k)
		}
	}
	clear(tl.keys[len(once):])
	tl.keys, tl.k2i = once, index
}

// SettleKeys makes a table list each of its keys once. A walk through the list
// that does not go by Next begins with it.
func SettleKeys(t *lua.LTable) {
	if tl := layoutOf(t); len(tl.k2i) > 0 {
		tl.settle()
	}
}

func (tl *tableLayout) has(key lua.LValue) bool {
	if s, ok := key.(lua.LString); ok {
		_, ok = tl.strdict[string(s)]
		return ok
	}
	_, ok := tl.dict[key]
	return ok
}

func (tl *tableLayout) sweep() {
	live := make([]lua.LValue, 0, len(tl.strdict)+len(tl.dict)+8)
	index := make(map[lua.LValue]int, cap(live))
	for _, k := range tl.keys {
		if tl.has(k) {
			index[k] = len(live)
			live = append(live, k)
		}
	}
	tl.keys, tl.k2i = live, index
}

func setInt(t *lua.LTable, i int, value lua.LValue) {
	tl := layoutOf(t)
	n := len(tl.array)
	switch {
	case i <= n:
		tl.array[i-1] = value
		if i == n && isNil(value) {
			tl.trim()
		}
	case isNil(value):
		if tl.dict != nil {
			delete(tl.dict, lua.LNumber(i))
		}
	case i == n+1:
		tl.array = append(tl.array, value)
		if len(tl.dict) > 0 {
			delete(tl.dict, lua.LNumber(i))
			tl.absorb()
		}
	case i == 2 && n == 0 && len(tl.dict) == 0:
		// A list that starts at two, as those of the numbers that may be prime do. No other index leaves a gap: what
		// lies behind one is no part of the length in LuaJIT either.
		tl.array = append(tl.array, lua.LNil, value)
	default:
		setHash(t, lua.LNumber(i), value)
	}
}

// trim cuts the nils at the end of the array part.
func (tl *tableLayout) trim() {
	n := len(tl.array)
	for n > 0 && isNil(tl.array[n-1]) {
		n--
		tl.array[n] = nil
	}
	tl.array = tl.array[:n]
}

// absorb moves the keys that follow the array part into it.
func (tl *tableLayout) absorb() {
	for {
		key := lua.LNumber(len(tl.array) + 1)
		v, ok := tl.dict[key]
		if !ok {
			return
		}
		delete(tl.dict, key)
		tl.array = append(tl.array, v)
	}
}

func setList(t *lua.LTable, first int, values []lua.LValue) {
	tl := layoutOf(t)
	if first == len(tl.array) && len(tl.dict) == 0 {
		// LuaJIT sizes the array by powers of two, so a list that fills it keeps its length in spite of holes.
		whole := len(values)
		if n := first + len(values); n&(n-1) != 0 {
			for whole = 0; whole < len(values) && !isNil(values[whole]); {
				whole++
			}
		}
		tl.array = append(tl.array, values[:whole]...)
		tl.trim()
		first, values = first+whole, values[whole:]
	}
	for i, v := range values {
		setInt(t, first+i+1, v)
	}
}

// Length is #t without metamethods.
func Length(t *lua.LTable) int {
	tl := layoutOf(t)
	n := len(tl.array)
	if n == 2 && isNil(tl.array[0]) {
		return 0
	}
	if n > 0 && isNil(tl.array[n-1]) {
		// A border: gopher-lua's own functions may leave nils at the end.
		lo, hi := 0, n-1
		for hi > 0 && isNil(tl.array[hi]) && n-hi < 64 {
			hi--
		}
		if !isNil(tl.array[hi]) {
			return hi + 1
		}
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; isNil(tl.array[mid-1]) {
				hi = mid
			} else {
				lo = mid
			}
		}
		return lo
	}
	for len(tl.dict) > 0 {
		if _, ok := tl.dict[lua.LNumber(n+1)]; !ok {
			break
		}
		n++
	}
	return n
}

// nextOf is next(t, key).
func (vm *VM) nextOf(L *lua.LState, t *lua.LTable, key lua.LValue) (k, v lua.LValue) {
	tl := layoutOf(t)
	i := 0
	switch n := key.(type) {
	case *lua.LNilType:
		SettleKeys(t)
		i = -1
	case lua.LNumber:
		if at := int(n); lua.LNumber(at) == n && at >= 1 {
			if at <= len(tl.array) {
				i = -1 - at
			} else if _, ok := vm.keyPlace(tl, key); !ok {
				// The array part may have been cut behind a traversal that
				// clears the table.
				if at > cap(tl.array) {
					RaiseString(L, 0, "invalid key to 'next'")
				}
				i = -1 - len(tl.array)
			}
		}
	}
	if i < 0 {
		for at := -1 - i; at < len(tl.array); at++ {
			if v := tl.array[at]; !isNil(v) {
				return vm.num(lua.LNumber(at + 1)), v
			}
		}
		i = 0
	} else {
		if at, ok := vm.keyPlace(tl, key); ok {
			i = at + 1
		} else {
			RaiseString(L, 0, "invalid key to 'next'")
		}
	}
	for ; i < len(tl.keys); i++ {
		key := tl.keys[i]
		if s, ok := key.(lua.LString); ok {
			v = tl.strdict[string(s)]
		} else {
			v = tl.dict[key]
		}
		if v != nil {
			vm.nextHint = i
			return key, v
		}
	}
	return lua.LNil, lua.LNil
}

// keyPlace is where a key stands, which is likely where the last step of a
// traversal found its own.
func (vm *VM) keyPlace(tl *tableLayout, key lua.LValue) (int, bool) {
	if h := vm.nextHint; h < len(tl.keys) && sameKey(tl.keys[h], key) {
		return h, true
	}
	return tl.place(key)
}

func sameKey(a, b lua.LValue) bool {
	if x, ok := a.(lua.LString); ok {
		y, ok := b.(lua.LString)
		return ok && x == y
	}
	return a == b
}

// Next is next(t, key): the pair after a key, nil after the last.
func (vm *VM) Next(L *lua.LState, t *lua.LTable, key lua.LValue) (k, v lua.LValue) {
	return vm.nextOf(L, t, key)
}

func isNaN(v lua.LValue) bool {
	n, ok := v.(lua.LNumber)
	return ok && math.IsNaN(float64(n))
}
