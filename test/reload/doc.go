// Package reload proves under load that a reload of the sharding module happens completely or has not happened at all.
//
// The one idea: start real instances of a small cluster, let callers work on them without a pause, reload, and hold
// afterwards that no call failed, that nothing was lost or doubled, and how long the longest call took. An instance is
// a process of any executable that behaves like tarantool, or a Host in the test's own process, whose fibers and memory
// can be counted from outside. They listen on unix sockets in a directory of the cluster.
//
//	cluster := reload.NewCluster(dir, reload.Topology{Shards: 1, Replicas: 1, Buckets: 100})
//	instance, err := cluster.StartProcess("/usr/bin/tarantool", "storage_1_a", reload.Storage)
//	load, err := reload.StartLoad(instance.Socket, 8, request)
//	err = instance.Reload("vshard.storage")
//	result := load.Stop()
//
// The benchmark test/bench/reload is made of the same parts.
package reload
