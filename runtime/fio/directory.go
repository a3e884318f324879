package fio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

// mode reads a mode of the file system; what is no number is the default.
func mode(v lua.LValue) uint32 {
	if n, ok := vm.ToNumber(v); ok {
		return uint32(n)
	}
	return 0o777
}

func (lib *library) mkdir(L *lua.LState) int {
	path := paths(L, 1, "Usage fio.mkdir(pathname[, mode])")[0]
	perm := mode(L.Get(2))
	return lib.done(L, lib.await(func() error { return unix.Mkdir(path, perm) }))
}

func (lib *library) rmdir(L *lua.LState) int {
	path := paths(L, 1, "Usage: fio.rmdir(pathname)")[0]
	return lib.done(L, lib.await(func() error { return unix.Rmdir(path) }))
}

func (lib *library) mktree(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:377: Usage: fio.mktree(path[, mode])")
	}
	return lib.makeTree(L, path, mode(L.Get(2)))
}

func (lib *library) makeTree(L *lua.LState, path string, perm uint32) int {
	var made string
	err := lib.await(func() error {
		for _, part := range strings.Split(path, "/") {
			switch {
			case part == "":
				continue
			case made == "" && !strings.HasPrefix(path, "/"):
				made = part
			default:
				made += "/" + part
			}
			var st unix.Stat_t
			switch err := unix.Stat(made, &st); {
			case err != nil:
				if err := unix.Mkdir(made, perm); err != nil && !errors.Is(err, unix.EEXIST) {
					return err
				}
			case !isDir(&st):
				return errNotDir
			}
		}
		return nil
	})
	switch {
	case err == nil:
		L.Push(lua.LTrue)
		return 1
	case errors.Is(err, errNotDir):
		return said(L, lua.LFalse, fmt.Sprintf("Error creating directory %s: File exists", made))
	}
	return said(L, lua.LFalse, fmt.Sprintf("Error creating directory %s: %s", made, lib.words(err)))
}

var errNotDir = errors.New("not a directory")

// words keeps the errno of err and returns the text of its box error.
func (lib *library) words(err error) string {
	n := errno.Number(err)
	errno.Set(lib.host, n)
	return "fio: " + errno.Text(n)
}

// names lists a directory in the order of the file system, without "." and "..".
func names(path string) ([]string, error) {
	dir, err := os.OpenFile(path, unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

func (lib *library) listdir(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:358: Usage: fio.listdir(path)")
	}
	var list []string
	err := lib.await(func() (err error) {
		list, err = names(path)
		return err
	})
	if err != nil {
		return said(L, lua.LNil, fmt.Sprintf("can't listdir %s: %s", path, lib.words(err)))
	}
	L.Push(strings2table(L, list))
	return 1
}

func strings2table(L *lua.LState, list []string) *lua.LTable {
	t := L.CreateTable(len(list), 0)
	for _, s := range list {
		t.Append(lua.LString(s))
	}
	return t
}

func (lib *library) rmtree(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:408: Usage: fio.rmtree(path)")
	}
	path = trimSlashes(path)
	var failure func() string
	_ = lib.await(func() error {
		failure = lib.removeTree(path)
		return nil
	})
	if failure != nil {
		return said(L, lua.LNil, failure())
	}
	L.Push(lua.LTrue)
	return 1
}

// removeTree deletes a directory with all that is in it. What it returns, when something fails, makes the message, and
// is to be called with the baton.
func (lib *library) removeTree(path string) func() string {
	list, err := names(path)
	if err != nil {
		return func() string { return fmt.Sprintf("can't listdir %s: %s", path, lib.words(err)) }
	}
	for _, name := range list {
		child := path + "/" + name
		var st unix.Stat_t
		if err := unix.Lstat(child, &st); err != nil {
			return func() string { return fmt.Sprintf("failed to remove %s: %s", child, lib.words(err)) }
		}
		if isDir(&st) {
			if failure := lib.removeTree(child); failure != nil {
				return failure
			}
		} else if err := unix.Unlink(child); err != nil {
			return func() string { return fmt.Sprintf("failed to remove %s: %s", child, lib.words(err)) }
		}
	}
	if err := unix.Rmdir(path); err != nil {
		return func() string { return fmt.Sprintf("failed to remove %s: %s", path, lib.words(err)) }
	}
	return nil
}

func (lib *library) tempdir(L *lua.LState) int {
	base := os.Getenv("TMPDIR")
	if base == "" {
		base = "/tmp"
	}
	var dir string
	err := lib.await(func() (err error) {
		dir, err = os.MkdirTemp(base, "")
		return err
	})
	if err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(lua.LString(dir))
	return 1
}

func (lib *library) copyfile(L *lua.LState) int {
	from, ok1 := isString(L.Get(1))
	to, ok2 := isString(L.Get(2))
	if !ok1 || !ok2 {
		raise(L, "builtin/fio.lua:438: Usage: fio.copyfile(from, to)")
	}
	var st unix.Stat_t
	if unix.Stat(to, &st) == nil && isDir(&st) {
		to = trimSlashes(to + "/" + from[strings.LastIndexByte(from, '/')+1:])
	}
	if err := lib.await(func() error { return copyFile(from, to) }); err != nil {
		return said(L, lua.LFalse, fmt.Sprintf("failed to copy %s to %s: %s", from, to, lib.words(err)))
	}
	L.Push(lua.LTrue)
	return 1
}

// copyFile copies the content and the permissions. A file that is copied onto itself stays.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if old, err := os.Stat(to); err == nil && os.SameFile(info, old) {
		return nil
	}
	target, err := os.OpenFile(to, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}

func (lib *library) copytree(L *lua.LState) int {
	from, ok1 := isString(L.Get(1))
	to, ok2 := isString(L.Get(2))
	if !ok1 || !ok2 {
		raise(L, "builtin/fio.lua:453: Usage: fio.copytree(from, to)")
	}
	return lib.copyTree(L, trimSlashes(from), trimSlashes(to))
}

func (lib *library) copyTree(L *lua.LState, from, to string) int {
	st, err := lib.look(from, follow)
	if err != nil {
		return said(L, lua.LFalse, fmt.Sprintf("Directory %s does not exist", from))
	}
	if !isDir(st) {
		errno.Set(lib.host, int(unix.ENOTDIR))
		return said(L, lua.LFalse, errno.Text(int(unix.ENOTDIR)))
	}
	var list []string
	if err := lib.await(func() (err error) { list, err = names(from); return err }); err != nil {
		return said(L, lua.LFalse, fmt.Sprintf("can't listdir %s: %s", from, lib.words(err)))
	}
	top := L.GetTop()
	if lib.makeTree(L, to, 0o777) != 1 {
		return 2
	}
	L.SetTop(top)
	for _, name := range list {
		source, target := from+"/"+name, to+"/"+name
		child, err := lib.look(source, noFollow)
		if err != nil {
			return said(L, lua.LFalse, fmt.Sprintf("failed to copy %s to %s: %s", source, target, lib.words(err)))
		}
		if isDir(child) {
			if lib.copyTree(L, source, target) != 1 {
				return 2
			}
			L.SetTop(top)
			continue
		}
		if err := lib.await(func() error { return copyEntry(source, target, isLink(child)) }); err != nil {
			return said(L, lua.LFalse, fmt.Sprintf("failed to copy %s to %s: %s", source, target, lib.words(err)))
		}
	}
	L.Push(lua.LTrue)
	return 1
}

// copyEntry copies one file or symbolic link.
func copyEntry(from, to string, link bool) error {
	if !link {
		return copyFile(from, to)
	}
	target, err := os.Readlink(from)
	if err != nil {
		return err
	}
	return os.Symlink(target, to)
}
