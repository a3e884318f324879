// Package systest holds machines for tests: a clock that moves when told, a disk in memory that loses what was not
// synced and fails on demand, and a network in memory that delays, drops and breaks.
//
// The one idea: whatever a real machine may do at an unlucky moment, a test can make happen at a chosen one.
//
//	disk := systest.NewDisk()
//	... run code that writes to disk ...
//	disk.Crash(rng)          // the power fails: what was not synced is gone, wholly or in part
//	... recover from disk ...
package systest

import (
	"container/heap"
	"sync"
	"time"

	"shardlua/runtime/sys"
)

// Clock stands still until Advance moves it. Wall and monotonic time move together.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
	timers  timerHeap
	seq     uint64
}

// NewClock returns a clock that shows start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now implements sys.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Monotonic implements sys.Clock; it is the sum of all Advances.
func (c *Clock) Monotonic() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// SetWall changes the wall clock only, as an administrator would.
func (c *Clock) SetWall(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// AfterFunc implements sys.Clock. f runs on the goroutine that calls Advance, also when d is not positive.
func (c *Clock) AfterFunc(d time.Duration, f func()) sys.Timer {
	t := &timer{clock: c, f: f, index: -1}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(t, d)
	return t
}

// Advance moves time by d and makes the calls that fall due, in the order of their deadlines, each at its own time.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.elapsed + max(d, 0)
	for len(c.timers) > 0 && c.timers[0].deadline <= end {
		t := heap.Pop(&c.timers).(*timer)
		c.moveTo(max(t.deadline, c.elapsed))
		c.mu.Unlock()
		t.f()
		c.mu.Lock()
	}
	c.moveTo(max(end, c.elapsed))
	c.mu.Unlock()
}

// Pending counts the timers that wait.
func (c *Clock) Pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

func (c *Clock) moveTo(elapsed time.Duration) {
	c.now = c.now.Add(elapsed - c.elapsed)
	c.elapsed = elapsed
}

func (c *Clock) schedule(t *timer, d time.Duration) {
	c.seq++
	t.deadline, t.seq = c.elapsed+max(d, 0), c.seq
	heap.Push(&c.timers, t)
}

type timer struct {
	clock    *Clock
	f        func()
	deadline time.Duration
	seq      uint64
	index    int
}

func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.remove()
}

func (t *timer) Reset(d time.Duration) bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	active := t.remove()
	t.clock.schedule(t, d)
	return active
}

func (t *timer) remove() bool {
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.index)
	return true
}

type timerHeap []*timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].deadline != h[j].deadline {
		return h[i].deadline < h[j].deadline
	}
	return h[i].seq < h[j].seq
}
func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.index = -1
	return t
}
