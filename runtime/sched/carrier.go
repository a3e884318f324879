package sched

import "iter"

// worker is a coroutine that fibers run on, one after another. A coroutine is a goroutine that is switched to and from
// directly, past Go's own scheduler, which takes a fraction of what a hand-over through a channel does.
type worker struct {
	fiber *Fiber // nil when the worker is free
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
}

func (s *Scheduler) newWorker() *worker {
	w := &worker{}
	w.next, w.stop = iter.Pull(func(yield func(struct{}) bool) {
		w.yield = yield
		for {
			for w.fiber != nil {
				w.fiber.worker = w
				s.call(w.fiber)
				w.fiber = s.leave(w.fiber)
			}
			if !yield(struct{}{}) {
				return
			}
		}
	})
	return w
}

// suspend gives the baton to whom hand named, or to nobody, and returns when the fiber has it back.
func (f *Fiber) suspend() { f.worker.yield(struct{}{}) }

// carry is the goroutine that switches to the fiber that has the baton: f at first, and then each time to the one that
// the last one named. When nobody has the baton it waits. There is one at a time.
func (s *Scheduler) carry(f *Fiber) {
	for f != nil {
		w := f.worker
		if w == nil {
			w = s.freeWorker()
			w.fiber = f
		}
		w.next()
		f, s.handed = s.handed, nil
		if w.fiber == nil {
			s.keepWorker(w)
		}
		if f == nil && !s.over() {
			f = <-s.wake
		}
	}
}

// over tells whether a closed Scheduler has no fiber left, and if so takes the carrier off.
func (s *Scheduler) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && len(s.live) == 0 {
		s.carried = false
		return true
	}
	return false
}

func (s *Scheduler) freeWorker() *worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.workers)
	if n == 0 {
		return s.newWorker()
	}
	w := s.workers[n-1]
	s.workers[n-1] = nil
	s.workers = s.workers[:n-1]
	return w
}

// keepWorker keeps a free worker for the next fiber, unless there are enough.
func (s *Scheduler) keepWorker(w *worker) {
	s.mu.Lock()
	keep := !s.closed && len(s.workers) < maxIdle
	if keep {
		s.workers = append(s.workers, w)
	}
	s.mu.Unlock()
	if !keep {
		w.stop()
	}
}
