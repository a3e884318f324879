// Package jit is the Lua modules `jit.*`: what LuaJIT offers to look at its compiler.
//
// The one idea: there is no compiler to look at, so every question has the answer of a compiler that has compiled
// nothing, and scripts that switch its reports on and off go on working.
package jit

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Modules are jit.util, jit.v, jit.p, jit.dump, jit.bc, jit.zone and their like.
func Modules() []module.Module {
	modules := []module.Module{
		{Name: "jit.util", Open: openUtil},
		{Name: "jit.zone", Open: openZone},
		{Name: "jit.vmdef", Open: openDefinitions},
	}
	for name, functions := range map[string][]string{
		"jit.v": {"on", "off", "start"}, "jit.dump": {"on", "off", "start"}, "jit.p": {"start", "stop"},
		"jit.profile": {"start", "stop", "dumpstack"}, "jit.bc": {"on", "off", "start", "line", "dump", "targets"},
		"jit.bcsave": {"start"}, "jit.dis_x86": {"create", "create64", "disass", "disass64", "regname", "regname64"},
		"jit.dis_x64": {"create", "disass", "regname"},
	} {
		modules = append(modules, module.Module{Name: name, Open: func(_ module.Host, L *lua.LState) lua.LValue {
			return silent(L, functions...)
		}})
	}
	return modules
}

// silent makes a table of functions that return nothing.
func silent(L *lua.LState, names ...string) *lua.LTable {
	t := L.NewTable()
	for _, name := range names {
		t.RawSetString(name, L.NewFunction(func(*lua.LState) int { return 0 }))
	}
	return t
}

func openUtil(h module.Host, L *lua.LState) lua.LValue {
	t := silent(L, "funcbc", "funck", "funcuvname", "traceinfo", "traceir", "tracek", "tracesnap", "tracemc",
		"traceexitstub", "ircalladdr")
	t.RawSetString("funcinfo", L.NewFunction(func(L *lua.LState) int {
		fn := vm.CheckFunction(L, 1)
		info := L.NewTable()
		if fn.IsG {
			info.RawSetString("ffid", lua.LNumber(1))
			info.RawSetString("addr", lua.LNumber(0))
			info.RawSetString("upvalues", lua.LNumber(len(fn.Upvalues)))
			L.Push(info)
			return 1
		}
		p := fn.Proto
		for name, n := range map[string]int{
			"linedefined": p.LineDefined, "lastlinedefined": p.LastLineDefined, "currentline": p.LineDefined,
			"params": int(p.NumParameters), "upvalues": len(fn.Upvalues), "stackslots": int(p.NumUsedRegisters),
			"bytecodes": len(p.Code), "nconsts": 0, "gcconsts": len(p.Constants),
		} {
			info.RawSetString(name, lua.LNumber(n))
		}
		info.RawSetString("source", lua.LString(p.SourceName))
		info.RawSetString("isvararg", lua.LBool(p.IsVarArg != 0))
		info.RawSetString("children", lua.LBool(len(p.FunctionPrototypes) > 0))
		L.Push(info)
		return 1
	}))
	return t
}

// openZone keeps a stack of names, which a profiler would show.
func openZone(_ module.Host, L *lua.LState) lua.LValue {
	var zones []lua.LValue
	t := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"get": func(L *lua.LState) int {
			if len(zones) == 0 {
				return 0
			}
			L.Push(zones[len(zones)-1])
			return 1
		},
		"flush": func(*lua.LState) int {
			zones = nil
			return 0
		},
	})
	t.Metatable = L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__call": func(L *lua.LState) int {
			if v := L.Get(2); !vm.IsNil(v) {
				zones = append(zones, v)
				return 0
			}
			if len(zones) == 0 {
				vm.RaiseString(L, 1, "empty zone stack")
			}
			L.Push(zones[len(zones)-1])
			zones = zones[:len(zones)-1]
			return 1
		},
	})
	return t
}

func openDefinitions(_ module.Host, L *lua.LState) lua.LValue {
	t := L.NewTable()
	for _, name := range [...]string{"bcnames", "irnames"} {
		t.RawSetString(name, lua.LString(""))
	}
	for _, name := range [...]string{"ffnames", "ircall", "irfield", "irfpm", "traceerr"} {
		t.RawSetString(name, L.NewTable())
	}
	return t
}
