package replication

import (
	"errors"
	"io"
	"sync"
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// relay feeds one replica that has subscribed. Two goroutines do the work: one sends what the log's files hold, the
// other takes the replica's acknowledgements.
type relay struct {
	set    *Set
	link   *link
	sync   uint64
	id     uint32 // the replica's, 0 when it is anonymous
	filter uint32 // instances whose rows it does not want
	from   vclock.VClock
	// ours is what we had when it subscribed: rows of its own up to there may be news to it.
	ours vclock.VClock
	pin  *xlog.Pin // nil for an anonymous replica

	mu      sync.Mutex
	vclock  vclock.VClock // what it has
	lastRow time.Duration // when it was heard of
	err     error
	over    bool
	ended   chan struct{} // closed when the acknowledgements end
}

func (q *asked) serveSubscribe(f *sched.Fiber) error {
	s := q.set
	log := s.local.Log()
	m := s.member(q.sub.Instance)
	r := &relay{
		set: s, link: q.link, sync: q.sync, id: m.id, filter: q.sub.IDFilter, from: q.sub.VClock, ours: log.VClock(),
		vclock: q.sub.VClock, lastRow: s.now(), ended: make(chan struct{}),
	}
	m.anon = q.sub.Anon
	m.relay = r
	switch {
	case m.id == 0:
	case m.pin == nil:
		m.pin = s.local.Files().PinLogs("replica "+m.uuid.String(), q.sub.VClock)
	default:
		m.pin.Advance(q.sub.VClock)
	}
	r.pin = m.pin
	s.say(say.Info, "subscribed replica %s at %s", q.sub.Instance, q.peer)
	s.say(say.Info, "remote vclock %s local vclock %s", q.sub.VClock, r.ours)
	// Our local rows are none of its business; what it says of them is about its own.
	r.from.Set(0, r.ours.Get(0))
	answer := subscription{Cluster: s.clusterUUID(), VClock: r.ours}
	self := s.local.InstanceID()
	err := q.await(f, func() error {
		err := q.send(&xlog.Row{ReplicaID: self, Body: answer.appendResponse(nil)})
		if err == nil {
			err = r.run(self)
		}
		return err
	})
	r.end(err)
	s.say(say.Crit, "exiting the relay loop")
	if m.id == 0 {
		m.relay = nil
		s.forget(m)
	}
	var broken *boxerr.Error
	if errors.As(err, &broken) && broken.Type != boxerr.ClassSocketError && broken.Type != boxerr.ClassTimedOut {
		return err
	}
	q.link.close()
	return nil
}

// appendResponse makes the body of the answer to a SUBSCRIBE.
func (s *subscription) appendResponse(b []byte) []byte {
	b = appendVClock(append(b, 0x82, iproto.KeyVClock), s.VClock)
	b = append(b, iproto.KeyClusterUUID, 0xd9, 36)
	return append(b, s.Cluster.String()...)
}

// stop ends the relay.
func (r *relay) stop() { r.link.close() }

func (r *relay) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	if r.err == nil {
		r.err = err
	}
}

func (r *relay) following() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.over
}

func (r *relay) info(now time.Duration) *Downstream {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		return &Downstream{Status: "follow", Idle: (now - r.lastRow).Seconds(), VClock: r.vclock}
	}
	d := &Downstream{Status: "stopped"}
	d.Message, d.SystemMessage = messages(r.err)
	return d
}

// run sends until something breaks.
func (r *relay) run(self uint32) error {
	logs, err := xlog.NewRecovery(r.set.recoveryConfig(r.from))
	if err != nil {
		return fileError(err)
	}
	defer logs.Close()
	go r.listen()
	defer func() {
		r.link.close()
		<-r.ended
	}()
	news := r.set.log.Load().Watch()
	defer news.Close()
	w := &rowWriter{link: r.link, sync: r.sync, timeout: r.set.disconnectTimeout}
	if err := r.heartbeat(w, self); err != nil {
		return r.cause(err)
	}
	for {
		rows, err := logs.Next()
		if err == io.EOF {
			if err := w.flush(); err != nil {
				return r.cause(err)
			}
			if err := r.wait(w, news, self); err != nil {
				return r.cause(err)
			}
			continue
		}
		if err != nil {
			// Tell the replica why.
			_ = w.flush()
			err = fileError(err)
			_ = r.link.write(iproto.AppendError(nil, r.sync, 0, err), r.set.disconnectTimeout())
			return err
		}
		for i := range rows {
			if row := &rows[i]; r.wanted(row) {
				if err := w.add(row); err != nil {
					return r.cause(err)
				}
			}
		}
	}
}

// cause is what broke the connection: when the reading side has ended, it knows.
func (r *relay) cause(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	return err
}

// wanted tells whether the replica gets a row: not those that it filters out, and of its own only those that it may
// have lost.
func (r *relay) wanted(row *xlog.Row) bool {
	if row.ReplicaID == 0 || r.filter&(1<<row.ReplicaID) != 0 {
		return false
	}
	return r.id == 0 || row.ReplicaID != r.id || row.LSN <= r.ours.Get(row.ReplicaID)
}

// wait waits for news, and gives signs of life meanwhile. News that the replica does not get, such as its own rows, are
// no signs of life.
func (r *relay) wait(w *rowWriter, news *wal.Watcher, self uint32) error {
	for {
		left := w.sent + r.set.timeout() - r.link.clock.Monotonic()
		if left <= 0 {
			if err := r.heartbeat(w, self); err != nil {
				return err
			}
			continue
		}
		tick := make(chan struct{})
		timer := r.link.clock.AfterFunc(left, func() { close(tick) })
		select {
		case <-news.C():
			timer.Stop()
			return nil
		case <-r.ended:
			timer.Stop()
			return io.EOF
		case <-tick:
		}
	}
}

func (r *relay) heartbeat(w *rowWriter, self uint32) error {
	row := xlog.Row{ReplicaID: self, Timestamp: float64(r.link.clock.Now().UnixNano()) / 1e9}
	if err := w.add(&row); err != nil {
		return err
	}
	return w.flush()
}

// listen takes acknowledgements until the connection ends or is silent for too long.
func (r *relay) listen() {
	defer close(r.ended)
	for {
		var row xlog.Row
		err := r.link.row(&row, r.set.disconnectTimeout())
		var ack subscription
		if err == nil {
			err = ack.parse(row.Body)
		}
		r.mu.Lock()
		if err != nil {
			if r.err == nil {
				r.err = err
			}
			r.mu.Unlock()
			r.link.close()
			return
		}
		r.vclock = ack.VClock
		r.lastRow = r.set.now()
		r.mu.Unlock()
		if r.pin != nil {
			r.pin.Advance(ack.VClock)
		}
	}
}

// rowWriter gathers frames, so that many leave in one write.
type rowWriter struct {
	link    *link
	sync    uint64
	timeout func() time.Duration
	buffer  []byte
	// sent is when rows were sent last, on the monotonic clock.
	sent time.Duration
}

func (w *rowWriter) add(row *xlog.Row) error {
	row.Sync = w.sync
	w.buffer = appendFrame(w.buffer, row)
	if len(w.buffer) < chunk {
		return nil
	}
	return w.flush()
}

func (w *rowWriter) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	err := w.link.write(w.buffer, w.timeout())
	w.buffer = w.buffer[:0]
	w.sent = w.link.clock.Monotonic()
	return err
}

// fileError makes a box error of what reading the log's files met.
func fileError(err error) error {
	var gap *xlog.GapError
	if errors.As(err, &gap) {
		return boxerr.Newf(boxerr.ClassXlogGapError, "%s", gap.Reason())
	}
	var known *boxerr.Error
	if errors.As(err, &known) {
		return err
	}
	return boxerr.Newf(boxerr.ClassXlogError, "%v", err)
}
