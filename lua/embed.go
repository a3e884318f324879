// Package lua carries the Lua modules that are part of the binary.
//
// A directory on package.path that holds a module of the same name wins: the host looks here last.
package lua

import "embed"

// Files holds the sources, rooted at this folder: vshard/init.lua is require('vshard').
//
//go:embed vshard
var Files embed.FS
