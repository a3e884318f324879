package format_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"
	lua "github.com/yuin/gopher-lua"

	"shardlua/console/format"
	"shardlua/runtime/vm"
)

// TestGolden shows what statements return and compares it with what Tarantool's
// console answered.
func TestGolden(t *testing.T) {
	statements, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, show := range map[string]func(*lua.LState, []lua.LValue) string{
		"yaml":  format.YAML,
		"line":  func(L *lua.LState, v []lua.LValue) string { return format.Lua(L, v, format.Line, ";") + "\n" },
		"block": func(L *lua.LState, v []lua.LValue) string { return format.Lua(L, v, format.Block, ";") + "\n" },
	} {
		golden, err := os.ReadFile("testdata/" + name + ".golden")
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, statement := range strings.Split(strings.TrimSuffix(string(statements), "\n"), "\n") {
			L, values := eval(t, statement)
			got.WriteString("> " + statement + "\n" + show(L, values))
		}
		if got.String() != string(golden) {
			diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
				A: difflib.SplitLines(string(golden)), B: difflib.SplitLines(got.String()),
				FromFile: "Tarantool", ToFile: "ours", Context: 2,
			})
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func eval(t *testing.T, statement string) (*lua.LState, []lua.LValue) {
	t.Helper()
	machine := vm.New(vm.Options{})
	L := machine.State()
	box := L.NewTable()
	box.RawSetString("NULL", vm.Null)
	L.SetGlobal("box", box)
	fn, err := machine.Load([]byte("return "+statement), "=statement")
	if err != nil {
		t.Fatal(err)
	}
	values, err := machine.Call(L, fn, lua.MultRet)
	if err != nil {
		t.Fatal(err)
	}
	return L, values
}

func TestNoValue(t *testing.T) {
	if got := format.YAML(vm.New(vm.Options{}).State(), nil); got != "---\n...\n" {
		t.Errorf("%q", got)
	}
}

func TestFailure(t *testing.T) {
	L := vm.New(vm.Options{}).State()
	if got := format.YAML(L, []lua.LValue{format.Failure(L, lua.LNil)}); got != "---\n- error: null\n...\n" {
		t.Errorf("%q", got)
	}
}

func TestUncommonNumbers(t *testing.T) {
	L, values := eval(t, "0/0, 1/0, -1/0")
	if got := format.Lua(L, values, format.Line, ";"); got != "-nan, inf, -inf;" {
		t.Errorf("%q", got)
	}
	if got := format.YAML(L, values); got != "---\n- -nan\n- inf\n- -inf\n...\n" {
		t.Errorf("%q", got)
	}
}
