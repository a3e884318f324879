package reload_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime"
	"shardlua/runtime/reload"
)

// log collects what an instance logs.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// app is an instance with a module `app` in a directory of its own.
type app struct {
	t   *testing.T
	dir string
	log log
	*runtime.Host
}

// version1 is the module that all tests begin with.
const version1 = `
local part = require('app.part')
local M = require('shardlua').internals('app', function() return {calls = 0, list = {1, 2}} end)
return {call = function() M.calls = M.calls + 1 return 'v1', part, M.calls end}
`

func newApp(t *testing.T, lists ...*evolution.List) *app {
	t.Helper()
	a := &app{t: t, dir: t.TempDir()}
	a.write("app.lua", version1)
	a.write("app/part.lua", "return 'part1'")
	var err error
	if a.Host, err = runtime.New(runtime.Options{Stderr: &a.log, Evolution: lists}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	a.want("package.path = '"+a.dir+"/?.lua;' .. package.path", "")
	a.want("app = require('app') return app.call()", "v1 part1 1")
	return a
}

func (a *app) write(name, text string) {
	a.t.Helper()
	file := filepath.Join(a.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

func (a *app) eval(chunk string) string {
	values, err := a.Eval(chunk)
	if err != nil {
		return "error: " + err.Error()
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, " ")
}

func (a *app) want(chunk, want string) {
	a.t.Helper()
	if got := a.eval(chunk); got != want {
		a.t.Fatalf("%s\ngot  %s\nwant %s", chunk, got, want)
	}
}

const reloadIt = `package.loaded.app = nil package.loaded['app.part'] = nil app = require('app') return app.call()`

func TestCorrectVersionTakesOver(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.write("app/part.lua", "return 'part2'")
	a.want(reloadIt, "v2 part2 2")
	if strings.Contains(a.log.String(), "rolled back") {
		t.Error(a.log.String())
	}
}

func TestBrokenVersionsAreRolledBack(t *testing.T) {
	failing := &evolution.List{Module: "app", Migrations: []evolution.Migration{{
		Name: "fails half-way",
		Up: func(in evolution.Internals) error {
			in.Set("calls", in.NewTable())
			in.Rename("list", "queue")
			panic("no disk")
		},
	}}}
	const changes = `
local M = require('shardlua').internals('app')
M.calls = 'broken' M.list[1] = 'broken' M.new = {} package.loaded['app.extra'] = true
`
	for name, broken := range map[string]struct {
		files map[string]string
		want  string // a part of the error
	}{
		"syntax error": {map[string]string{"app.lua": "return {"}, "app.lua:1: unexpected symbol near '<eof>'"},
		"syntax error in a part": {map[string]string{"app.lua": changes + version1, "app/part.lua": "return =="},
			"app/part.lua:1: unexpected symbol near '=='"},
		"error in the body":     {map[string]string{"app.lua": changes + "error('boom')"}, "app.lua:4: boom"},
		"error in a part":       {map[string]string{"app.lua": changes + version1, "app/part.lua": "local x = nil return x.y"}, "app/part.lua:1: attempt to index local 'x' (a nil value)"},
		"error that is a table": {map[string]string{"app.lua": changes + "error({code = 5})"}, "table"},
		"missing module":        {map[string]string{"app.lua": changes + "require('nowhere')"}, "module 'nowhere' not found"},
		"migration":             {map[string]string{"app.lua": "local M = require('shardlua').internals('app') require('shardlua').upgrade('app', M, 1)"}, "error during upgrade to 1 version: no disk"},
		"fiber dies at its first step": {map[string]string{"app.lua": changes + "require('fiber').new(function() error('stillborn') end) return {}"},
			"stillborn"},
		"endless loop": {map[string]string{"app.lua": changes + "while true do end"}, "did not end within"},
		"endless wait": {map[string]string{"app.lua": changes + "require('fiber').sleep(1000) require('fiber').testcancel()"}, "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, failing)
			if err := a.Do(func(*lua.LState) error { reload.Of(a.Host).Limit = 200 * time.Millisecond; return nil }); err != nil {
				t.Fatal(err)
			}
			for file, text := range broken.files {
				a.write(file, text)
			}
			if got := a.eval(reloadIt); !strings.Contains(got, broken.want) {
				t.Errorf("error: %s\nwant: %s", got, broken.want)
			}
			a.want(`local M = require('shardlua').internals('app')
				return M.calls, #M.list, M.list[1], M.new, M.queue, M.reload_version`, "1 2 1 nil nil nil")
			a.want(`return package.loaded.app == app, package.loaded['app.extra']`, "true nil")
			a.want(`return require('app').call()`, "v1 part1 2")
			if want := "reload of app rolled back: "; !strings.Contains(a.log.String(), want) {
				t.Errorf("the log lacks %q:\n%s", want, a.log.String())
			}
			a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
			a.write("app/part.lua", "return 'part2'")
			a.want(reloadIt, "v2 part2 3")
		})
	}
}

func TestFibersOfABrokenVersionAreCancelled(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", `
		local fiber = require('fiber')
		fiber.create(function() fiber.name('newborn') while true do fiber.sleep(0.001) fiber.testcancel() end end)
		fiber.sleep(0.01)
		error('boom')`)
	if got := a.eval(reloadIt); !strings.Contains(got, "boom") {
		t.Fatal(got)
	}
	a.want(`for _, f in pairs(require('fiber').info()) do if f.name == 'newborn' then return f.name end end`, "")
}

func TestStateInGlobalsIsPutBack(t *testing.T) {
	a := newApp(t)
	a.want(`rawset(_G, '__module_old', {n = 1})`, "")
	a.write("app.lua", `rawget(_G, '__module_old').n = 2 error('boom')`)
	if got := a.eval(reloadIt); !strings.Contains(got, "boom") {
		t.Fatal(got)
	}
	a.want(`return rawget(_G, '__module_old').n`, "1")
}

func TestReloadsDoNotMix(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", `
		running = (running or 0) + 1
		most = math.max(most or 0, running)
		require('fiber').sleep(0.01)
		running = running - 1
	`+version1)
	a.want(`
		local fiber = require('fiber')
		local fibers = {}
		for i = 1, 3 do
			fibers[i] = fiber.new(function() package.loaded.app = nil require('app') end)
			fibers[i]:set_joinable(true)
		end
		for i = 1, 3 do assert(fibers[i]:join()) end
		return most`, "1")
}

func TestOrdinaryModulesLoadAsInLua(t *testing.T) {
	a := newApp(t)
	a.write("plain.lua", "if fail then error('boom') end n = (n or 0) + 1 return {}")
	a.want(`plain = require('plain') package.loaded.plain = nil fail = true
		local ok, err = pcall(require, 'plain')
		return ok, err:match('boom'), n`, "false boom 1")
}

func TestOthersWorkIsNoPartOfAReload(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", `
		local M = require('shardlua').internals('app')
		M.calls = 'broken'
		started = true -- goes away with the rest
		require('fiber').sleep(0.05)
		rawset(_G, 'waiting', nil)
		error('boom')`)
	done := make(chan string)
	go func() { done <- a.eval(reloadIt) }()
	// While the body waits, somebody from outside starts work of his own, and everybody sees the old version.
	for a.eval("return started") != "true" {
		time.Sleep(time.Millisecond)
	}
	a.want(`fiber = require('fiber')
		mine = {}
		worker = fiber.new(function() mine.began = true fiber.sleep(0.1) mine.ended = true end)
		worker:set_joinable(true)
		local M = require('shardlua').internals('app')
		M.list[3] = 'mine'
		return require('app') == app, require('app.part')`, "true part1")
	if got := <-done; !strings.Contains(got, "boom") {
		t.Fatal(got)
	}
	a.want(`local ok = worker:join()
		local M = require('shardlua').internals('app')
		return ok, mine.began, mine.ended, M.list[3], M.calls, started`, "true true true mine 1 nil")
}
