// Package popen is the Lua module `popen`: child processes and their pipes.
//
// The one idea: a handle is a process that a goroutine waits for. Calls that block hand the wait to another goroutine
// and let the fibers run; a pipe's deadline ends a read or a write that nobody waits for any more.
package popen

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `popen`: new(argv[, options]) and shell(command[, mode]) start a process and return its
// handle; opts, signal, state and stream are the constants.
var Module = module.Module{Name: "popen", Open: open}

// library is the module in one instance.
type library struct {
	host   module.Host
	meta   *lua.LTable
	living map[*handle]struct{} // what ends with the instance
}

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, living: map[*handle]struct{}{}}
	lib.meta = lib.handleMeta(L)
	h.OnShutdown(lib.killAll)
	exports := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"new": lib.new, "shell": lib.shell})
	for name, values := range map[string]map[string]string{
		"opts":   {"PIPE": pipe, "DEVNULL": devnull, "INHERIT": inherit, "CLOSE": closed},
		"state":  {"ALIVE": "alive", "EXITED": "exited", "SIGNALED": "signaled"},
		"stream": {"OPEN": "open", "CLOSED": "closed"},
	} {
		t := L.NewTable()
		for key, value := range values {
			t.RawSetString(key, lua.LString(value))
		}
		exports.RawSetString(name, t)
	}
	signals := L.NewTable()
	for _, s := range signalNames {
		signals.RawSetString(s.name, lua.LNumber(s.number))
	}
	exports.RawSetString("signal", signals)
	return exports
}

// killAll ends the processes that scripts started, as the instance ends.
func (lib *library) killAll() {
	for h := range lib.living {
		if !h.options.keepChild {
			h.kill(sigkill)
		}
	}
}

// illegal raises an IllegalParams error.
func (lib *library) illegal(L *lua.LState, format string, args ...any) {
	vm.Raise(L, errno.Value(lib.host, boxerr.Newf(boxerr.ClassIllegalParams, format, args...)))
}

// fail pushes nil and an error object.
func (lib *library) fail(L *lua.LState, err *boxerr.Error) int {
	L.Push(lua.LNil)
	L.Push(errno.Value(lib.host, err))
	return 2
}
