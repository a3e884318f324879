package golden

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oracle is stock tarantool; a machine that has only Go runs the tests of the
// runner's own logic against a scripted instance instead.
func oracle(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed")
	}
	return path
}

// TestSuitesOnStockTarantool runs the runner's golden suites, whose results
// say what a script may rely on.
func TestSuitesOnStockTarantool(t *testing.T) {
	report, err := Run(context.Background(), Config{
		Paths:      []string{"testdata/suites"},
		Executable: oracle(t),
		VarDir:     t.TempDir(),
		Strict:     true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		switch result.Status {
		case Passed:
		case Skipped:
			if !strings.HasPrefix(result.Test, "disabled.") && !strings.HasPrefix(result.Test, "debug.") &&
				!strings.HasPrefix(result.Test, "long.") && !strings.HasPrefix(result.Test, "skipped.") {
				t.Errorf("%s was skipped: %s", result.Name(), result.Message)
			}
		default:
			t.Errorf("%s: %s\n%s", result.Name(), result.Status, result.Failure(false))
		}
	}
	if got, want := report.Count(Passed), 23; got != want {
		t.Errorf("%d tests passed, want %d", got, want)
	}
}

// TestSeedUnitSuite runs the founding document's unit suite as it lies there,
// a directory without a suite.ini that is not to be written, and as a part of
// a tests directory composed of it and of the project's own pieces.
func TestSeedUnitSuite(t *testing.T) {
	seed, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "seed", "test"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(seed); err != nil {
		t.Skip("the founding document is not beside the checkout")
	}
	stock := oracle(t)
	// The least that the suite asks of the module; the real one is tested
	// where it lives.
	root := files(t, t.TempDir(), map[string]string{
		"vshard/storage/reload_evolution.lua": `
local function upgrade(M)
    if M.reload_version > 1 then
        error('auto-downgrade is not implemented; loaded version is ' .. M.reload_version)
    end
end
return {version = 1, upgrade = upgrade}
`,
		"test/lua_libs/libs.txt": "",
	})
	if err := os.Symlink(filepath.Join(seed, "unit"), filepath.Join(root, "test", "unit")); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"as it lies": {Paths: []string{filepath.Join(seed, "unit")}, SourceDir: root},
		"composed":   {Paths: []string{filepath.Join(root, "test")}},
	} {
		cfg.Executable, cfg.Strict = stock, true
		report := mustRun(t, cfg)
		if !report.OK() || report.Count(Passed) != 1 {
			t.Errorf("%s: %s\n%s", name, report.Summary(), report.Results[0].Failure(false))
		}
	}
}
