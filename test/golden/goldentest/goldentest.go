// Package goldentest makes each golden test a subtest of a Go test, so that
// "go test" runs the suites and -run picks from them.
//
//	func TestSuites(t *testing.T) {
//		goldentest.Run(t, golden.Config{Paths: []string{"unit"}, Executable: shardlua})
//	}
package goldentest

import (
	"testing"

	"shardlua/test/golden"
)

// Run executes the suites that the configuration selects; a failing golden
// test fails its subtest with the diff and the log. A result file that had to
// be made is a failure, too: in a checkout it was forgotten. The instances'
// files go to a temporary directory unless the configuration says where.
func Run(t *testing.T, cfg golden.Config) {
	t.Helper()
	if cfg.VarDir == "" {
		cfg.VarDir = t.TempDir()
	}
	report, err := golden.Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		t.Run(result.Name(), func(t *testing.T) {
			switch result.Status {
			case golden.Passed, golden.Updated:
			case golden.Skipped:
				t.Skip(result.Message)
			case golden.New:
				t.Errorf("%s had no result file; it was made now: look at it and commit it", result.Name())
			case golden.NotRun:
				t.Error("not run: " + result.Message)
			default:
				t.Error(result.Failure(false))
			}
		})
	}
}
