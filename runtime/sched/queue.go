package sched

// queue is a first-in, first-out ring of fibers that grows as needed.
type queue struct {
	ring []*Fiber
	head int
	size int
}

func (q *queue) push(f *Fiber) {
	if q.size == len(q.ring) {
		grown := make([]*Fiber, max(16, 2*len(q.ring)))
		n := copy(grown, q.ring[q.head:])
		copy(grown[n:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = f
	q.size++
}

// pop returns nil when the queue is empty.
func (q *queue) pop() *Fiber {
	if q.size == 0 {
		return nil
	}
	f := q.ring[q.head]
	q.ring[q.head] = nil
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return f
}
