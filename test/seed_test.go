package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"shardlua/test/golden"
	"shardlua/test/golden/goldentest"
)

// founding is where the founding document's suites lie when they are beside the checkout.
func founding(t *testing.T, suite string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "shared", "seed", "test", suite))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the founding document is not beside the checkout")
	}
	return dir
}

// root is the checkout, which holds the sources that the founding suites load.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestFoundingUnitSuite runs the suite of the evolution mechanism, byte for byte, on both hosts.
func TestFoundingUnitSuite(t *testing.T) {
	suite := founding(t, "unit")
	hosts := map[string]string{"shardlua": shardlua}
	if stock, err := exec.LookPath("tarantool"); err == nil {
		hosts["tarantool"] = stock
	}
	for name, executable := range hosts {
		t.Run(name, func(t *testing.T) {
			goldentest.Run(t, golden.Config{Paths: []string{suite}, Executable: executable, SourceDir: root(t), Strict: true})
		})
	}
}

// TestFoundingClusterSuite runs the cross-version reload of the founding document, byte for byte: two replica sets of
// two instances, one storage started on the version of before the evolution mechanism and reloaded to the newest.
func TestFoundingClusterSuite(t *testing.T) {
	suite := founding(t, "reload_evolution")
	work := t.TempDir()
	source, build := filepath.Join(work, "source"), filepath.Join(work, "build")
	moduleHistory(t, source)
	vardir := filepath.Join(build, "test", "var")
	if err := os.MkdirAll(vardir, 0o755); err != nil {
		t.Fatal(err)
	}
	goldentest.Run(t, golden.Config{
		Paths: []string{suite}, Executable: shardlua, SourceDir: source, BuildDir: build, VarDir: vardir, Strict: true, Jobs: 1,
	})
}

// moduleHistory makes a git repository in dir that has lua/vshard of this project's history as vshard, at its root, one
// commit for each that changed it.
func moduleHistory(t *testing.T, dir string) {
	t.Helper()
	git := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("git", args...).Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	checkout := root(t)
	if _, err := os.Stat(filepath.Join(checkout, ".git")); err != nil {
		t.Skip("the sources are not a git checkout, so there is no older version")
	}
	if git("-C", checkout, "rev-parse", "--is-shallow-repository") != "false" {
		t.Skip("the checkout is shallow, so there is no older version")
	}
	git("init", "-q", dir)
	for _, commit := range strings.Fields(git("-C", checkout, "log", "--reverse", "--format=%H", "--", "lua/vshard")) {
		if err := os.RemoveAll(filepath.Join(dir, "vshard")); err != nil {
			t.Fatal(err)
		}
		archive := filepath.Join(t.TempDir(), "module.tar")
		git("-C", checkout, "archive", "-o", archive, commit+":lua")
		if out, err := exec.Command("tar", "-x", "-f", archive, "-C", dir, "vshard").CombinedOutput(); err != nil {
			t.Fatalf("tar: %v: %s", err, out)
		}
		git("-C", dir, "add", "-A")
		git("-C", dir, "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-q", "--allow-empty", "-m", commit)
	}
}
