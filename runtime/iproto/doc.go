// Package iproto is Tarantool's binary protocol, and the server that speaks it.
//
// The one idea: bytes stay bytes. A connection's goroutine cuts what it reads into frames and decodes their headers and
// the few keys of their bodies, without copying; the requests go to the fibers a batch at a time; a fiber runs them
// back to back with the baton and appends the replies to the connection's buffer, which leaves in one write. Only when
// a request waits does another fiber go on with the rest, so replies may come out of order, as the protocol allows.
//
// The package knows no Lua: functions and expressions are run by the Procedures of the Config, and the other side
// of replication registers itself with Server.OnReplication.
//
//	server := iproto.New(iproto.Config{Sched: s, Sessions: sessions, Network: network, Procedures: p, ...})
//	server.Open(database, instanceUUID)
//	err := server.Listen(ctx, "unix", "/tmp/x.sock")
//
// Numbers are those of the document "Binary protocol" of Tarantool 2.6, and of 2.10 and 2.11 for streams, watchers and
// IPROTO_ID, which the server understands as well because later clients ask for them.
package iproto
