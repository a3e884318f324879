package sched

import "time"

// Share is how much a fiber ran.
type Share struct {
	Time    time.Duration // since Account(true)
	Average float64       // the part of the time since then
	Recent  float64       // the part of the time since the last call of Usage
}

// Usage is how the time went, fiber by fiber.
type Usage struct {
	Fibers map[*Fiber]Share
	Idle   Share // no fiber ran
}

// account is the state of the measurement. Guarded by Scheduler.mu.
type account struct {
	on      bool
	began   time.Duration // of the measurement
	looked  time.Duration // last call of Usage
	since   time.Duration // who runs now has run since
	idle    time.Duration
	idleOld time.Duration // idle at the last call of Usage
}

// Account turns the measurement of how long each fiber runs on or off. It costs one look at the clock per switch.
func (s *Scheduler) Account(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on == s.account.on {
		return
	}
	now := s.clock.Monotonic()
	s.account = account{on: on, began: now, looked: now, since: now}
	for _, f := range s.live {
		f.ran, f.ranOld = 0, 0
	}
}

// switchTo notes that f, or nobody, runs from now on. The caller holds mu.
func (s *Scheduler) switchTo(f *Fiber) {
	if s.account.on {
		s.charge()
	}
	s.current.Store(f)
}

// charge adds the time since the last switch to the one who ran. The caller holds mu.
func (s *Scheduler) charge() {
	now := s.clock.Monotonic()
	spent := now - s.account.since
	s.account.since = now
	if f := s.current.Load(); f != nil {
		f.ran += spent
	} else {
		s.account.idle += spent
	}
}

// RunTime is how long the fiber ran since Account(true); 0 when that is off.
func (f *Fiber) RunTime() time.Duration {
	f.sched.mu.Lock()
	defer f.sched.mu.Unlock()
	return f.ran
}

// Usage tells how the time since Account(true) went. It returns false when that is off.
func (s *Scheduler) Usage() (Usage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &s.account
	if !a.on {
		return Usage{}, false
	}
	s.charge()
	total, recent := a.since-a.began, a.since-a.looked
	share := func(ran, old time.Duration) Share {
		u := Share{Time: ran}
		if total > 0 {
			u.Average = float64(ran) / float64(total)
		}
		if recent > 0 {
			u.Recent = float64(ran-old) / float64(recent)
		}
		return u
	}
	u := Usage{Fibers: make(map[*Fiber]Share, len(s.live)), Idle: share(a.idle, a.idleOld)}
	for _, f := range s.live {
		u.Fibers[f] = share(f.ran, f.ranOld)
		f.ranOld = f.ran
	}
	a.looked, a.idleOld = a.since, a.idle
	return u, true
}
