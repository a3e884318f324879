// Package test runs the project's golden suites, each against shardlua and, where it is installed, against stock
// Tarantool: a golden file that both produce was not tuned to one of them.
package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"shardlua/test/golden"
	"shardlua/test/golden/goldentest"
)

// shardlua is the program under test, built by TestMain.
var shardlua string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "shardlua-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	shardlua = filepath.Join(dir, "shardlua")
	args := []string{"build", "-o", shardlua}
	if raceEnabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "shardlua/cmd/shardlua")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot build shardlua:", err)
		return 1
	}
	return m.Run()
}

// suites are the directories with golden tests.
func suites(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/suite.ini")
	if err != nil || len(files) == 0 {
		t.Fatalf("no suites found: %v", err)
	}
	var dirs []string
	for _, f := range files {
		dirs = append(dirs, filepath.Dir(f))
	}
	return dirs
}

func TestSuitesOnShardlua(t *testing.T) {
	config := golden.Config{Paths: suites(t), Executable: shardlua}
	if raceEnabled {
		// A move of all buckets under load takes five times as long with the detector.
		config.Timeout = 5 * time.Minute
	}
	goldentest.Run(t, config)
}

func TestSuitesOnStockTarantool(t *testing.T) {
	stock, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed")
	}
	goldentest.Run(t, golden.Config{Paths: suites(t), Executable: stock})
}
