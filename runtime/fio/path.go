package fio

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/vm"
)

// trimSlashes makes runs of slashes one and drops the last one, unless it is the whole path.
func trimSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

func pathjoin(L *lua.LState) int {
	n := L.GetTop()
	var parts []string
	for i := 1; i <= n; i++ {
		part := L.Get(i)
		if vm.IsNil(part) {
			line := 261
			if i == 1 {
				line = 241
			}
			raise(L, fmt.Sprintf("builtin/fio.lua:%d: fio.pathjoin(): undefined path part %d", line, i))
		}
		s := L.ToStringMeta(part).String()
		if len(parts) > 0 {
			s = strings.TrimLeft(s, "/")
		}
		if s != "" {
			parts = append(parts, s)
		}
	}
	path := trimSlashes(strings.Join(parts, "/"))
	if path == "" {
		path = "."
	}
	L.Push(lua.LString(path))
	return 1
}

func basename(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:282: Usage: fio.basename(path[, suffix])")
	}
	path = path[strings.LastIndexByte(path, '/')+1:]
	if suffix, ok := text(L.Get(2)); ok && suffix != "" {
		for strings.HasSuffix(path, suffix) {
			path = path[:len(path)-len(suffix)]
		}
	}
	L.Push(lua.LString(path))
	return 1
}

// dirname is the C library's.
func dirname(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:301: Usage: fio.dirname(path)")
	}
	L.Push(lua.LString(parent(path)))
	return 1
}

func parent(path string) string {
	trimmed := strings.TrimRight(path, "/")
	if trimmed == "" {
		if path == "" {
			return "."
		}
		return "/"
	}
	i := strings.LastIndexByte(trimmed, '/')
	if i < 0 {
		return "."
	}
	dir := strings.TrimRight(trimmed[:i], "/")
	if dir == "" {
		return "/"
	}
	return dir
}

func (lib *library) abspath(L *lua.LState) int {
	path, ok := text(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:329: Usage: fio.abspath(path)")
	}
	if !strings.HasPrefix(path, "/") {
		dir, err := unix.Getwd()
		if err != nil {
			return lib.fail(L, lua.LNil, err)
		}
		path = dir + "/" + path
	}
	var kept []string
	for _, part := range strings.Split(path, "/") {
		switch part {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, part)
		}
	}
	L.Push(lua.LString("/" + strings.Join(kept, "/")))
	return 1
}

func (lib *library) cwd(L *lua.LState) int {
	dir, err := unix.Getwd()
	if err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(lua.LString(dir))
	return 1
}

func (lib *library) chdir(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:351: Usage: fio.chdir(path)")
	}
	err := unix.Chdir(path)
	if err != nil {
		lib.fail(L, lua.LFalse, err)
		L.Pop(1)
		return 1
	}
	L.Push(lua.LTrue)
	return 1
}

// umask returns the mask before; without an argument it stays as it is.
func umask(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		old := unix.Umask(0)
		unix.Umask(old)
		L.Push(lua.LNumber(old))
		return 1
	}
	mask, ok := vm.ToNumber(L.Get(1))
	if !ok {
		vm.ArgError(L, 1, "cannot convert 'nil' to 'int'")
	}
	L.Push(lua.LNumber(unix.Umask(int(mask))))
	return 1
}
