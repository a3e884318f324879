package runtime

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"

	embedded "shardlua/lua"
	"shardlua/runtime/reload"
	"shardlua/runtime/vm"
)

// A searcher is one of package.loaders: it returns the function that loads the module, or the lines that tell where it
// looked in vain.
type searcher func(L *lua.LState, name string) (loader lua.LValue, tried string)

// searchers are package.loaders in Tarantool's order. The sources in the binary are not among them: they come after all
// of them, also after those that a script adds.
func (h *Host) searchers() []searcher {
	return []searcher{
		h.searchPreload, h.searchWorkDir, h.searchWorkDirC, h.searchRocks, h.searchRocksC, h.searchPath, h.searchPathC,
		h.searchRootC,
	}
}

// systemTemplates are the places where an installation keeps Lua modules, after those that belong to the user.
var systemTemplates = []string{"/usr/local/share/tarantool", "/usr/share/tarantool", "/usr/local/share/lua/5.1", "/usr/share/lua/5.1"}

func defaultPath(home string, homeKnown bool) string {
	var roots []string
	if homeKnown {
		roots = append(roots, home+"/.luarocks/share/lua/5.1", home+"/.luarocks/share/lua")
	}
	var b strings.Builder
	for _, root := range append(roots, systemTemplates...) {
		b.WriteString(root + "/?.lua;" + root + "/?/init.lua;")
	}
	return b.String()
}

// defaultCPath is where an installation on Debian keeps modules written in C. They cannot be loaded; the path is there
// for scripts that read it, and for the error to name what lies in the way.
func defaultCPath(home string, homeKnown bool) string {
	var roots []string
	if homeKnown {
		roots = append(roots, home+"/.luarocks/lib/lua/5.1", home+"/.luarocks/lib/lua")
	}
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	for _, kind := range []string{"tarantool", "lua/5.1"} {
		if triplet != "" {
			roots = append(roots, "/usr/local/lib/"+triplet+"/"+kind, "/usr/lib/"+triplet+"/"+kind)
		}
		roots = append(roots, "/usr/local/lib/"+kind)
	}
	var b strings.Builder
	for _, root := range roots {
		b.WriteString(root + "/?.so;")
	}
	return b.String()
}

// pathFrom is package.path or cpath as an environment variable wants it: ;; stands for the default.
func pathFrom(variable, defaults string) string {
	text, ok := os.LookupEnv(variable)
	if !ok {
		return defaults
	}
	text = strings.ReplaceAll(text, ";;", ";\x01;")
	return strings.ReplaceAll(text, "\x01", defaults)
}

func (h *Host) searchPreload(L *lua.LState, name string) (lua.LValue, string) {
	preload, ok := h.pkg.RawGetString("preload").(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "'package.preload' must be a table")
	}
	if loader := preload.RawGetString(name); loader != lua.LNil {
		return loader, ""
	}
	return nil, "\n\tno field package.preload['" + name + "']"
}

func (h *Host) searchWorkDir(L *lua.LState, name string) (lua.LValue, string) {
	return h.searchSoftly(name, workDirTemplates(h.searchRoot()))
}

func workDirTemplates(root string) string {
	root = strings.TrimSuffix(root, "/")
	return root + "/?.lua;" + root + "/?/init.lua;"
}

func (h *Host) searchWorkDirC(L *lua.LState, name string) (lua.LValue, string) {
	return h.searchSoftlyC(name, strings.TrimSuffix(h.searchRoot(), "/")+"/?.so")
}

func (h *Host) searchRocks(L *lua.LState, name string) (lua.LValue, string) {
	return h.searchSoftly(name, rocksTemplates(h.searchRoot()))
}

func (h *Host) searchRocksC(L *lua.LState, name string) (lua.LValue, string) {
	var b strings.Builder
	for _, dir := range parents(h.searchRoot()) {
		b.WriteString(path.Join(dir, ".rocks/lib/tarantool") + "/?.so;")
	}
	return h.searchSoftlyC(name, b.String())
}

// rocksTemplates are the places of modules that were installed beside an application: .rocks in a directory and in those
// above it.
func rocksTemplates(root string) string {
	var b strings.Builder
	for _, dir := range parents(root) {
		rocks := path.Join(dir, ".rocks/share/tarantool")
		b.WriteString(rocks + "/?.lua;" + rocks + "/?/init.lua;")
	}
	return b.String()
}

// parents are a directory and all above it.
func parents(dir string) []string {
	list := []string{dir}
	for dir != "/" && dir != "." {
		dir = filepath.Dir(dir)
		list = append(list, dir)
	}
	return list
}

// searchSoftly looks in the places that Tarantool added to Lua's: there, a file that does not compile counts as one that
// is not there, and its error stands among the places that were tried.
func (h *Host) searchSoftly(name, templates string) (lua.LValue, string) {
	file, tried := h.findFile(name, templates)
	if file == "" {
		return nil, tried
	}
	fn, err := h.load(name, file)
	if err != nil {
		return nil, err.Error()
	}
	return fn, ""
}

func (h *Host) searchSoftlyC(name, templates string) (lua.LValue, string) {
	file, tried := h.findFile(name, templates)
	if file == "" {
		return nil, tried
	}
	return nil, refuseLibrary(file).Error()
}

func (h *Host) searchPath(L *lua.LState, name string) (lua.LValue, string) {
	file, tried := h.findFile(name, h.templates(L, "path"))
	if file == "" {
		return nil, tried
	}
	fn, err := h.load(name, file)
	if err != nil {
		raiseLoadError(L, name, file, err)
	}
	return fn, ""
}

func (h *Host) searchPathC(L *lua.LState, name string) (lua.LValue, string) {
	return nil, h.findLibrary(L, name, name)
}

// searchRootC looks for a library that holds the modules of a whole package.
func (h *Host) searchRootC(L *lua.LState, name string) (lua.LValue, string) {
	root, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return nil, ""
	}
	return nil, h.findLibrary(L, name, root)
}

func (h *Host) findLibrary(L *lua.LState, name, library string) (tried string) {
	file, tried := h.findFile(library, h.templates(L, "cpath"))
	if file != "" {
		raiseLoadError(L, name, file, refuseLibrary(file))
	}
	return tried
}

// refuseLibrary is the error of a module written in C.
func refuseLibrary(file string) error {
	return fmt.Errorf("%s: modules written in C are not supported by this instance", file)
}

func raiseLoadError(L *lua.LState, name, file string, err error) {
	vm.RaiseString(L, 1, "error loading module '%s' from file '%s':\n\t%s", name, file, err.Error())
}

// templates is package.path or package.cpath.
func (h *Host) templates(L *lua.LState, field string) string {
	switch v := h.pkg.RawGetString(field).(type) {
	case lua.LString, lua.LNumber:
		return v.String()
	}
	vm.RaiseString(L, 1, "'package.%s' must be a string", field)
	return ""
}

// load compiles a file, unless a reload has compiled it already.
func (h *Host) load(name, file string) (lua.LValue, error) {
	if fn := h.reloader.Compiled(name); fn != nil {
		return fn, nil
	}
	source, err := h.readFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %s", file, errText(err))
	}
	fn, err := h.vm.Load(source, "@"+file)
	if err != nil {
		return nil, err
	}
	h.reloader.Ran(name, source)
	return fn, nil
}

// findFile returns the first file that a list of templates such as "/x/?.lua;/y/?/init.lua" names.
func (h *Host) findFile(name, templates string) (file, tried string) {
	return h.findFileBy(strings.ReplaceAll(name, ".", "/"), templates)
}

func (h *Host) findFileBy(rel, templates string) (file, tried string) {
	var b strings.Builder
	for template := range strings.SplitSeq(templates, ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", rel)
		if h.readable(file) {
			return file, ""
		}
		b.WriteString("\n\tno file '" + file + "'")
	}
	return "", b.String()
}

// readable tells, as LuaJIT does, whether a file can be opened. A directory can.
func (h *Host) readable(file string) bool {
	f, err := h.machine.Disk.OpenFile(file, os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

func (h *Host) readFile(name string) ([]byte, error) {
	f, err := h.machine.Disk.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// searchEmbedded finds what belongs to the program: a built-in module that a script has taken out of package.loaded,
// and the sources in the binary.
func (h *Host) searchEmbedded(L *lua.LState, name string) lua.LValue {
	if value := h.builtin(L, name); value != nil {
		return L.NewFunction(func(L *lua.LState) int {
			L.Push(value)
			return 1
		})
	}
	if fn := h.reloader.Compiled(name); fn != nil {
		return fn
	}
	source, file, err := readEmbedded(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		raiseLoadError(L, name, file, errors.New(errText(err)))
	}
	fn, err := h.vm.Load(source, "@"+file)
	if err != nil {
		raiseLoadError(L, name, file, err)
	}
	h.reloader.Ran(name, source)
	return fn
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
func (h *Host) Loaded() *lua.LTable { return h.loaded }

// finder is where require looks for sources, at one moment.
type finder struct {
	host      *Host
	preload   map[string]bool
	templates string
}

// Finder implements reload.Loader.
func (h *Host) Finder(*lua.LState) reload.Finder {
	f := &finder{host: h, preload: make(map[string]bool), templates: h.sourceTemplates()}
	if preload, ok := h.pkg.RawGetString("preload").(*lua.LTable); ok {
		preload.ForEach(func(k, _ lua.LValue) { f.preload[k.String()] = true })
	}
	return f
}

// Find implements reload.Finder.
func (f *finder) Find(name string) (reload.Source, error) {
	h := f.host
	if _, ok := h.modules[name]; ok || f.preload[name] {
		return reload.Source{}, reload.ErrNoSource
	}
	if file, _ := h.findFile(name, f.templates); file != "" {
		stamp, err := f.Stamp(file)
		if err != nil {
			return reload.Source{}, err
		}
		text, err := h.readFile(file)
		return reload.Source{Text: text, Chunk: "@" + file, File: file, Stamp: stamp}, err
	}
	text, file, err := readEmbedded(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("module '%s' not found", name)
	}
	return reload.Source{Text: text, Chunk: "@" + file}, err
}

// Stamp implements reload.Finder.
func (f *finder) Stamp(file string) (reload.Stamp, error) {
	info, err := f.host.machine.Disk.Stat(file)
	if err != nil {
		return reload.Stamp{}, err
	}
	return reload.Stamp{Modified: info.ModTime(), Size: info.Size()}, nil
}

// sourceTemplates are all the places of modules written in Lua.
func (h *Host) sourceTemplates() string {
	root := h.searchRoot()
	templates := workDirTemplates(root) + rocksTemplates(root)
	if p, ok := h.pkg.RawGetString("path").(lua.LString); ok {
		templates += string(p)
	}
	return templates
}
