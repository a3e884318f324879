package xlog

import (
	"fmt"

	"shardlua/runtime/xlog/vclock"
)

// CorruptError is a file that does not hold what was written to it. Reason is in Tarantool's words where it has any.
type CorruptError struct {
	File   string
	Offset int64
	Reason string
	// Advice says what to do.
	Advice string
}

func (e *CorruptError) Error() string {
	text := fmt.Sprintf("%s: %s at offset %d", e.File, e.Reason, e.Offset)
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

const (
	adviceForce = "restore the file from a backup or a replica, or start with force_recovery = true to skip what is broken; " +
		"the file was not changed"
	adviceSnap = "restore the file from a backup, or move it away to start from an older snapshot; the file was not changed"
)

// UnclosedError is a log that ends without the EOF marker: its writer lives, or was killed.
type UnclosedError struct {
	File string
	// Offset is where the last whole block ends.
	Offset int64
	// Tail is the number of bytes behind it, which are a block cut short.
	Tail int64
	// Rows is the number of rows at the end that belong to a transaction cut short.
	Rows int
}

func (e *UnclosedError) Error() string {
	text := fmt.Sprintf("file `%s` wasn't correctly closed", e.File)
	if e.Tail > 0 {
		text += fmt.Sprintf(": %d bytes after offset %d are a block that was cut short", e.Tail, e.Offset)
	}
	if e.Rows > 0 {
		text += fmt.Sprintf(": the last transaction was cut short after %d rows", e.Rows)
	}
	return text
}

// GapError is a log file missing between two others, or between a snapshot and the first log.
type GapError struct {
	Dir      string
	From, To vclock.VClock
}

func (e *GapError) Error() string { return e.Reason() + " in " + e.Dir + "; " + adviceGap }

// Reason is Tarantool's text.
func (e *GapError) Reason() string {
	return fmt.Sprintf("Missing .xlog file between LSN %d %s and %d %s", e.From.Signature(), e.From, e.To.Signature(), e.To)
}

const adviceGap = "put the missing file back, or start with force_recovery = true to go on without it"

// Level says how loud an Event is.
type Level int

// The levels, as in the instance's log.
const (
	Info Level = iota
	Warn
	Error
)

// Event is something that an operator should find in the instance's log. Err is the cause, if there is one.
type Event struct {
	Level Level
	Text  string
	Err   error
}

// Events receives what happens; nil receives nothing.
type Events func(Event)

// Tell makes an event; f may be nil.
func (f Events) Tell(level Level, err error, format string, args ...any) {
	if f != nil {
		f(Event{Level: level, Text: fmt.Sprintf(format, args...), Err: err})
	}
}
