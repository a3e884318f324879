package goldentest

import (
	"os"
	"path/filepath"
	"testing"

	"shardlua/test/golden"
)

// TestRun lets a shell stand in for the executable: a TAP program is one in
// any language.
func TestRun(t *testing.T) {
	shell := "/bin/sh"
	dir := filepath.Join(t.TempDir(), "suite")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ran := filepath.Join(t.TempDir(), "ran")
	for name, text := range map[string]string{
		"suite.ini":  "[default]\ncore = app\ndisabled = b.test.lua\n",
		"a.test.lua": "echo 1..1; echo ok; echo yes >" + ran + "\n",
		"b.test.lua": "exit 1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	Run(t, golden.Config{Paths: []string{dir}, Executable: shell})
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the test did not run: %v", err)
	}
}
