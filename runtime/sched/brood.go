package sched

import (
	"slices"
	"sync"
)

// Brood is the fibers that were started on behalf of some work, so that they can be ended together. It is used with the
// baton held.
type Brood struct {
	mu     sync.Mutex // guards fibers for Has
	fibers []*Fiber
	closed bool
}

// add takes a new fiber in, which is then kept.
func (b *Brood) add(f *Fiber) {
	if b.closed {
		return
	}
	f.kept = true
	f.Brood = b
	b.mu.Lock()
	b.fibers = append(b.fibers, f)
	b.mu.Unlock()
}

// Fibers are those that were started so far.
func (b *Brood) Fibers() []*Fiber { return b.fibers }

// Has tells whether a fiber belongs to the brood. It may be called from any goroutine.
func (b *Brood) Has(f *Fiber) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.fibers, f)
}

// Close takes no more fibers in.
func (b *Brood) Close() { b.closed = true }
