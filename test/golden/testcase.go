package golden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"shardlua/test/process"
)

// testcase is one test under one configuration.
type testcase struct {
	suite   *Suite
	file    string
	variant Variant
}

// name is how reports call the test.
func (t testcase) name() string {
	name := t.suite.Name + "/" + t.file
	if t.variant.Name != "" {
		name += " " + t.variant.Name
	}
	return name
}

func (t testcase) path() string { return filepath.Join(t.suite.Dir, t.file) }

// base is the path of the files that belong to the test, less the suffix.
func (t testcase) base() string {
	return strings.TrimSuffix(t.path(), ".test"+filepath.Ext(t.file))
}

func (t testcase) resultFile() string { return t.base() + ".result" }
func (t testcase) rejectFile() string { return t.base() + ".reject" }

// dirName names the test's directory below the suite's.
func (t testcase) dirName() string {
	name := filepath.Base(t.base())
	if t.variant.Name != "" {
		name += "." + t.variant.Name
	}
	return name
}

// skipReason tells why the test is not to be run, empty if it is.
func (t testcase) skipReason(r *run) (string, error) {
	switch {
	case t.suite.Disabled[t.file] != "":
		return t.suite.Disabled[t.file], nil
	case contains(t.suite.ReleaseDisabled, t.file) && !r.debugBuild():
		return "disabled on release builds", nil
	case contains(t.suite.LongRun, t.file) && !r.cfg.Long:
		return "long, run it with --long", nil
	case !strings.HasSuffix(t.file, ".test.lua"):
		return "only Lua tests can be run", nil
	}
	text, err := os.ReadFile(t.base() + ".skipcond")
	if os.IsNotExist(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	skip, err := skipcond(string(text))
	if err != nil {
		return "", fmt.Errorf("%s.skipcond: %w", t.base(), err)
	}
	if skip {
		return "skip condition", nil
	}
	return "", nil
}

func contains(list []string, item string) bool {
	for _, each := range list {
		if each == item {
			return true
		}
	}
	return false
}

// execute runs the test once. The lane carries what a suite's tests share.
func (t testcase) execute(ctx context.Context, r *run, lane *lane) Result {
	started := time.Now()
	result := Result{Suite: t.suite.Name, Test: t.file, Variant: t.variant.Name}
	defer func() { result.Duration = time.Since(started) }()

	reason, err := t.skipReason(r)
	switch {
	case err != nil:
		result.fail(err.Error())
		return result
	case reason != "":
		result.Status, result.Message = Skipped, reason
		return result
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.cfg.Timeout, fmt.Errorf("no end within %s", r.cfg.Timeout))
	defer cancel()
	if t.suite.Core == CoreApp {
		t.executeApp(ctx, r, lane, &result)
	} else {
		t.executeConsole(ctx, r, lane, &result)
	}
	result.Duration = time.Since(started)
	return result
}

// executeConsole plays the script to an instance's console.
func (t testcase) executeConsole(ctx context.Context, r *run, lane *lane, result *Result) {
	text, err := os.ReadFile(t.path())
	if err != nil {
		result.fail(err.Error())
		return
	}
	layout, err := resultLayout(t.resultFile())
	if err != nil {
		result.fail(err.Error())
		return
	}
	session, err := newSession(ctx, r, t, lane, layout)
	if err != nil {
		result.fail(err.Error())
		return
	}
	if err = session.begin(); err == nil {
		err = session.play(string(text))
	}
	output := session.out.String()
	if err != nil {
		result.fail(err.Error())
		t.reject(r, output, result)
	} else {
		t.judge(r, output, result)
	}
	if suspect := session.suspect(); suspect != nil && result.Status == Failed {
		result.LogName, result.LogTail = suspect.name, suspect.logTail(r.cfg.LogTail)
	}
	session.close(result.Status != Failed)
}

// executeApp runs the test as a program.
func (t testcase) executeApp(ctx context.Context, r *run, lane *lane, result *Result) {
	session, err := newSession(ctx, r, t, lane, 1)
	if err != nil {
		result.fail(err.Error())
		return
	}
	defer session.close(false)
	for _, lib := range t.suite.Libs {
		if err := copyFileOrTree(lib, filepath.Join(session.dir, filepath.Base(lib))); err != nil {
			result.fail(err.Error())
			return
		}
	}
	output, err := t.runApp(session)
	if err != nil {
		result.fail(err.Error())
		t.reject(r, output, result)
		result.LogName, result.LogTail = "stderr", tail(session.appLog(), r.cfg.LogTail)
		return
	}
	if _, err := os.Stat(t.resultFile()); err == nil {
		t.judge(r, output, result)
		return
	}
	tap, err := parseTAP(output)
	switch {
	case err != nil:
		result.fail("TAP: " + err.Error())
		t.reject(r, output, result)
		result.LogName, result.LogTail = "stderr", tail(session.appLog(), r.cfg.LogTail)
	case tap.Skipped != "":
		result.Status, result.Message = Skipped, tap.Skipped
	default:
		result.Status = Passed
		t.dropReject()
	}
}

func (s *session) appLog() string { return filepath.Join(s.dir, "stderr.log") }

// runApp starts the program and waits for its end; the output is its stdout.
func (t testcase) runApp(s *session) (string, error) {
	stderr, err := os.Create(s.appLog())
	if err != nil {
		return "", err
	}
	defer stderr.Close()
	var stdout bytes.Buffer
	cmd := exec.Command(s.run.cfg.Executable, t.path())
	cmd.Dir = s.dir
	cmd.Env = append(s.environment(), "PWD="+s.dir)
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	// A child that keeps stdout open must not keep us waiting.
	cmd.WaitDelay = 2 * time.Second
	program, err := process.Start(cmd, nil)
	if err != nil {
		return "", err
	}
	select {
	case <-program.Done():
	case <-s.ctx.Done():
		program.Kill()
		return stdout.String(), context.Cause(s.ctx)
	}
	if err := program.Result(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return stdout.String(), fmt.Errorf("the test %s", process.ExitReason(err))
	}
	return stdout.String(), nil
}

// judge compares the output with the golden file.
func (t testcase) judge(r *run, output string, result *Result) {
	want, err := os.ReadFile(t.resultFile())
	switch {
	case os.IsNotExist(err):
		// A first run makes the golden file.
		if err := writeInSuite(t.resultFile(), output); err != nil {
			result.fail(fmt.Sprintf("there is no result file, and it cannot be made: %v", err))
			t.reject(r, output, result)
			return
		}
		result.Status = New
	case err != nil:
		result.fail(err.Error())
		return
	case sameOutput(output, string(want), r.cfg.Strict):
		result.Status = Passed
	case r.cfg.Update:
		if err := writeInSuite(t.resultFile(), output); err != nil {
			result.fail(err.Error())
			t.reject(r, output, result)
			return
		}
		result.Status = Updated
	default:
		result.fail("the output differs from " + filepath.Base(t.resultFile()))
		t.reject(r, output, result)
		result.Want, result.Got = string(want), output
		result.WantFile, result.GotFile = t.resultFile(), result.RejectFile
		return
	}
	t.dropReject()
}

// writeInSuite writes a file of the suite's directory. A directory or file
// without write permission stays as it is even for root, whom the kernel would
// let pass: it was made read-only for a reason.
func writeInSuite(file, text string) error {
	for _, path := range []string{filepath.Dir(file), file} {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o222 == 0 {
			return &os.PathError{Op: "write", Path: path, Err: os.ErrPermission}
		}
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// dropReject removes the reject file of an earlier run.
func (t testcase) dropReject() {
	if info, err := os.Stat(t.suite.Dir); err == nil && info.Mode().Perm()&0o222 != 0 {
		os.Remove(t.rejectFile())
	}
}

// reject keeps the output of a failed test beside the golden file, or among
// the run's files where that directory is not to be written.
func (t testcase) reject(r *run, output string, result *Result) {
	result.RejectFile = t.rejectFile()
	err := writeInSuite(result.RejectFile, output)
	if errors.Is(err, syscall.EROFS) || errors.Is(err, os.ErrPermission) {
		result.RejectFile = filepath.Join(r.work.dir, t.suite.varName, t.dirName()+".reject")
		err = os.WriteFile(result.RejectFile, []byte(output), 0o644)
	}
	if err != nil {
		result.Message += "; the output is lost: " + err.Error()
		result.RejectFile = ""
	}
}
