package serial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/json"
	"shardlua/runtime/msgpack"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
	"shardlua/runtime/yaml"
)

// TestGolden runs the scripts of testdata and compares what they emit with what
// Tarantool 2.6 emitted.
func TestGolden(t *testing.T) {
	scripts, _ := filepath.Glob("testdata/*.lua")
	if len(scripts) == 0 {
		t.Fatal("no scripts")
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			golden, err := os.ReadFile(strings.TrimSuffix(script, ".lua") + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if got := run(t, script); got != string(golden) {
				diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
					A: difflib.SplitLines(string(golden)), B: difflib.SplitLines(got),
					FromFile: "Tarantool", ToFile: "ours", Context: 2,
				})
				t.Errorf("%s", diff)
			}
		})
	}
}

func run(t *testing.T, script string) string {
	source, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	machine := vm.New(vm.Options{})
	L := machine.State()
	var out strings.Builder
	L.SetGlobal("emit", L.NewFunction(func(L *lua.LState) int {
		out.WriteString(L.CheckString(1))
		return 0
	}))
	modules := map[string]lua.LValue{
		"json": json.Open(L), "yaml": yaml.Open(L), "msgpack": msgpack.Open(L), "msgpackffi": msgpack.OpenFFI(L, nil),
	}
	L.SetGlobal("require", L.NewFunction(func(L *lua.LState) int {
		L.Push(modules[L.CheckString(1)])
		return 1
	}))
	L.SetGlobal("type", L.NewFunction(func(L *lua.LState) int {
		L.Push(lua.LString(vm.TypeName(L.Get(1))))
		return 1
	}))
	L.SetGlobal("tostring", L.NewFunction(func(L *lua.LState) int {
		v := L.Get(1)
		if n, ok := v.(lua.LNumber); ok {
			v = lua.LString(serial.FormatNumber(float64(n), 14))
			if n != n {
				v = lua.LString("nan")
			}
		}
		L.Push(lua.LString(v.String()))
		return 1
	}))
	fn, err := machine.Load(source, "@"+filepath.Base(script))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := machine.Call(L, fn, 0); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
