package golden

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// run is what all tests of one Run share.
type run struct {
	cfg       Config
	work      *workplace
	sourceDir string
	buildDir  string

	probe sync.Once
	debug bool
}

// Run executes the suites that the configuration selects. The error tells
// that the run could not be done (wrong paths, a broken suite.ini, no
// executable); failing tests are in the report. When ctx ends, the tests under
// way are killed with all their processes, and the report has what was done.
func Run(ctx context.Context, cfg Config) (Report, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Report{}, err
	}
	selected, err := selectSuites(cfg.Paths)
	if err != nil {
		return Report{}, err
	}
	lanes := selected.lanes(cfg)
	if len(lanes) == 0 {
		return Report{}, usageError{fmt.Errorf("no test matches %s", strings.Join(cfg.Paths, " "))}
	}
	r := &run{cfg: cfg}
	testsRoot := filepath.Dir(selected.suites[0].Dir)
	if r.sourceDir, err = cfg.sourceDir(testsRoot); err != nil {
		return Report{}, err
	}
	r.work, err = openWorkplace(cfg.VarDir, filepath.Join(r.sourceDir, "test", "var"))
	if err != nil {
		return Report{}, err
	}
	defer r.work.close()
	if err := r.decideBuildDir(); err != nil {
		return Report{}, err
	}
	for _, suite := range selected.suites {
		for _, warning := range suite.Warnings {
			fmt.Fprintln(cfg.Output, "warning: "+warning)
		}
	}
	report := r.schedule(ctx, lanes)
	if report.OK() {
		r.work.discard()
	}
	if cause := context.Cause(ctx); cause != nil {
		report.Interrupted = true
	}
	return report, nil
}

// List names the tests that the configuration selects, without running them.
func List(cfg Config) ([]string, error) {
	if len(cfg.Paths) == 0 {
		cfg.Paths = []string{"test"}
	}
	selected, err := selectSuites(cfg.Paths)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, lane := range selected.lanes(cfg) {
		for _, test := range lane.tests {
			names = append(names, test.name())
		}
	}
	return names, nil
}

func (r *run) decideBuildDir() (err error) {
	given := r.cfg.BuildDir
	if given == "" {
		given = os.Getenv("BUILDDIR")
	}
	if given != "" {
		r.buildDir, err = filepath.Abs(given)
		return err
	}
	r.buildDir, err = r.work.buildDir()
	return err
}

// environment is what every instance gets, whatever its test.
func (r *run) environment() []string {
	luaPath := []string{
		r.sourceDir + "/?.lua", r.sourceDir + "/?/init.lua",
		r.sourceDir + "/lua/?.lua", r.sourceDir + "/lua/?/init.lua",
		r.work.lib + "/?.lua", r.work.lib + "/lua_libs/?.lua", ";",
	}
	set := []string{
		"SOURCEDIR=" + r.sourceDir,
		"BUILDDIR=" + r.buildDir,
		"VARDIR=" + r.work.dir,
		"TARANTOOL=" + r.cfg.Executable,
		"LUA_PATH=" + strings.Join(luaPath, ";"),
		"LUA_CPATH=" + r.buildDir + "/?.so;;",
		"REPLICATION_SYNC_TIMEOUT=100",
		"LC_ALL=C",
		"TZ=UTC",
	}
	var env []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "LISTEN", "ADMIN", "MASTER", "INSPECTOR", "NOTIFY_SOCKET", "PWD", "LANG":
		default:
			env = append(env, variable)
		}
	}
	return append(append(env, set...), r.cfg.Env...)
}

// debugBuild tells whether the executable calls itself a debug build.
func (r *run) debugBuild() bool {
	r.probe.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, r.cfg.Executable, "-v").Output()
		r.debug = err == nil && strings.Contains(string(out), "-Debug")
	})
	return r.debug
}

// exitCode is the code that a command ends with: 0 done, 1 tests failed, 2 a
// wrong request.
func exitCode(report Report, err error) int {
	var usage usageError
	switch {
	case errors.As(err, &usage):
		return 2
	case err != nil || !report.OK():
		return 1
	}
	return 0
}
