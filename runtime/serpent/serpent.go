// Package serpent is the Lua module `serpent`: Lua values as Lua source, for people (line, block) and for load (dump).
//
// The one idea: a value is written by one walk, which leaves out what it has met before. The left-out references are
// assignments that a dump makes after the table, and a remark in the other forms.
package serpent

import (
	_ "embed"

	"shardlua/runtime/module"
)

//go:embed serpent.lua
var source string

// Module is the Lua module `serpent`: serialize(value, options), and dump, line and block with options for each purpose;
// load(text[, {safe = false}]) reads the text of a value.
var Module = module.Script("serpent", source)
