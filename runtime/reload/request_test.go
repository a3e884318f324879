package reload_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/reload"
)

const otherModule = `
local M = require('shardlua').internals('other', function() return {n = 0} end)
return {version = 'o1', M = M}
`

func newPair(t *testing.T, lists ...*evolution.List) *app {
	a := newApp(t, lists...)
	a.write("other.lua", otherModule)
	a.want("other = require('other') holder = {app = app} package.loaded.holder = holder return other.version", "o1")
	return a
}

func TestReloadSwapsSeveralModulesAtOnce(t *testing.T) {
	a := newPair(t)
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.write("other.lua", strings.ReplaceAll(otherModule, "o1", "o2"))
	report, err := a.Reload(reload.Request{Modules: []string{"app", "oth*"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Modules) != 2 || report.Modules[0].Name != "app" || !report.Modules[1].Stateful || report.Pause <= 0 {
		t.Errorf("report %+v", report)
	}
	a.want("return app.call(), holder.app == app, package.loaded.app == app, other.version", "v2 true true o2")
}

func TestReloadOfSeveralIsAllOrNothing(t *testing.T) {
	a := newPair(t)
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	a.write("other.lua", "require('shardlua').internals('other').n = 5 error('boom')")
	if _, err := a.Reload(reload.Request{Modules: []string{"*"}}); err == nil {
		t.Fatal("every module of the instance was reloaded")
	}
	_, err := a.Reload(reload.Request{Modules: []string{"app", "other"}})
	if err == nil || !strings.Contains(err.Error(), "other.lua:1: boom") {
		t.Errorf("error %v", err)
	}
	a.want("return app.call(), other.version, other.M.n, require('app') == app", "v1 o1 0 true")
	a.want("return (app.call())", "v1")
}

func TestHealthDecides(t *testing.T) {
	a := newPair(t)
	a.want("app.on_reload_rollback = function() told = true end", "")
	a.write("app.lua", strings.ReplaceAll(version1, "v1", "v2"))
	_, err := a.Reload(reload.Request{Modules: []string{"app"}, Health: func(L *lua.LState) error {
		return errors.New("too slow")
	}})
	if err == nil || err.Error() != "the new version is not healthy: too slow" {
		t.Errorf("error %v", err)
	}
	a.want("return (app.call()), holder.app == app, told", "v1 true true")
	a.want(`return pcall(require('shardlua').reload, {'app', health = function() return nil, 'no' end})`,
		"false the new version is not healthy: no")
	a.want(`seen = nil require('shardlua').reload{'app', health = function() seen = app.call() return true end} return seen, (app.call())`,
		"v2 v2")
}

func TestDryRunTellsAndChangesNothing(t *testing.T) {
	list := &evolution.List{Module: "app", Migrations: []evolution.Migration{
		{Name: "first", Up: func(in evolution.Internals) error { in.Set("a", lua.LNumber(1)); return nil }},
	}}
	a := newPair(t, list)
	a.write("app.lua", `local M = require('shardlua').internals('app') require('shardlua').upgrade('app', M, 1) return {call = function() return 'v2', M.a end}`)
	a.want(`local r = require('shardlua').reload{'app', dry_run = true}
		return #r.modules, r.modules[1].name, r.modules[1].before, r.modules[1].migrations[1].name`, "1 app 0 first")
	a.want("return (app.call())", "v1")
	a.want(`local r = require('shardlua').reload('app')
		return r.modules[1].before, r.modules[1].after, r.modules[1].migrations[1].name, app.call()`, "0 1 first v2 1")
	a.write("app.lua", "return {")
	a.want(`return require('shardlua').reload{'app', dry_run = true}.refused[1]:match('app.lua.*')`,
		"app.lua:1: unexpected symbol near '<eof>'")
}

// From the moment at which the internals are migrated nobody gets at the old code, which does not know them.
func TestOldCodeNeverMeetsMigratedInternals(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", `
local M = require('shardlua').internals('app')
M.count = 1
return {call = function() M.count = M.count + 1 return 'old' end}`)
	a.want("package.loaded.app = nil app = require('app') return app.call()", "old")
	a.write("app.lua", `
local M = require('shardlua').internals('app')
M.count = {value = M.count}
require('fiber').new(function() end)
return {call = function() M.count.value = M.count.value + 1 return 'new' end}`)
	a.want(`
		failures, calls, done = {}, 0, false
		local fiber = require('fiber')
		local caller = fiber.new(function()
			while not done do
				local ok, err = pcall(app.call)
				calls = calls + 1
				if not ok then table.insert(failures, err) end
				fiber.yield()
			end
		end)
		caller:set_joinable(true)
		fiber.yield()
		require('shardlua').reload('app')
		done = true
		caller:join()
		return calls > 1, #failures, failures[1], app.call()`, "true 0 nil new")
}

func TestOldFibersHandOver(t *testing.T) {
	a := newApp(t)
	const worker = `
local fiber = require('fiber')
local M = require('shardlua').internals('app')
M.generation = (M.generation or 0) + 1
local mine = M.generation
fiber.create(function()
	fiber.name('worker')
	while STUBBORN or M.generation == mine do fiber.sleep(0.001) end
end)
return {call = function() return mine end}`
	a.write("app.lua", worker)
	for range 2 {
		report, err := a.Reload(reload.Request{Modules: []string{"app"}, HandOver: 5 * time.Second})
		if err != nil || len(report.Lingering) != 0 {
			t.Fatalf("%+v %v", report, err)
		}
	}
	a.want("STUBBORN = true", "")
	report, err := a.Reload(reload.Request{Modules: []string{"app"}, HandOver: 20 * time.Millisecond})
	if err != nil || strings.Join(report.Lingering, ",") != "worker" {
		t.Fatalf("%+v %v", report, err)
	}
}

func TestRequestsThatCannotBe(t *testing.T) {
	a := newPair(t)
	const usage = "false Usage: shardlua.reload({module, …[, dry_run = boolean, changed = boolean, timeout = seconds, health = function]})"
	for args, want := range map[string]string{
		`'nowhere'`:             "false no module 'nowhere' is loaded",
		`{'nowhere.*'}`:         "false no module 'nowhere.*' is loaded",
		`{}`:                    usage,
		`5`:                     usage,
		`{'app', health = 5}`:   usage,
		`{'app', timeout = -1}`: usage,
		`{'app', timeouts = 1}`: usage,
		`{5}`:                   usage,
	} {
		a.want("return pcall(require('shardlua').reload, "+args+")", want)
	}
	a.write("app.lua", "require('shardlua').reload('other') return {}")
	a.want("return (select(2, pcall(require('shardlua').reload, 'app'))):match('a module.*')", "a module cannot reload others while it is loaded")
}

func TestThousandReloadsLeaveNothingBehind(t *testing.T) {
	a := newApp(t)
	a.want("n = require('shardlua').internals('app').calls", "")
	fibers := a.Sched().Count()
	for range 1000 {
		if _, err := a.Reload(reload.Request{Modules: []string{"app"}}); err != nil {
			t.Fatal(err)
		}
	}
	if now := a.Sched().Count(); now != fibers {
		t.Errorf("%d fibers, were %d", now, fibers)
	}
	a.want("local k = 0 for _ in pairs(package.loaded) do k = k + 1 end return app.call()", "v1 part1 2")
}
