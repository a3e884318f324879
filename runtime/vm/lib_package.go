package vm

import (
	"fmt"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openPackage() {
	t := vm.library("package")
	setString(t, lua.LString("loaded"), vm.Loaded())
	setString(t, lua.LString("preload"), newTable(0, 8))
	setString(t, lua.LString("config"), lua.LString("/\n;\n?\n!\n-\n"))
	path := "./?.lua;./?/init.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua;" +
		"/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"
	setString(t, lua.LString("path"), lua.LString(path))
	setString(t, lua.LString("cpath"), lua.LString(""))
	vm.Register(t, map[string]lua.LGFunction{
		"loadlib": func(L *lua.LState) int {
			L.Push(lua.LNil)
			L.Push(lua.LString("dynamic libraries not enabled; check your Lua installation"))
			L.Push(lua.LString("absent"))
			return 3
		},
		"seeall": func(L *lua.LState) int {
			t := CheckTable(L, 1)
			mt, ok := t.Metatable.(*lua.LTable)
			if !ok {
				mt = newTable(0, 1)
				t.Metatable = mt
			}
			setString(mt, lua.LString("__index"), L.G.Global)
			return 0
		},
		"searchpath": vm.packageSearchPath,
	})
	loaders := newTable(2, 0)
	setInt(loaders, 1, vm.function(vm.loadPreloaded))
	setInt(loaders, 2, vm.function(vm.loadFromPath))
	setString(t, lua.LString("loaders"), loaders)
	vm.Register(vm.main.G.Global, map[string]lua.LGFunction{"require": vm.require, "module": vm.module})
}

func (vm *VM) packageField(name string) lua.LValue {
	t, ok := vm.Loaded().RawGetString("package").(*lua.LTable)
	if !ok {
		return lua.LNil
	}
	return t.RawGetString(name)
}

// searchPath looks for a module's file among a path's templates.
func searchPath(name, path, sep, rep string) (file, tried string) {
	if sep != "" {
		name = strings.ReplaceAll(name, sep, rep)
	}
	for _, template := range strings.Split(path, ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", name)
		if f, err := os.Open(file); err == nil {
			f.Close()
			return file, ""
		}
		tried += fmt.Sprintf("\n\tno file '%s'", file)
	}
	return "", tried
}

func (vm *VM) packageSearchPath(L *lua.LState) int {
	file, tried := searchPath(CheckString(L, 1), CheckString(L, 2), OptString(L, 3, "."), OptString(L, 4, "/"))
	if file != "" {
		L.Push(lua.LString(file))
		return 1
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(tried))
	return 2
}

func (vm *VM) loadPreloaded(L *lua.LState) int {
	name := CheckString(L, 1)
	t, ok := vm.packageField("preload").(*lua.LTable)
	if !ok {
		RaiseString(L, 1, "'package.preload' must be a table")
	}
	v := t.RawGetString(name)
	if isNil(v) {
		v = lua.LString(fmt.Sprintf("\n\tno field package.preload['%s']", name))
	}
	L.Push(v)
	return 1
}

func (vm *VM) loadFromPath(L *lua.LState) int {
	name := CheckString(L, 1)
	path, ok := text(vm.packageField("path"))
	if !ok {
		RaiseString(L, 1, "'package.path' must be a string")
	}
	file, tried := searchPath(name, path, ".", "/")
	if file == "" {
		L.Push(lua.LString(tried))
		return 1
	}
	fn, err := vm.LoadFile(file)
	if err != nil {
		RaiseString(L, 1, "error loading module '%s' from file '%s':\n\t%s", name, file, err)
	}
	L.Push(fn)
	return 1
}

func (vm *VM) require(L *lua.LState) int {
	name := CheckString(L, 1)
	loaded := vm.Loaded()
	// While a module loads, this marks it.
	mark := vm.loading()
	if v := loaded.RawGetString(name); truth(v) {
		if v == lua.LValue(mark) {
			RaiseString(L, 1, "loop or previous error loading module '%s'", name)
		}
		L.Push(v)
		return 1
	}
	loaders, ok := vm.packageField("loaders").(*lua.LTable)
	if !ok {
		RaiseString(L, 1, "'package.loaders' must be a table")
	}
	tried := ""
	var loader lua.LValue
	for i := 1; ; i++ {
		searcher := RawGet(loaders, lua.LNumber(i))
		if isNil(searcher) {
			RaiseString(L, 1, "module '%s' not found:%s", name, tried)
		}
		r := vm.CallRaw(L, searcher, 1, lua.LString(name))[0]
		if _, ok := r.(*lua.LFunction); ok {
			loader = r
			break
		}
		if s, ok := text(r); ok {
			tried += s
		}
	}
	setString(loaded, lua.LString(name), mark)
	v := vm.CallRaw(L, loader, 1, lua.LString(name))[0]
	if !isNil(v) {
		setString(loaded, lua.LString(name), v)
	} else if v = loaded.RawGetString(name); v == lua.LValue(mark) {
		v = lua.LTrue
		setString(loaded, lua.LString(name), v)
	}
	L.Push(v)
	return 1
}

func (vm *VM) loading() *lua.LUserData {
	const key = "shardlua.loading"
	if ud, ok := vm.main.G.Registry.RawGetString(key).(*lua.LUserData); ok {
		return ud
	}
	ud := &lua.LUserData{Metatable: lua.LNil}
	setString(vm.main.G.Registry, lua.LString(key), ud)
	return ud
}

// module is Lua 5.1's module(name, ...).
func (vm *VM) module(L *lua.LState) int {
	name := CheckString(L, 1)
	t, ok := vm.Loaded().RawGetString(name).(*lua.LTable)
	if !ok {
		t = vm.findTable(L, L.G.Global, name)
		setString(vm.Loaded(), lua.LString(name), t)
	}
	if isNil(t.RawGetString("_NAME")) {
		setString(t, lua.LString("_M"), t)
		setString(t, lua.LString("_NAME"), lua.LString(name))
		setString(t, lua.LString("_PACKAGE"), lua.LString(name[:strings.LastIndexByte(name, '.')+1]))
	}
	f := frameAt(L, 1)
	if f == nil || f.Fn.IsG {
		RaiseString(L, 1, "'module' not called from a Lua function")
	}
	f.Fn.Env = t
	for i := 2; i <= L.GetTop(); i++ {
		vm.CallRaw(L, L.Get(i), 0, t)
	}
	return 0
}

func (vm *VM) findTable(L *lua.LState, t *lua.LTable, name string) *lua.LTable {
	for _, part := range strings.Split(name, ".") {
		switch v := t.RawGetString(part).(type) {
		case *lua.LTable:
			t = v
		case *lua.LNilType:
			inner := newTable(0, 0)
			setString(t, lua.LString(part), inner)
			t = inner
		default:
			RaiseString(L, 1, "name conflict for module '%s'", name)
		}
	}
	return t
}
