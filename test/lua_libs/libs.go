// Package lualibs holds the Lua libraries that golden suites share. The runner
// offers them, last on the path, to every instance: a suite that brings its
// own of the same name wins.
package lualibs

import "embed"

// Files are the libraries by file name.
//
//go:embed *.lua
var Files embed.FS
