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

// pushFront makes f the next one to be popped.
func (q *queue) pushFront(f *Fiber) {
	q.push(nil)
	q.head = (q.head + len(q.ring) - 1) % len(q.ring)
	q.ring[q.head] = f
}

// remove takes f out of the middle.
func (q *queue) remove(f *Fiber) {
	at := func(i int) *(*Fiber) { return &q.ring[(q.head+i)%len(q.ring)] }
	for i := range q.size {
		if *at(i) != f {
			continue
		}
		for ; i < q.size-1; i++ {
			*at(i) = *at(i + 1)
		}
		*at(q.size - 1) = nil
		q.size--
		return
	}
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
