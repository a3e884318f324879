package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served is a running instance with a module that keeps state.
type served struct {
	t   *testing.T
	dir string
	pid *os.Process
}

const servedModule = `
local M = require('shardlua').internals('app', function() return {calls = 0} end)
return {version = 'v1', call = function() M.calls = M.calls + 1 return M.calls end}`

func serve(t *testing.T, flags ...string) *served {
	t.Helper()
	s := &served{t: t, dir: t.TempDir()}
	s.write("app.lua", servedModule)
	s.write("main.lua", `
		box.cfg{log = 'app.log', wal_mode = 'none', listen = 'unix/:./binary.sock'}
		box.schema.user.create('admin2', {password = 'secret'})
		box.schema.user.grant('admin2', 'super')
		app = require('app')
		require('console').listen('unix/:./control.sock')
		if arg[1] == 'hangup' then require('shardlua').reload_on_sighup{'app'} end
		print('ready')`)
	cmd := program(t, "shardlua", s.dir, flags...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.pid = cmd.Process
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *served) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// reload runs the command and returns what it printed on both streams.
func (s *served) reload(args ...string) (output string, code int) {
	s.t.Helper()
	out, err := program(s.t, "shardlua", s.dir, append([]string{"reload"}, args...)...).CombinedOutput()
	return string(out), exitCode(err)
}

func (s *served) waitForLog(text string) {
	s.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		log, _ := os.ReadFile(filepath.Join(s.dir, "app.log"))
		if strings.Contains(string(log), text) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the log lacks %q:\n%s", text, log)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestReloadCommand(t *testing.T) {
	t.Parallel()
	s := serve(t, "main.lua")
	v2 := strings.Replace(servedModule, "v1", "v2", 1) + "\n"
	for _, step := range []struct {
		about, module string
		args          []string
		code          int
		wants         []string
	}{
		{"dry run", v2, []string{"--dry-run", "control.sock", "app"}, 0,
			[]string{"app\n", "files        1, 1 changed: app", "internals    version 0", "nothing was changed"}},
		{"dry run of a broken module", "return {", []string{"--dry-run", "./control.sock", "app"}, 1, []string{"refused: ", "app.lua:1: unexpected symbol"}},
		{"broken module", "error('boom')", []string{"./control.sock", "app"}, 1, []string{"shardlua: reload: ", "app.lua:1: boom"}},
		{"ill health", v2, []string{"--health", `require("app").version == "v3"`, "./control.sock", "app"}, 1, []string{"the new version is not healthy"}},
		{"health that is no Lua", v2, []string{"--health", "==", "./control.sock", "app"}, 1, []string{"health:1: unexpected symbol"}},
		{"health", v2, []string{"./control.sock", "app", "--health", `require("app").version == "v2"`, "--timeout", "5s"}, 0, []string{"app\n", "pause "}},
		{"nothing changed", v2, []string{"--changed", "./control.sock", "ap*"}, 0, []string{"no module has changed\n"}},
		{"binary protocol", servedModule, []string{"admin2:secret@unix/:" + filepath.Join(s.dir, "binary.sock"), "app"}, 0, []string{"1 changed: app", "pause "}},
		{"wrong password", servedModule, []string{"admin2:no@unix/:" + filepath.Join(s.dir, "binary.sock"), "app"}, 1, []string{"Incorrect password supplied for user 'admin2'"}},
		{"unknown module", servedModule, []string{"./control.sock", "nowhere"}, 1, []string{"no module 'nowhere' is loaded"}},
		{"nobody there", servedModule, []string{"./nobody.sock", "app"}, 1, []string{"./nobody.sock"}},
		{"no module given", servedModule, []string{"./control.sock"}, 2, []string{"see shardlua reload --help"}},
		{"unknown flag", servedModule, []string{"--no", "./control.sock", "app"}, 2, []string{"unknown flag: --no"}},
		{"negative timeout", servedModule, []string{"--timeout=-1s", "./control.sock", "app"}, 2, []string{"the timeout is negative"}},
		{"help", servedModule, []string{"--help"}, 0, []string{"Usage: shardlua reload", "Example:\n  shardlua reload --dry-run", "--health EXPR"}},
	} {
		s.write("app.lua", step.module)
		output, code := s.reload(step.args...)
		if code != step.code {
			t.Errorf("%s: code %d, want %d", step.about, code, step.code)
		}
		for _, want := range step.wants {
			if !strings.Contains(output, want) {
				t.Errorf("%s: %q lacks %q", step.about, output, want)
			}
		}
	}
	output, code := s.reload("--json", "./control.sock", "app")
	var report struct {
		Modules []struct {
			Name          string
			Before, After int
			Migrations    []any
			Changed       []string
		}
		Pause float64
	}
	if err := json.Unmarshal([]byte(output), &report); err != nil || code != 0 || len(report.Modules) != 1 ||
		report.Modules[0].Name != "app" || report.Pause <= 0 {
		t.Errorf("%v, code %d: %s", err, code, output)
	}
}

func TestHangupReloads(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"told by the script":       {"main.lua", "hangup"},
		"told by the command line": {"--reload-on-sighup", "main.lua"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, flags...)
			hangup := func() {
				if err := s.pid.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
			}
			hangup()
			s.waitForLog("reload by signal: no module has changed")
			s.write("app.lua", "error('boom')")
			hangup()
			s.waitForLog("reload of app rolled back: ")
			s.waitForLog("app.lua:1: boom")
			s.write("app.lua", servedModule+" -- newer")
			// The log has been moved, too: the signal does both.
			if err := os.Rename(filepath.Join(s.dir, "app.log"), filepath.Join(s.dir, "app.log.1")); err != nil {
				t.Fatal(err)
			}
			hangup()
			s.waitForLog("reloaded app in ")
		})
	}
}

func TestHangupOnlyRotatesTheLogUnlessTold(t *testing.T) {
	t.Parallel()
	s := serve(t, "main.lua")
	s.write("app.lua", "error('boom')")
	if err := os.Rename(filepath.Join(s.dir, "app.log"), filepath.Join(s.dir, "app.log.1")); err != nil {
		t.Fatal(err)
	}
	if err := s.pid.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.waitForLog("log file has been reopened")
	output, _ := s.reload("--dry-run", "--changed", "./control.sock", "app")
	if !strings.Contains(output, "app.lua:1") && !strings.Contains(output, "1 changed: app") {
		t.Errorf("the module was reloaded: %s", output)
	}
}
