package runtime

import (
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// openPackage replaces gopher-lua's package library with one that searches as Tarantool does: preload, the working
// directory, .rocks in it and above it, package.path, and what the binary holds last.
func (h *Host) openPackage(L *lua.LState) {
	pkg := L.NewTable()
	h.loaded = h.vm.Loaded()
	h.loaded.RawSetString("_G", lua.LNil)
	pkg.RawSetString("loaded", h.loaded)
	pkg.RawSetString("preload", L.NewTable())
	pkg.RawSetString("path", lua.LString(pathFrom("LUA_PATH", defaultPath(h.home, h.homeKnown))))
	pkg.RawSetString("cpath", lua.LString(pathFrom("LUA_CPATH", defaultCPath(h.home, h.homeKnown))))
	pkg.RawSetString("config", lua.LString("/\n;\n?\n!\n-\n"))
	for name, fn := range map[string]lua.LGFunction{
		"loadlib":       h.luaLoadLib,
		"search":        h.luaSearch,
		"searchpath":    h.luaSearchPath,
		"searchroot":    h.luaSearchRoot,
		"seeall":        seeAll,
		"setsearchroot": h.luaSetSearchRoot,
	} {
		pkg.RawSetString(name, L.NewFunction(fn))
	}
	loaders := L.NewTable()
	for _, s := range h.searchers() {
		h.loaders = append(h.loaders, L.NewFunction(func(L *lua.LState) int {
			loader, tried := s(L, vm.CheckString(L, 1))
			if loader == nil {
				loader = lua.LString(tried)
			}
			L.Push(loader)
			return 1
		}))
		loaders.Append(h.loaders[len(h.loaders)-1])
	}
	pkg.RawSetString("loaders", loaders)
	h.pkg = pkg
	L.SetGlobal("package", pkg)
	h.loaded.RawSetString("package", pkg)
	L.SetGlobal("require", L.NewFunction(h.luaRequire))
	L.SetGlobal("module", L.NewFunction(h.luaModule))
}

// openModules puts the built-in modules into package.loaded, where Tarantool has them from the start.
func (h *Host) openModules(L *lua.LState) {
	h.starting = true
	for _, list := range [][]module.Module{builtins(), h.embedder} {
		for _, m := range list {
			h.Require(L, m.Name)
		}
	}
	h.starting = false
}

// builtin is the value of a built-in module, made once; nil when there is none of that name.
func (h *Host) builtin(L *lua.LState, name string) lua.LValue {
	if value, ok := h.opened[name]; ok {
		return value
	}
	m, ok := h.modules[name]
	if !ok {
		return nil
	}
	value := m.Open(h, L)
	h.opened[name] = value
	return value
}

// loading marks a module in package.loaded while its body runs, and for good when the body throws.
var loading = &lua.LUserData{}

func (h *Host) luaRequire(L *lua.LState) int {
	name, _, _ := strings.Cut(vm.CheckString(L, 1), "\x00")
	if value := h.loaded.RawGetString(name); lua.LVAsBool(value) {
		if value == loading {
			if value = h.reloader.Elder(name); value == nil {
				vm.RaiseString(L, 1, "loop or previous error loading module '%s'", name)
			}
		}
		h.reloader.Required(name)
		L.Push(value)
		return 1
	}
	if h.starting {
		L.Push(h.loadModule(L, name))
		return 1
	}
	L.Push(h.reloader.Load(L, name, func() lua.LValue { return h.loadModule(L, name) }))
	return 1
}

// loadModule runs the loader of a module and keeps what it returns in package.loaded.
func (h *Host) loadModule(L *lua.LState, name string) lua.LValue {
	if h.starting { // what lies in the working directory must not stand in for the host's own
		if value := h.builtin(L, name); value != nil {
			h.loaded.RawSetString(name, value)
			return value
		}
	}
	var loader lua.LValue
	if fn := h.reloader.Compiled(name); fn != nil && h.hasOwnLoaders() {
		loader = fn
	} else {
		loader = h.findLoader(L, name)
	}
	h.loaded.RawSetString(name, loading)
	L.Push(loader)
	L.Push(lua.LString(name))
	L.Call(1, 1)
	result := L.Get(-1)
	L.Pop(1)
	if result != lua.LNil {
		h.loaded.RawSetString(name, result)
	} else if h.loaded.RawGetString(name) == loading {
		h.loaded.RawSetString(name, lua.LTrue)
	}
	return h.loaded.RawGetString(name)
}

// hasOwnLoaders tells whether no script has changed package.loaders.
func (h *Host) hasOwnLoaders() bool {
	now, ok := h.pkg.RawGetString("loaders").(*lua.LTable)
	if !ok || now.Len() != len(h.loaders) {
		return false
	}
	for i, own := range h.loaders {
		if now.RawGetInt(i+1) != own {
			return false
		}
	}
	return true
}

func (h *Host) findLoader(L *lua.LState, name string) lua.LValue {
	loaders, ok := h.pkg.RawGetString("loaders").(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "'package.loaders' must be a table")
	}
	var tried strings.Builder
	for i := 1; ; i++ {
		loader := vm.GetInt(loaders, i)
		if loader == lua.LNil {
			break
		}
		L.Push(loader)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		found := L.Get(-1)
		L.Pop(1)
		switch found := found.(type) {
		case *lua.LFunction:
			return found
		case lua.LString, lua.LNumber:
			tried.WriteString(found.String())
		}
	}
	if loader := h.searchEmbedded(L, name); loader != nil {
		return loader
	}
	vm.RaiseString(L, 1, "module '%s' not found:%s", name, tried.String())
	return nil
}

// luaSearch is package.search(name): the file that require would load.
func (h *Host) luaSearch(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		L.Push(lua.LString("empty name of module"))
		return 1
	}
	if file, _ := h.findFile(vm.CheckString(L, 1), h.sourceTemplates()); file != "" {
		L.Push(lua.LString(file))
		return 1
	}
	L.Push(lua.LNil)
	return 1
}

// luaSearchPath is package.searchpath(name, templates[, separator[, replacement]]).
func (h *Host) luaSearchPath(L *lua.LState) int {
	name, templates := vm.CheckString(L, 1), vm.CheckString(L, 2)
	if separator := vm.OptString(L, 3, "."); separator != "" {
		name = strings.ReplaceAll(name, separator, vm.OptString(L, 4, "/"))
	}
	file, tried := h.findFileBy(name, templates)
	if file != "" {
		L.Push(lua.LString(file))
		return 1
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(tried))
	return 2
}

// luaLoadLib is package.loadlib(file, function), which loads nothing here.
func (h *Host) luaLoadLib(L *lua.LState) int {
	file := vm.CheckString(L, 1)
	vm.CheckString(L, 2)
	text := file + ": cannot open shared object file: No such file or directory"
	if h.readable(file) {
		text = refuseLibrary(file).Error()
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(text))
	L.Push(lua.LString("open"))
	return 3
}

func (h *Host) luaSearchRoot(L *lua.LState) int {
	L.Push(lua.LString(h.searchRoot()))
	return 1
}

func (h *Host) luaSetSearchRoot(L *lua.LState) int {
	dir, ok := ".", vm.IsNil(L.Get(1))
	if ok {
		// Without an argument it is the directory of the calling script.
		if caller := callerOf(L); caller != nil {
			if file, isFile := strings.CutPrefix(vm.Source(caller), "@"); isFile {
				dir = filepath.Dir(file)
			}
		}
	} else if text, isText := L.Get(1).(lua.LString); isText {
		dir, ok = string(text), true
	}
	if !ok {
		vm.RaiseString(L, 0, "builtin/tarantool.lua:69: Search root must be a string")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		vm.RaiseString(L, 0, "%s", errText(err))
	}
	h.root = abs
	return 0
}

// searchRoot is where modules are looked for first: the working directory, unless package.setsearchroot chose another.
func (h *Host) searchRoot() string {
	if h.root != "" {
		return h.root
	}
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	return dir
}

// luaModule is Lua 5.1's module(name, …).
func (h *Host) luaModule(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	caller := callerOf(L)
	mod, ok := h.loaded.RawGetString(name).(*lua.LTable)
	if !ok {
		mod = globalTable(L, name)
		if mod == nil {
			vm.RaiseString(L, 1, "name conflict for module '%s'", name)
		}
		h.loaded.RawSetString(name, mod)
	}
	if mod.RawGetString("_NAME") == lua.LNil {
		mod.RawSetString("_M", mod)
		mod.RawSetString("_NAME", lua.LString(name))
		mod.RawSetString("_PACKAGE", lua.LString(name[:strings.LastIndex(name, ".")+1]))
	}
	if caller == nil {
		vm.RaiseString(L, 1, "'module' not called from a Lua function")
	}
	caller.Env = mod
	for i := 2; i <= L.GetTop(); i++ {
		L.Push(L.Get(i))
		L.Push(mod)
		L.Call(1, 0)
	}
	return 0
}

// callerOf is the Lua function that called the running Go function; nil when it was none.
func callerOf(L *lua.LState) *lua.LFunction {
	frame, ok := L.GetStack(1)
	if !ok {
		return nil
	}
	value, err := L.GetInfo("f", frame, lua.LNil)
	if fn, ok := value.(*lua.LFunction); err == nil && ok && !fn.IsG {
		return fn
	}
	return nil
}

// globalTable makes or finds the table at a dotted name in _G; nil when another value stands in the way.
func globalTable(L *lua.LState, name string) *lua.LTable {
	at := L.G.Global
	for part := range strings.SplitSeq(name, ".") {
		switch next := at.RawGetString(part).(type) {
		case *lua.LTable:
			at = next
		case *lua.LNilType:
			made := L.NewTable()
			at.RawSetString(part, made)
			at = made
		default:
			return nil
		}
	}
	return at
}

// seeAll is package.seeall.
func seeAll(L *lua.LState) int {
	t := vm.CheckTable(L, 1)
	mt, ok := t.Metatable.(*lua.LTable)
	if !ok {
		mt = L.NewTable()
		t.Metatable = mt
	}
	mt.RawSetString("__index", L.G.Global)
	return 0
}
