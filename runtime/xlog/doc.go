// Package xlog reads and writes Tarantool's files: .xlog, the write-ahead log, and .snap, the snapshots.
//
// The one idea: a file is a text header followed by checksummed blocks; a block holds rows, and rows that carry the
// same transaction number form a transaction, which is delivered whole or not at all. Nothing here ever overwrites a
// byte that was written before: files get their final name when they are ready, a log that was not closed stays as
// it is, and what cannot be read is reported with its file, offset and remedy.
//
//	files:        Meta, Writer, Reader, Dir
//	recovery:     Recovery walks a directory of logs from a vclock; Reader reads one file
//	replication:  Cursor follows a directory while it grows; Row is also the row of the wire
//	snapshots:    WriteSnapshot, ReadSnapshot; Collector removes what no checkpoint and no pin needs
//	people:       Cat prints a file
//
// The log that is being written is package wal's business. Formats are those of Tarantool 2.6 ("File formats" and
// "Box protocol" of its documentation). The package knows no spaces and no Lua.
package xlog
