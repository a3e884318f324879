package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary be the program: its value is the name that the program is called by.
const asProgram = "SHARDLUA_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if name := os.Getenv(asProgram); name != "" {
		os.Exit(run(append([]string{name}, os.Args[1:]...)))
	}
	os.Exit(runTests(m))
}

// buildDir is where tests put the programs that they build.
var buildDir string

func runTests(m *testing.M) int {
	var err error
	if buildDir, err = os.MkdirTemp("", "shardlua-build-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(buildDir)
	return m.Run()
}

// program is a command of the program in a directory of its own.
func program(t *testing.T, name, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"="+name, "HOME="+dir)
	return cmd
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// scripts are the files of the directory that the cases below run in.
var scripts = map[string]string{
	"args.lua":     "#!/usr/bin/env tarantool\nprint(arg[0], arg[1], arg[2], arg[3], ...)",
	"syntax.lua":   "x = = 1",
	"throws.lua":   "error('boom')",
	"object.lua":   "error(setmetatable({}, {__tostring = function() return 'as text' end}))",
	"main.lua":     "os.exit(3)",
	"fiber.lua":    "require('fiber').create(function() os.exit(4) end) print('not reached')",
	"pcall.lua":    "pcall(function() os.exit(5) end) print('not reached')",
	"co.lua":       "coroutine.wrap(function() os.exit(6) end)() print('not reached')",
	"nested.lua":   "coroutine.wrap(function() pcall(coroutine.wrap(function() os.exit(7) end)) end)() print('not reached')",
	"number.lua":   "os.exit('7') print('not reached')",
	"wide.lua":     "os.exit(256 + 9)",
	"mark.lua":     "\xef\xbb\xbfprint('marked')",
	"sleeps.lua":   "require('fiber').create(function() require('fiber').sleep(0.05) print('woken') os.exit(8) end)",
	"long.lua":     "error(('x'):rep(1000), 0)",
	"dir/keep.lua": "",
}

func scriptDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../args.lua", filepath.Join(dir, "dir", "link.lua")); err != nil {
		t.Fatal(err)
	}
	return dir
}

const fatal = "fatal error, exiting the event loop\n"

func TestScripts(t *testing.T) {
	t.Parallel()
	dir := scriptDir(t)
	for _, c := range []struct {
		args   string // separated by spaces
		stdin  string
		stdout string
		stderr string
		code   int
	}{
		{args: "args.lua 1 -e 3", stdout: "args.lua\t1\t-e\t3\t1\t-e\t3\n"},
		{args: "-- args.lua 1", stdout: "args.lua\t1\tnil\tnil\t1\n"},
		{args: "dir/link.lua", stdout: "dir/link.lua\tnil\tnil\tnil\n"},
		{args: "- 1", stdin: scripts["args.lua"], stdout: "-\t1\tnil\tnil\t1\n"},
		{args: "", stdin: "print(arg[0], ...)", stdout: "tarantool\n"},
		{args: "-e print(...) args.lua x", stdout: "\nargs.lua\tx\tnil\tnil\tx\n"},
		{args: "-e print(1) -e print(2)", stdout: "1\n2\n"},
		{args: "-e print(1)", stdin: "print('in', ...)", stdout: "1\nin\n"},
		{args: "-e print(1)", stdin: "os.exit(4)", stdout: "1\n", code: 4},
		{args: "-e os.exit(3)", stdin: "print('in')", code: 3},
		{args: "-l fiber -e print(type(fiber))", stdout: "table\n"},
		{args: "-e os.exit(9) -e print(2)", code: 9},
		{args: "-e error('x',0)", stderr: "LuajitError: x\n" + fatal, code: 1},
		{args: "syntax.lua", stderr: "LuajitError: syntax.lua:1: unexpected symbol near '='\n" + fatal, code: 1},
		{args: "-", stdin: "x = = 1", stderr: "LuajitError: stdin:1: unexpected symbol near '='\n" + fatal, code: 1},
		{args: "throws.lua", stderr: "LuajitError: throws.lua:1: boom\n" + fatal, code: 1},
		{args: "object.lua", stderr: "LuajitError: as text\n" + fatal, code: 1},
		{args: "long.lua", stderr: "LuajitError: " + strings.Repeat("x", 511) + "\n" + fatal, code: 1},
		{args: "dir", stderr: "LuajitError: cannot read dir: Is a directory\n" + fatal, code: 1},
		{args: "nosuch.lua", stderr: "Can't open script nosuch.lua: No such file or directory\n", code: 2},
		{args: "main.lua", code: 3},
		{args: "fiber.lua", code: 4},
		{args: "pcall.lua", code: 5},
		{args: "co.lua", code: 6},
		{args: "nested.lua", code: 7},
		{args: "number.lua"},
		{args: "wide.lua", code: 9},
		{args: "mark.lua", stdout: "marked\n"},
		{args: "sleeps.lua", stdout: "woken\n", stderr: "entering the event loop\n", code: 8},
		{args: "--bogus", stderr: "tarantool: unrecognized option '--bogus'\n", code: 64},
		{args: "-x", stderr: "tarantool: invalid option -- 'x'\n", code: 64},
		{args: "-e", stderr: "tarantool: option requires an argument -- 'e'\n", code: 64},
	} {
		t.Run(c.args, func(t *testing.T) {
			cmd := program(t, "tarantool", dir, strings.Fields(c.args)...)
			cmd.Stdin = strings.NewReader(c.stdin)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			code := exitCode(cmd.Run())
			if stdout.String() != c.stdout || stderr.String() != c.stderr || code != c.code {
				t.Errorf("got code %d, output %q, errors %q;\nwant %d, %q, %q", code, stdout.String(), stderr.String(), c.code, c.stdout, c.stderr)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args, stdout, stderr string // parts of the output
		code                 int
	}{
		{args: "--help", stdout: "Example:\n  shardlua "},
		{args: "console --help", stdout: "Example:\n  echo "},
		{args: "connect --help", stdout: "Example:\n  shardlua connect "},
		{args: "cat --help", stdout: "Example:\n  shardlua cat "},
		{args: "--version", stdout: "Tarantool 2.6.0"},
		{args: "--bogus", stderr: "shardlua: unknown flag: --bogus; see shardlua --help\n", code: 2},
		{args: "console --bogus", stderr: "shardlua: console: unknown flag: --bogus; see shardlua console --help\n", code: 2},
		{args: "connect", stderr: "shardlua: connect: give one URI or socket; see shardlua connect --help\n", code: 2},
		{args: "connect /nonexistent", stderr: "shardlua: cannot connect to /nonexistent: No such file or directory; is an instance listening there?\n", code: 1},
	} {
		cmd := program(t, "shardlua", dir, strings.Fields(c.args)...)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		code := exitCode(cmd.Run())
		if !strings.Contains(stdout.String(), c.stdout) || stderr.String() != c.stderr || code != c.code {
			t.Errorf("%s: got code %d, output %q, errors %q", c.args, code, stdout.String(), stderr.String())
		}
	}
}

func TestConsoleInPipe(t *testing.T) {
	t.Parallel()
	cmd := program(t, "shardlua", t.TempDir(), "console")
	cmd.Stdin = strings.NewReader("1 + 1\nx = {\n1, 2}\n\\set output lua\nx\nerror('a')\n")
	out, err := cmd.Output()
	if want := "---\n- 2\n...\n---\n...\ntrue;\n{1, 2};\n{error = \"a\"};\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v; want %q", out, err, want)
	}
}

// An operator's signal ends the instance with the code 0, after what box.ctl.on_shutdown and the log have to do.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := t.TempDir()
		cmd := program(t, "tarantool", dir, "-e", `
			box.cfg{log = 'x.log', wal_mode = 'none'}
			box.ctl.on_shutdown(function() require('log').info('shutting down') end)
			print('ready')`)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		err = cmd.Wait()
		timer.Stop()
		log, _ := os.ReadFile(filepath.Join(dir, "x.log"))
		if err != nil || !strings.Contains(string(log), "shutting down") || !strings.Contains(string(log), "got signal") {
			t.Errorf("%v: %v\n%s", s, err, log)
		}
	}
}
