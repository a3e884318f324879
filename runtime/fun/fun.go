// Package fun is the Lua module `fun`: lazy lists over tables, strings and generators. It is written in Lua, in files by
// what their functions do, where these are documented; this package joins and carries them.
package fun

import (
	"embed"
	"strings"

	"shardlua/runtime/module"
)

//go:embed *.lua
var files embed.FS

// parts are the files in the order in which they build on each other: they are one chunk, and share its locals.
var parts = [...]string{"iterator", "sources", "slices", "searches", "folds", "compositions", "operators"}

// Module is the Lua module `fun`.
var Module = module.Script("fun", source())

func source() string {
	var b strings.Builder
	for _, name := range parts {
		text, err := files.ReadFile(name + ".lua")
		if err != nil {
			panic(err) // the binary carries its own files
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String()
}
