package serial

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// tableLayout mirrors lua.LTable. The library offers no walk that is both in a
// stable order and free of allocation, and serializers walk tables millions of
// times a second. TestTableLayout holds the mirror to the original.
type tableLayout struct {
	metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue
	k2i       map[lua.LValue]int
}

func layoutOf(t *lua.LTable) *tableLayout {
	return (*tableLayout)(unsafe.Pointer(t))
}

// lookup finds the value of a key of the hash part, nil when there is none.
func (t *tableLayout) lookup(key lua.LValue) lua.LValue {
	var v lua.LValue
	if s, ok := key.(lua.LString); ok {
		v = t.strdict[string(s)]
	} else {
		v = t.dict[key]
	}
	if v == lua.LNil {
		return nil
	}
	return v
}

// Items returns the values of the array part: index i holds key i+1, holes are
// lua.LNil. The slice is the table's own and is good until the table changes.
func Items(t *lua.LTable) []lua.LValue { return layoutOf(t).array }

// NewArray makes a table of values, which it keeps.
func NewArray(L *lua.LState, values []lua.LValue) *lua.LTable {
	t := vm.NewTable(0, 0)
	layoutOf(t).array = values
	return t
}

// Walker goes through the pairs of a table: the array part first, then the
// other keys in the order in which they were first set.
type Walker struct {
	t        *tableLayout
	keys     []lua.LValue // of the hash part
	zero     lua.LValue   // the value of the key 0 when it goes first, or nil
	index    int          // into the array part
	key      int          // into keys
	Key, Val lua.LValue
	// order is how many keys have a place in few, or in many when there are too many for few; 0 leaves the keys where
	// they are.
	order int
	few   [smallTable]uint8
	many  []uint32
}

// Walk begins a walk. The table may be changed during the walk only by setting
// keys that exist.
func Walk(t *lua.LTable) Walker {
	vm.SettleKeys(t)
	l := layoutOf(t)
	return Walker{t: l, keys: l.keys}
}

// Next moves to the next pair and reports whether there is one.
func (w *Walker) Next() bool {
	if w.zero != nil {
		w.Key, w.Val, w.zero = lua.LNumber(0), w.zero, nil
		return true
	}
	for w.index < len(w.t.array) {
		v := w.t.array[w.index]
		w.index++
		if v != lua.LNil && v != nil {
			w.Key, w.Val = lua.LNumber(w.index), v
			return true
		}
	}
	for {
		k := w.nextKey()
		if k == nil {
			return false
		}
		if v := w.t.lookup(k); v != nil {
			w.Key, w.Val = k, v
			return true
		}
	}
}

// nextKey is the next key of the hash part, nil after the last.
func (w *Walker) nextKey() lua.LValue {
	at := w.key
	w.key++
	switch {
	case w.order == 0:
	case at >= w.order:
		return nil
	case w.many != nil:
		at = int(w.many[at])
	default:
		at = int(w.few[at])
	}
	if at >= len(w.keys) {
		return nil
	}
	return w.keys[at]
}

// shape counts the pairs of a table and finds its last index. It reports
// false as soon as a key is not a positive integer.
func shape(t *lua.LTable) (size, last int, sequence bool) {
	l := layoutOf(t)
	for i, v := range l.array {
		if v != lua.LNil && v != nil {
			size++
			last = i + 1
		}
	}
	if len(l.strdict) == 0 && len(l.dict) == 0 {
		return size, last, true
	}
	vm.SettleKeys(t)
	for _, k := range l.keys {
		if l.lookup(k) == nil {
			continue
		}
		n, ok := k.(lua.LNumber)
		if !ok || n <= 0 || n != lua.LNumber(uint32(n)) {
			return 0, 0, false
		}
		size++
		last = max(last, int(n))
	}
	return size, last, true
}

// count is the number of pairs of a table.
func count(t *lua.LTable) int {
	l := layoutOf(t)
	n := 0
	for _, v := range l.array {
		if v != lua.LNil && v != nil {
			n++
		}
	}
	// Setting nil deletes, so the hash parts hold no nils.
	return n + len(l.strdict) + len(l.dict)
}

// highest is the highest index of a table, also behind holes: how long it is as a list.
func highest(t *lua.LTable) int {
	l := layoutOf(t)
	n := len(l.array)
	for n > 0 && (l.array[n-1] == lua.LNil || l.array[n-1] == nil) {
		n--
	}
	for k := range l.dict {
		if i, ok := k.(lua.LNumber); ok && i > 0 && i == lua.LNumber(uint32(i)) {
			n = max(n, int(i))
		}
	}
	return n
}
