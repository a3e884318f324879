// Package evolutiontest helps to test migrations: it builds the internals of an old version in one line.
//
//	in := evolutiontest.Internals(t, `{buckets = {1, 2}, reload_version = 3}`)
//	if err := migrate(in); err != nil { … }
package evolutiontest

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/vm"
)

// Internals evaluates a Lua expression, which must give a table, and returns it as internals.
func Internals(t testing.TB, expression string) evolution.Internals {
	t.Helper()
	machine := vm.New(vm.Options{})
	fn, err := machine.Load([]byte("return "+expression), "=internals")
	if err != nil {
		t.Fatal(err)
	}
	values, err := machine.Call(machine.State(), fn, 1)
	if err != nil {
		t.Fatal(err)
	}
	table, ok := values[0].(*lua.LTable)
	if !ok {
		t.Fatalf("%s is no table", expression)
	}
	return evolution.Over(table)
}
