// Package strict is the Lua module `strict`: with strict.on(), global variables must be assigned in the main chunk of a
// file, or by the console, before anybody reads them.
package strict

import (
	_ "embed"

	"shardlua/runtime/module"
)

//go:embed strict.lua
var source string

// Module is the Lua module `strict`.
var Module = module.Script("strict", source)
