package vm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	difflib "github.com/pmezard/go-difflib/difflib"
	lua "github.com/yuin/gopher-lua"
)

// withBox makes a VM whose print goes to a buffer and that knows box.NULL.
func withBox(out *bytes.Buffer) *VM {
	v := New(Options{})
	g := v.main.G.Global
	box := newTable(0, 1)
	setString(box, lua.LString("NULL"), Null)
	setString(g, lua.LString("box"), box)
	write := func(sep, end string) lua.LGFunction {
		return func(L *lua.LState) int {
			for i := 1; i <= L.GetTop(); i++ {
				if i > 1 {
					out.WriteString(sep)
				}
				out.WriteString(v.ToString(L, L.Get(i)))
			}
			out.WriteString(end)
			return 0
		}
	}
	v.Register(g, map[string]lua.LGFunction{"print": write("\t", "\n")})
	v.Register(g.RawGetString("io").(*lua.LTable), map[string]lua.LGFunction{"write": write("", "")})
	return v
}

func goldenScripts(t *testing.T) []string {
	scripts, err := filepath.Glob("testdata/*.test.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	return scripts
}

func golden(script string) string { return strings.TrimSuffix(script, ".test.lua") + ".golden" }

func compareText(t *testing.T, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	diff, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(want), B: difflib.SplitLines(got), FromFile: "golden", ToFile: "got",
	})
	t.Error("\n" + diff)
}

func TestDialect(t *testing.T) {
	for _, script := range goldenScripts(t) {
		t.Run(filepath.Base(script), func(t *testing.T) {
			want, err := os.ReadFile(golden(script))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			v := withBox(&out)
			chunk, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			fn, err := v.Load(chunk, "@"+filepath.Base(script))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.Call(v.State(), fn, 0); err != nil {
				t.Fatalf("%v\n%s", err, err.(*Error).Traceback)
			}
			compareText(t, string(want), out.String())
		})
	}
}

// TestOracle runs the same scripts on stock Tarantool, whose output the golden
// files are. UPDATE_GOLDEN=1 writes them.
func TestOracle(t *testing.T) {
	oracle, err := exec.LookPath("tarantool")
	if err != nil {
		t.Log("stock Tarantool is not installed: the golden files stand unchecked")
		return
	}
	for _, script := range goldenScripts(t) {
		cmd := exec.Command(oracle, filepath.Base(script))
		cmd.Dir = "testdata"
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
			continue
		}
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(golden(script), out, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(golden(script))
		compareText(t, string(want), string(out))
	}
}
