// Package trigger is the Lua module `internal.trigger`: lists of callbacks with the calling convention of Tarantool's
// on_something functions.
package trigger

import (
	_ "embed"

	"shardlua/runtime/module"
)

//go:embed trigger.lua
var source string

// Module is the Lua module `internal.trigger`.
var Module = module.Script("internal.trigger", source)
