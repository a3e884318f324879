package sched

// Brood is the fibers that were started on behalf of some work, so that they can be ended together. It is used with the
// baton held.
type Brood struct {
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
	b.fibers = append(b.fibers, f)
}

// Fibers are those that were started so far.
func (b *Brood) Fibers() []*Fiber { return b.fibers }

// Close takes no more fibers in.
func (b *Brood) Close() { b.closed = true }
