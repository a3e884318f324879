package store

import (
	"strings"
	"testing"
	"time"

	"shardlua/runtime/say"
	"shardlua/runtime/sys"
)

// handClock is a clock that a test moves.
type handClock struct {
	sys.Clock
	now time.Duration
}

func (c *handClock) Monotonic() time.Duration { return c.now }

func TestSlowWrites(t *testing.T) {
	var lines []string
	clock := &handClock{now: time.Hour}
	w := slowWrites{clock: clock, threshold: 500 * time.Millisecond, log: func(e say.Entry) {
		if e.Level != say.Warn {
			t.Errorf("level %v", e.Level)
		}
		lines = append(lines, e.Message)
	}}
	w.check(clock.now-500*time.Millisecond, 1, 1)
	if len(lines) != 0 {
		t.Fatalf("warned of what took just as long as it may: %q", lines)
	}
	w.check(clock.now-1234*time.Millisecond, 2, 7)
	if want := "too long WAL write: 2 rows at LSN 7: 1.234 sec"; len(lines) != 1 || lines[0] != want {
		t.Fatalf("got %q, want %q", lines, want)
	}
	for range 20 {
		w.check(clock.now-time.Second, 1, 1)
	}
	if len(lines) != maxWarnings {
		t.Fatalf("%d warnings in one window", len(lines))
	}
	clock.now += warningWindow + 1
	w.check(clock.now-time.Second, 1, 1)
	if len(lines) != maxWarnings+2 || !strings.HasPrefix(lines[maxWarnings], "11 messages suppressed") {
		t.Fatalf("got %q", lines[maxWarnings:])
	}
}
