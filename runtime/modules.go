package runtime

import (
	"shardlua/runtime/fiber"
	"shardlua/runtime/module"
)

// builtins are the Lua modules of every instance, in the order of their names. To add one, write its package and add a
// line here.
func builtins() []module.Module {
	return []module.Module{
		fiber.Module,
	}
}

// globalModules are the modules that scripts see as global variables without a require.
var globalModules = []string{"box"}

// eagerModules extend what is there already (string, table, os, …), so they are opened before the first script runs.
var eagerModules = []string{}
