package internals_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime"
	"shardlua/runtime/internals"
	"shardlua/runtime/vm"
)

func newHost(t *testing.T, opts runtime.Options) *runtime.Host {
	t.Helper()
	var log strings.Builder
	if opts.Stderr == nil {
		opts.Stderr = &log
	}
	h, err := runtime.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func eval(t *testing.T, h *runtime.Host, chunk string) string {
	t.Helper()
	values, err := h.Eval(chunk)
	if err != nil {
		return "error: " + err.Error()
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, " ")
}

func TestInternalsOutliveTheirModule(t *testing.T) {
	h := newHost(t, runtime.Options{})
	for _, step := range []struct{ chunk, want string }{
		{`built = 0
		  package.preload.queue = function()
		      local M = require('shardlua').internals('queue', function() built = built + 1 return {n = 0} end)
		      M.n = M.n + 1
		      return M
		  end
		  return require('queue').n, built`, "1 1"},
		{`package.loaded.queue = nil return require('queue').n, built`, "2 1"},
		{`return require('shardlua').internals('queue') == require('queue')`, "true"},
		{`for k, v in pairs(_G) do if v == require('queue') then return k end end return 'nowhere'`, "nowhere"},
		{`local host = require('shardlua') return host.is_open('queue'), host.is_open('nothing'), host.is_open('nothing')`, "true false false"},
		{`return pcall(require('shardlua').internals)`, "false Usage: shardlua.internals(name[, initial])"},
		{`return pcall(require('shardlua').internals, 'a', 5)`, "false Usage: shardlua.internals(name[, initial])"},
		{`return select(2, pcall(require('shardlua').internals, 'a', function() return 5 end)):match('initial.*')`,
			"initial must return a table, got number"},
		{`return pcall(require('shardlua').internals, 'a', function() error('no', 0) end)`, "false no"},
		{`return next(require('shardlua').internals('a')) == nil`, "true"},
	} {
		if got := eval(t, h, step.chunk); got != step.want {
			t.Errorf("%s\ngot  %s\nwant %s", step.chunk, got, step.want)
		}
	}
}

func TestUpgradeRunsEachMigrationOnce(t *testing.T) {
	var log strings.Builder
	list := &evolution.List{Module: "myapp", Migrations: []evolution.Migration{
		{Name: "rename", Up: func(in evolution.Internals) error { in.Rename("old", "new"); return nil }},
		{Name: "default", Up: func(in evolution.Internals) error { in.Default("limit", lua.LNumber(5)); return nil }},
	}}
	h := newHost(t, runtime.Options{Evolution: []*evolution.List{list}, Stderr: &log})
	for _, step := range []struct{ chunk, want string }{
		{`M = {old = 7}; require('shardlua').upgrade('myapp', M, 2); return M.old, M.new, M.limit, M.reload_version`, "nil 7 5 2"},
		{`M.limit = 6; require('shardlua').upgrade('myapp', M, 2); return M.limit`, "6"},
		{`return pcall(require('shardlua').upgrade, 'myapp', M, 1)`,
			"false myapp.reload_evolution: auto-downgrade is not implemented; loaded version is 2, upgrade script version is 1"},
		{`return pcall(require('shardlua').upgrade, 'myapp', {}, 3)`,
			"false myapp.reload_evolution: the module needs internals of version 3, the host knows the way to version 2 only"},
		{`return table.concat(require('shardlua').evolution('myapp'), ',')`, "rename,default"},
		{`local plan = require('shardlua').plan('myapp', 0, 2) return #plan, plan[2].Name, plan[2].Version, plan[1].Down`, "2 default 2 false"},
		{`return #require('shardlua').plan('myapp', 2, 2)`, "0"},
		{`return (select(2, pcall(require('shardlua').plan, 'myapp', 2, 1))):match('auto.*')`,
			"auto-downgrade is not implemented; loaded version is 2, upgrade script version is 1"},
		{`return table.concat(require('shardlua').shape({b = {c = true}, a = 1, reload_version = 2}), ',')`, "a: number,b: table,b.c: boolean"},
		{`return pcall(require('shardlua').shape)`, "false Usage: shardlua.shape(table)"},
		{`return pcall(require('shardlua').upgrade, 'myapp', {}, 1.5)`, "false Usage: shardlua.upgrade(module, internals, version | migrations)"},
	} {
		if got := eval(t, h, step.chunk); got != step.want {
			t.Errorf("%s\ngot  %s\nwant %s", step.chunk, got, step.want)
		}
	}
	for version, count := range map[string]int{"upgraded to 1 version": 1, "upgraded to 2 version": 1} {
		if got := strings.Count(log.String(), "myapp.reload_evolution: "+version); got != count {
			t.Errorf("%q is logged %d times:\n%s", version, got, log.String())
		}
	}
}

func TestModulesHandInMigrationsOfTheirOwn(t *testing.T) {
	h := newHost(t, runtime.Options{})
	for _, step := range []struct{ chunk, want string }{
		{`list = {
			function(M) M.n = (M.n or 0) + 1 end,
			{name = 'double', up = function(M) M.n = M.n * 2 end, down = function(M) M.n = M.n / 2 end},
		  }
		  M = {n = 4}
		  require('shardlua').upgrade('own', M, list)
		  return M.n, M.reload_version, M.reload_history[2].name, M.reload_history[1].version`, "10 2 double 1"},
		{`require('shardlua').upgrade('own', M, list) return M.n`, "10"},
		{`list[3] = {up = function(M) M.n = 'half' error('boom', 0) end}
		  return pcall(require('shardlua').upgrade, 'own', M, list)`,
			"false own.reload_evolution: error during upgrade to 3 version: boom"},
		{`return M.reload_version`, "2"},
		{`return pcall(require('shardlua').upgrade, 'own', M, {5})`,
			"false Usage: shardlua.upgrade(module, internals, version | migrations)"},
	} {
		if got := eval(t, h, step.chunk); got != step.want {
			t.Errorf("%s\ngot  %s\nwant %s", step.chunk, got, step.want)
		}
	}
}

func TestCaptureRestoresContentAndIdentity(t *testing.T) {
	h := newHost(t, runtime.Options{})
	run := func(L *lua.LState, chunk string) error {
		fn, err := h.VM().Load([]byte(chunk), chunk)
		if err != nil {
			return err
		}
		_, err = h.VM().Call(L, fn, 0)
		return err
	}
	err := h.Do(func(L *lua.LState) error {
		if err := run(L, `
			live = setmetatable({state = 'up'}, {})
			inner = {1, 2, 3}
			M = {n = 1, list = inner, live = live, self = nil}
			M.self = M`); err != nil {
			return err
		}
		root := L.GetGlobal("M").(*lua.LTable)
		c := internals.Take(root)
		if changes := c.Changes(); len(changes) != 0 {
			t.Errorf("fresh capture differs: %v", changes)
		}
		if err := run(L, `
			M.n = 2; M.list[2] = nil; M.list.x = 5; M.list = {}; M.new = {}
			live.state = 'down'; M.live = nil; inner[1] = 'changed'`); err != nil {
			return err
		}
		var paths []string
		for _, change := range c.Changes() {
			paths = append(paths, change.Path)
		}
		if got := strings.Join(paths, " "); got != "list live n new" {
			t.Errorf("changes: %s", got)
		}
		c.Restore()
		if changes := c.Changes(); len(changes) != 0 {
			t.Errorf("restored, still different: %v", changes)
		}
		return run(L, `
			assert(M.n == 1 and M.list == inner and M.live == live and M.self == M and M.new == nil)
			assert(#inner == 3 and inner[1] == 1 and inner[2] == 2 and inner.x == nil)
			assert(live.state == 'down', 'live objects are not looked into')`)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A table may hold far numbers beside its items; putting one back must not enter it a second time, for then a traversal
// never ends.
func TestCaptureRestoresFarNumbers(t *testing.T) {
	h := newHost(t, runtime.Options{})
	err := h.Do(func(L *lua.LState) error {
		root := L.NewTable()
		for _, n := range []int{3000, 1500, 1, 2, 700} {
			vm.RawSet(root, lua.LNumber(n), lua.LTrue)
		}
		c := internals.Take(root)
		vm.RawSet(root, lua.LNumber(1500), lua.LNil)
		vm.RawSet(root, lua.LNumber(2900), lua.LTrue)
		c.Restore()
		L.SetGlobal("restored", root)
		fn, err := h.VM().Load([]byte(`
			local sum, count = 0, 0
			for k in pairs(restored) do sum, count = sum + k, count + 1 assert(count <= 5, 'there is no end') end
			assert(count == 5 and sum == 3000 + 1500 + 1 + 2 + 700)`), "=test")
		if err != nil {
			return err
		}
		_, err = h.VM().Call(L, fn, 0)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A transfer of any bucket that was under way during the migration can end afterwards: its record goes.
func TestMigratedTransfersEnd(t *testing.T) {
	h := newHost(t, runtime.Options{})
	for _, bucket := range []string{"1", "2", "3", "45", "3000"} {
		got := eval(t, h, `
			local id = `+bucket+`
			local transfers = {}
			transfers[id] = true
			require('shardlua').upgrade('vshard.storage', {rebalancer_transfering_buckets = transfers}, 1)
			local record = type(transfers[id])
			transfers[id] = nil
			return record, transfers[id], next(transfers)`)
		if got != "table nil nil" {
			t.Errorf("bucket %s: %s", bucket, got)
		}
	}
}
