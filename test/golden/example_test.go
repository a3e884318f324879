package golden_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"shardlua/test/golden"
)

// A TAP program is one in any language: here the shell is the executable.
func ExampleRun() {
	root, err := os.MkdirTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	suite := filepath.Join(root, "test", "suite")
	if err := os.MkdirAll(suite, 0o755); err != nil {
		fmt.Println(err)
		return
	}
	for name, text := range map[string]string{
		"suite.ini":     "[default]\ncore = app\n",
		"good.test.lua": "echo 1..1; echo ok - fine\n",
		"bad.test.lua":  "echo 1..1; echo not ok - broken\n",
	} {
		if err := os.WriteFile(filepath.Join(suite, name), []byte(text), 0o644); err != nil {
			fmt.Println(err)
			return
		}
	}
	report, err := golden.Run(context.Background(), golden.Config{
		Paths:      []string{suite},
		Executable: "/bin/sh",
		SourceDir:  root,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report.WriteSummary(os.Stdout)
	// Output:
	// failed: suite/bad.test.lua
	// 2 tests, pass: 1, fail: 1
}
