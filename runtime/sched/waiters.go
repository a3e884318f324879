package sched

// waiter is one wait of a fiber in a line of waits. It lives on the stack of the function that waits.
type waiter struct {
	fiber      *Fiber
	next, prev *waiter
	line       *waiters
	value      any  // what a writer hands over, or a reader is handed
	served     bool // the wait was answered; the line does not hold it any more
}

// waiters is a line of waits, first in, first out. The baton guards it.
type waiters struct{ first, last *waiter }

func (q *waiters) empty() bool { return q.first == nil }

func (q *waiters) add(w *waiter) {
	w.line, w.prev = q, q.last
	if q.last != nil {
		q.last.next = w
	} else {
		q.first = w
	}
	q.last = w
}

// remove takes w out, wherever it stands.
func (q *waiters) remove(w *waiter) {
	if w.line != q {
		return
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.last = w.prev
	}
	w.next, w.prev, w.line = nil, nil, nil
}

// serve takes the first wait out and lets its fiber go on; nil when there is none.
func (q *waiters) serve() *waiter {
	w := q.first
	if w != nil {
		q.remove(w)
		w.served = true
		w.fiber.Wakeup()
	}
	return w
}
