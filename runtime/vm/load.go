package vm

import (
	"bytes"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Load compiles a chunk. The chunk name follows Lua: "@file" names a file,
// "=name" is shown as it is, and anything else is the source text itself. A
// first line that starts with '#' is skipped. The error's text is LuaJIT's.
func (vm *VM) Load(chunk []byte, chunkname string) (*lua.LFunction, error) {
	if len(chunk) > 0 && chunk[0] == '#' {
		if i := bytes.IndexByte(chunk, '\n'); i >= 0 {
			chunk = chunk[i:]
		} else {
			chunk = nil
		}
	}
	return vm.main.Load(bytes.NewReader(chunk), ChunkID(chunkname))
}

const idSize = 60 // LUA_IDSIZE

// ChunkID turns a chunk name into the form that error messages show.
func ChunkID(name string) string {
	switch {
	case strings.HasPrefix(name, "="):
		name = name[1:]
		if len(name) >= idSize {
			name = name[:idSize-1]
		}
		return name
	case strings.HasPrefix(name, "@"):
		name = name[1:]
		if len(name) >= idSize {
			name = "..." + name[len(name)-(idSize-4):]
		}
		return name
	}
	line, _, more := strings.Cut(name, "\n")
	line, _, cr := strings.Cut(line, "\r")
	const room = idSize - len(`[string "..."]`) - 1
	if more || cr || len(line) > room {
		if len(line) > room {
			line = line[:room]
		}
		line += "..."
	}
	return `[string "` + line + `"]`
}
