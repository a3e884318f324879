package vm

import (
	"os"
	"strings"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

// Load compiles a chunk. The chunk name follows Lua: "@file" names a file,
// "=name" is shown as it is, and anything else is the source text itself. A
// first line that starts with '#' is skipped. The error is a *syntax.Error,
// whose text is LuaJIT's.
func (vm *VM) Load(chunk []byte, chunkname string) (*lua.LFunction, error) {
	shown := ChunkID(chunkname)
	if len(chunk) > 0 && chunk[0] == 0x1b {
		return nil, &syntax.Error{Text: shown + ": cannot load incompatible bytecode"}
	}
	main, err := syntax.Parse(chunk, shown)
	if err != nil {
		return nil, err
	}
	proto, err := compile(main, shown)
	if err != nil {
		return nil, err
	}
	keepName(proto, chunkname)
	return &lua.LFunction{Proto: proto, Env: vm.main.G.Global}, nil
}

// LoadFile compiles a file, its name being the chunk's.
func (vm *VM) LoadFile(path string) (*lua.LFunction, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return vm.Load(text, "@"+path)
}

// DoString loads and calls a chunk on the main thread.
func (vm *VM) DoString(chunk, chunkname string) error {
	fn, err := vm.Load([]byte(chunk), chunkname)
	if err != nil {
		return err
	}
	_, err = vm.Call(vm.main, fn, 0)
	return err
}

// keepName records the whole chunk name in every function of a chunk;
// SourceName has the form that errors show.
func keepName(proto *lua.FunctionProto, name string) {
	proto.DbgCalls = []lua.DbgCall{{Name: name, Pc: -1}}
	for _, p := range proto.FunctionPrototypes {
		keepName(p, name)
	}
}

// Source is the chunk name that a function was loaded with; "=[C]" for a Go
// function.
func Source(fn *lua.LFunction) string {
	switch {
	case fn.IsG:
		return "=[C]"
	case len(fn.Proto.DbgCalls) == 1 && fn.Proto.DbgCalls[0].Pc == -1:
		return fn.Proto.DbgCalls[0].Name
	}
	return "=" + fn.Proto.SourceName
}

const idSize = 60 // LUA_IDSIZE

// ChunkID turns a chunk name into the form that error messages show.
func ChunkID(name string) string {
	switch {
	case strings.HasPrefix(name, "="):
		return name[1:min(len(name), idSize)]
	case strings.HasPrefix(name, "@"):
		name = name[1:]
		if len(name) >= idSize {
			name = "..." + name[len(name)-(idSize-4):]
		}
		return name
	}
	// A name of one line is shown whole up to the room without dots; one that is cut keeps three bytes less for them.
	const room = idSize - len(`[string ""]`) - 1
	line := name
	if i := strings.IndexFunc(name[:min(len(name), room)], func(r rune) bool { return r < ' ' }); i >= 0 {
		line = name[:i]
	}
	if len(line) > room || len(line) < len(name) {
		line = line[:min(len(line), room-len("..."))] + "..."
	}
	return `[string "` + line + `"]`
}
