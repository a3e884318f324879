// Package tableext adds Tarantool's functions to the Lua library `table`: copy and deepcopy.
package tableext

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module extends `table`: copy(t) copies one level, deepcopy(t) all levels, keeping cycles, shared tables and
// metatables. A metatable's __copy function copies its tables itself.
var Module = module.Module{Name: "table", Open: open}

func open(_ module.Host, L *lua.LState) lua.LValue {
	library, ok := L.GetGlobal("table").(*lua.LTable)
	if !ok {
		library = L.NewTable()
		L.SetGlobal("table", library)
	}
	return L.SetFuncs(library, map[string]lua.LGFunction{
		"copy": func(L *lua.LState) int {
			L.Push(shallow(L, L.Get(1)))
			return 1
		},
		"deepcopy": func(L *lua.LState) int {
			c := copier{L: L, done: map[*lua.LTable]lua.LValue{}}
			L.Push(c.copy(L.Get(1)))
			return 1
		},
	})
}

// hook is the function in a value's metatable that copies it.
func hook(L *lua.LState, t *lua.LTable, name string) *lua.LFunction {
	if meta, ok := t.Metatable.(*lua.LTable); ok {
		fn, _ := meta.RawGetString(name).(*lua.LFunction)
		return fn
	}
	return nil
}

// call calls a copying function; an error in it goes to the script.
func call(L *lua.LState, fn *lua.LFunction, arg lua.LValue) lua.LValue {
	L.Push(fn)
	L.Push(arg)
	L.Call(1, 1)
	result := L.Get(-1)
	L.Pop(1)
	return result
}

func shallow(L *lua.LState, v lua.LValue) lua.LValue {
	t, ok := v.(*lua.LTable)
	if !ok {
		return v
	}
	if fn := hook(L, t, "__copy"); fn != nil {
		return call(L, fn, t)
	}
	out := L.CreateTable(t.Len(), 0)
	t.ForEach(func(key, value lua.LValue) { vm.RawSet(out, key, value) })
	out.Metatable = t.Metatable
	return out
}

// maxDepth is how deep tables may nest; Tarantool's recursion ends in a stack overflow about there.
const maxDepth = 60000

type copier struct {
	L     *lua.LState
	done  map[*lua.LTable]lua.LValue
	depth int
}

func (c *copier) copy(v lua.LValue) lua.LValue {
	t, ok := v.(*lua.LTable)
	if !ok {
		return v
	}
	if out, ok := c.done[t]; ok {
		return out
	}
	if c.depth++; c.depth > maxDepth {
		vm.RaiseString(c.L, 0, "builtin/table.lua:19: stack overflow")
	}
	defer func() { c.depth-- }()
	if fn := hook(c.L, t, "__copy"); fn != nil {
		// Such a copy is made anew at each place where the table stands.
		return call(c.L, fn, t)
	}
	out := c.L.CreateTable(t.Len(), 0)
	c.done[t] = out
	t.ForEach(func(key, value lua.LValue) { vm.RawSet(out, c.copy(key), c.copy(value)) })
	out.Metatable = t.Metatable
	return out
}
