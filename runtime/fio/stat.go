package fio

import (
	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"
)

const (
	follow   = false
	noFollow = true
)

// fileTypes are the methods of what stat returns and the type bits that they test for.
var fileTypes = map[string]uint32{
	"is_reg": unix.S_IFREG, "is_dir": unix.S_IFDIR, "is_chr": unix.S_IFCHR, "is_blk": unix.S_IFBLK,
	"is_fifo": unix.S_IFIFO, "is_link": unix.S_IFLNK, "is_sock": unix.S_IFSOCK,
}

func isDir(st *unix.Stat_t) bool  { return st.Mode&unix.S_IFMT == unix.S_IFDIR }
func isFile(st *unix.Stat_t) bool { return st.Mode&unix.S_IFMT == unix.S_IFREG }
func isLink(st *unix.Stat_t) bool { return st.Mode&unix.S_IFMT == unix.S_IFLNK }

func statMeta(L *lua.LState) *lua.LTable {
	methods, meta := L.NewTable(), L.NewTable()
	for name, kind := range fileTypes {
		methods.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			st, ok := L.Get(1).(*lua.LTable)
			if !ok {
				L.ArgError(1, "usage: stat:"+name+"()")
			}
			mode, _ := st.RawGetString("mode").(lua.LNumber)
			L.Push(lua.LBool(uint32(mode)&unix.S_IFMT == kind))
			return 1
		}))
	}
	meta.RawSetString("__index", methods)
	return meta
}

// statTable is the result of stat in Lua.
func (lib *library) statTable(L *lua.LState, st *unix.Stat_t) *lua.LTable {
	t := L.NewTable()
	for _, f := range []struct {
		name  string
		value float64
	}{
		{"dev", float64(st.Dev)}, {"inode", float64(st.Ino)}, {"mode", float64(st.Mode)},
		{"nlink", float64(st.Nlink)}, {"uid", float64(st.Uid)}, {"gid", float64(st.Gid)},
		{"rdev", float64(st.Rdev)}, {"size", float64(st.Size)}, {"blksize", float64(st.Blksize)},
		{"blocks", float64(st.Blocks)}, {"atime", seconds(st.Atim)}, {"mtime", seconds(st.Mtim)},
		{"ctime", seconds(st.Ctim)},
	} {
		t.RawSetString(f.name, lua.LNumber(f.value))
	}
	t.Metatable = lib.stats
	return t
}

func seconds(ts unix.Timespec) float64 { return float64(ts.Sec) + float64(ts.Nsec)/1e9 }

// look is stat or lstat, off the baton.
func (lib *library) look(path string, link bool) (*unix.Stat_t, error) {
	var st unix.Stat_t
	err := lib.await(func() error {
		if link {
			return unix.Lstat(path, &st)
		}
		return unix.Stat(path, &st)
	})
	return &st, err
}

func (lib *library) stat(L *lua.LState) int {
	return lib.pushStat(L, paths(L, 1, "Usage: fio.stat(pathname)")[0], follow)
}

func (lib *library) lstat(L *lua.LState) int {
	return lib.pushStat(L, paths(L, 1, "pathname is absent")[0], noFollow)
}

func (lib *library) pushStat(L *lua.LState, path string, link bool) int {
	st, err := lib.look(path, link)
	if err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(lib.statTable(L, st))
	return 1
}

// pathTest makes a function of fio.path; a nil test is content that the name exists.
func (lib *library) pathTest(usage string, link bool, test func(*unix.Stat_t) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		path, ok := text(L.Get(1))
		if !ok {
			raise(L, usage)
		}
		st, err := lib.look(path, link)
		L.Push(lua.LBool(err == nil && (test == nil || test(st))))
		return 1
	}
}
