package fiber_test

import (
	"bytes"
	"strings"
	"testing"

	"shardlua/runtime"
	"shardlua/runtime/fiber"
	"shardlua/runtime/module"
)

// Each chunk returns true when all is well. What other programs see as well is in test/fiber.
func TestScripts(t *testing.T) {
	h := newHost(t)
	for name, chunk := range map[string]string{
		"create runs at once": `local x fiber.create(function() x = 1 fiber.yield() x = 2 end) return x == 1`,
		"new runs later":      `local x fiber.new(function() x = 1 end) local was = x fiber.yield() return was == nil and x == 1`,
		"handles are equal":   `local f = fiber.new(function() end) return fiber.find(f:id()) == f and f ~= fiber.self()`,
		"dead handle": `local f = fiber.create(function() end)
			return f:status() == 'dead' and not pcall(f.name, f) and f:id() > 0 and fiber.find(f:id()) == nil`,
		"handle of a reused fiber stays dead": `local f = fiber.create(function() end)
			for i = 1, 10 do fiber.create(function() fiber.sleep(10) end) end return f:status() == 'dead'`,
		"join": `local f = fiber.new(function(...) return ... end, 1, 2) f:set_joinable(true)
			local ok, a, b = f:join() return ok and a == 1 and b == 2 and not pcall(f.join, f)`,
		"join of a failed one": `local f = fiber.new(function() error('e', 0) end) f:set_joinable(true)
			local ok, err = f:join() return ok == false and tostring(err) == 'e'`,
		"cancel raises cdata": `local err local f = fiber.create(function() local _ _, err = pcall(fiber.sleep, 100) end)
			f:cancel() fiber.yield() return type(err) == 'cdata' and tostring(err) == 'fiber is cancelled'`,
		"storage is not inherited": `fiber.self().storage.x = 1 local x = 2
			fiber.create(function() x = fiber.self().storage.x end) return x == nil`,
		"top": `fiber.top_enable() local f = fiber.create(function() fiber.name('t') for i = 1, 1e5 do end fiber.sleep(100) end)
			local row = fiber.top().cpu[f:id() .. '/t'] fiber.top_disable()
			return row.time > 0 and row.average > 0 and row.average <= 100 and not pcall(fiber.top)`,
		"environment is not inherited": `local env fiber.create(function() setfenv(0, {}) end)
			fiber.create(function() env = getfenv(0) end) return env == _G`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := eval(t, h, "local fiber = require('fiber') "+chunk); got != "true" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestErrorsAreLogged(t *testing.T) {
	var stderr bytes.Buffer
	h, err := runtime.New(runtime.Options{Stderr: &stderr, Modules: []module.Module{fiber.Module}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ body, want string }{
		{`error('words', 0)`, "LuajitError: words\n"},
		{`error(setmetatable({}, {__tostring = function() return 'own' end}))`, "LuajitError: own\n"},
		{`error()`, "LuajitError: nil\n"},
		{`error(12, 0)`, "LuajitError: 12\n"},
		{`fiber.self():cancel()`, ""},
		{`fiber.self():set_joinable(true) error('x')`, ""},
	} {
		stderr.Reset()
		eval(t, h, "local fiber = require('fiber') fiber.create(function() "+tc.body+" end)")
		if got := stderr.String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.body, got, tc.want)
		}
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if s := stderr.String(); strings.Contains(s, "panic") {
		t.Error(s)
	}
}
