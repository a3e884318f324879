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
	if got, want := report.Count(Passed), 21; got != want {
		t.Errorf("%d tests passed, want %d", got, want)
	}
}

// TestSeedUnitSuite runs the founding document's unit suite as it lies there:
// a directory without a suite.ini that is not to be written.
func TestSeedUnitSuite(t *testing.T) {
	seed := filepath.Join("..", "..", "..", "shared", "seed", "test")
	if _, err := os.Stat(seed); err != nil {
		t.Skip("the founding document is not beside the checkout")
	}
	root := t.TempDir()
	module := filepath.Join(root, "vshard", "storage", "reload_evolution.lua")
	if err := os.MkdirAll(filepath.Dir(module), 0o755); err != nil {
		t.Fatal(err)
	}
	// The least that the suite asks of the module; the real one is tested
	// where it lives.
	text := `
local function upgrade(M)
    if M.reload_version > 1 then
        error('auto-downgrade is not implemented; loaded version is ' .. M.reload_version)
    end
end
return {version = 1, upgrade = upgrade}
`
	if err := os.WriteFile(module, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	report, err := Run(context.Background(), Config{
		Paths:      []string{filepath.Join(seed, "unit")},
		Executable: oracle(t),
		SourceDir:  root,
		Strict:     true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Count(Passed) != 1 {
		t.Errorf("%s\n%s", report.Summary(), report.Results[0].Failure(false))
	}
}
