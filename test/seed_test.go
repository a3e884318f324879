package test

import (
	"os"
	"os/exec"
	"path/filepath"
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
