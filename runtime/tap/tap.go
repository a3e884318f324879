// Package tap is the Lua module `tap`: test scripts that print the Test Anything Protocol. It is written in Lua, in
// tap.lua, where the functions are documented; this package only carries it.
package tap

import (
	_ "embed"

	"shardlua/runtime/module"
)

//go:embed tap.lua
var source string

// Module is the Lua module `tap`.
var Module = module.Script("tap", source)
