package golden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// files writes a tree of files below a directory.
func files(t *testing.T, dir string, tree map[string]string) string {
	t.Helper()
	for name, text := range tree {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const plainSuite = "[default]\ncore = tarantool\nis_parallel = True\n"

// scriptedConfig runs suites of a tree against the scripted instance.
func scriptedConfig(t *testing.T, tree map[string]string) Config {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	files(t, filepath.Join(root, "test"), tree)
	return Config{
		Paths:      []string{filepath.Join(root, "test")},
		Executable: exe,
		SourceDir:  root,
		VarDir:     t.TempDir(),
		Env:        []string{"GOLDEN_AS=instance"},
		Timeout:    20 * time.Second,
	}
}

func mustRun(t *testing.T, cfg Config) Report {
	t.Helper()
	report, err := Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func only(t *testing.T, report Report) Result {
	t.Helper()
	if len(report.Results) != 1 {
		t.Fatalf("%d results, want 1: %s", len(report.Results), report.Summary())
	}
	return report.Results[0]
}

func TestOutputIsComparedWithResult(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite,
		"s/a.test.lua": "one\n-- comment\n\ntwo\n",
		"s/a.result":   "one\n---\n- one\n...\n-- comment\ntwo\n---\n- TWO\n...\n",
	})
	dir := filepath.Join(cfg.Paths[0], "s")
	result := only(t, mustRun(t, cfg))
	if result.Status != Failed {
		t.Fatalf("status %s, want a failure", result.Status)
	}
	diff := result.Diff(false)
	if !strings.Contains(diff, "-- TWO") || !strings.Contains(diff, "+- two") {
		t.Errorf("diff does not show the difference:\n%s", diff)
	}
	if colored := result.Diff(true); !strings.Contains(colored, "\x1b[31m-- TWO\x1b[0m\n") || !strings.Contains(colored, "\x1b[32m+- two\x1b[0m\n") {
		t.Errorf("the diff is not coloured:\n%q", colored)
	}
	reject, err := os.ReadFile(filepath.Join(dir, "a.reject"))
	if err != nil || !strings.Contains(string(reject), "- two\n") {
		t.Errorf("reject file: %q, %v", reject, err)
	}
	cfg.Update = true
	if result = only(t, mustRun(t, cfg)); result.Status != Updated {
		t.Errorf("status %s, want updated", result.Status)
	}
	if _, err := os.Stat(filepath.Join(dir, "a.reject")); !os.IsNotExist(err) {
		t.Errorf("the reject file is still there: %v", err)
	}
	cfg.Update = false
	if result = only(t, mustRun(t, cfg)); result.Status != Passed {
		t.Errorf("status %s after the update", result.Status)
	}
}

func TestFirstRunMakesResult(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{"s/suite.ini": plainSuite, "s/a.test.lua": "one\n"})
	if result := only(t, mustRun(t, cfg)); result.Status != New {
		t.Errorf("status %s, want new", result.Status)
	}
	text, err := os.ReadFile(filepath.Join(cfg.Paths[0], "s", "a.result"))
	if want := "-- test-run result file version 2\none\n | ---\n | - one\n | ...\n"; string(text) != want || err != nil {
		t.Errorf("result file %q, %v, want %q", text, err, want)
	}
	if result := only(t, mustRun(t, cfg)); result.Status != Passed {
		t.Errorf("status %s in the second run", result.Status)
	}
}

func TestKeyOrderMattersOnlyWhenStrict(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite,
		"s/a.test.lua": `raw "---\n- b: 2\n  a: 1\n...\n"` + "\n",
		"s/a.result":   `raw "---\n- b: 2\n  a: 1\n...\n"` + "\n---\n- a: 1\n  b: 2\n...\n",
	})
	if result := only(t, mustRun(t, cfg)); result.Status != Passed {
		t.Errorf("free order: %s", result.Failure(false))
	}
	cfg.Strict = true
	if result := only(t, mustRun(t, cfg)); result.Status != Failed {
		t.Errorf("strict: %s", result.Status)
	}
}

func TestDeathOfInstanceFailsItsTestOnly(t *testing.T) {
	for _, death := range []struct{ statement, reason string }{
		{"exit 3", "exited with code 3"},
		{"exit 0", "exited with code 0"},
		{"signal 9", "was killed by signal 9"},
	} {
		cfg := scriptedConfig(t, map[string]string{
			"s/suite.ini":  plainSuite,
			"s/a.test.lua": "one\nprint famous last words\n" + death.statement + "\n",
			"s/b.test.lua": "one\n",
		})
		report := mustRun(t, cfg)
		dead, alive := report.Results[0], report.Results[1]
		if dead.Status != Failed || !strings.Contains(dead.Message, death.reason) || !strings.Contains(dead.Message, death.statement) {
			t.Errorf("%s: %s %q", death.statement, dead.Status, dead.Message)
		}
		if story := dead.Failure(false); !strings.Contains(story, "famous last words") {
			t.Errorf("%s: no log in the story:\n%s", death.statement, story)
		}
		if alive.Status != New {
			t.Errorf("%s: the other test: %s", death.statement, alive.Failure(false))
		}
	}
}

func TestFailureToStart(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite + "script = i.lua\n",
		"s/i.lua":      "print cannot go on\nexit 1\n",
		"s/a.test.lua": "one\n",
	})
	result := only(t, mustRun(t, cfg))
	if result.Status != Failed || !strings.Contains(result.Message, `instance "default" failed to start: it exited with code 1`) {
		t.Errorf("%s %q", result.Status, result.Message)
	}
	if !strings.Contains(result.LogTail, "cannot go on") {
		t.Errorf("log tail %q", result.LogTail)
	}
}

func TestStartTimeout(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini": plainSuite + "script = i.lua\n", "s/i.lua": "hang\n", "s/a.test.lua": "one\n",
	})
	cfg.StartTimeout = 100 * time.Millisecond
	result := only(t, mustRun(t, cfg))
	if result.Status != Failed || !strings.Contains(result.Message, "not ready within 100ms") {
		t.Errorf("%s %q", result.Status, result.Message)
	}
}

func TestStartWaitsForScript(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini": plainSuite + "script = i.lua\n", "s/i.lua": "loading\n",
		"s/a.test.lua": "require('golden_instance').loaded()\n",
		"s/a.result":   "require('golden_instance').loaded()\n---\n- true\n...\n",
	})
	if result := only(t, mustRun(t, cfg)); result.Status != Passed {
		t.Error(result.Failure(false))
	}
}

func TestTimeoutFailsTest(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{"s/suite.ini": plainSuite, "s/a.test.lua": "one\nhang\n"})
	cfg.Timeout = 300 * time.Millisecond
	result := only(t, mustRun(t, cfg))
	if result.Status != Failed || !strings.Contains(result.Message, "no end within 300ms, at: hang") {
		t.Errorf("%s %q", result.Status, result.Message)
	}
}

func TestHangupFailsTest(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the patience with a dying instance")
	}
	cfg := scriptedConfig(t, map[string]string{"s/suite.ini": plainSuite, "s/a.test.lua": "hangup\n"})
	result := only(t, mustRun(t, cfg))
	if result.Status != Failed || !strings.Contains(result.Message, "closed its console") {
		t.Errorf("%s %q", result.Status, result.Message)
	}
}

func TestUnfinishedStatementFailsTest(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite,
		"s/a.test.lua": "cmd setopt delimiter ';'\none\n",
		"s/b.test.lua": "one \\\n",
	})
	for _, result := range mustRun(t, cfg).Results {
		if result.Status != Failed || !strings.Contains(result.Message, "unfinished statement") {
			t.Errorf("%s: %s %q", result.Name(), result.Status, result.Message)
		}
	}
}

func TestVariantsAndSkips(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini": plainSuite + "config = engine.cfg\ndisabled = off.test.lua\nrelease_disabled = debug.test.lua\n" +
			"long_run = long.test.lua\nvalgrind_disabled = a.test.lua\n",
		"s/engine.cfg":     `{"a.test.lua": {"x": {"k": 1}, "y": {"k": 1}}}`,
		"s/a.test.lua":     "cmd config all\n",
		"s/a.result":       "cmd config all\n---\n- {\"ok\":true,\"value\":{\"k\":1}}\n...\n",
		"s/off.test.lua":   "exit 1\n",
		"s/debug.test.lua": "one\n",
		"s/debug.result":   "one\n---\n- one\n...\n",
		"s/long.test.lua":  "one\n",
		"s/long.result":    "one\n---\n- one\n...\n",
		"s/cond.test.lua":  "exit 1\n",
		"s/cond.skipcond":  "self.skip = 1\n",
		"s/odd.test.lua":   "exit 1\n",
		"s/odd.skipcond":   "do_magic()\n",
		"s/py.test.py":     "print(1)\n",
	})
	t.Setenv("GOLDEN_AS", "instance")
	t.Setenv("GOLDEN_VERSION", "Target: Linux-x86_64-RelWithDebInfo")
	want := map[string]Status{
		"s/a.test.lua x": Passed, "s/a.test.lua y": Passed, "s/off.test.lua": Skipped, "s/debug.test.lua": Skipped,
		"s/long.test.lua": Skipped, "s/cond.test.lua": Skipped, "s/odd.test.lua": Failed, "s/py.test.py": Skipped,
	}
	check := func() {
		t.Helper()
		report := mustRun(t, cfg)
		if len(report.Results) != len(want) {
			t.Errorf("%d results, want %d", len(report.Results), len(want))
		}
		for _, result := range report.Results {
			if result.Status != want[result.Name()] {
				t.Errorf("%s: %s (%s), want %s", result.Name(), result.Status, result.Message, want[result.Name()])
			}
		}
	}
	check()
	t.Setenv("GOLDEN_VERSION", "Target: Linux-x86_64-Debug")
	cfg.Long = true
	want["s/debug.test.lua"], want["s/long.test.lua"] = Passed, Passed
	check()
	cfg.Conf = "y"
	want = map[string]Status{"s/a.test.lua y": Passed}
	check()
}

func TestFragileTestsAreTriedAgain(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite + `fragile = {"retries": 2, "tests": {"a.test.lua": {"issues": []}}}` + "\n",
		"s/a.test.lua": "exit 1\n",
		"s/b.test.lua": "exit 1\n",
	})
	report := mustRun(t, cfg)
	if got := report.Results[0].Retries; got != 2 {
		t.Errorf("the fragile test had %d retries, want 2", got)
	}
	if got := report.Results[1].Retries; got != 0 {
		t.Errorf("the other test had %d retries", got)
	}
}

func TestServersOfTest(t *testing.T) {
	const ok = `{"ok":true}`
	talk := [][2]string{
		{"cmd create server other with script='s/other.lua'", ok},
		{"cmd start server other", ok},
		{"cmd switch other", ok},
		{"env GOLDEN_NAME", "other"},
		{"cmd switch default", ok},
		{"env GOLDEN_NAME", "default"},
		{"cmd restart server other", ok},
		{`cmd eval other "env GOLDEN_NAME"`, `{"ok":true,"value":"---\n- other\n...\n"}`},
		{"cmd stop server other with signal=9", ok},
		{`cmd eval nobody "1"`, `{"ok":false,"error":"Can't evaluate a command on nonexistent server 'nobody'"}`},
		{"cmd create server crash with script='s/crash.lua'", ok},
		{"cmd start server crash with crash_expected=True", `{"ok":true,"value":false}`},
	}
	var script, golden strings.Builder
	for _, pair := range talk {
		fmt.Fprintln(&script, pair[0])
		fmt.Fprintf(&golden, "%s\n---\n- %s\n...\n", pair[0], pair[1])
	}
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini": plainSuite, "s/other.lua": "-- nothing\n", "s/crash.lua": "signal 6\n",
		"s/a.test.lua": script.String(), "s/a.result": golden.String(),
	})
	for _, sockets := range []string{"", "use_unix_sockets = True\nuse_unix_sockets_iproto = True\n", "use_unix_sockets = False\n"} {
		files(t, cfg.Paths[0], map[string]string{"s/suite.ini": plainSuite + sockets})
		if result := only(t, mustRun(t, cfg)); result.Status != Passed {
			t.Errorf("with %q: %s", sockets, result.Failure(false))
		}
	}
}

func TestInstanceIsSharedWhenCleaned(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  "[default]\ncore = tarantool\npretest_clean = True\n",
		"s/a.test.lua": "env INSPECTOR\n", "s/b.test.lua": "cmd setopt delimiter ''\n", "s/c.test.lua": "exit 1\n", "s/d.test.lua": "one\n",
	})
	report := mustRun(t, cfg)
	if again := report.Results[2].Reproduce; !strings.HasSuffix(again, "c.test.lua") || !strings.Contains(again, "a.test.lua ") {
		t.Errorf("how to reproduce: %q", again)
	}
	for i, want := range []Status{New, New, Failed, New} {
		if got := report.Results[i]; got.Status != want {
			t.Errorf("%s: %s, want %s\n%s", got.Name(), got.Status, want, got.Message)
		}
	}
	// The instance of a and b died in c; d had a fresh one.
	text, err := os.ReadFile(filepath.Join(cfg.VarDir, "s", "shared", "default.log"))
	if err != nil {
		t.Fatal(err)
	}
	if starts := strings.Count(string(text), "Starting instance default"); starts != 1 {
		t.Errorf("the last instance was started %d times:\n%s", starts, text)
	}
}

func TestAppSuite(t *testing.T) {
	const suite = "[default]\ncore = app\n"
	for name, test := range map[string]struct {
		tree   map[string]string
		status Status
		say    string
	}{
		"tap":            {map[string]string{"a.test.lua": "TAP version 13\n1..1\nok 1 - x\n"}, Passed, ""},
		"tap fails":      {map[string]string{"a.test.lua": "1..1\nnot ok 1 - x\n!print why it is so\n"}, Failed, "1 of 1 tests failed: not ok 1 - x"},
		"tap skips":      {map[string]string{"a.test.lua": "1..0 # SKIP no reason\n"}, Skipped, "no reason"},
		"no tap":         {map[string]string{"a.test.lua": "hello\n"}, Failed, "no plan"},
		"code":           {map[string]string{"a.test.lua": "1..1\nok\n!print why it is so\n!exit 4\n"}, Failed, "exited with code 4"},
		"result":         {map[string]string{"a.test.lua": "hello\n", "a.result": "hello\n"}, Passed, ""},
		"result differs": {map[string]string{"a.test.lua": "hello\n", "a.result": "bye\n"}, Failed, "differs from a.result"},
		"timeout":        {map[string]string{"a.test.lua": "hello\n!hang\n"}, Failed, "no end within"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := scriptedConfig(t, map[string]string{"s/suite.ini": suite})
			cfg.Timeout = 2 * time.Second
			files(t, filepath.Join(cfg.Paths[0], "s"), test.tree)
			result := only(t, mustRun(t, cfg))
			if result.Status != test.status || !strings.Contains(result.Message, test.say) {
				t.Errorf("%s %q, want %s %q", result.Status, result.Message, test.status, test.say)
			}
			if strings.Contains(test.tree["a.test.lua"], "why it is so") && !strings.Contains(result.LogTail, "why it is so") {
				t.Errorf("stderr is not in the story: %q", result.LogTail)
			}
		})
	}
}

func TestSelection(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"one/suite.ini": plainSuite, "one/a.test.lua": "", "one/b.test.lua": "",
		"deep/two/suite.ini": plainSuite, "deep/two/a.test.lua": "",
		"bare/c.test.lua": "", "var/x/suite.ini": plainSuite, "var/x/a.test.lua": "",
	})
	root := cfg.Paths[0]
	for _, test := range []struct {
		paths []string
		want  string
	}{
		{nil, "bare/c.test.lua two/a.test.lua one/a.test.lua one/b.test.lua"},
		{[]string{filepath.Join(root, "one")}, "one/a.test.lua one/b.test.lua"},
		{[]string{filepath.Join(root, "one", "b.test.lua")}, "one/b.test.lua"},
		{[]string{filepath.Join(root, "one", "b.test.lua"), root, "one/"}, "one/a.test.lua one/b.test.lua"},
		{[]string{root, "/a."}, "two/a.test.lua one/a.test.lua"},
	} {
		if test.paths == nil {
			test.paths = cfg.Paths
		}
		if strings.HasPrefix(test.paths[len(test.paths)-1], "/a") {
			test.paths[len(test.paths)-1] = "a.test"
		}
		names, err := List(Config{Paths: test.paths})
		if got := strings.Join(names, " "); got != test.want || err != nil {
			t.Errorf("%v: %s, %v, want %s", test.paths, got, err, test.want)
		}
	}
	// A link has the place where it stands; a loop is walked once.
	if err := os.Symlink(filepath.Join(root, "one"), filepath.Join(root, "deep", "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(root, "one", "loop")); err != nil {
		t.Fatal(err)
	}
	if names, err := List(Config{Paths: []string{filepath.Join(root, "deep")}}); err != nil ||
		strings.Join(names, " ") != "linked/a.test.lua linked/b.test.lua bare/c.test.lua two/a.test.lua" {
		t.Errorf("with links: %v, %v", names, err)
	}
	t.Chdir(filepath.Dir(root))
	if names, err := List(Config{Paths: []string{"two"}}); err != nil || strings.Join(names, " ") != "two/a.test.lua" {
		t.Errorf("a pattern alone: %v, %v", names, err)
	}
}

func TestWrongRequests(t *testing.T) {
	good := map[string]string{"s/suite.ini": plainSuite, "s/a.test.lua": "one\n"}
	for name, spoil := range map[string]func(*Config){
		"no path":    func(c *Config) { c.Paths = []string{"/no/such/path"} },
		"no suite":   func(c *Config) { c.Paths = []string{t.TempDir()} },
		"no match":   func(c *Config) { c.Paths = append(c.Paths, "nothing_like_it") },
		"not a test": func(c *Config) { c.Paths = []string{filepath.Join(c.Paths[0], "s", "suite.ini")} },
		"executable": func(c *Config) { c.Executable = "/no/such/program" },
		"jobs":       func(c *Config) { c.Jobs = -1 },
		"suite.ini":  func(c *Config) { files(t, c.Paths[0], map[string]string{"s/suite.ini": "[default]\ncore = magic\n"}) },
		"missing script": func(c *Config) {
			files(t, c.Paths[0], map[string]string{"s/suite.ini": plainSuite + "script = x.lua\n"})
		},
		"missing library": func(c *Config) {
			files(t, c.Paths[0], map[string]string{"s/suite.ini": plainSuite + "lua_libs = x.lua\n"})
		},
		"bad boolean": func(c *Config) {
			files(t, c.Paths[0], map[string]string{"s/suite.ini": plainSuite + "use_unix_sockets = maybe\n"})
		},
		"bad config": func(c *Config) {
			files(t, c.Paths[0], map[string]string{"s/suite.ini": plainSuite + "config = e.cfg\n", "s/e.cfg": "{"})
		},
	} {
		cfg := scriptedConfig(t, good)
		spoil(&cfg)
		_, err := Run(context.Background(), cfg)
		if err == nil || exitCode(Report{}, err) != 2 {
			t.Errorf("%s: error %v, want one of usage", name, err)
		}
	}
}

func TestVarDirIsForOneRun(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{"s/suite.ini": plainSuite, "s/a.test.lua": "one\n"})
	work, err := openWorkplace(cfg.VarDir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer work.close()
	if _, err := Run(context.Background(), cfg); !errors.Is(err, errVarDirInUse) {
		t.Errorf("error %v, want %v", err, errVarDirInUse)
	}
	// A directory that nobody asked for gives way to a temporary one.
	other, err := openWorkplace("", cfg.VarDir)
	if err != nil || !other.temporary {
		t.Fatalf("%+v, %v", other, err)
	}
	other.close()
	other.discard()
	if _, err := os.Stat(other.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left behind", other.dir)
	}
}

// TestNothingIsLeftRunning interrupts a run whose instance has a child.
func TestNothingIsLeftRunning(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, 0} {
		cfg := scriptedConfig(t, nil)
		pidFile := filepath.Join(t.TempDir(), "pid")
		end := "hang\n"
		if sig == 0 {
			end = "one\n"
		}
		files(t, cfg.Paths[0], map[string]string{
			"s/suite.ini": plainSuite, "s/a.test.lua": "spawn " + pidFile + "\n" + end, "s/b.test.lua": "one\n",
		})
		var out bytes.Buffer
		runner := exec.Command(cfg.Executable, "-j", "1", "--executable", cfg.Executable, "--vardir", cfg.VarDir,
			"--env", "GOLDEN_AS=instance", cfg.Paths[0])
		runner.Env = append(os.Environ(), "GOLDEN_AS=runner")
		runner.Stdout, runner.Stderr = &out, &out
		if err := runner.Start(); err != nil {
			t.Fatal(err)
		}
		child := 0
		for deadline := time.Now().Add(10 * time.Second); child == 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			text, _ := os.ReadFile(pidFile)
			child, _ = strconv.Atoi(string(text))
		}
		if child == 0 {
			runner.Process.Kill()
			t.Fatalf("the test did not come to its child:\n%s", out.String())
		}
		wantCode := 0
		if sig != 0 {
			runner.Process.Signal(sig)
			wantCode = 1
		}
		runner.Wait()
		if code := runner.ProcessState.ExitCode(); code != wantCode {
			t.Errorf("signal %v: exit code %d\n%s", sig, code, out.String())
		}
		if sig != 0 && !strings.Contains(out.String(), "not run: 2 (interrupted)") {
			t.Errorf("signal %v: no summary:\n%s", sig, out.String())
		}
		gone := func() bool { return errors.Is(syscall.Kill(child, 0), syscall.ESRCH) || isZombie(child) }
		for deadline := time.Now().Add(5 * time.Second); !gone() && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		}
		if !gone() {
			t.Errorf("signal %v: process %d is left running", sig, child)
			syscall.Kill(child, syscall.SIGKILL)
		}
	}
}

// isZombie tells whether a process is dead and only waits to be reaped by
// whoever adopted it.
func isZombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}

func TestSuitesOfOneName(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"x/s/suite.ini": plainSuite, "x/s/a.test.lua": "env PWD\n", "y/s/suite.ini": plainSuite, "y/s/a.test.lua": "env PWD\n",
	})
	if report := mustRun(t, cfg); report.Count(New) != 2 {
		t.Fatal(report.Summary())
	}
	x, errX := os.ReadFile(filepath.Join(cfg.Paths[0], "x", "s", "a.result"))
	y, errY := os.ReadFile(filepath.Join(cfg.Paths[0], "y", "s", "a.result"))
	if errX != nil || errY != nil || string(x) == string(y) {
		t.Errorf("the suites share a directory: %s %v %v", x, errX, errY)
	}
}

// TestReadOnlySuiteIsNotWritten holds for root as well, who could.
func TestReadOnlySuiteIsNotWritten(t *testing.T) {
	cfg := scriptedConfig(t, map[string]string{
		"s/suite.ini":  plainSuite,
		"s/a.test.lua": "one\n", "s/a.result": "two\n", "s/b.test.lua": "one\n",
		"s/c.test.lua": "one\n", "s/c.result": "one\n---\n- one\n...\n", "s/c.reject": "from before\n",
	})
	dir := filepath.Join(cfg.Paths[0], "s")
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	for _, update := range []bool{false, true} {
		cfg.Update = update
		report := mustRun(t, cfg)
		for i, want := range []Status{Failed, Failed, Passed} {
			result := report.Results[i]
			if result.Status != want {
				t.Errorf("%s: %s, want %s", result.Name(), result.Status, want)
			}
			if want != Failed {
				continue
			}
			if text, err := os.ReadFile(result.RejectFile); err != nil || !strings.HasPrefix(result.RejectFile, cfg.VarDir) || !strings.Contains(string(text), "- one") {
				t.Errorf("%s: reject file %q: %q, %v", result.Name(), result.RejectFile, text, err)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 7 {
		t.Errorf("%d files in the suite, want 7: %v", len(entries), err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "a.result")); string(text) != "two\n" {
		t.Errorf("the result file became %q", text)
	}
}
