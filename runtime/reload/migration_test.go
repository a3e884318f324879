package reload_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
)

// TestWhatAMigrationDidIsTakenBack has a migration change the internals in each way that it can, and fail.
func TestWhatAMigrationDidIsTakenBack(t *testing.T) {
	const dump = `
		local function dump(v)
			if type(v) ~= 'table' then return tostring(v) end
			local keys, out = {}, {}
			for k in pairs(v) do table.insert(keys, k) end
			table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
			for _, k in ipairs(keys) do table.insert(out, tostring(k) .. '=' .. dump(v[k])) end
			return '{' .. table.concat(out, ',') .. '}' .. (getmetatable(v) and 'meta' or '')
		end
		return dump(require('shardlua').internals('app'))`
	for name, change := range map[string]func(in evolution.Internals) error{
		"a field":          func(in evolution.Internals) error { in.Set("calls", lua.LString("x")); return nil },
		"a new field":      func(in evolution.Internals) error { in.Default("fresh", lua.LTrue); return nil },
		"another name":     func(in evolution.Internals) error { in.Rename("list", "queue"); return nil },
		"an inner table":   func(in evolution.Internals) error { in.Get("list").(*lua.LTable).RawSetInt(1, lua.LTrue); return nil },
		"a shorter list":   func(in evolution.Internals) error { in.Get("list").(*lua.LTable).Remove(1); return nil },
		"a metatable":      func(in evolution.Internals) error { in.Get("list").(*lua.LTable).Metatable = in.NewTable(); return nil },
		"the table itself": func(in evolution.Internals) error { in.Table().RawSetString("calls", lua.LNil); return nil },
		"a struct":         func(in evolution.Internals) error { return in.Encode(&struct{ Calls, New string }{"c", "n"}) },
		"a decoded table": func(in evolution.Internals) error {
			var fields struct{ List *lua.LTable }
			err := in.Decode(&fields)
			fields.List.RawSetString("more", lua.LTrue)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			refuse := true
			list := &evolution.List{Module: "app", Migrations: []evolution.Migration{
				{Name: "changes", Up: change},
				{Name: "fails", Up: func(evolution.Internals) error {
					if refuse {
						return errors.New("not today")
					}
					return nil
				}},
			}}
			a := newApp(t, list)
			before := a.eval(dump)
			a.write("app.lua", strings.Replace(version1, "\nreturn", "\nrequire('shardlua').upgrade('app', M, 2) return", 1))
			if got := a.eval(reloadIt); !strings.Contains(got, "error during upgrade to 2 version: not today") {
				t.Fatal(got)
			}
			if after := a.eval(dump); after != before {
				t.Errorf("internals are %s, were %s", after, before)
			}
			// What would be refused, a dry run tells, and takes back as well.
			a.want(`return require('shardlua').reload{'app', dry_run = true}.refused[1]`, "app.reload_evolution: error during upgrade to 2 version: not today")
			if after := a.eval(dump); after != before {
				t.Errorf("after a dry run internals are %s, were %s", after, before)
			}
			refuse = false
			a.want(`local r = require('shardlua').reload{'app'} local m = r.modules[1]
				return m.before, m.after, #m.migrations, m.migrations[1].name, m.migrations[2].name, m.migrations[1].time >= 0`, "0 2 2 changes fails true")
		})
	}
}

// TestLuaMigrationsAreTakenBack: a list of the module's own, half of which ran.
func TestLuaMigrationsAreTakenBack(t *testing.T) {
	a := newApp(t)
	a.write("app.lua", `
		local M = require('shardlua').internals('app')
		require('shardlua').upgrade('app', M, {
			function(M) M.list.head = M.list[1] table.remove(M.list, 1) M.calls = nil end,
			function(M) M.list = {M.list} error('half-way') end,
		})`)
	if got := a.eval(reloadIt); !strings.Contains(got, "app.lua:5: half-way") {
		t.Fatal(got)
	}
	a.want(`local M = require('shardlua').internals('app')
		return M.calls, #M.list, M.list[1], M.list.head, M.reload_version, M.reload_history`, "1 2 1 nil nil nil")
}

func TestDowngradeNeedsAWayBack(t *testing.T) {
	a := newApp(t)
	code := func(down string, version int) string {
		migrations := []string{
			"{name = 'one', up = function(M) M.one = true end" + down + "}", "{name = 'two', up = function(M) M.two = true end}",
		}
		return fmt.Sprintf(`local M = require('shardlua').internals('app')
			require('shardlua').upgrade('app', M, %s)
			return {call = function() return M.one, M.two, M.reload_version end}`, "{"+strings.Join(migrations[:version], ", ")+"}")
	}
	a.write("app.lua", code("", 2))
	a.want(reloadIt, "true true 2")
	a.write("app.lua", code("", 1))
	if got, want := a.eval(reloadIt), "app.reload_evolution: auto-downgrade is not implemented; loaded version is 2, upgrade script version is 1"; !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	a.want("return app.call()", "true true 2")
}
