// Package cluster runs a sharded cluster of processes on this machine, drives load through it and counts what it holds.
//
// The one idea: everything lies in one directory. Each instance has there its data, its log, its sockets (NAME.sock for
// the binary protocol, NAME.control for the console) and a link to the modules that it loads, code/NAME. To roll out
// another version on one instance is to point its link elsewhere and to reload.
//
//	c, err := cluster.Start(ctx, cluster.Options{Dir: dir, Executable: shardlua, Topology: cluster.Grid(2, 2)})
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	load := c.Drive(ctx, cluster.Load{Callers: 8}, work)
//	…
//	counters := load.Stop()
//	account, err := c.Buckets(ctx)
//
// An instance is any executable that behaves like Tarantool and finds vshard; what an executable offers beyond that
// (migrations, transactional reload) is the business of who asks for it with Instance.Eval.
//
// The package never prints; it returns errors that name the instance and its log.
package cluster
