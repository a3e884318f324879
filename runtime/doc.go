// Package runtime is the host of shardlua: it runs scripts written for Tarantool.
//
// The one idea: a Host is one value that owns everything of an instance, so several live in one process. Its fibers
// share a VM and a database and pass one baton among them (package sched); Go code enters through a few doors, which
// wait for the baton:
//
//	h, err := runtime.New(runtime.Options{Modules: …, Evolution: …})
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	err = h.RunScript("storage.lua")                  // box.cfg, spaces, functions
//	values, err := h.Call("app.put", order)           // Go values in, Values out
//	values, err = h.Eval(`return box.info.status`)
//	report, err := h.Reload(reload.Request{Modules: []string{"app", "app.*"}})
//	err = h.Do(func(L *lua.LState) error { … })       // the VM itself
//
// # What is stable
//
// An embedder needs New with Options, RunScript, Run, Call, Eval and their variants with a context, Do, Reload, Values,
// Stop, Done, Close; module.Functions and module.Module to offer Go to scripts; evolution.List for migrations; and
// golua for the conversion of values. What else is exported in this package implements module.Host for the modules of the host
// itself, and changes with them.
//
// The doors may be used by any goroutine, but not by one that is a fiber of the instance already: a Go function that
// Lua has called has the baton, and uses the VM it was given.
//
// The sub-packages are the rooms of the house: vm (the Lua dialect), sched (fibers), db (the database), xlog (its
// files), and one package per Lua module.
package runtime
