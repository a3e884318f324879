// Package say is the instance's log: levels, the plain and json formats, and targets that can be rotated.
package say

import (
	"fmt"
	"io"
	"sync"
)

// Level is the weight of a message, as in Tarantool's box.cfg.log_level.
type Level int

// The levels. A Logger prints messages whose level is at most its own.
const (
	Fatal Level = iota
	SysError
	Error
	Crit
	Warn
	Info
	Verbose
	Debug
)

// Logger writes the log of one instance. Its methods may be called from any goroutine.
type Logger struct {
	mu    sync.Mutex
	out   io.Writer
	level Level
}

// New returns a Logger that writes bare messages to out, as an instance does before box.cfg.
func New(out io.Writer) *Logger { return &Logger{out: out, level: Info} }

// Sayf logs a message of Go code.
func (l *Logger) Sayf(level Level, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if level > l.level {
		return
	}
	fmt.Fprintf(l.out, format+"\n", args...)
}
