// Package netbox is the Lua module `net.box`: the client of the binary protocol.
//
// The one idea: a connection is a Lua table with a Transport behind it. The transport's fiber brings the connection up
// and keeps it up, state by state; a goroutine reads what the server sends and hands it over a batch at a time.
// Arguments become MessagePack right in the buffer that leaves by the next write, together with the requests of
// all fibers that were ready then; results become tuples and Lua values as they are read.
//
// The surface (options, schema, spaces, triggers) is in net_box.lua; what runs for each request is in Go.
package netbox

import (
	_ "embed"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

//go:embed net_box.lua
var source string

// Module is the Lua module `net.box`.
var Module = module.Module{Name: "net.box", Open: open}

// library is the module in one instance.
type library struct {
	host          module.Host
	codec         *luamp.Codec
	encode        luamp.Options
	futureMeta    *lua.LTable
	transportMeta *lua.LTable
	step          *lua.LFunction // of future:pairs
	free          []*request     // to use again
}

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, codec: luamp.Of(L), encode: luamp.Default(), transportMeta: L.NewTable()}
	lib.openFutures(L)
	native := L.NewTable()
	for name, fn := range map[string]lua.LGFunction{
		"new":        lib.newTransport,
		"start":      lib.luaStart,
		"close":      lib.luaClose,
		"wait_state": lib.luaWaitState,
		"ping":       lib.luaPing,
		"call":       lib.luaCall,
		"call_16":    lib.luaCall16,
		"eval":       lib.luaEval,
		"select":     lib.luaSelect,
		"get":        lib.luaGet,
		"min":        lib.luaMin,
		"max":        lib.luaMax,
		"insert":     lib.luaInsert,
		"replace":    lib.luaReplace,
		"delete":     lib.luaDelete,
		"update":     lib.luaUpdate,
		"upsert":     lib.luaUpsert,
		"eval_16":    lib.luaEval16,
		"text":       lib.luaText,
		"adopt":      lib.luaAdopt,
		"timeout":    lib.luaTimeout,

		"parse_greeting": lib.luaParseGreeting,
		"format":         lib.luaFormat,
		"no_such_proc": func(L *lua.LState) int {
			raise(L, lib, boxerr.New(boxerr.NoSuchProc, L.CheckString(1)))
			return 0
		},
	} {
		native.RawSetString(name, L.NewFunction(fn))
	}
	fn, err := h.VM().Load([]byte(source), "@builtin/box/net_box.lua")
	if err != nil {
		vm.RaiseString(L, 0, "%s", err.Error())
	}
	L.Push(fn)
	L.Push(native)
	L.Call(1, 1)
	exports := L.Get(-1)
	L.Pop(1)
	return exports
}
