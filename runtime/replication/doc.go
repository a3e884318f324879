// Package replication keeps an instance in step with the others of its replica set: it follows masters, feeds replicas
// and lets several new instances agree on who makes the replica set.
//
// The one idea: a Set is what one instance knows of its replica set, and only the holder of the baton touches it. An
// applier is a fiber that follows one master; a relay feeds one replica from the log's files and needs no baton, because
// files do not change. What both exchange are rows, and a vclock says which rows one has: a row that a vclock covers is
// never applied twice, whatever way it came.
//
//	set := replication.New(replication.Config{Sched: s, Machine: m, InstanceUUID: id, Log: log})
//	set.Configure(replication.Options{URIs: uris, ...})
//	...                           // set.Bootstrap fills a database that has no snapshot, with what a master sends
//	set.Attach(local)             // the instance has its database and its log
//	server.OnReplication(set.Serve)
//	set.Start(fiber)              // follow the masters, wait for the quorum
//
// Messages are those of Tarantool 2.6: JOIN, SUBSCRIBE, FETCH SNAPSHOT, REGISTER and VOTE of the document "Binary
// protocol". Synchronous replication is refused: an applier stops, with an error that says so, at the first row that
// belongs to it (CONFIRM, ROLLBACK, or a change of a space that is_sync).
package replication
