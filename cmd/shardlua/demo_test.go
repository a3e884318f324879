package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stage is a directory for the files of a demo, with a path that is short enough for sockets.
func stage(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "stage")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// mark is a variable in the environment of a demo, which everything that it starts inherits.
func mark(dir string) string { return "TMPDIR=" + dir }

// inherited are the processes with the mark in their environment.
func inherited(t *testing.T, dir string) []int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil || len(files) == 0 {
		t.Skip("the environments of processes cannot be read here")
	}
	var found []int
	for _, f := range files {
		text, _ := os.ReadFile(f)
		for variable := range strings.SplitSeq(string(text), "\x00") {
			if variable == mark(dir) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
				found = append(found, pid)
			}
		}
	}
	return found
}

// expectNothingLeft checks that a demo has left neither process nor file.
func expectNothingLeft(t *testing.T, dir string) {
	t.Helper()
	expectNoProcess(t, dir)
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
}

// expectNoProcess waits for the ends of processes that were told to end.
func expectNoProcess(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left := inherited(t, dir)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("processes %v are left running", left)
			for _, pid := range left {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return
		}
	}
}

// demoCommand is a demo by the test binary itself, which may have the race detector.
func demoCommand(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := program(t, "shardlua", dir, append([]string{"demo"}, args...)...)
	cmd.Env = append(cmd.Env, mark(dir))
	return cmd
}

// quickDemo is a demo by the program as users have it: six processes with the race detector take their time.
func quickDemo(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t), append([]string{"demo"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), mark(dir), "HOME="+dir)
	return cmd
}

var buildOnce = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "shardlua")
	out, err := exec.Command("go", "build", "-o", path, "shardlua/cmd/shardlua").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// built is the program, built the way that users build it.
func built(t *testing.T) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// demoReport is what a demo in which everything went well writes in plain mode.
var demoReport = regexp.MustCompile(`(?s)^shardlua demo: .*` +
	`  start      4 storages, a router; .*` +
	`  bootstrap  3,000 buckets: 1500 \+ 1500\n.*` +
	`  load       8 callers write orders through the router, [\d,]+ calls a second\n.*` +
	`  roll out   storage_1_b: orders 1 -> 2 in [\d.]+ ms .*` +
	`  roll out   storage_2_b: .*  roll out   storage_1_a: .*  roll out   storage_2_a: .*` +
	`  refuse     storage_1_a refuses version 3 and serves on with version 2:\n +orders.lua:\d+: attempt to index field 'orders' \(a nil value\)\n.*` +
	`  rebalance  .*: 1500 \+ 1500 -> 1000 \+ 2000\n.*` +
	`  calls        ([\d,]+) through the router, 0 failed\n` +
	`  worst pause  [\d.]+ ms \(half of the calls took at most [\d.]+ ms, 99.9 % at most [\d.]+ ms\)\n` +
	`  migrations   4 run, 1 refused and rolled back\n` +
	`  buckets      500 moved under load, 3,000 active, 0 lost, 0 doubled\n` +
	`  orders       ([\d,]+) written, 0 lost, 0 doubled\n`)

func TestDemo(t *testing.T) {
	dir := stage(t)
	out, err := demoCommand(t, dir).CombinedOutput()
	found := demoReport.FindSubmatch(out)
	if err != nil || found == nil || string(found[1]) != string(found[2]) {
		t.Fatalf("%v\n%s", err, out)
	}
	if strings.Contains(string(out), "\x1b") {
		t.Errorf("control characters in a pipe: %q", out)
	}
	if want := " demo --keep\n"; !strings.HasSuffix(string(out), want) {
		t.Errorf("the output does not end with %q", want)
	}
	expectNothingLeft(t, dir)
}

// A demo that is interrupted at any moment leaves nothing.
func TestDemoInterrupted(t *testing.T) {
	for _, moment := range []struct {
		after  string
		signal syscall.Signal
	}{
		{"on this machine\n", syscall.SIGINT}, // while the instances start
		{"  start ", syscall.SIGTERM},
		{"  load ", syscall.SIGINT}, // while a version is rolled out
		{"serves on with version 2", syscall.SIGHUP},
	} {
		t.Run(strings.TrimSpace(moment.after), func(t *testing.T) {
			t.Parallel()
			dir := stage(t)
			cmd := quickDemo(t, dir)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var seen strings.Builder
			sent := false
			for buf := make([]byte, 4096); ; {
				n, err := out.Read(buf)
				seen.Write(buf[:n])
				if !sent && strings.Contains(seen.String(), moment.after) {
					sent = true
					_ = cmd.Process.Signal(moment.signal)
				}
				if err != nil {
					break
				}
			}
			err = cmd.Wait()
			if want := "shardlua: demo: interrupted; nothing is left running, and the files are removed\n"; exitCode(err) != 1 || stderr.String() != want {
				t.Errorf("%v, %q\n%s", err, stderr.String(), seen.String())
			}
			expectNothingLeft(t, dir)
		})
	}
}

// With --keep the cluster stays, and the lines that are printed work.
func TestDemoKeep(t *testing.T) {
	dir := stage(t)
	out, err := quickDemo(t, dir, "--keep").CombinedOutput()
	if err != nil || !demoReport.Match(out) {
		t.Fatalf("%v\n%s", err, out)
	}
	if running := inherited(t, dir); len(running) != 5 {
		t.Errorf("%d instances are running", len(running))
	}
	sockets := regexp.MustCompile(`echo '(.*)' \| .* connect (\S+)\n`).FindAllStringSubmatch(string(out), -1)
	answers := []string{" active: 1000\n", " count: ", "- "}
	if len(sockets) != len(answers) {
		t.Fatalf("lines to type: %v", sockets)
	}
	for i, s := range sockets {
		cmd := program(t, "shardlua", dir, "connect", s[2])
		cmd.Stdin = strings.NewReader(s[1] + "\n")
		answer, err := cmd.Output()
		if err != nil || !strings.Contains(string(answer), answers[i]) || strings.Contains(string(answer), "error") {
			t.Errorf("%s: %v\n%s", s[1], err, answer)
		}
	}
	stop := regexp.MustCompile(`\n  (kill .*)\n`).FindSubmatch(out)
	if stop == nil {
		t.Fatalf("no line that stops the cluster:\n%s", out)
	}
	if text, err := exec.Command("sh", "-c", string(stop[1])).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", stop[1], err, text)
	}
	expectNoProcess(t, dir)
}

// An instance that dies fails the demo in one line, and the logs are kept.
func TestDemoFails(t *testing.T) {
	dir := stage(t)
	cmd := quickDemo(t, dir)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	for deadline := time.Now().Add(20 * time.Second); pid == 0; time.Sleep(time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*", "storage_1_a.ready")); len(files) > 0 {
			text, _ := os.ReadFile(strings.TrimSuffix(files[0], ".ready") + ".pid")
			pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		}
		if time.Now().After(deadline) {
			t.Fatal("the instance does not start")
		}
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	err := cmd.Wait()
	want := regexp.MustCompile(`^shardlua: demo: \w+: storage_1_a: it was killed by signal 9 \(killed\).*; the logs are in (\S+)\n$`)
	found := want.FindStringSubmatch(stderr.String())
	if exitCode(err) != 1 || found == nil {
		t.Fatalf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
	if log, err := os.ReadFile(filepath.Join(found[1], "storage_1_a.log")); err != nil || !strings.Contains(string(log), "Stepping up into the master role") {
		t.Errorf("log: %v\n%s", err, log)
	}
	expectNoProcess(t, dir)
}

func TestDemoRefusesArguments(t *testing.T) {
	dir := stage(t)
	for _, c := range []struct {
		args, stdout, stderr string
		code                 int
	}{
		{args: "--help", stdout: "Examples:\n  shardlua demo\n"},
		{args: "now", stderr: "shardlua: demo: takes no arguments, got \"now\"; see shardlua demo --help\n", code: 2},
		{args: "--fast", stderr: "shardlua: demo: unknown flag: --fast; see shardlua demo --help\n", code: 2},
	} {
		cmd := quickDemo(t, dir, c.args)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if code := exitCode(cmd.Run()); code != c.code || !strings.Contains(stdout.String(), c.stdout) || stderr.String() != c.stderr {
			t.Errorf("%s: code %d, output %q, errors %q", c.args, code, stdout.String(), stderr.String())
		}
	}
	cmd := quickDemo(t, filepath.Join(dir, "missing"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if want := "shardlua: demo: stat " + dir + "/missing: no such file or directory\n"; exitCode(err) != 1 || string(out) != want {
		t.Errorf("%v, %q", err, out)
	}
}

// On a terminal the step under way is a line that changes.
func TestDemoOnTerminal(t *testing.T) {
	dir := stage(t)
	term, wait := onTerminal(t, quickDemo(t, dir))
	term.expect("\r⠋")
	term.expect("\r\x1b[32m✓\x1b[0m")
	term.expect("bootstrap")
	term.expect(" calls, 0 failed, worst pause ")
	term.expect("\x1b[K\r\n")
	term.expect("refuse     storage_1_a refuses version 3")
	term.send("\x03")
	if err := wait(); exitCode(err) != 1 {
		t.Error(err)
	}
	term.expect("interrupted; nothing is left running")
	expectNothingLeft(t, dir)
}
