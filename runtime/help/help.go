// Package help is the Lua module `help`, with the global variables help and tutorial: what an operator at a console sees
// who does not know where to begin. The texts are in help.lua.
package help

import (
	_ "embed"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
)

// Text is what `\help` and `help` show, in Tarantool's words.
const Text = `To get help, see the Tarantool manual at https://tarantool.io/en/doc/
To start the interactive Tarantool tutorial, type 'tutorial()' here.

Available backslash commands:

  \set language <language>   -- set language (lua or sql)
  \set output <format>       -- set output format (lua[,line|block] or yaml)
  \set delimiter <delimiter> -- set expression delimiter
  \help                      -- show this screen
  \quit                      -- quit interactive console
`

//go:embed help.lua
var source string

// Module is the Lua module `help`.
var Module = module.Module{Name: "help", Open: open}

// English is the Lua module `help.en_US`: the texts.
var English = module.Module{Name: "help.en_US", Open: func(_ module.Host, L *lua.LState) lua.LValue {
	t := L.NewTable()
	t.RawSetString("help", lua.LString(Text))
	t.RawSetString("tutorial", L.NewTable())
	return t
}}

func open(h module.Host, L *lua.LState) lua.LValue {
	values, err := h.VM().Call(L, module.Script("help", source).Open(h, L), 1, lua.LString(Text))
	if err != nil {
		return lua.LNil
	}
	return values[0]
}
