package store

import (
	"slices"
	"sync"
	"sync/atomic"

	"shardlua/runtime/db"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/wal"
)

// journal carries transactions from the database to the log and their outcomes back.
//
// The log's goroutine collects outcomes, and at the end of a batch wakes one fiber: one that waits for its commit, so
// that a lonely commit costs no more than its own wake-up, or a new one when nobody waits. That fiber, which has the
// baton, gives all outcomes to the database in order, and thereby makes the other fibers ready.
type journal struct {
	sched *sched.Scheduler
	log   *wal.Log
	// direct is wal_mode = none: the log answers before Submit returns, on the fiber.
	direct bool
	// written counts the bytes of rows that were submitted, failures the batches that could not be written.
	written  atomic.Int64
	failures int
	// free are entries to use again; only the holder of the baton touches them.
	free []*entry

	mu      sync.Mutex
	done    []*entry // outcomes that the database does not know yet
	failed  []*entry // the same of a failed batch, the last first
	spare   []*entry
	parked  []*waiter
	pending bool // somebody is on the way to drain
}

// entry is a transaction between Submit and its outcome.
type entry struct {
	journal *journal
	tx      wal.Tx
	row     [1]xlog.Row
	body    []byte
	answer  func(error)
	err     error
}

// waiter is a fiber that waits for a commit.
type waiter struct {
	woken  bool
	resume func()
}

func newJournal(s *sched.Scheduler) *journal { return &journal{sched: s} }

// maxBody is the largest buffer that an entry keeps for the next transaction.
const maxBody = 64 << 10

// Submit implements db.Journal.
func (j *journal) Submit(rows []*db.Row, done func(error)) {
	if j.log == nil {
		done(nil)
		return
	}
	e := j.entry()
	e.answer = done
	e.fill(rows)
	j.written.Add(int64(len(e.body) + rowOverhead*len(rows)))
	if err := j.log.Submit(&e.tx); err != nil {
		j.recycle(e)
		done(err)
		return
	}
	if j.direct {
		answer, err := e.answer, e.err
		j.recycle(e)
		answer(err)
	}
}

// rowOverhead is about what a row's header takes in a log, in bytes.
const rowOverhead = 32

func (j *journal) entry() *entry {
	if n := len(j.free); n > 0 {
		e := j.free[n-1]
		j.free = j.free[:n-1]
		return e
	}
	e := &entry{journal: j}
	e.tx.Done = e.finish
	return e
}

func (j *journal) recycle(e *entry) {
	clear(e.tx.Rows)
	e.tx.Rows, e.answer, e.err = nil, nil, nil
	if cap(e.body) > maxBody {
		e.body = nil
	}
	if len(j.free) < 1024 {
		j.free = append(j.free, e)
	}
}

// fill makes the log's rows of the database's.
func (e *entry) fill(rows []*db.Row) {
	e.body = e.body[:0]
	e.tx.Rows = e.row[:0]
	for _, r := range rows {
		e.tx.Rows = append(e.tx.Rows, xlog.Row{
			Type: xlog.Type(r.Type), GroupID: r.GroupID, ReplicaID: r.ReplicaID, LSN: r.LSN, TSN: r.TSN,
			Timestamp: r.Timestamp,
		})
	}
	ends := make([]int, 0, 8)
	for _, r := range rows {
		e.body = r.AppendBody(e.body)
		ends = append(ends, len(e.body))
	}
	start := 0
	for i, end := range ends {
		e.tx.Rows[i].Body = e.body[start:end:end]
		start = end
	}
}

// finish is the log's answer, on its goroutine.
func (e *entry) finish(err error) {
	j := e.journal
	e.err = err
	if j.direct {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil {
		j.done = append(j.done, e)
	} else {
		j.failed = append(j.failed, e)
	}
}

// handOver ends a batch, on the log's goroutine.
func (j *journal) handOver() {
	j.mu.Lock()
	// The log undoes the last transaction first, the database wants to hear of the first one first.
	slices.Reverse(j.failed)
	j.done = append(j.done, j.failed...)
	j.failed = j.failed[:0]
	if j.pending || len(j.done) == 0 {
		j.mu.Unlock()
		return
	}
	j.pending = true
	var resume func()
	for resume == nil && len(j.parked) > 0 {
		w := j.parked[0]
		j.parked = j.parked[1:]
		if !w.woken {
			resume, w.resume = w.resume, nil
		}
	}
	j.mu.Unlock()
	if resume != nil {
		resume()
		return
	}
	j.sched.Go("wal", func(*sched.Fiber) { j.drain() })
}

// drain gives the outcomes to the database. The caller has the baton.
func (j *journal) drain() {
	for {
		j.mu.Lock()
		batch := j.done
		j.done, j.spare = j.spare[:0], nil
		j.pending = false
		j.mu.Unlock()
		if len(batch) == 0 {
			j.mu.Lock()
			j.spare = batch
			j.mu.Unlock()
			return
		}
		broken := false
		for _, e := range batch {
			answer, err := e.answer, e.err
			broken = broken || err != nil
			j.recycle(e)
			answer(err)
		}
		if broken {
			j.failures++
			j.log.Resume()
		}
		clear(batch)
		j.mu.Lock()
		j.spare = batch[:0]
		j.mu.Unlock()
	}
}

// Park implements db.Waiter.
func (j *journal) Park(start func(wake func())) {
	w := &waiter{}
	start(func() {
		j.mu.Lock()
		w.woken = true
		resume := w.resume
		w.resume = nil
		j.mu.Unlock()
		if resume != nil {
			resume()
		}
	})
	f := j.sched.Current()
	for {
		j.drain()
		if w.isWoken(j) {
			return
		}
		f.Await(func(done func()) {
			j.mu.Lock()
			defer j.mu.Unlock()
			if len(j.done) > 0 {
				done()
				return
			}
			w.resume = done
			j.parked = append(j.parked, w)
		})
	}
}

func (w *waiter) isWoken(j *journal) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return w.woken
}
