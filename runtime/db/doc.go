// Package db is the database engine of one instance: spaces, indexes,
// transactions, the schema and the rights of its users, with the semantics of
// Tarantool 2.6's memtx. It knows no Lua and no network.
//
// The one idea: everything is a row. The schema itself lives in system spaces
// (_space, _index, _user, ...), and whoever changes a row there changes the
// database, be it a script, recovery from a snapshot, or a replica. DDL hence
// has no verbs of its own: write the system space, and the triggers of this
// package build, alter or drop the Go objects, and undo it when the statement
// is rolled back.
//
// A DB is a value; a process may have many. It is not locked: all of it runs
// under the Host's baton, and whoever calls it holds that. Only a ReadView may
// be read without the baton. Where an operation must wait (a commit for the
// journal) it parks the fiber with the Waiter that the Host gave.
//
//	d := db.New(db.Options{Journal: j, Waiter: w})
//	if err := d.Bootstrap(clusterUUID, instanceUUID); err != nil { ... }
//	c := d.NewContext(db.Admin)
//	t, err := d.SpaceByName("test").Replace(c, data)
//
// Tuples, keys and update operations go in as msgpack and tuples come out as
// *tuple.Tuple, immutable and valid for ever.
package db
