// Package fun is the Lua module `fun`: lazy lists over tables, strings and generators. It is written in Lua, in fun.lua,
// where the functions are documented; this package only carries it.
package fun

import (
	_ "embed"

	"shardlua/runtime/module"
)

//go:embed fun.lua
var source string

// Module is the Lua module `fun`.
var Module = module.Script("fun", source)
