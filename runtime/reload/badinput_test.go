package reload_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime"
	"shardlua/runtime/reload"
	"shardlua/runtime/sys"
)

func TestReloadInATransactionIsRefused(t *testing.T) {
	a := newApp(t)
	a.want(`box.cfg{work_dir = '`+t.TempDir()+`', log = 'log'} s = box.schema.space.create('s') s:create_index('pk')`, "")
	a.want(`box.begin()
		s:replace{1}
		local ok, err = pcall(function() package.loaded.app = nil require('app') end)
		local ok2, err2 = pcall(require('shardlua').reload, 'app')
		box.commit()
		return ok, err:match('not allowed.*'), ok2, err2:match('not allowed.*'), s:count(), require('app') == app, app.call()`,
		"false not allowed while a transaction of the database is open false not allowed while a transaction of the database is open 1 true v1 part1 2")
}

func TestReloadDuringASnapshot(t *testing.T) {
	a := newApp(t)
	a.want(`box.cfg{work_dir = '`+t.TempDir()+`', log = 'log'} s = box.schema.space.create('s') s:create_index('pk')
		box.begin() for i = 1, 20000 do s:replace{i, ('x'):rep(100)} end box.commit()`, "")
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.want(`local fiber = require('fiber')
		local snapshot = fiber.new(function() return box.snapshot() end)
		snapshot:set_joinable(true)
		fiber.yield()
		local running = snapshot:status() ~= 'dead'
		package.loaded.app = nil app = require('app')
		local ok, answer = snapshot:join()
		return running, ok, answer, (app.call())`, "true true ok v2")
}

func TestReloadOnAReadOnlyInstance(t *testing.T) {
	a := newApp(t)
	a.want(`box.cfg{work_dir = '`+t.TempDir()+`', log = 'log'} s = box.schema.space.create('s') s:create_index('pk') box.cfg{read_only = true}`, "")
	a.write("app.lua", "require('shardlua').internals('app').calls = 9 box.space.s:replace{1} return {}")
	if got := a.eval(reloadIt); !strings.Contains(got, "Can't modify data because this instance is in read-only mode.") {
		t.Error(got)
	}
	a.want("return s:count(), app.call()", "0 v1 part1 2")
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.want(reloadIt, "v2 part1 3")
}

func TestFilesThatChangeWhileTheyAreReadAreReadAnew(t *testing.T) {
	a := newApp(t)
	v2, part2 := strings.ReplaceAll(version1, "v1", "v2"), "return 'part2'"
	// Half of the new file is there when the reload begins, and would compile.
	a.write("app.lua", v2[:strings.Index(v2, "return {call")])
	done := make(chan string)
	began := make(chan struct{})
	go func() {
		close(began)
		done <- a.eval(reloadIt)
	}()
	<-began
	a.write("app.lua", v2)
	a.write("app/part.lua", part2)
	if got := <-done; got != "v2 part2 2" {
		t.Error(got)
	}
}

func TestFilesThatNeverSettleAreRefused(t *testing.T) {
	a := newApp(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	name := filepath.Join(a.dir, "app.lua")
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				now := time.Now()
				_ = os.Chtimes(name, now, now)
				time.Sleep(time.Millisecond)
			}
		}
	}()
	got := a.eval(reloadIt)
	close(stop)
	<-stopped
	if !strings.Contains(got, "do not stop changing while they are read") {
		t.Error(got)
	}
	a.want("return require('app') == app, app.call()", "true v1 part1 2")
}

// fullDisk is the machine's, until it is full.
type fullDisk struct {
	sys.RealDisk
	full atomic.Bool
}

type fullFile struct {
	sys.File
	disk *fullDisk
}

func (d *fullDisk) OpenFile(name string, flag int, perm fs.FileMode) (sys.File, error) {
	f, err := d.RealDisk.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &fullFile{f, d}, nil
}

func (d *fullDisk) Create(name string) (sys.File, error) {
	return d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

func (f *fullFile) Write(p []byte) (int, error) {
	if f.disk.full.Load() {
		return 0, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func TestDiskFullRollsBack(t *testing.T) {
	disk := &fullDisk{}
	a := &app{t: t, dir: t.TempDir()}
	a.write("app.lua", version1)
	a.write("app/part.lua", "return 'part1'")
	var err error
	if a.Host, err = runtime.New(runtime.Options{Stderr: &a.log, Machine: sys.Machine{Disk: disk}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	a.want(`package.path = '`+a.dir+`/?.lua;' .. package.path
		box.cfg{memtx_dir = '`+a.dir+`', wal_dir = '`+a.dir+`'}
		s = box.schema.space.create('s') s:create_index('pk')
		app = require('app') return app.call()`, "v1 part1 1")
	a.write("app.lua", "require('shardlua').internals('app').calls = 9 box.space.s:replace{1} return {}")
	disk.full.Store(true)
	if got := a.eval(reloadIt); !strings.Contains(got, "Failed to write to disk") {
		t.Error(got)
	}
	a.want("return s:count(), app.call()", "0 v1 part1 2")
	disk.full.Store(false)
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.want(reloadIt, "v2 part1 3")
}

// TestPauseDoesNotGrowWithTheState: what a reload costs the callers does not depend on how much state there is.
func TestPauseDoesNotGrowWithTheState(t *testing.T) {
	a := newApp(t)
	pause := func() time.Duration {
		best := time.Hour
		for range 5 {
			report, err := a.Reload(reload.Request{Modules: []string{"app"}})
			if err != nil {
				t.Fatal(err)
			}
			best = min(best, report.Pause)
		}
		return best
	}
	small := pause()
	a.want(`local M = require('shardlua').internals('app') for i = 1, 300000 do M.list[i] = {ro = i, rw = {}} end`, "")
	large := pause()
	t.Logf("pause %v with little state, %v with 600,000 tables", small, large)
	if large > small+10*time.Millisecond {
		t.Errorf("pause %v with 600,000 tables, %v without", large, small)
	}
}

// TestHealthThatDoesNotEnd: it is given up as bodies are, and the caller's fiber lives on.
func TestHealthThatDoesNotEnd(t *testing.T) {
	a := newApp(t)
	if err := a.Do(func(*lua.LState) error { reload.Of(a.Host).Limit = 100 * time.Millisecond; return nil }); err != nil {
		t.Fatal(err)
	}
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	for _, health := range []string{"while true do end", "require('fiber').sleep(1000) return true"} {
		a.want(`local ok, err = pcall(require('shardlua').reload, {'app', health = function() `+health+` end})
			require('fiber').sleep(0.001)
			return ok, (app.call())`, "false v1")
	}
	// A body that waits is waited for, and may not wait for ever.
	a.write("app.lua", "require('fiber').sleep(0.01) "+strings.ReplaceAll(version1, "v1", "v2"))
	a.want("package.loaded.app = nil app = require('app') return (app.call())", "v2")
	a.write("app.lua", "require('fiber').create(function() while true do end end) return {}")
	if got := a.eval(reloadIt); !strings.Contains(got, "did not end within 100ms") {
		t.Error(got)
	}
	a.want("return (app.call())", "v2")
}

// TestOldModuleWrittenForStockIsTakenBackExactly: its state is in a global, and no internals are opened.
func TestOldModuleWrittenForStockIsTakenBackExactly(t *testing.T) {
	a := newApp(t)
	a.write("legacy.lua", `
		local M = rawget(_G, '__module_legacy')
		if M == nil then M = {version = 1, inner = setmetatable({n = 1}, {__index = {method = 'old'}})} rawset(_G, '__module_legacy', M) end
		return {M = M, version = 1}`)
	a.want("legacy = require('legacy') return legacy.version", "1")
	a.write("legacy.lua", `
		local M = rawget(_G, '__module_legacy')
		M.version, M.fresh = 2, {}
		M.inner.n = 2
		setmetatable(M.inner, {__index = {method = 'new'}})
		rawset(_G, '__module_legacy', {})
		error('boom')`)
	if got := a.eval("package.loaded.legacy = nil legacy = require('legacy')"); !strings.Contains(got, "legacy.lua:7: boom") {
		t.Error(got)
	}
	a.want(`local M = rawget(_G, '__module_legacy')
		return M == legacy.M, M.version, M.fresh, M.inner.n, M.inner.method, require('legacy') == legacy`, "true 1 nil 1 old true")
	if want := "reload of legacy rolled back: "; !strings.Contains(a.log.String(), want) {
		t.Errorf("the log lacks %q", want)
	}
	a.write("legacy.lua", "local M = require('shardlua').internals('legacy', function() return rawget(_G, '__module_legacy') end) M.version = 2 return {M = M, version = 2}")
	a.want("package.loaded.legacy = nil legacy = require('legacy') return legacy.version, legacy.M.version", "2 2")
}
