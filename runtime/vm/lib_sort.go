package vm

import lua "github.com/yuin/gopher-lua"

// tableSorter orders a table's items by the quicksort of LuaJIT: scripts see in what order equal items come out, with
// which pairs their order function is called, and where one that contradicts itself is found out.
type tableSorter struct {
	vm    *VM
	L     *lua.LState
	order lua.LValue
	v     []lua.LValue
}

func (vm *VM) tableSort(L *lua.LState) int {
	t := CheckTable(L, 1)
	s := &tableSorter{vm: vm, L: L}
	if !isNil(L.Get(2)) {
		s.order = CheckFunction(L, 2)
	}
	n := Length(t)
	vm.noteItems(t, 1, n)
	s.v = make([]lua.LValue, n)
	for i := range n {
		s.v[i] = RawGet(t, lua.LNumber(i+1))
	}
	// What was moved before an error stays moved.
	defer func() {
		for i, v := range s.v {
			setInt(t, i+1, v)
		}
	}()
	s.sort(0, n-1)
	return 0
}

func (s *tableSorter) less(a, b lua.LValue) bool {
	if s.order != nil {
		return truth(s.vm.call1(s.L, s.order, a, b))
	}
	if x, ok := a.(lua.LNumber); ok {
		if y, ok := b.(lua.LNumber); ok {
			return x < y
		}
	}
	return s.vm.less(s.L, a, b)
}

func (s *tableSorter) swap(i, j int) { s.v[i], s.v[j] = s.v[j], s.v[i] }

// sort orders the items from lo to hi: the smaller part of a split by recursion, the larger one by another turn.
func (s *tableSorter) sort(lo, hi int) {
	for lo < hi {
		if s.less(s.v[hi], s.v[lo]) {
			s.swap(lo, hi)
		}
		if hi-lo == 1 {
			return
		}
		// Indices of a script count from one, which decides which of two middle items it is.
		mid := (lo+hi+2)/2 - 1
		if s.less(s.v[mid], s.v[lo]) {
			s.swap(mid, lo)
		} else if s.less(s.v[hi], s.v[mid]) {
			s.swap(mid, hi)
		}
		if hi-lo == 2 {
			return
		}
		at := s.split(lo, hi, mid)
		if at-lo < hi-at {
			s.sort(lo, at-1)
			lo = at + 1
		} else {
			s.sort(at+1, hi)
			hi = at - 1
		}
	}
}

// split moves the items that are less than the one in the middle before it and the others behind, and returns where
// that one is then. The first and the last item are on their sides already.
func (s *tableSorter) split(lo, hi, mid int) int {
	pivot := s.v[mid]
	s.swap(mid, hi-1)
	i, j := lo, hi-1
	for {
		for i++; s.less(s.v[i], pivot); i++ {
			if i >= hi {
				s.contradiction()
			}
		}
		for j--; s.less(pivot, s.v[j]); j-- {
			if j <= lo {
				s.contradiction()
			}
		}
		if j < i {
			s.swap(hi-1, i)
			return i
		}
		s.swap(i, j)
	}
}

func (s *tableSorter) contradiction() {
	RaiseString(s.L, 1, "invalid order function for sorting")
}
