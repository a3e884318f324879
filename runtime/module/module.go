// Package module is the border between the host and the Lua modules that it offers.
//
// The one idea: a Lua module is one Go package with one exported variable, a Module, and all that it may see of the
// instance is the Host interface below. The host lists the modules in one place and opens each when a script first
// requires it.
//
//	// Module is the Lua module `clock`.
//	var Module = module.Module{Name: "clock", Open: open}
//
//	func open(h module.Host, L *lua.LState) lua.LValue {
//		exports := L.NewTable()
//		exports.RawSetString("time", L.NewFunction(func(L *lua.LState) int { … }))
//		return exports
//	}
package module

import (
	"io"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/sys"
	"shardlua/runtime/vm"
)

// Module is one Lua module.
type Module struct {
	// Name is what scripts give to require.
	Name string
	// Open makes the value that require returns. It is called with the baton, once per host.
	Open func(h Host, L *lua.LState) lua.LValue
}

// Host is what a module sees of the instance that it lives in.
type Host interface {
	VM() *vm.VM
	// Sched runs the fibers. Functions called from Lua hold the baton; the calling fiber is Sched().Current().
	Sched() *sched.Scheduler
	// Machine reaches time, disk and network.
	Machine() sys.Machine
	// Sessions has the connections to the instance.
	Sessions() *session.Registry
	// Log is the instance's log.
	Log() *say.Logger
	// Stdin, Stdout and Stderr are the standard streams that scripts see.
	Stdin() io.Reader
	Stdout() io.Writer
	Stderr() io.Writer
	// Version is the instance's version, as greetings and box.info have it.
	Version() string
	// Args are the command line: the program at 0, then the script's own arguments after Script.
	Args() []string
	// Script is the path of the main script, empty when there is none.
	Script() string
	// Require is Lua's require, for a module that needs another one. It raises a Lua error when that fails.
	Require(L *lua.LState, name string) lua.LValue
	// Spawn starts a fiber that calls fn with args; an error that leaves fn is logged as Tarantool logs it.
	Spawn(name string, fn *lua.LFunction, args ...lua.LValue) *sched.Fiber
	// Thread is the Lua thread of a fiber that Go code started; it is made at the first call.
	Thread(f *sched.Fiber) *lua.LState
	// Service keeps values that modules share by a key of their own type, as context.Context does: a module offers
	// its Go side to others under its key.
	Service(key any) any
	SetService(key, value any)
	// Hold keeps the instance alive after its main script has ended, until the returned function is called: a
	// configured database or a listening server does so.
	Hold() (release func())
	// OnShutdown adds a function that runs, with the baton and last in first out, when the instance ends.
	OnShutdown(fn func())
	// Exit ends the instance with that exit code. It does not return to a fiber that calls it.
	Exit(code int)
}
