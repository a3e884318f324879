package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/module"
)

func TestCallTakesAndGivesGoValues(t *testing.T) {
	h := newHost(t, runtime.Options{})
	if _, err := h.Eval(`
		app = {name = 'app'}
		function app.join(list, options) return table.concat(list, options.by), #list end
		function app:who(greeting) return greeting .. ' ' .. self.name end`); err != nil {
		t.Fatal(err)
	}
	values, err := h.Call("app.join", []string{"a", "b"}, map[string]string{"by": "-"})
	if err != nil {
		t.Fatal(err)
	}
	var joined string
	var count int
	if err := values.Decode(&joined, &count); err != nil || joined != "a-b" || count != 2 {
		t.Errorf("got %q, %d, %v", joined, count, err)
	}
	values, err = h.Call("app:who", "hello")
	if err != nil || len(values) != 1 || values[0] != lua.LString("hello app") {
		t.Errorf("a method gave %v, %v", values, err)
	}
	if err := values.Decode(&count); err == nil || err.Error() != "result 1: the value is a string, not a int" {
		t.Errorf("a string for a number: %v", err)
	}
}

func TestTuplesBecomeGoValues(t *testing.T) {
	h := newHost(t, runtime.Options{})
	values, err := h.Eval(`
		box.cfg{work_dir = ..., log = 'log', wal_mode = 'none'}
		local s = box.schema.space.create('guests')
		s:create_index('primary')
		s:insert{1, 'Ada', {born = 1815}, box.NULL}
		return s:get(1), s:select()`, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var one any
	var all [][]any
	if err := values.Decode(&one, &all); err != nil {
		t.Fatal(err)
	}
	want := []any{int64(1), "Ada", map[string]any{"born": int64(1815)}, nil}
	if !reflect.DeepEqual(one, want) || len(all) != 1 || !reflect.DeepEqual(all[0], want) {
		t.Errorf("got %#v and %#v", one, all)
	}
}

func TestResultsAreCopies(t *testing.T) {
	h := newHost(t, runtime.Options{})
	values, err := h.Eval(`state = {list = {1}} return state`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Eval(`state.list[1] = 2`); err != nil {
		t.Fatal(err)
	}
	var got struct{ List []int }
	if err := values.Decode(&got); err != nil || got.List[0] != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCallErrors(t *testing.T) {
	h := newHost(t, runtime.Options{})
	if _, err := h.Eval(`
		function fail() error('no luck', 0) end
		function refuse() box.error(box.error.NO_SUCH_USER, 'ada') end
		function ring() local t = {} t.t = t return t end`); err != nil {
		t.Fatal(err)
	}
	for function, want := range map[string]string{
		"fail":       "no luck",
		"missing":    "Procedure 'missing' is not defined",
		"os.missing": "Procedure 'os.missing' is not defined",
		"refuse":     "User 'ada' is not found",
		"ring":       "result 1: a table is nested more than 128 levels deep",
	} {
		if _, err := h.Call(function); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", function, err, want)
		}
	}
	var refused *boxerr.Error
	if _, err := h.Call("refuse"); !errors.As(err, &refused) || refused.Code != uint32(boxerr.NoSuchUser) {
		t.Errorf("the error has no code: %#v", err)
	}
	if _, err := h.Call("fail", make(chan int)); err == nil ||
		err.Error() != "argument 1 of fail: the value: a chan int cannot be a Lua value" {
		t.Errorf("a channel as argument: %v", err)
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	h := newHost(t, runtime.Options{})
	for name, chunk := range map[string]string{
		"a call that waits":      `require('fiber').sleep(1000)`,
		"a call that never does": `while true do end`,
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := h.EvalContext(ctx, chunk)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.CallContext(ctx, "print"); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that was cancelled before it began: %v", err)
	}
	if values, err := h.Eval(`local n = 0 for i = 1, 1e5 do n = n + 1 end return n`); err != nil || values[0] != lua.LNumber(1e5) {
		t.Errorf("the next call: %v, %v", values, err)
	}
}

func TestRunScript(t *testing.T) {
	h := newHost(t, runtime.Options{})
	file := filepath.Join(t.TempDir(), "app.lua")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`#!/usr/bin/env tarantool
		function greet(...) return ... end
		given = {...}`)
	if err := h.RunScript(file, "a", "b"); err != nil {
		t.Fatal(err)
	}
	values, err := h.Eval(`return given, type(greet)`)
	var given []string
	if err != nil || values.Decode(&given) != nil || !reflect.DeepEqual(given, []string{"a", "b"}) || values[1] != lua.LString("function") {
		t.Errorf("got %v, %v", values, err)
	}
	write(`error('early')`)
	if err := h.RunScript(file); err == nil || err.Error() != file+":1: early" {
		t.Errorf("a script that fails: %v", err)
	}
	if err := h.RunScript(file + ".missing"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a script that is not there: %v", err)
	}
}

func TestGoFunctionsAsModule(t *testing.T) {
	cancelled := make(chan struct{})
	prices := module.Functions("prices", map[string]any{
		"quote": func(sku string, count int) (float64, error) {
			if count < 0 {
				return 0, errors.New("a negative count")
			}
			return 2.5 * float64(count), nil
		},
		"sum": func(first int, rest ...int) int {
			for _, n := range rest {
				first += n
			}
			return first
		},
		"wait": func(ctx context.Context) error {
			<-ctx.Done()
			close(cancelled)
			return ctx.Err()
		},
		"add":    func(_ context.Context, a, b int) (int, error) { return a + b, nil },
		"panics": func() { panic("oops") },
		"panicsAside": func(context.Context) {
			panic("oops")
		},
	})
	h := newHost(t, runtime.Options{Modules: []module.Module{prices}})
	for _, tc := range []struct{ chunk, want string }{
		{`return prices.quote('a', 2)`, "[5]"},
		{`return prices.quote('a')`, "[0]"},
		{`return prices.sum(1), prices.sum(1, 2, 3)`, "[1 6]"},
		{`return prices.add(1, 2)`, "[3]"},
		{`return pcall(prices.quote, 'a', -1)`, "[false a negative count]"},
		{`return pcall(prices.quote, {})`, "[false bad argument #1 to '?' (the value is a table, not a string)]"},
		{`return pcall(prices.sum, 1, 'x')`, "[false bad argument #2 to '?' (the value is a string, not a int)]"},
		{`return pcall(prices.panicsAside)`, "[false internal error: oops]"},
		{`return (pcall(prices.panics))`, "[false]"},
		{`f = require('fiber').create(prices.wait) f:cancel() require('fiber').yield() return f:status()`, "[dead]"},
	} {
		values, err := h.Eval(`prices = require('prices') ` + tc.chunk)
		if got := fmt.Sprint(values); err != nil || got != tc.want {
			t.Errorf("%s: got %s, %v, want %s", tc.chunk, got, err, tc.want)
		}
	}
	<-cancelled
}

func TestModuleOfNoFunctionIsRefused(t *testing.T) {
	wrong := module.Functions("wrong", map[string]any{"x": 5})
	h, err := runtime.New(runtime.Options{Modules: []module.Module{wrong}})
	if err == nil {
		_ = h.Close()
		t.Fatal("a number was taken for a function")
	}
	if !strings.Contains(err.Error(), "wrong.x: a function was expected, got int") {
		t.Errorf("got %v", err)
	}
}
