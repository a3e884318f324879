// Package runtime is the host of shardlua: it runs scripts written for Tarantool.
//
// The one idea: a Host is one value that owns everything of an instance, so several live in one process. Its fibers
// share a VM and a database and pass one baton among them (package sched); Go code enters through Do and Eval, which
// wait for the baton.
//
//	h, err := runtime.New(runtime.Options{})
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	values, err := h.Eval(`return 1 + ...`, lua.LNumber(2))
//
// The sub-packages are the rooms of the house: vm (the Lua dialect), sched (fibers), db (the database), xlog (its
// files), and one package per Lua module.
package runtime
