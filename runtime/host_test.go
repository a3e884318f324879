package runtime_test

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime"
	"shardlua/runtime/module"
)

func newHost(t *testing.T, opts runtime.Options) *runtime.Host {
	t.Helper()
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

func TestTwoHostsShareNothing(t *testing.T) {
	one, other := newHost(t, runtime.Options{}), newHost(t, runtime.Options{})
	if _, err := one.Eval(`shared = 1; require('fiber').self().storage.x = 1; package.loaded.mine = true`); err != nil {
		t.Fatal(err)
	}
	values, err := other.Eval(`return rawget(_G, 'shared'), package.loaded.mine`)
	if err != nil || values[0] != lua.LNil || values[1] != lua.LNil {
		t.Errorf("the other host sees %v, %v", values, err)
	}
}

func TestEvalErrors(t *testing.T) {
	h := newHost(t, runtime.Options{})
	for chunk, want := range map[string]string{
		"x = = 1":       `[string "x = = 1"]:1: unexpected symbol near '='`,
		"error('a', 0)": "a",
		"return 1, ...": "",
	} {
		_, err := h.Eval(chunk, lua.LNumber(2))
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("%s: got %v, want %q", chunk, err, want)
		}
	}
}

func TestExitEndsNoOtherHost(t *testing.T) {
	var out strings.Builder
	one, other := newHost(t, runtime.Options{Stdout: &out}), newHost(t, runtime.Options{})
	code := one.Run([]runtime.Chunk{{Source: `require('fiber').create(function() os.exit(5) end) print('not reached')`}})
	if code != 5 || out.String() != "" {
		t.Errorf("got code %d, output %q", code, out.String())
	}
	if values, err := other.Eval(`return 1`); err != nil || values[0] != lua.LNumber(1) {
		t.Errorf("the other host: %v, %v", values, err)
	}
}

func TestEmbeddersModule(t *testing.T) {
	opened := 0
	greeter := module.Module{Name: "greeter", Open: func(_ module.Host, L *lua.LState) lua.LValue {
		opened++
		return lua.LString("hello")
	}}
	h := newHost(t, runtime.Options{Modules: []module.Module{greeter}})
	values, err := h.Eval(`local a = require('greeter') package.loaded.greeter = nil return a, require('greeter')`)
	if err != nil || values[0] != lua.LString("hello") || values[1] != values[0] || opened != 1 {
		t.Errorf("got %v, %v, opened %d times", values, err, opened)
	}
}

func TestCloseTwice(t *testing.T) {
	h, err := runtime.New(runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Eval(`require('fiber').create(function() require('fiber').sleep(1000) end)`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	select {
	case <-h.Done():
	default:
		t.Error("a closed host is not done")
	}
}

// A thread that the main script has left is another fiber's, which has a coroutine to name.
func TestThreadOfTheScriptIsForgotten(t *testing.T) {
	var out strings.Builder
	h := newHost(t, runtime.Options{Stdout: &out})
	h.Run([]runtime.Chunk{{Source: `
		local fiber = require('fiber')
		print(coroutine.running())
		fiber.create(function()
			fiber.sleep(0.001)
			for i = 1, 50 do
				fiber.create(function()
					fiber.yield()
					if not coroutine.running() then print('no coroutine') end
				end)
			end
			fiber.sleep(0.01)
			os.exit(0)
		end)`}})
	if out.String() != "nil\n" {
		t.Errorf("got %q", out.String())
	}
}
