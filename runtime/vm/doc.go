// Package vm makes gopher-lua speak LuaJIT's dialect as Tarantool embeds it.
//
// The one idea: a VM is an ordinary gopher-lua state whose interpreter loop is
// this package's own. A gopher-lua state keeps the loop that runs its bytecode
// in a field, so each state made here carries a loop that knows cdata, raises
// errors in LuaJIT's words and can be interrupted, while other states of the
// same process keep the loop they were born with.
//
// Go code that is called from Lua keeps to these rules:
//
//   - a cdata value is any LValue that implements [Cdata]; its metatable is
//     registered once per VM with [VM.SetMeta];
//   - [Null] is Lua's box.NULL: a value of its own that equals nil;
//   - arguments are checked with [CheckTable], [CheckInt] and their kin, and
//     errors are raised with [Raise] and [RaiseString];
//   - protected calls go through [VM.Call].
//
// A VM is not safe for concurrent use: exactly one goroutine at a time may run
// code in it. Only [VM.Interrupt] may be called from anywhere.
package vm
