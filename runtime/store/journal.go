package store

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"shardlua/runtime/db"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/wal"
)

// journal carries transactions from the database to the log and their outcomes back.
//
// Commits are many and short, so both ways go in bulk. Transactions gather in the log's queue until there are gather of
// them or no fiber has anything else to do. The log's goroutine collects the outcomes of a batch and interjects drain,
// which gives all of them to the database in order and thereby makes the fibers that wait ready: no fiber runs only to
// tell others.
type journal struct {
	sched *sched.Scheduler
	log   *wal.Log
	// direct is wal_mode = none: the log answers before Submit returns, on the fiber.
	direct bool
	// slow is told of each write.
	slow slowWrites
	// written counts the bytes of rows that were submitted, failures the batches that could not be written.
	written  atomic.Int64
	failures int
	// gathering tells that the log may wait for a kick.
	gathering bool
	// free are entries, and idle are waiters, to use again; only the holder of the baton touches them.
	free []*entry
	idle []*waiter

	// The outcomes of the batch that is being written; the log's goroutine has them.
	fine, failed []*entry // failed ones come the last first

	drainFunc func()
	mu        sync.Mutex
	done      []*entry // outcomes that the database does not know yet
	spare     []*entry
}

// gather is how many transactions wait for each other while fibers run.
const gather = 32

// entry is a transaction between Submit and its outcome.
type entry struct {
	journal *journal
	tx      wal.Tx
	row     [1]xlog.Row
	body    []byte
	answer  func(error)
	err     error
	start   time.Duration // when it was submitted
}

// waiter is a fiber that waits for a commit.
type waiter struct {
	fiber *sched.Fiber
	woken bool
	wake  func()
}

func newJournal(s *sched.Scheduler) *journal {
	j := &journal{sched: s}
	j.drainFunc = j.drain
	return j
}

// start lets transactions go to the log.
func (j *journal) start(log *wal.Log, direct bool) {
	j.log, j.direct = log, direct
	j.sched.BeforeIdle = j.kick
}

// stop ends what start began.
func (j *journal) stop() {
	j.drain()
	j.sched.BeforeIdle = nil
}

// kick lets the log begin with what it has.
func (j *journal) kick() {
	if j.gathering {
		j.gathering = false
		j.log.Kick()
	}
}

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
	e.head(rows)
	if !j.direct {
		e.start = j.slow.clock.Monotonic()
		e.fill(rows)
		j.written.Add(int64(len(e.body) + rowOverhead*len(rows)))
	}
	if err := j.log.Submit(&e.tx); err != nil {
		j.recycle(e)
		done(err)
		return
	}
	if j.direct {
		answer, err := e.answer, e.err
		j.recycle(e)
		answer(err)
		return
	}
	j.gathering = true
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
	if len(j.free) < maxIdle {
		j.free = append(j.free, e)
	}
}

// head makes the log's rows of the database's, without their bodies.
func (e *entry) head(rows []*db.Row) {
	e.tx.Rows = e.row[:0]
	for _, r := range rows {
		e.tx.Rows = append(e.tx.Rows, xlog.Row{
			Type: xlog.Type(r.Type), GroupID: r.GroupID, ReplicaID: r.ReplicaID, LSN: r.LSN, TSN: r.TSN,
			Timestamp: r.Timestamp,
		})
	}
}

// fill gives the rows their bodies.
func (e *entry) fill(rows []*db.Row) {
	e.body = e.body[:0]
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
	switch {
	case j.direct:
	case err == nil:
		j.fine = append(j.fine, e)
	default:
		j.failed = append(j.failed, e)
	}
}

// handOver ends a batch, on the log's goroutine.
func (j *journal) handOver() {
	// The log undoes the last transaction first, the database wants to hear of the first one first.
	slices.Reverse(j.failed)
	j.mu.Lock()
	idle := len(j.done) == 0
	j.done = append(append(j.done, j.fine...), j.failed...)
	idle = idle && len(j.done) > 0
	j.mu.Unlock()
	clear(j.fine)
	clear(j.failed)
	j.fine, j.failed = j.fine[:0], j.failed[:0]
	if idle {
		j.sched.Interject(j.drainFunc)
	}
}

// drain gives the outcomes to the database. The caller has the baton.
func (j *journal) drain() {
	for {
		j.mu.Lock()
		batch := j.done
		j.done, j.spare = j.spare[:0], nil
		j.mu.Unlock()
		broken := false
		for _, e := range batch {
			answer, err := e.answer, e.err
			broken = broken || err != nil
			if err == nil {
				j.slow.check(e.start, len(e.tx.Rows), e.tx.Rows[0].LSN)
			}
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
		if len(batch) == 0 {
			return
		}
	}
}

// Park implements db.Waiter.
func (j *journal) Park(start func(wake func())) {
	w := j.waiter()
	w.fiber, w.woken = j.sched.Current(), false
	start(w.wake)
	w.fiber.Block(&w.woken)
	w.fiber = nil
	if len(j.idle) < maxIdle {
		j.idle = append(j.idle, w)
	}
}

// maxIdle bounds how many waiters and entries are kept.
const maxIdle = 1024

func (j *journal) waiter() *waiter {
	if n := len(j.idle); n > 0 {
		w := j.idle[n-1]
		j.idle = j.idle[:n-1]
		return w
	}
	w := &waiter{}
	w.wake = func() {
		w.woken = true
		w.fiber.Wakeup()
	}
	return w
}
