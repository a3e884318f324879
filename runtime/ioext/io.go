// Package ioext is the Lua library `io` as LuaJIT has it, over the host's standard streams.
//
// Plain files are read and written without giving the baton away, as in Tarantool: a script that uses io counts on
// that. Streams that may keep one waiting, standard input and pipes, are read off the baton.
package ioext

import (
	"os"
	"os/exec"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the library `io`: open, lines, popen, tmpfile, input, output, read, write, close, flush, type, stdin, stdout,
// stderr. A file has read, write, lines, seek, setvbuf, flush and close.
var Module = module.Module{Name: "io", Open: open}

type library struct {
	host          module.Host
	meta          *lua.LTable
	input, output *lua.LUserData
}

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, meta: L.NewTable()}
	methods := L.NewTable()
	for name, fn := range map[string]func(*lua.LState, *file) int{
		"close": func(L *lua.LState, f *file) int { return f.close(L) },
		"flush": func(L *lua.LState, f *file) int { return lib.result(L, "", nil) },
		"read":  func(L *lua.LState, f *file) int { return f.read(L, arguments(L, 2), 2) },
		"write": func(L *lua.LState, f *file) int { return f.write(L, 2) },
		"seek":  func(L *lua.LState, f *file) int { return f.seek(L) },
		"lines": func(L *lua.LState, f *file) int { return lib.iterate(L, f, arguments(L, 2), false) },
		"setvbuf": func(L *lua.LState, f *file) int {
			switch mode := vm.CheckString(L, 2); mode {
			case "no", "full", "line":
				return lib.result(L, "", nil)
			default:
				vm.ArgError(L, 2, "invalid option '"+mode+"'")
			}
			return 0
		},
	} {
		methods.RawSetString(name, L.NewFunction(func(L *lua.LState) int { return fn(L, check(L, 1)) }))
	}
	lib.meta.RawSetString("__index", methods)
	lib.meta.RawSetString("__name", lua.LString("FILE*"))
	lib.meta.RawSetString("__tostring", L.NewFunction(func(L *lua.LState) int {
		if f := toFile(L.Get(1)); f != nil {
			L.Push(lua.LString(f.String()))
			return 1
		}
		vm.TypeError(L, 1, "FILE*")
		return 0
	}))

	table, ok := L.GetGlobal("io").(*lua.LTable)
	if !ok {
		table = L.NewTable()
		L.SetGlobal("io", table)
	}
	stdin := &file{lib: lib, in: h.Stdin(), standard: true, slow: true}
	stdout := &file{lib: lib, out: h.Stdout(), standard: true}
	stderr := &file{lib: lib, out: h.Stderr(), standard: true}
	for _, f := range []*file{stdin, stdout, stderr} {
		if disk, ok := f.in.(*os.File); ok {
			f.disk = disk
		} else if disk, ok := f.out.(*os.File); ok {
			f.disk = disk
		}
	}
	lib.input, lib.output = lib.wrap(L, stdin), lib.wrap(L, stdout)
	table.RawSetString("stdin", lib.input)
	table.RawSetString("stdout", lib.output)
	table.RawSetString("stderr", lib.wrap(L, stderr))
	return L.SetFuncs(table, map[string]lua.LGFunction{
		"open": lib.open, "popen": lib.popen, "tmpfile": lib.tmpfile, "lines": lib.lines, "type": fileType,
		"input":  lib.redirect(&lib.input, "r"),
		"output": lib.redirect(&lib.output, "w"),
		"read": func(L *lua.LState) int {
			f := opened(L, lib.input)
			return f.read(L, arguments(L, 1), 1)
		},
		"write": func(L *lua.LState) int { return opened(L, lib.output).write(L, 1) },
		"flush": func(L *lua.LState) int {
			opened(L, lib.output)
			return lib.result(L, "", nil)
		},
		"close": func(L *lua.LState) int {
			if vm.IsNil(L.Get(1)) {
				return opened(L, lib.output).close(L)
			}
			return check(L, 1).close(L)
		},
	})
}

// arguments are the arguments from n on.
func arguments(L *lua.LState, n int) []lua.LValue {
	var all []lua.LValue
	for i := n; i <= L.GetTop(); i++ {
		all = append(all, L.Get(i))
	}
	return all
}

func (lib *library) wrap(L *lua.LState, f *file) *lua.LUserData {
	ud := L.NewUserData()
	ud.Value = f
	ud.Metatable = lib.meta
	return ud
}

func toFile(v lua.LValue) *file {
	if ud, ok := v.(*lua.LUserData); ok {
		f, _ := ud.Value.(*file)
		return f
	}
	return nil
}

// check is the n-th argument, which must be an open file.
func check(L *lua.LState, n int) *file {
	f := toFile(L.Get(n))
	if f == nil {
		vm.TypeError(L, n, "FILE*")
	}
	if f.closed {
		vm.RaiseString(L, 1, "attempt to use a closed file")
	}
	return f
}

// opened is the file behind a default stream, which must not be closed.
func opened(L *lua.LState, ud *lua.LUserData) *file {
	f := toFile(ud)
	if f.closed {
		vm.RaiseString(L, 1, "attempt to use a closed file")
	}
	return f
}

func fileType(L *lua.LState) int {
	vm.CheckAny(L, 1)
	switch f := toFile(L.Get(1)); {
	case f == nil:
		L.Push(lua.LNil)
	case f.closed:
		L.Push(lua.LString("closed file"))
	default:
		L.Push(lua.LString("file"))
	}
	return 1
}

// openFile is fopen.
func (lib *library) openFile(name, mode string) (*file, error) {
	if mode == "" {
		return nil, unix.EINVAL
	}
	plus := false
	for _, c := range mode[1:] {
		plus = plus || c == '+'
	}
	flag := map[bool]int{false: os.O_WRONLY, true: os.O_RDWR}[plus]
	switch mode[0] {
	case 'r':
		flag = map[bool]int{false: os.O_RDONLY, true: os.O_RDWR}[plus]
	case 'w':
		flag |= os.O_CREATE | os.O_TRUNC
	case 'a':
		flag |= os.O_CREATE | os.O_APPEND
	default:
		return nil, unix.EINVAL
	}
	disk, err := os.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, err
	}
	f := &file{lib: lib, disk: disk, in: disk, out: disk}
	if info, err := disk.Stat(); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f.slow = true
	}
	if flag&(os.O_RDWR|os.O_WRONLY) == os.O_WRONLY {
		f.in = nil
	}
	return f, nil
}

func (lib *library) open(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	f, err := lib.openFile(name, vm.OptString(L, 2, "r"))
	if err != nil {
		return lib.result(L, name, err)
	}
	L.Push(lib.wrap(L, f))
	return 1
}

func (lib *library) tmpfile(L *lua.LState) int {
	disk, err := os.CreateTemp("", "lua_*")
	if err != nil {
		return lib.result(L, "", err)
	}
	_ = os.Remove(disk.Name())
	L.Push(lib.wrap(L, &file{lib: lib, disk: disk, in: disk, out: disk}))
	return 1
}

// popen runs a command in the shell and is its output ("r") or its input ("w").
func (lib *library) popen(L *lua.LState) int {
	line, mode := vm.CheckString(L, 1), vm.OptString(L, 2, "r")
	if mode != "r" && mode != "w" {
		return lib.result(L, line, unix.EINVAL)
	}
	mine, theirs, err := os.Pipe()
	if mode == "w" {
		mine, theirs = theirs, mine
	}
	if err != nil {
		return lib.result(L, line, err)
	}
	command := exec.Command("/bin/sh", "-c", line)
	command.Stdin, command.Stdout, command.Stderr = lib.host.Stdin(), lib.host.Stdout(), lib.host.Stderr()
	f := &file{lib: lib, disk: mine, process: command, slow: true}
	if mode == "r" {
		f.in, command.Stdout = mine, theirs
	} else {
		f.out, command.Stdin = mine, theirs
	}
	if _, ok := command.Stdin.(*os.File); !ok {
		command.Stdin = nil // a copying goroutine would keep close waiting
	}
	err = command.Start()
	theirs.Close()
	if err != nil {
		mine.Close()
		return lib.result(L, line, err)
	}
	L.Push(lib.wrap(L, f))
	return 1
}

// lines(name, formats…) reads a file to its end and closes it; without a name, the default input.
func (lib *library) lines(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		return lib.iterate(L, opened(L, lib.input), arguments(L, 2), false)
	}
	name := vm.CheckString(L, 1)
	f, err := lib.openFile(name, "r")
	if err != nil {
		lib.result(L, name, err)
		vm.ArgError(L, 1, L.Get(-2).String())
	}
	return lib.iterate(L, f, arguments(L, 2), true)
}

func (lib *library) iterate(L *lua.LState, f *file, formats []lua.LValue, own bool) int {
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if f.closed {
			vm.RaiseString(L, 1, "file is already closed")
		}
		base := L.GetTop()
		n := f.read(L, formats, 1)
		if own && L.Get(base+1) == lua.LNil {
			f.close(L)
			L.SetTop(base)
			L.Push(lua.LNil)
			return 1
		}
		return n
	}))
	return 1
}

// redirect makes io.input or io.output.
func (lib *library) redirect(stream **lua.LUserData, mode string) lua.LGFunction {
	return func(L *lua.LState) int {
		switch v := L.Get(1).(type) {
		case *lua.LUserData:
			check(L, 1)
			*stream = v
		case lua.LString, lua.LNumber:
			f, err := lib.openFile(v.String(), mode)
			if err != nil {
				lib.result(L, v.String(), err)
				vm.ArgError(L, 1, L.Get(-2).String())
			}
			*stream = lib.wrap(L, f)
		}
		L.Push(*stream)
		return 1
	}
}
