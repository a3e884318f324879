package store

import (
	"context"
	"math/rand/v2"
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
)

// daemon is the fiber that makes checkpoints: at intervals, and when the log has grown.
type daemon struct {
	store *Store
	fiber *sched.Fiber
	next  time.Duration // on the monotonic clock, when the interval is not zero
	ended bool
	reset bool // the interval is new
}

// pollThreshold is how often the size of the log is looked at, as there is nobody who would tell.
const pollThreshold = 200 * time.Millisecond

// StartDaemon begins to make checkpoints by the policy.
func (s *Store) StartDaemon() {
	d := &daemon{store: s}
	s.daemon = d
	d.reset = true
	d.fiber = s.config.Sched.Go("checkpoint_daemon", d.run)
}

// SetPolicy changes when checkpoints are made and how many are kept.
func (s *Store) SetPolicy(p CheckpointPolicy) {
	old := s.policy
	s.policy = p
	s.files.SetKeep(max(1, p.Count))
	if p.Count < old.Count {
		s.collect()
	}
	if s.daemon != nil && p.Interval != old.Interval {
		s.daemon.reset = true
	}
	if s.daemon != nil {
		s.daemon.wake()
	}
}

// SetSnapRate changes how many bytes of a snapshot are written per second; zero means no limit.
func (s *Store) SetSnapRate(rate int64) { s.rate = rate }

func (d *daemon) stop() {
	d.ended = true
	d.wake()
}

func (d *daemon) wake() {
	if d.fiber != nil && d.fiber != d.store.config.Sched.Current() {
		d.fiber.Wakeup()
	}
}

// schedule sets the time of the next checkpoint. The first one after a start gets a random delay, so that instances
// that were started together do not write their snapshots together.
func (d *daemon) schedule(first bool) {
	interval := d.store.policy.Interval
	d.next = 0
	if interval <= 0 {
		return
	}
	wait := interval
	if first {
		wait += time.Duration(rand.Float64() * float64(interval))
	}
	clock := d.store.config.Machine.Clock
	d.next = clock.Monotonic() + wait
	d.store.say(say.Info, "scheduled next checkpoint for %s", clock.Now().Add(wait).Format(time.ANSIC))
}

// checkpointDone is told of every checkpoint, whoever asked for it.
func (d *daemon) checkpointDone() {
	d.reset = true
	d.wake()
}

func (d *daemon) run(f *sched.Fiber) {
	for !d.ended {
		if d.reset {
			d.reset = false
			d.schedule(true)
		}
		wait := sched.Forever
		if d.next > 0 {
			wait = max(0, d.next-d.store.config.Machine.Clock.Monotonic())
		}
		if d.limited() && (wait < 0 || wait > pollThreshold) {
			wait = pollThreshold
		}
		if wait != 0 {
			f.Park(wait)
		}
		if d.ended || f.Cancelled() {
			return
		}
		d.check()
	}
}

// limited tells whether the size of the log matters.
func (d *daemon) limited() bool {
	return d.store.policy.WALThreshold > 0 && d.store.policy.WALThreshold < 1<<59
}

// check makes a checkpoint if one is due.
func (d *daemon) check() {
	s := d.store
	due := d.next > 0 && s.config.Machine.Clock.Monotonic() >= d.next
	if d.limited() && s.journal.written.Load() >= s.policy.WALThreshold {
		s.say(say.Info, "WAL threshold exceeded, triggering checkpoint")
		due = true
	}
	if !due || s.checkpointing {
		if due {
			d.schedule(false)
		}
		return
	}
	at := s.VClock()
	if err := s.Checkpoint(context.Background()); err != nil {
		e := boxerr.From(err)
		s.say(say.Error, "%s", e.Message)
		d.schedule(false)
		return
	}
	if list := s.files.Checkpoints(); len(list) > 0 && list[len(list)-1].VClock == at {
		d.schedule(false) // nothing had changed, and nobody told the daemon of a new snapshot
	}
}
