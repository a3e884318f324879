// Package osext is the Lua library `os` as Tarantool has it.
//
// What waits (execute) waits off the baton, and exit ends the instance, not the process.
package osext

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the library `os`: clock, date, difftime, environ, execute, exit, getenv, remove, rename, setenv, setlocale,
// time, tmpname.
var Module = module.Module{Name: "os", Open: open}

type library struct{ host module.Host }

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h}
	table, ok := L.GetGlobal("os").(*lua.LTable)
	if !ok {
		table = L.NewTable()
		L.SetGlobal("os", table)
	}
	return L.SetFuncs(table, map[string]lua.LGFunction{
		"clock": clock, "date": lib.date, "time": lib.time, "difftime": difftime, "environ": environ,
		"execute": lib.execute, "exit": lib.exit, "getenv": getenv, "setenv": lib.setenv, "remove": lib.remove,
		"rename": lib.rename, "setlocale": setlocale, "tmpname": lib.tmpname,
	})
}

// clock is the processor time of the process in seconds.
func clock(L *lua.LState) int {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts)
	L.Push(lua.LNumber(float64(ts.Nano()/1000) / 1e6))
	return 1
}

func difftime(L *lua.LState) int {
	L.Push(lua.LNumber(vm.CheckNumber(L, 1) - vm.OptNumber(L, 2, 0)))
	return 1
}

func getenv(L *lua.LState) int {
	if value, ok := os.LookupEnv(vm.CheckString(L, 1)); ok {
		L.Push(lua.LString(value))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

// setenv(name, value); nil takes the name out.
func (lib *library) setenv(L *lua.LState) int {
	name, ok := L.Get(1).(lua.LString)
	if !ok && !vm.IsNil(L.Get(1)) {
		vm.RaiseString(L, 0, "builtin/env.lua:33: bad argument #1 to 'setenv' (cannot convert '%s' to 'const char *')",
			vm.TypeName(L.Get(1)))
	}
	var err error
	switch v := L.Get(2).(type) {
	case lua.LString:
		err = os.Setenv(string(name), string(v))
	default:
		if !vm.IsNil(v) {
			vm.RaiseString(L, 0, "builtin/env.lua:33: bad argument #2 to 'setenv' "+
				"(cannot convert '%s' to 'const char *')", vm.TypeName(v))
		}
		if !ok || name == "" || strings.Contains(string(name), "=") {
			err = unix.EINVAL
		} else {
			err = os.Unsetenv(string(name))
		}
	}
	if err != nil {
		n := int(unix.EINVAL)
		errno.Set(lib.host, n)
		vm.RaiseString(L, 0, "builtin/env.lua:38: error %d: %s", n, errno.Text(n))
	}
	return 0
}

func environ(L *lua.LState) int {
	t := L.NewTable()
	for _, entry := range os.Environ() {
		if name, value, ok := strings.Cut(entry, "="); ok {
			t.RawSetString(name, lua.LString(value))
		}
	}
	L.Push(t)
	return 1
}

// execute returns the status that system() gives: 256 times the exit code, or the signal. Without a command it tells
// whether there is a shell.
func (lib *library) execute(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		_, err := os.Stat("/bin/sh")
		status := 0
		if err == nil {
			status = 1
		}
		L.Push(lua.LNumber(status))
		return 1
	}
	command := exec.Command("/bin/sh", "-c", vm.CheckString(L, 1))
	command.Stdin, command.Stdout, command.Stderr = lib.host.Stdin(), lib.host.Stdout(), lib.host.Stderr()
	var err error
	lib.host.Sched().Current().Await(func(done func()) {
		go func() {
			defer done()
			err = command.Run()
		}()
	})
	status := 0
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		wait, _ := failed.Sys().(syscall.WaitStatus)
		status = int(wait)
	case err != nil:
		errno.Set(lib.host, errno.Number(err))
		status = -1
	}
	L.Push(lua.LNumber(status))
	return 1
}

// exit(code) ends the instance. What is no number counts as 0.
func (lib *library) exit(L *lua.LState) int {
	code := 0
	if v, ok := L.Get(1).(lua.LNumber); ok {
		code = int(v)
	}
	lib.host.Exit(code & 0xff)
	return 0
}

// result pushes true, or nil, "name: text" and the errno.
func (lib *library) result(L *lua.LState, name string, err error) int {
	if err == nil {
		L.Push(lua.LTrue)
		return 1
	}
	n := errno.Number(err)
	errno.Set(lib.host, n)
	L.Push(lua.LNil)
	L.Push(lua.LString(name + ": " + errno.Text(n)))
	L.Push(lua.LNumber(n))
	return 3
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

func (lib *library) remove(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	return lib.result(L, name, lib.await(func() error {
		err := unix.Unlink(name)
		if err == unix.EISDIR || err == unix.EPERM {
			err = unix.Rmdir(name)
		}
		return err
	}))
}

func (lib *library) rename(L *lua.LState) int {
	from, to := vm.CheckString(L, 1), vm.CheckString(L, 2)
	return lib.result(L, from, lib.await(func() error { return unix.Rename(from, to) }))
}

// tmpname makes an empty file and returns its name.
func (lib *library) tmpname(L *lua.LState) int {
	var name string
	err := lib.await(func() error {
		file, err := os.CreateTemp("/tmp", "lua_*")
		if err != nil {
			return err
		}
		name = file.Name()
		return file.Close()
	})
	if err != nil {
		vm.RaiseString(L, 1, "unable to generate a unique filename")
	}
	L.Push(lua.LString(name))
	return 1
}

// setlocale knows the C locale only, and the UTF-8 form of its character types, in which every instance runs.
func setlocale(L *lua.LState) int {
	category := vm.OptString(L, 2, "all")
	switch category {
	case "all", "collate", "ctype", "monetary", "numeric", "time":
	default:
		vm.ArgError(L, 2, "invalid option '"+category+"'")
	}
	if !vm.IsNil(L.Get(1)) {
		switch name := vm.CheckString(L, 1); name {
		case "", "C", "POSIX":
			L.Push(lua.LString("C"))
		default:
			L.Push(lua.LNil)
		}
		return 1
	}
	switch category {
	case "all":
		L.Push(lua.LString("LC_CTYPE=C.UTF-8;LC_NUMERIC=C;LC_TIME=C;LC_COLLATE=C;LC_MONETARY=C;LC_MESSAGES=C;" +
			"LC_PAPER=C;LC_NAME=C;LC_ADDRESS=C;LC_TELEPHONE=C;LC_MEASUREMENT=C;LC_IDENTIFICATION=C"))
	case "ctype":
		L.Push(lua.LString("C.UTF-8"))
	default:
		L.Push(lua.LString("C"))
	}
	return 1
}
