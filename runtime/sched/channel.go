package sched

import (
	"errors"
	"time"
)

// ErrChannelClosed is what a wait on a closed Channel returns.
var ErrChannelClosed = errors.New("channel is closed")

// Channel passes values from fibers that put to fibers that get, first in, first out. A value goes straight to a
// reader that waits; otherwise it lies in the channel while there is room, and its writer waits when there is none.
type Channel struct {
	ring    []any
	head    int
	count   int
	closed  bool
	readers waiters
	writers waiters
}

// NewChannel makes a Channel with room for size values; without room, each put waits for a get.
func NewChannel(size int) *Channel { return &Channel{ring: make([]any, size)} }

// Size is how many values the Channel has room for.
func (c *Channel) Size() int { return len(c.ring) }

// Count is how many values lie in the Channel.
func (c *Channel) Count() int { return c.count }

// Empty tells whether no value lies in the Channel.
func (c *Channel) Empty() bool { return c.count == 0 }

// Full tells whether a put that meets no reader would wait.
func (c *Channel) Full() bool { return c.count >= len(c.ring) }

// HasReaders tells whether a fiber waits in Get.
func (c *Channel) HasReaders() bool { return !c.readers.empty() }

// HasWriters tells whether a fiber waits in Put.
func (c *Channel) HasWriters() bool { return !c.writers.empty() }

// Closed tells whether Close was called.
func (c *Channel) Closed() bool { return c.closed }

// Put hands a value over or leaves it in the Channel, and waits for room when there is none. It returns
// ErrChannelClosed, ErrTimeout (Forever: never), or ErrCancelled, and then the value was not passed on.
func (c *Channel) Put(f *Fiber, value any, timeout time.Duration) error {
	switch {
	case c.closed:
		return ErrChannelClosed
	case !c.readers.empty():
		c.readers.serve().value = value
		return nil
	case !c.Full():
		c.store(value)
		return nil
	}
	w := waiter{fiber: f, value: value}
	return c.wait(&c.writers, &w, timeout)
}

// Get takes the oldest value, and waits for one when there is none. It returns ErrChannelClosed, ErrTimeout (Forever:
// never), or ErrCancelled.
func (c *Channel) Get(f *Fiber, timeout time.Duration) (any, error) {
	switch {
	case c.closed:
		return nil, ErrChannelClosed
	case c.count > 0:
		value := c.take()
		if next := c.writers.serve(); next != nil {
			c.store(next.value)
		}
		return value, nil
	case !c.writers.empty():
		return c.writers.serve().value, nil
	}
	w := waiter{fiber: f}
	err := c.wait(&c.readers, &w, timeout)
	return w.value, err
}

// Close drops the values that lie in the Channel and ends all waits with ErrChannelClosed.
func (c *Channel) Close() {
	if c.closed {
		return
	}
	c.closed = true
	clear(c.ring)
	c.head, c.count = 0, 0
	for _, line := range []*waiters{&c.readers, &c.writers} {
		for w := line.first; w != nil; w = line.first {
			line.remove(w)
			w.fiber.Wakeup()
		}
	}
}

// wait stands in line until w is served, the Channel is closed, the timeout passes or the fiber is cancelled.
func (c *Channel) wait(line *waiters, w *waiter, timeout time.Duration) error {
	f := w.fiber
	if err := f.state(); err != nil {
		return err
	}
	if timeout == 0 {
		return ErrTimeout
	}
	line.add(w)
	defer line.remove(w)
	clock := f.sched.clock
	deadline := clock.Monotonic() + timeout
	for left := timeout; ; left = deadline - clock.Monotonic() {
		if timeout < 0 {
			left = Forever
		} else if left < 0 {
			left = 0
		}
		expired := f.Park(left)
		switch {
		case w.served:
			return nil
		case c.closed:
			return ErrChannelClosed
		case f.Cancelled():
			return ErrCancelled
		case expired:
			return ErrTimeout
		}
	}
}

func (c *Channel) store(value any) {
	c.ring[(c.head+c.count)%len(c.ring)] = value
	c.count++
}

func (c *Channel) take() any {
	value := c.ring[c.head]
	c.ring[c.head] = nil
	c.head = (c.head + 1) % len(c.ring)
	c.count--
	return value
}
