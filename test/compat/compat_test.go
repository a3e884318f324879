package compat_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"shardlua/test/compat"
)

var update = flag.Bool("update", false, "write docs/compatibility.md anew")

const page = "../../docs/compatibility.md"

func TestPageSaysWhatTheHostsSay(t *testing.T) {
	stockPath, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed")
	}
	ours := filepath.Join(t.TempDir(), "shardlua")
	if out, err := exec.Command("go", "build", "-o", ours, "shardlua/cmd/shardlua").CombinedOutput(); err != nil {
		t.Fatalf("cannot build shardlua: %v\n%s", err, out)
	}
	stock, err := compat.Take(stockPath, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	here, err := compat.Take(ours, t.TempDir(), stock.Modules())
	if err != nil {
		t.Fatal(err)
	}
	suites, used, err := compat.Suites("..")
	if err != nil {
		t.Fatal(err)
	}
	var made bytes.Buffer
	if err := compat.Write(&made, stock, here, suites, used); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, made.Bytes()) {
		t.Errorf("docs/compatibility.md is not what the hosts say; run: go test ./test/compat -update")
	}
}

func TestWrite(t *testing.T) {
	stock := compat.Inventory{"fiber": {"new": "function", "gone": "function", "sub": "table", "sub.x": "number", "other": "table"}, "swim": {"new": "function"}}
	here := compat.Inventory{"fiber": {"new": "function", "other": "function"}}
	var out bytes.Buffer
	if err := compat.Write(&out, stock, here, []compat.Suite{{Name: "box", Tests: 2, Answers: 30}}, map[string]bool{"new": true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| fiber | 5 | 1 | 1 | `gone` `other` `sub` |\n", "| swim | 1 | 0 | 0 | all |\n", "| **together** | 6 | 1 | 1 | |\n", "| box | 2 | 30 |\n",
	} {
		if !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestTakeTellsOfFailure(t *testing.T) {
	for _, executable := range []string{"/bin/false", "/bin/true"} {
		if _, err := compat.Take(executable, t.TempDir(), nil); err == nil {
			t.Errorf("%s has an API", executable)
		}
	}
}
