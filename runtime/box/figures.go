package box

import (
	lua "github.com/yuin/gopher-lua"
)

// figure is a number with a name.
type figure struct {
	name string
	n    int64
}

// figures makes a table of numbers. Their order is that in which Tarantool sets them, as far as it can be told from the
// order in which it prints them.
func figures(L *lua.LState, list ...figure) *lua.LTable {
	t := L.NewTable()
	for _, f := range list {
		t.RawSetString(f.name, luaInteger(f.n))
	}
	return t
}

func pushFigures(L *lua.LState, list ...figure) int {
	L.Push(figures(L, list...))
	return 1
}

// zeros makes a table of counters of what does not exist here.
func zeros(L *lua.LState, names ...string) *lua.LTable {
	t := L.NewTable()
	for _, name := range names {
		t.RawSetString(name, lua.LNumber(0))
	}
	return t
}
