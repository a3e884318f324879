// Package debugext adds Tarantool's functions to the Lua library `debug`: sourcefile and sourcedir.
package debugext

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module extends `debug`: sourcefile([level]) is the file of the code that calls, nil for code that is in no file, and
// sourcedir([level]) the directory of that file, "." by default. The functions' own code is level 1.
var Module = module.Module{Name: "debug", Open: open}

// own is the file in which Tarantool's functions are.
const own = "builtin/debug.lua"

func open(h module.Host, L *lua.LState) lua.LValue {
	library, ok := L.GetGlobal("debug").(*lua.LTable)
	if !ok {
		return lua.LNil
	}
	getinfo, _ := library.RawGetString("getinfo").(*lua.LFunction)
	file := func(L *lua.LState) string {
		level := L.Get(1)
		if vm.IsNil(level) {
			level = lua.LNumber(2)
		}
		if n, ok := vm.ToNumber(level); ok {
			switch {
			case n < 0:
				return ""
			case n < 1:
				return "" // getinfo itself, which is in C
			case n < 2:
				return own
			}
			level = lua.LNumber(int(n))
		} else if _, ok := level.(*lua.LFunction); !ok {
			vm.RaiseString(L, 0, "%s:4: bad argument #1 to 'getinfo' (function or level expected)", own)
		}
		L.Push(getinfo)
		L.Push(level)
		L.Push(lua.LString("S"))
		L.Call(2, 1)
		info, ok := L.Get(-1).(*lua.LTable)
		L.Pop(1)
		if !ok {
			return ""
		}
		source, _ := info.RawGetString("source").(lua.LString)
		name, ok := strings.CutPrefix(string(source), "@")
		if !ok {
			return ""
		}
		return name
	}
	return L.SetFuncs(library, map[string]lua.LGFunction{
		"sourcefile": func(L *lua.LState) int {
			L.Push(lua.LNil)
			if name := file(L); name != "" {
				L.Pop(1)
				L.Push(lua.LString(name))
			}
			return 1
		},
		"sourcedir": func(L *lua.LState) int {
			name := file(L)
			dir := "."
			if i := strings.LastIndexByte(name, '/'); i > 0 {
				dir = name[:i]
			}
			L.Push(lua.LString(dir))
			return 1
		},
	})
}
