package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// Clock tells the time and calls back later. All methods may be called from any goroutine.
type Clock interface {
	// Now is the wall clock. It may jump when somebody sets it.
	Now() time.Time
	// Monotonic never goes back. Its zero is arbitrary; on the real machine it is that of CLOCK_MONOTONIC.
	Monotonic() time.Duration
	// AfterFunc calls f once, on a goroutine of the clock's choice, when d has passed: at once, when d is
	// not positive.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a call that a Clock will make.
type Timer interface {
	// Stop prevents the call. It returns false when the call has been made or stopped already. It does not wait
	// for a running call to finish.
	Stop() bool
	// Reset makes the call happen d from now, whether or not it was made before. It returns true when the timer
	// was still to fire.
	Reset(d time.Duration) bool
}

// RealClock is the clock of the machine. Make it with NewClock.
type RealClock struct {
	base   time.Time
	offset time.Duration
}

// NewClock returns the machine's clock.
func NewClock() *RealClock {
	c := &RealClock{base: time.Now()}
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
		c.offset = time.Duration(ts.Nano())
	}
	return c
}

// Now implements Clock.
func (c *RealClock) Now() time.Time { return time.Now() }

// Monotonic implements Clock.
func (c *RealClock) Monotonic() time.Duration { return c.offset + time.Since(c.base) }

// AfterFunc implements Clock.
func (c *RealClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
