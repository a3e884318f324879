package sched

import "time"

// Cond lets fibers wait until another fiber says that something has changed. The zero value is ready to use.
type Cond struct{ line waiters }

// Wait waits until Signal picks this fiber or Broadcast is called; it returns false when the timeout (Forever: none)
// has passed first. As Tarantool's cond:wait does, it returns true when somebody wakes or cancels the fiber: look
// again at what you wait for.
func (c *Cond) Wait(f *Fiber, timeout time.Duration) bool {
	if timeout == 0 {
		return false
	}
	w := waiter{fiber: f}
	c.line.add(&w)
	expired := f.Park(timeout)
	c.line.remove(&w)
	return w.served || !expired
}

// Signal lets the fiber that has waited longest go on.
func (c *Cond) Signal() { c.line.serve() }

// Broadcast lets every fiber that waits go on, in the order in which they came.
func (c *Cond) Broadcast() {
	for c.line.serve() != nil {
	}
}
