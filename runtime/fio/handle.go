package fio

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/ffi"
	"shardlua/runtime/vm"
)

// handle is an open file: `struct fio_handle` in scripts.
type handle struct {
	lib *library
	fd  int // -1 once closed
}

// String is how tostring shows the handle.
func (f *handle) String() string { return fmt.Sprintf("cdata<struct fio_handle>: %p", f) }

// Type implements lua.LValue.
func (f *handle) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (f *handle) CType() vm.CTypeID { return f.lib.handles }

// openHandles registers the handle's type with the VM.
func (lib *library) openHandles(L *lua.LState) {
	machine := lib.host.VM()
	lib.handles = machine.NewCType("struct fio_handle")
	methods := L.NewTable()
	for name, fn := range map[string]func(*lua.LState, *handle) int{
		"read": lib.read, "write": lib.write, "pread": lib.pread, "pwrite": lib.pwrite, "seek": lib.seek,
		"stat": lib.fstat, "truncate": lib.ftruncate, "fsync": lib.fsync, "fdatasync": lib.fdatasync, "close": lib.close,
	} {
		methods.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			f, ok := L.Get(1).(*handle)
			if !ok {
				vm.RaiseString(L, 1, "attempt to index field 'fh' (a nil value)")
			}
			return fn(L, f)
		}))
	}
	meta := L.NewTable()
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		f, key := L.Get(1).(*handle), L.Get(2)
		if key == lua.LString("fh") {
			L.Push(lua.LNumber(f.fd))
			return 1
		}
		value := L.RawGet(methods, key)
		if value == lua.LNil {
			vm.RaiseString(L, 1, "'struct fio_handle' has no member named '%s'", key.String())
		}
		L.Push(value)
		return 1
	}))
	meta.RawSetString("__serialize", L.NewFunction(func(L *lua.LState) int {
		shown := L.NewTable()
		if f, ok := L.Get(1).(*handle); ok {
			shown.RawSetString("fh", lua.LNumber(f.fd))
		}
		L.Push(shown)
		return 1
	}))
	machine.SetMeta(lib.handles, meta)
}

func (lib *library) open(L *lua.LState) int {
	path, ok := isString(L.Get(1))
	if !ok {
		raise(L, "builtin/fio.lua:189: Usage: fio.open(path[, flags[, mode]])")
	}
	flag, perm := 0, 0o666
	if v := L.Get(2); !vm.IsNil(v) {
		var unknown string
		if flag, unknown = bits(v, flags); unknown != "" {
			raise(L, "builtin/fio.lua:204: fio.open(): unknown flag: "+unknown)
		}
	}
	if v := L.Get(3); !vm.IsNil(v) {
		var unknown string
		if perm, unknown = bits(v, modes); unknown != "" {
			raise(L, "builtin/fio.lua:213: fio.open(): unknown mode: "+unknown)
		}
	}
	f := &handle{lib: lib, fd: -1}
	err := lib.await(func() (err error) {
		f.fd, err = retry(func() (int, error) { return unix.Open(path, flag|unix.O_CLOEXEC, uint32(perm)) })
		return err
	})
	if err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(f)
	return 1
}

// retry repeats a system call that a signal has interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// target is where read and pread put what they read: a buffer of the script's, or one of their own.
func (lib *library) target(L *lua.LState, size lua.LValue, line int) (mem []byte, own bool) {
	if p, ok := L.Get(2).(ffi.Block); ok {
		mem := p.Window()
		if n, ok := size.(lua.LNumber); ok && int(n) >= 0 && int(n) <= len(mem) {
			return mem[:int(n)], false
		} else if !vm.IsNil(size) {
			return nil, false
		}
		return nil, false
	}
	n, ok := L.Get(2).(lua.LNumber)
	if !ok {
		raise(L, fmt.Sprintf("builtin/buffer.lua:%d: attempt to perform arithmetic on 'char *' and '%s'", line,
			vm.TypeName(L.Get(2))))
	}
	if n < 0 || n > 1<<32 {
		raise(L, "builtin/buffer.lua:124: out of memory")
	}
	return make([]byte, int(n)), true
}

// finishRead pushes what a read gives: the string, or the number of bytes put into the script's buffer.
func (lib *library) finishRead(L *lua.LState, mem []byte, own bool, n int, err error) int {
	switch {
	case err != nil:
		return lib.fail(L, lua.LNil, err)
	case own:
		L.Push(lua.LString(mem[:n]))
	default:
		L.Push(lua.LNumber(n))
	}
	return 1
}

// io runs one reading or writing call on the file, off the baton.
func (lib *library) io(call func() (int, error)) (n int, err error) {
	err = lib.await(func() (err error) {
		n, err = retry(call)
		return err
	})
	return n, err
}

// read without a size reads to the end of the file.
func (lib *library) read(L *lua.LState, f *handle) int {
	if vm.IsNil(L.Get(2)) {
		all, err := lib.readAll(f)
		return lib.finishRead(L, all, true, len(all), err)
	}
	mem, own := lib.target(L, L.Get(3), 124)
	n, err := lib.io(func() (int, error) { return unix.Read(f.fd, mem) })
	return lib.finishRead(L, mem, own, n, err)
}

func (lib *library) readAll(f *handle) ([]byte, error) {
	var all []byte
	err := lib.await(func() error {
		for {
			if len(all) == cap(all) {
				all = append(all, make([]byte, max(4096, len(all)))...)[:len(all)]
			}
			n, err := retry(func() (int, error) { return unix.Read(f.fd, all[len(all):cap(all)]) })
			if err != nil || n == 0 {
				return err
			}
			all = all[:len(all)+n]
		}
	})
	return all, err
}

// pread(n, offset), or pread(buffer, n, offset).
func (lib *library) pread(L *lua.LState, f *handle) int {
	offset := L.Get(3)
	if _, ok := L.Get(2).(ffi.Block); ok {
		offset = L.Get(4)
	}
	mem, own := lib.target(L, L.Get(3), 124)
	at, _ := vm.ToNumber(offset)
	n, err := lib.io(func() (int, error) { return unix.Pread(f.fd, mem, int64(at)) })
	return lib.finishRead(L, mem, own, n, err)
}

// source is what write and pwrite write, and the position of the argument after it.
func source(L *lua.LState) ([]byte, int) {
	if p, ok := L.Get(2).(ffi.Block); ok {
		mem := p.Window()
		n, _ := vm.ToNumber(L.Get(3))
		if n < 0 || int(n) > len(mem) {
			return mem, 4
		}
		return mem[:int(n)], 4
	}
	return []byte(L.ToStringMeta(L.Get(2)).String()), 3
}

func (lib *library) write(L *lua.LState, f *handle) int {
	data, _ := source(L)
	return lib.done(L, lib.await(func() error {
		for len(data) > 0 {
			n, err := retry(func() (int, error) { return unix.Write(f.fd, data) })
			if err != nil {
				return err
			}
			data = data[n:]
		}
		return nil
	}))
}

func (lib *library) pwrite(L *lua.LState, f *handle) int {
	data, next := source(L)
	offset, _ := vm.ToNumber(L.Get(next))
	at := int64(offset)
	return lib.done(L, lib.await(func() error {
		for len(data) > 0 {
			n, err := retry(func() (int, error) { return unix.Pwrite(f.fd, data, at) })
			if err != nil {
				return err
			}
			data, at = data[n:], at+int64(n)
		}
		return nil
	}))
}

// seek returns the new position, -1 when it fails.
func (lib *library) seek(L *lua.LState, f *handle) int {
	whence := unix.SEEK_SET
	if v := L.Get(3); !vm.IsNil(v) {
		var unknown string
		if whence, unknown = bits(v, whences); unknown != "" {
			raise(L, "builtin/fio.lua:136: fio.seek(): unknown whence: "+unknown)
		}
	}
	offset, _ := vm.ToNumber(L.Get(2))
	position, err := unix.Seek(f.fd, int64(offset), whence)
	if err != nil {
		errno.Set(lib.host, errno.Number(err))
		position = -1
	}
	L.Push(lua.LNumber(position))
	return 1
}

func (lib *library) fstat(L *lua.LState, f *handle) int {
	var st unix.Stat_t
	if err := lib.await(func() error { return unix.Fstat(f.fd, &st) }); err != nil {
		return lib.fail(L, lua.LNil, err)
	}
	L.Push(lib.statTable(L, &st))
	return 1
}

func (lib *library) ftruncate(L *lua.LState, f *handle) int {
	size, _ := vm.ToNumber(L.Get(2))
	return lib.done(L, lib.await(func() error { return unix.Ftruncate(f.fd, int64(size)) }))
}

func (lib *library) fsync(L *lua.LState, f *handle) int {
	return lib.done(L, lib.await(func() error { return unix.Fsync(f.fd) }))
}

func (lib *library) fdatasync(L *lua.LState, f *handle) int {
	return lib.done(L, lib.await(func() error { return unix.Fdatasync(f.fd) }))
}

// close forgets the descriptor first: another fiber must not close a number that was given to another file meanwhile.
func (lib *library) close(L *lua.LState, f *handle) int {
	fd := f.fd
	f.fd = -1
	return lib.done(L, lib.await(func() error { return unix.Close(fd) }))
}
