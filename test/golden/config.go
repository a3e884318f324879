package golden

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Config says what to run and how. The zero value runs every suite below
// ./test with the running executable.
type Config struct {
	// Paths are suites, directories above suites, test files, or bare
	// patterns that a test's "suite/name" must contain. Empty means "test".
	Paths []string
	// Executable is the program under test: anything that behaves like
	// tarantool. Empty means os.Executable.
	Executable string
	// Jobs is the number of tests that run at the same time; 0 means one
	// for each CPU.
	Jobs int
	// Update writes the output of failing tests into their .result files.
	Update bool
	// Strict compares bytes; otherwise the order of keys in a YAML mapping
	// is free.
	Strict bool
	// Long also runs the tests that suite.ini lists as long_run.
	Long bool
	// Conf, when not empty, keeps only the runs of that configuration of
	// engine.cfg.
	Conf string
	// VarDir holds the instances' working directories. Empty means
	// SourceDir/test/var, or a temporary directory where that is not to be
	// written or is in use by another run.
	VarDir string
	// SourceDir and BuildDir become SOURCEDIR and BUILDDIR. Empty means
	// what the environment says, then the directory above the tests.
	SourceDir, BuildDir string
	// Timeout bounds one test; StartTimeout one start of an instance.
	// Zero means 110 and 90 seconds.
	Timeout, StartTimeout time.Duration
	// LogTail is the number of log lines shown for a failing test; zero
	// means 15.
	LogTail int
	// Env is added to the environment of the instances, as "KEY=value".
	Env []string
	// Output takes the progress lines; nil discards them. Color paints
	// them with ANSI escapes.
	Output io.Writer
	Color  bool
	// Verbose says why tests were skipped.
	Verbose bool
}

// withDefaults fills in what the user left open.
func (c Config) withDefaults() (Config, error) {
	if len(c.Paths) == 0 {
		c.Paths = []string{"test"}
	}
	if c.Executable == "" {
		exe, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("find the running executable: %w", err)
		}
		c.Executable = exe
	}
	exe, err := absoluteExecutable(c.Executable)
	if err != nil {
		return c, err
	}
	c.Executable = exe
	if c.Jobs < 0 {
		return c, usageError{fmt.Errorf("the number of jobs must not be negative, got %d", c.Jobs)}
	}
	if c.Jobs == 0 {
		c.Jobs = runtime.NumCPU()
	}
	if c.Timeout == 0 {
		c.Timeout = 110 * time.Second
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = 90 * time.Second
	}
	if c.LogTail == 0 {
		c.LogTail = 15
	}
	if c.Output == nil {
		c.Output = io.Discard
	}
	return c, nil
}

// usageError marks a mistake in the request, as opposed to a failing run.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// absoluteExecutable finds the program in PATH or by its path, and makes the
// path absolute, because instances start in directories of their own.
func absoluteExecutable(name string) (string, error) {
	path, err := lookPath(name)
	if err != nil {
		return "", usageError{fmt.Errorf("executable %q: %w", name, err)}
	}
	return filepath.Abs(path)
}

// sourceDir decides on SOURCEDIR for tests below the given directory: the
// directory above them if sources are there, else the checkout that the user
// stands in, so that suites kept elsewhere run against this project.
func (c Config) sourceDir(testsRoot string) (string, error) {
	for _, given := range []string{c.SourceDir, os.Getenv("SOURCEDIR")} {
		if given != "" {
			return filepath.Abs(given)
		}
	}
	above := filepath.Dir(testsRoot)
	if holdsSources(above) {
		return above, nil
	}
	for dir, err := os.Getwd(); err == nil; dir = filepath.Dir(dir) {
		if holdsSources(dir) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return above, nil
}

func holdsSources(dir string) bool {
	for _, mark := range []string{"vshard", "lua/vshard", ".git"} {
		if _, err := os.Stat(filepath.Join(dir, mark)); err == nil {
			return true
		}
	}
	return false
}
