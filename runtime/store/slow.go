package store

import (
	"fmt"
	"time"

	"shardlua/runtime/say"
	"shardlua/runtime/sys"
)

// slowWrites tells an operator about writes to the log that took longer than a threshold: box.cfg.too_long_threshold.
type slowWrites struct {
	clock     sys.Clock
	log       func(say.Entry)
	threshold time.Duration
	// At most maxWarnings are given in a window; the rest is counted.
	window     time.Duration
	warnings   int
	suppressed int
}

// The rate at which a warning may repeat, as Tarantool has it.
const (
	warningWindow = 5 * time.Second
	maxWarnings   = 10
)

// check looks at a transaction that began to be written at start.
func (w *slowWrites) check(start time.Duration, rows int, lsn int64) {
	now := w.clock.Monotonic()
	if took := now - start; took > w.threshold {
		w.warn(now, fmt.Sprintf("too long WAL write: %d rows at LSN %d: %.3f sec", rows, lsn, took.Seconds()))
	}
}

func (w *slowWrites) warn(now time.Duration, text string) {
	if now-w.window > warningWindow {
		if w.suppressed > 0 {
			w.say(fmt.Sprintf("%d messages suppressed", w.suppressed))
		}
		w.window, w.warnings, w.suppressed = now, 0, 0
	}
	if w.warnings++; w.warnings > maxWarnings {
		w.suppressed++
		return
	}
	w.say(text)
}

func (w *slowWrites) say(text string) { w.log(say.Entry{Level: say.Warn, Message: text}) }

// SetTooLong sets how long a write to the log may take before it is worth a warning.
func (s *Store) SetTooLong(threshold time.Duration) { s.journal.slow.threshold = threshold }
