package runtime

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	embedded "shardlua/lua"
	"shardlua/runtime/reload"
	"shardlua/runtime/vm"
)

// A searcher is one of package.loaders: it returns the function that loads the module, or the lines that tell where it
// looked in vain.
type searcher func(L *lua.LState, name string) (loader lua.LValue, tried string)

// systemTemplates are the places where an installation keeps Lua modules, after those that belong to the user.
var systemTemplates = []string{"/usr/local/share/tarantool", "/usr/share/tarantool", "/usr/local/share/lua/5.1", "/usr/share/lua/5.1"}

// openPackage replaces gopher-lua's package library with one that searches as Tarantool does: preload, the host's own
// modules, the working directory, .rocks in it and above it, package.path, and the sources in the binary last.
func (h *Host) openPackage(L *lua.LState) {
	pkg := L.NewTable()
	h.loaded = h.vm.Loaded()
	pkg.RawSetString("loaded", h.loaded)
	pkg.RawSetString("preload", L.NewTable())
	pkg.RawSetString("path", lua.LString(initialPath(os.Getenv("LUA_PATH"), defaultPath(h.home))))
	pkg.RawSetString("cpath", lua.LString(""))
	pkg.RawSetString("config", lua.LString("/\n;\n?\n!\n-\n"))
	pkg.RawSetString("search", L.NewFunction(h.luaSearch))
	pkg.RawSetString("searchroot", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(h.searchRoot()))
		return 1
	}))
	pkg.RawSetString("setsearchroot", L.NewFunction(h.luaSetSearchRoot))
	pkg.RawSetString("seeall", L.NewFunction(seeAll))
	loaders := L.NewTable()
	for _, s := range []searcher{h.searchPreload, h.searchBuiltin, h.searchWorkDir, h.searchRocks, h.searchPath, h.searchEmbedded} {
		loaders.Append(L.NewFunction(func(L *lua.LState) int {
			loader, tried := s(L, vm.CheckString(L, 1))
			if loader == nil {
				loader = lua.LString(tried)
			}
			L.Push(loader)
			return 1
		}))
	}
	pkg.RawSetString("loaders", loaders)
	h.pkg = pkg
	L.SetGlobal("package", pkg)
	h.loaded.RawSetString("package", pkg)
	L.SetGlobal("require", L.NewFunction(h.luaRequire))
	L.SetGlobal("module", L.NewFunction(h.luaModule))
}

func defaultPath(home string) string {
	var roots []string
	if home != "" {
		roots = append(roots, home+"/.luarocks/share/lua/5.1", home+"/.luarocks/share/lua")
	}
	var b strings.Builder
	for _, root := range append(roots, systemTemplates...) {
		b.WriteString(root + "/?.lua;" + root + "/?/init.lua;")
	}
	return b.String()
}

// initialPath is package.path as the environment wants it: ;; in LUA_PATH stands for the default.
func initialPath(environment, defaults string) string {
	if environment == "" {
		return defaults
	}
	path := strings.ReplaceAll(environment, ";;", ";\x00;")
	path = strings.ReplaceAll(path, "\x00", strings.TrimSuffix(defaults, ";"))
	return strings.Trim(path, ";")
}

// loading marks a module in package.loaded while its body runs.
var loading = &lua.LUserData{}

func (h *Host) luaRequire(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	loaded := h.loadedTable(L)
	if value := loaded.RawGetString(name); lua.LVAsBool(value) {
		if value == loading {
			vm.RaiseString(L, 1, "loop or previous error loading module '%s'", name)
		}
		L.Push(value)
		return 1
	}
	L.Push(h.reloader.Load(L, name, func() lua.LValue { return h.loadModule(L, loaded, name) }))
	return 1
}

// loadModule runs the loader of a module and keeps what it returns in package.loaded.
func (h *Host) loadModule(L *lua.LState, loaded *lua.LTable, name string) lua.LValue {
	loader := h.findLoader(L, name)
	loaded.RawSetString(name, loading)
	L.Push(loader)
	L.Push(lua.LString(name))
	h.callLoader(L, loaded, name)
	result := L.Get(-1)
	L.Pop(1)
	if result != lua.LNil {
		loaded.RawSetString(name, result)
	} else if loaded.RawGetString(name) == loading {
		loaded.RawSetString(name, lua.LTrue)
	}
	return loaded.RawGetString(name)
}

// callLoader calls what lies on the stack; when it throws, the module can be required again.
func (h *Host) callLoader(L *lua.LState, loaded *lua.LTable, name string) {
	done := false
	defer func() {
		if !done && loaded.RawGetString(name) == loading {
			loaded.RawSetString(name, lua.LNil)
		}
	}()
	L.Call(1, 1)
	done = true
}

// loadedTable is package.loaded, even when a script has replaced the table.
func (h *Host) loadedTable(L *lua.LState) *lua.LTable {
	if t, ok := h.pkg.RawGetString("loaded").(*lua.LTable); ok {
		return t
	}
	return h.loaded
}

func (h *Host) findLoader(L *lua.LState, name string) lua.LValue {
	loaders, ok := h.pkg.RawGetString("loaders").(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "'package.loaders' must be a table")
	}
	var tried strings.Builder
	for i := 1; ; i++ {
		loader := loaders.RawGetInt(i)
		if loader == lua.LNil {
			vm.RaiseString(L, 1, "module '%s' not found:%s", name, tried.String())
		}
		L.Push(loader)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		found := L.Get(-1)
		L.Pop(1)
		switch found := found.(type) {
		case *lua.LFunction:
			return found
		case lua.LString:
			tried.WriteString(string(found))
		}
	}
}

func (h *Host) searchPreload(L *lua.LState, name string) (lua.LValue, string) {
	if preload, ok := h.pkg.RawGetString("preload").(*lua.LTable); ok {
		if loader := preload.RawGetString(name); loader != lua.LNil {
			return loader, ""
		}
	}
	return nil, "\n\tno field package.preload['" + name + "']"
}

func (h *Host) searchBuiltin(L *lua.LState, name string) (lua.LValue, string) {
	m, ok := h.modules[name]
	if !ok {
		return nil, ""
	}
	return L.NewFunction(func(L *lua.LState) int {
		L.Push(m.Open(h, L))
		return 1
	}), ""
}

func (h *Host) searchWorkDir(L *lua.LState, name string) (lua.LValue, string) {
	root := h.searchRoot()
	return h.searchTemplates(L, name, root+"/?.lua;"+root+"/?/init.lua")
}

func (h *Host) searchRocks(L *lua.LState, name string) (lua.LValue, string) {
	return h.searchTemplates(L, name, rocksTemplates(h.searchRoot()))
}

// rocksTemplates are the places of modules that were installed beside an application: .rocks in a directory and in those
// above it.
func rocksTemplates(dir string) string {
	var b strings.Builder
	for ; ; dir = filepath.Dir(dir) {
		rocks := path.Join(dir, ".rocks/share/tarantool")
		b.WriteString(rocks + "/?.lua;" + rocks + "/?/init.lua;")
		if dir == "/" || dir == "." {
			return b.String()
		}
	}
}

func (h *Host) searchPath(L *lua.LState, name string) (lua.LValue, string) {
	templates, ok := h.pkg.RawGetString("path").(lua.LString)
	if !ok {
		vm.RaiseString(L, 1, "'package.path' must be a string")
	}
	return h.searchTemplates(L, name, string(templates))
}

func (h *Host) searchTemplates(L *lua.LState, name, templates string) (lua.LValue, string) {
	file, tried := h.findFile(name, templates)
	if file == "" {
		return nil, tried
	}
	if fn := h.reloader.Compiled(name); fn != nil {
		return fn, ""
	}
	source, err := h.readFile(file)
	if err != nil {
		vm.RaiseString(L, 1, "error loading module '%s' from file '%s':\n\tcannot read %s: %s", name, file, file, errText(err))
	}
	return h.compileModule(L, name, file, source), ""
}

// compileModule turns source into the loader of a module, or raises the syntax error as require does.
func (h *Host) compileModule(L *lua.LState, name, file string, source []byte) lua.LValue {
	fn, err := h.vm.Load(source, "@"+file)
	if err != nil {
		vm.RaiseString(L, 1, "error loading module '%s' from file '%s':\n\t%s", name, file, err.Error())
	}
	return fn
}

// findFile returns the first file that a list of templates such as "/x/?.lua;/y/?/init.lua" names.
func (h *Host) findFile(name, templates string) (file, tried string) {
	rel := strings.ReplaceAll(name, ".", "/")
	var b strings.Builder
	for template := range strings.SplitSeq(templates, ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", rel)
		if info, err := h.machine.Disk.Stat(file); err == nil && !info.IsDir() {
			return file, ""
		}
		b.WriteString("\n\tno file '" + file + "'")
	}
	return "", b.String()
}

func (h *Host) searchEmbedded(L *lua.LState, name string) (lua.LValue, string) {
	if fn := h.reloader.Compiled(name); fn != nil {
		return fn, ""
	}
	source, file, err := readEmbedded(name)
	switch {
	case err == nil:
		return h.compileModule(L, name, file, source), ""
	case errors.Is(err, fs.ErrNotExist):
		return nil, ""
	}
	vm.RaiseString(L, 1, "error loading module '%s' from file '%s':\n\t%s", name, file, errText(err))
	return nil, ""
}

// readEmbedded finds a module among the sources in the binary.
func readEmbedded(name string) (source []byte, file string, err error) {
	rel := strings.ReplaceAll(name, ".", "/")
	for _, file = range []string{rel + ".lua", rel + "/init.lua"} {
		if source, err = fs.ReadFile(embedded.Files, file); err == nil {
			return source, "builtin/" + file, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return nil, "builtin/" + file, err
		}
	}
	return nil, "", fs.ErrNotExist
}

// Loaded implements reload.Loader.
func (h *Host) Loaded() *lua.LTable { return h.loadedTable(h.vm.State()) }

// Source implements reload.Loader.
func (h *Host) Source(L *lua.LState, name string) (source []byte, chunkname string, err error) {
	if preload, ok := h.pkg.RawGetString("preload").(*lua.LTable); ok && preload.RawGetString(name) != lua.LNil {
		return nil, "", reload.ErrNoSource
	}
	if _, ok := h.modules[name]; ok {
		return nil, "", reload.ErrNoSource
	}
	templates := ""
	if p, ok := h.pkg.RawGetString("path").(lua.LString); ok {
		templates = string(p)
	}
	root := h.searchRoot()
	file, _ := h.findFile(name, root+"/?.lua;"+root+"/?/init.lua;"+rocksTemplates(root)+templates)
	if file != "" {
		source, err = h.readFile(file)
		return source, "@" + file, err
	}
	source, file, err = readEmbedded(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("module '%s' not found", name)
	}
	return source, "@" + file, err
}

// luaSearch is package.search(name): the file that require would load.
func (h *Host) luaSearch(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	root := h.searchRoot()
	templates := root + "/?.lua;" + root + "/?/init.lua;"
	if p, ok := h.pkg.RawGetString("path").(lua.LString); ok {
		templates += string(p)
	}
	if file, _ := h.findFile(name, templates); file != "" {
		L.Push(lua.LString(file))
		return 1
	}
	return 0
}

func (h *Host) luaSetSearchRoot(L *lua.LState) int {
	if L.Get(1) == lua.LNil {
		h.root = ""
		return 0
	}
	dir := vm.CheckString(L, 1)
	abs, err := filepath.Abs(dir)
	if err != nil {
		vm.RaiseString(L, 1, "%s", errText(err))
	}
	h.root = abs
	return 0
}

// searchRoot is where modules are looked for first: the working directory, unless package.setsearchroot chose another.
func (h *Host) searchRoot() string {
	if h.root != "" {
		return h.root
	}
	dir, err := filepath.Abs(".")
	if err != nil {
		return "."
	}
	return dir
}

// luaModule is Lua 5.1's module(name, …).
func (h *Host) luaModule(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	loaded := h.loadedTable(L)
	mod, ok := loaded.RawGetString(name).(*lua.LTable)
	if !ok {
		mod = globalTable(L, name)
		if mod == nil {
			vm.RaiseString(L, 1, "name conflict for module '%s'", name)
		}
		loaded.RawSetString(name, mod)
	}
	if mod.RawGetString("_NAME") == lua.LNil {
		mod.RawSetString("_M", mod)
		mod.RawSetString("_NAME", lua.LString(name))
		mod.RawSetString("_PACKAGE", lua.LString(name[:strings.LastIndex(name, ".")+1]))
	}
	if caller, ok := L.GetStack(1); ok {
		if fn, err := L.GetInfo("f", caller, lua.LNil); err == nil {
			if f, ok := fn.(*lua.LFunction); ok && !f.IsG {
				f.Env = mod
			}
		}
	}
	for i := 2; i <= L.GetTop(); i++ {
		L.Push(L.Get(i))
		L.Push(mod)
		L.Call(1, 0)
	}
	return 0
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
