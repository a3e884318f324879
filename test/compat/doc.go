// Package compat makes docs/compatibility.md, the table of what works as on stock Tarantool, from what instances and
// golden suites show.
//
// The one idea: nothing in the table is somebody's opinion. Both hosts are asked which names their Lua API has; a name
// counts as shown when the golden suites use it, and a suite counts because the tests run it on both hosts. A table
// that does not say what the hosts say fails the package's test; this writes it anew:
//
//	go test ./test/compat -update
package compat
