package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openTable() {
	t := vm.library("table")
	vm.Register(t, map[string]lua.LGFunction{
		"concat": vm.tableConcat, "insert": vm.tableInsert, "remove": vm.tableRemove, "sort": vm.tableSort,
		"maxn": tableMaxN, "getn": tableGetN, "foreach": vm.tableForEach, "foreachi": vm.tableForEachI,
		"move": vm.tableMove,
	})
	// The table has these two once a script requires them, and Tarantool's own modules do so at once.
	for name, fn := range map[string]lua.LGFunction{"new": tableNew, "clear": vm.tableClear} {
		f := vm.function(fn)
		setString(t, lua.LString(name), f)
		vm.preload("table."+name, f)
	}
}

func tableNew(L *lua.LState) int {
	L.Push(newTable(max(CheckInt(L, 1), 0), max(CheckInt(L, 2), 0)))
	return 1
}

func (vm *VM) tableClear(L *lua.LState) int {
	t := CheckTable(L, 1)
	vm.noteAll(t)
	Clear(t)
	return 0
}

// Clear removes everything from a table and keeps its room.
func Clear(t *lua.LTable) {
	tl := layoutOf(t)
	clear(tl.array)
	tl.array = tl.array[:0]
	clear(tl.dict)
	clear(tl.strdict)
	clear(tl.k2i)
	clear(tl.keys)
	tl.keys = tl.keys[:0]
}

func (vm *VM) tableInsert(L *lua.LState) int {
	t := CheckTable(L, 1)
	n := Length(t) + 1
	switch L.GetTop() {
	case 2:
		vm.noteItems(t, n, n)
		setInt(t, n, L.Get(2))
	case 3:
		at := CheckInt(L, 2)
		v := L.Get(3)
		if at > n {
			vm.noteItems(t, at, at)
		} else {
			vm.noteItems(t, at, n)
		}
		tl := layoutOf(t)
		switch {
		case at >= 1 && at < n && n-1 == len(tl.array):
			tl.array = append(tl.array, lua.LNil)
			copy(tl.array[at:], tl.array[at-1:])
			tl.array[at-1] = v
			if len(tl.dict) > 0 {
				tl.absorb()
			}
		default:
			for i := n; i > at; i-- {
				RawSet(t, lua.LNumber(i), RawGet(t, lua.LNumber(i-1)))
			}
			RawSet(t, lua.LNumber(at), v)
		}
	default:
		RaiseString(L, 1, "wrong number of arguments to 'insert'")
	}
	return 0
}

func (vm *VM) tableRemove(L *lua.LState) int {
	t := CheckTable(L, 1)
	n := Length(t)
	if isNil(L.Get(2)) && L.GetTop() < 2 {
		if n == 0 {
			return 0
		}
		L.Push(RawGet(t, lua.LNumber(n)))
		vm.noteItems(t, n, n)
		setInt(t, n, lua.LNil)
		return 1
	}
	at := CheckInt(L, 2)
	if at < 1 || at > n {
		return 0
	}
	v := RawGet(t, lua.LNumber(at))
	vm.noteItems(t, at, n)
	tl := layoutOf(t)
	if n == len(tl.array) {
		copy(tl.array[at-1:], tl.array[at:])
		tl.array[n-1] = lua.LNil
		tl.trim()
	} else {
		for i := at; i < n; i++ {
			setInt(t, i, RawGet(t, lua.LNumber(i+1)))
		}
		setInt(t, n, lua.LNil)
	}
	L.Push(v)
	return 1
}

func (vm *VM) tableConcat(L *lua.LState) int {
	t := CheckTable(L, 1)
	sep := OptString(L, 2, "")
	from := OptInt(L, 3, 1)
	to := OptInt(L, 4, 0)
	if isNil(L.Get(4)) {
		to = Length(t)
	}
	if from > to {
		L.Push(lua.LString(""))
		return 1
	}
	var b strings.Builder
	for i := from; i <= to; i++ {
		v := RawGet(t, lua.LNumber(i))
		s, ok := text(v)
		if !ok {
			RaiseString(L, 1, "invalid value (%s) at index %d in table for 'concat'", TypeName(v), i)
		}
		b.WriteString(s)
		if i < to {
			b.WriteString(sep)
		}
	}
	L.Push(lua.LString(b.String()))
	return 1
}

func tableMaxN(L *lua.LState) int {
	tl := layoutOf(CheckTable(L, 1))
	most := 0.0
	for i := len(tl.array); i > 0; i-- {
		if !isNil(tl.array[i-1]) {
			most = float64(i)
			break
		}
	}
	for k := range tl.dict {
		if n, ok := k.(lua.LNumber); ok && float64(n) > most {
			most = float64(n)
		}
	}
	L.Push(lua.LNumber(most))
	return 1
}

func tableGetN(L *lua.LState) int {
	L.Push(lua.LNumber(Length(CheckTable(L, 1))))
	return 1
}

func (vm *VM) tableForEach(L *lua.LState) int {
	t := CheckTable(L, 1)
	fn := CheckFunction(L, 2)
	for k, v := vm.nextOf(L, t, lua.LNil); !isNil(k); k, v = vm.nextOf(L, t, k) {
		if r := vm.call1(L, fn, k, v); !isNil(r) {
			L.Push(r)
			return 1
		}
	}
	return 0
}

func (vm *VM) tableForEachI(L *lua.LState) int {
	t := CheckTable(L, 1)
	fn := CheckFunction(L, 2)
	for i := 1; i <= Length(t); i++ {
		n := vm.num(lua.LNumber(i))
		if r := vm.call1(L, fn, n, RawGet(t, n)); !isNil(r) {
			L.Push(r)
			return 1
		}
	}
	return 0
}

func (vm *VM) tableMove(L *lua.LState) int {
	from := CheckTable(L, 1)
	f, e, at := CheckInt(L, 2), CheckInt(L, 3), CheckInt(L, 4)
	to := from
	if !isNil(L.Get(5)) {
		to = CheckTable(L, 5)
	}
	if e >= f {
		vm.noteItems(to, at, at+e-f)
		if at > e || at <= f || to != from {
			for i := 0; i <= e-f; i++ {
				RawSet(to, lua.LNumber(at+i), RawGet(from, lua.LNumber(f+i)))
			}
		} else {
			for i := e - f; i >= 0; i-- {
				RawSet(to, lua.LNumber(at+i), RawGet(from, lua.LNumber(f+i)))
			}
		}
	}
	L.Push(to)
	return 1
}
