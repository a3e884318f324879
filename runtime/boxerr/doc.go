// Package boxerr holds the errors of the database: their codes, their words, and
// the Error value that carries one through Go, Lua and the wire protocol.
//
// The one idea: an error is made once, where it happens, by its code and the
// arguments of the code's text,
//
//	return boxerr.New(boxerr.NoSuchSpace, name)
//
// and everybody above passes it on unchanged. A script sees the same code and
// words that Tarantool 2.6 would have shown it. The package knows no Lua.
package boxerr
