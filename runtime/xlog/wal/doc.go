// Package wal is the write-ahead log that an instance writes.
//
// The one idea: group commit. Transactions are submitted one by one, in the order in which they must be applied, and
// get their numbers at once; one goroutine takes all that have gathered, writes them with one write (and one fsync),
// and calls their Done functions in the same order. If the write fails, everything submitted since is undone in
// reverse order, the file is cut back, the numbers are given back, and the log can be used on.
//
//	log, err := wal.Open(wal.Config{Dir: dir, Mode: wal.Fsync, Instance: id, InstanceID: 1, VClock: recovered})
//	err = log.Submit(&wal.Tx{Rows: rows, Done: func(err error) { ... }})
//	err = log.Close()
//
// The package never removes a file; xlog.Collector does that.
package wal
