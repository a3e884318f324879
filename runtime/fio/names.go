package fio

import (
	"os/user"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/vm"
)

func (lib *library) link(L *lua.LState) int {
	p := paths(L, 2, "Usage: fio.link(target, linkpath)")
	return lib.done(L, lib.await(func() error { return unix.Link(p[0], p[1]) }))
}

func (lib *library) symlink(L *lua.LState) int {
	p := paths(L, 2, "Usage: fio.symlink(target, linkpath)")
	return lib.done(L, lib.await(func() error { return unix.Symlink(p[0], p[1]) }))
}

func (lib *library) readlink(L *lua.LState) int {
	path := paths(L, 1, "Usage: fio.readlink(pathname)")[0]
	buf := make([]byte, unix.PathMax)
	var n int
	err := lib.await(func() (err error) {
		n, err = unix.Readlink(path, buf)
		return err
	})
	if err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(lua.LString(buf[:n]))
	return 1
}

func (lib *library) unlink(L *lua.LState) int {
	path := paths(L, 1, "Usage: fio.unlink(pathname)")[0]
	return lib.done(L, lib.await(func() error { return unix.Unlink(path) }))
}

func (lib *library) rename(L *lua.LState) int {
	p := paths(L, 2, "Usage: fio.rename(oldpath, newpath)")
	return lib.done(L, lib.await(func() error { return unix.Rename(p[0], p[1]) }))
}

func (lib *library) truncate(L *lua.LState) int {
	path := paths(L, 1, "Usage: fio.truncate(pathname[, newlen])")[0]
	size, _ := vm.ToNumber(L.Get(2))
	return lib.done(L, lib.await(func() error { return unix.Truncate(path, int64(size)) }))
}

func (lib *library) sync(L *lua.LState) int {
	return lib.done(L, lib.await(func() error {
		unix.Sync()
		return nil
	}))
}

func (lib *library) chmod(L *lua.LState) int {
	const usage = "Usage: fio.chmod(pathname, mode)"
	path := paths(L, 1, usage)[0]
	if L.GetTop() < 2 || vm.IsNil(L.Get(2)) {
		vm.RaiseString(L, 1, usage)
	}
	mode, _ := vm.ToNumber(L.Get(2))
	return lib.done(L, lib.await(func() error { return unix.Chmod(path, uint32(mode)) }))
}

// chown takes numbers and names of users and groups. An unknown name is not an error in Tarantool: nothing happens,
// and nil comes back.
func (lib *library) chown(L *lua.LState) int {
	const usage = "Usage: fio.chown(pathname, owner, group)"
	path := paths(L, 1, usage)[0]
	if L.GetTop() < 3 {
		vm.RaiseString(L, 1, usage)
	}
	uid, err := owner(L.Get(2), func(name string) (string, error) {
		u, err := user.Lookup(name)
		if err != nil {
			return "", err
		}
		return u.Uid, nil
	})
	if err != nil {
		L.Push(lua.LNil)
		return 1
	}
	gid, err := owner(L.Get(3), func(name string) (string, error) {
		g, err := user.LookupGroup(name)
		if err != nil {
			return "", err
		}
		return g.Gid, nil
	})
	if err != nil {
		L.Push(lua.LNil)
		return 1
	}
	return lib.done(L, lib.await(func() error { return unix.Chown(path, uid, gid) }))
}

// owner is the number of a user or group.
func owner(v lua.LValue, find func(string) (string, error)) (int, error) {
	if n, ok := v.(lua.LNumber); ok {
		return int(n), nil
	}
	id, err := find(v.String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(id)
}

// utime sets both times to now when none is given, and mtime to atime when only that is.
func (lib *library) utime(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:510: Usage: fio.utime(filepath[, atime[, mtime]])")
	}
	now := lua.LNumber(float64(lib.host.Machine().Clock.Now().UnixNano()) / 1e9)
	atime, mtime := L.Get(2), L.Get(3)
	if vm.IsNil(atime) {
		atime = now
	}
	if vm.IsNil(mtime) {
		mtime = atime
	}
	a, ok := atime.(lua.LNumber)
	if !ok {
		raise(L, "builtin/fio.lua:513: fio.utime: atime should be a number")
	}
	m, ok := mtime.(lua.LNumber)
	if !ok {
		raise(L, "builtin/fio.lua:514: fio.utime: mtime should be a number")
	}
	times := []unix.Timespec{timespec(float64(a)), timespec(float64(m))}
	return lib.done(L, lib.await(func() error { return unix.UtimesNano(path, times) }))
}

func timespec(seconds float64) unix.Timespec { return unix.NsecToTimespec(int64(seconds * 1e9)) }
