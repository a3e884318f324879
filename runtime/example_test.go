package runtime_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime"
	"shardlua/runtime/module"
	"shardlua/runtime/reload"
)

// scratch makes a directory with files for an example.
func scratch(files map[string]string) (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		panic(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			panic(err)
		}
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

func Example() {
	dir, remove := scratch(map[string]string{"guests.lua": `
		box.cfg{work_dir = ..., log = 'guests.log'}
		local guests = box.schema.space.create('guests', {format = {{'id', 'unsigned'}, {'name', 'string'}}})
		guests:create_index('primary')
		function add(guest) return guests:insert{guest.id, guest.name} end
	`})
	defer remove()

	h, err := runtime.New(runtime.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	if err := h.RunScript(filepath.Join(dir, "guests.lua"), dir); err != nil {
		fmt.Println(err)
		return
	}
	type guest struct {
		ID   int `lua:"id"`
		Name string
	}
	values, err := h.Call("add", guest{1, "Ada"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var added []any // a tuple
	err = values.Decode(&added)
	fmt.Println(added, err)
	_, err = h.Call("add", guest{1, "Ada"})
	fmt.Println(err)
	// Output:
	// [1 Ada] <nil>
	// Duplicate key exists in unique index 'primary' in space 'guests'
}

func ExampleHost_Eval() {
	h, err := runtime.New(runtime.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	values, err := h.Eval(`local list, n = ... return #list + n, {done = true}`, []string{"a", "b"}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum int
	var state struct{ Done bool }
	err = values.Decode(&sum, &state)
	fmt.Println(sum, state.Done, err)
	// Output: 5 true <nil>
}

func ExampleHost_Do() {
	h, err := runtime.New(runtime.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	err = h.Do(func(L *lua.LState) error {
		L.SetGlobal("answer", lua.LNumber(42))
		return nil
	})
	values, _ := h.Eval(`return answer`)
	fmt.Println(values, err)
	// Output: [42] <nil>
}

// A Go module, whose functions scripts call.
func ExampleOptions_modules() {
	prices := module.Functions("prices", map[string]any{
		"quote": func(sku string, count int) (float64, error) {
			if sku == "" {
				return 0, fmt.Errorf("no article given")
			}
			return 2.5 * float64(count), nil
		},
		// A function that takes a context may block: other fibers go on.
		"order": func(ctx context.Context, sku string) (string, error) { return "ordered " + sku, ctx.Err() },
	})
	h, err := runtime.New(runtime.Options{Modules: []module.Module{prices}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	values, err := h.Eval(`
		local prices = require('prices')
		return prices.quote('tea', 3), prices.order('tea')`)
	fmt.Println(values, err)
	_, err = h.Eval(`require('prices').quote('')`)
	fmt.Println(err)
	// Output:
	// [7.5 ordered tea] <nil>
	// [string "require('prices').quote('')"]:1: no article given
}

// A module whose state changes its shape from one version to the next, while the host runs.
func ExampleHost_Reload() {
	dir, remove := scratch(map[string]string{"queue.lua": `
		local M = require('shardlua').internals('queue', function() return {jobs = {}} end)
		return {put = function(job) table.insert(M.jobs, job) end}
	`})
	defer remove()
	migrations := &evolution.List{Module: "queue", Migrations: []evolution.Migration{{
		Name: "jobs get a state",
		Up: func(in evolution.Internals) error {
			var old struct{ Jobs []string }
			if err := in.Decode(&old); err != nil {
				return err
			}
			type job struct{ Name, State string }
			made := struct{ Jobs []job }{}
			for _, name := range old.Jobs {
				made.Jobs = append(made.Jobs, job{name, "waiting"})
			}
			return in.Encode(made)
		},
	}}}
	h, err := runtime.New(runtime.Options{Evolution: []*evolution.List{migrations}, Stderr: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	if _, err := h.Eval(`package.path = ... .. '/?.lua' queue = require('queue') queue.put('sweep')`, dir); err != nil {
		fmt.Println(err)
		return
	}

	next := `
		local host = require('shardlua')
		local M = host.internals('queue')
		host.upgrade('queue', M, 1)
		return {first = function() return M.jobs[1].name, M.jobs[1].state end}
	`
	if err := os.WriteFile(filepath.Join(dir, "queue.lua"), []byte(next), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	report, err := h.Reload(reload.Request{Modules: []string{"queue"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	values, err := h.Eval(`return require('queue').first()`)
	fmt.Println(report.Modules[0].Before, report.Modules[0].After, report.Modules[0].Steps[0].Name, values, err)
	// Output: 0 1 jobs get a state [sweep waiting] <nil>
}
