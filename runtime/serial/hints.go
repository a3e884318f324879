package serial

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Hints are the metatables by which decoded tables remember what they were.
// They are the same for all formats of one VM; scripts know them as
// json.array_mt and json.map_mt.
type Hints struct {
	Array, Map *lua.LTable
}

const hintsKey = "shardlua.serial.hints"

// HintsOf returns the hints of the VM that a thread belongs to.
func HintsOf(L *lua.LState) *Hints {
	if owner, ok := L.G.Registry.RawGetString(hintsKey).(*lua.LUserData); ok {
		return owner.Value.(*Hints)
	}
	h := &Hints{Array: newHint(L, "seq"), Map: newHint(L, "map")}
	owner := L.NewUserData()
	owner.Value = h
	L.G.Registry.RawSetString(hintsKey, owner)
	return h
}

// newHint makes a hint that vanishes from a table to which a new key is added,
// for then nobody knows any more what it is.
func newHint(L *lua.LState, name string) *lua.LTable {
	mt := L.NewTable()
	mt.RawSetString("__serialize", lua.LString(name))
	mt.RawSetString("__newindex", L.NewFunction(func(L *lua.LState) int {
		t := L.CheckTable(1)
		t.Metatable = lua.LNil
		vm.RawSet(t, L.Get(2), L.Get(3))
		return 0
	}))
	return mt
}
