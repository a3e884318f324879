// Package fio is the Lua module `fio`: files, directories and paths.
//
// The one idea: a function that reaches the disk gives the baton away while the system call runs, so other fibers go
// on. Its failure comes back as values (nil or false, and a box error "fio: …"); only a wrong use raises.
//
// The module works on file descriptors, which scripts see as handle.fh and hand to other modules. That is why it calls
// the system itself and does not go through sys.Disk, whose files need no descriptor.
package fio

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `fio`. Paths: pathjoin, basename, dirname, abspath, path.exists, path.is_dir, path.is_file,
// path.is_link, path.lexists. Process: cwd, chdir, umask. Directories: mkdir, mktree, rmdir, rmtree, listdir, glob,
// tempdir. Names: stat, lstat, link, symlink, readlink, unlink, rename, copyfile, copytree, utime, truncate, chown,
// chmod, sync. Files: open, whose handle has read, write, pread, pwrite, seek, stat, truncate, fsync, fdatasync, close.
var Module = module.Module{Name: "fio", Open: open}

// library is the module in one instance.
type library struct {
	host    module.Host
	stats   *lua.LTable // the metatable of what stat returns
	handles vm.CTypeID
}

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, stats: statMeta(L)}
	lib.openHandles(L)
	exports := L.NewTable()
	constants := L.NewTable()
	for name, group := range map[string][]constant{"flag": flags, "mode": modes, "seek": whences} {
		t := L.NewTable()
		for _, c := range group {
			t.RawSetString(c.name, lua.LNumber(c.value))
		}
		constants.RawSetString(name, t)
	}
	exports.RawSetString("c", constants)
	L.SetFuncs(exports, map[string]lua.LGFunction{
		"pathjoin": pathjoin, "basename": basename, "dirname": dirname, "abspath": lib.abspath,
		"cwd": lib.cwd, "chdir": lib.chdir, "umask": umask, "open": lib.open,
		"mkdir": lib.mkdir, "mktree": lib.mktree, "rmdir": lib.rmdir, "rmtree": lib.rmtree, "tempdir": lib.tempdir,
		"listdir": lib.listdir, "glob": lib.glob, "copyfile": lib.copyfile, "copytree": lib.copytree,
		"stat": lib.stat, "lstat": lib.lstat, "link": lib.link, "symlink": lib.symlink, "readlink": lib.readlink,
		"unlink": lib.unlink, "rename": lib.rename, "utime": lib.utime, "truncate": lib.truncate, "sync": lib.sync,
		"chown": lib.chown, "chmod": lib.chmod,
	})
	exports.RawSetString("path", L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"exists":  lib.pathTest("builtin/fio.lua:540: Usage: fio.stat(pathname)", follow, nil),
		"is_dir":  lib.pathTest("builtin/fio.lua:528: Usage: fio.stat(pathname)", follow, isDir),
		"is_file": lib.pathTest("builtin/fio.lua:523: Usage: fio.stat(pathname)", follow, isFile),
		"is_link": lib.pathTest("builtin/fio.lua:533: pathname is absent", noFollow, isLink),
		"lexists": lib.pathTest("builtin/fio.lua:544: pathname is absent", noFollow, nil),
	}))
	return exports
}

// await runs work off the baton.
func (lib *library) await(work func() error) error {
	var err error
	lib.host.Sched().Current().Await(func(done func()) {
		go func() {
			defer done()
			err = work()
		}()
	})
	return err
}

// fail pushes what a failed function returns: first, and the error.
func (lib *library) fail(L *lua.LState, first lua.LValue, err error) int {
	L.Push(first)
	L.Push(errno.System(lib.host, "fio", err))
	return 2
}

// done pushes true, or false and the error.
func (lib *library) done(L *lua.LState, err error) int {
	if err != nil {
		return lib.fail(L, lua.LFalse, err)
	}
	L.Push(lua.LTrue)
	return 1
}

// said pushes false (or nil) and a message.
func said(L *lua.LState, first lua.LValue, message string) int {
	L.Push(first)
	L.Push(lua.LString(message))
	return 2
}

// isString is type(v) == 'string'.
func isString(v lua.LValue) (string, bool) {
	s, ok := v.(lua.LString)
	return string(s), ok
}

// text reads a path as the functions in C do: numbers count as strings.
func text(v lua.LValue) (string, bool) {
	switch v.(type) {
	case lua.LString, lua.LNumber:
		return v.String(), true
	}
	return "", false
}

// paths reads n paths, or raises the usage.
func paths(L *lua.LState, n int, usage string) []string {
	all := make([]string, n)
	for i := range all {
		s, ok := text(L.Get(i + 1))
		if !ok {
			vm.RaiseString(L, 1, "%s", usage)
		}
		all[i] = s
	}
	return all
}

// raise raises a text that has its position already.
func raise(L *lua.LState, text string) { vm.RaiseString(L, 0, "%s", text) }
