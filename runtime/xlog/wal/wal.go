package wal

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/google/uuid"

	"shardlua/runtime/sys"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// Mode is box.cfg's wal_mode.
type Mode int

// The modes. None writes nothing, Write leaves it to the system when data reaches the disk, Fsync waits for it.
const (
	None Mode = iota
	Write
	Fsync
)

// ParseMode reads a wal_mode.
func ParseMode(text string) (Mode, error) {
	for mode := None; mode <= Fsync; mode++ {
		if text == mode.String() {
			return mode, nil
		}
	}
	return 0, fmt.Errorf("unknown wal_mode %q", text)
}

// String is the wal_mode.
func (m Mode) String() string { return [...]string{"none", "write", "fsync"}[m] }

// DefaultMaxSize is the default wal_max_size, in bytes.
const DefaultMaxSize = 256 << 20

// Config says what Open opens.
type Config struct {
	Dir  string
	Mode Mode
	// Instance is the instance's uuid, InstanceID its number in the replica set, which gives its rows their
	// ReplicaID. The number may come later, by SetInstanceID.
	Instance   uuid.UUID
	InstanceID uint32
	// VClock is the state that was recovered; the log goes on from it.
	VClock vclock.VClock
	// MaxSize is the size in bytes at which a file is closed and the next one begun (wal_max_size). Zero means
	// DefaultMaxSize.
	MaxSize int64
	// Version stands in the header of files; empty means xlog.DefaultVersion.
	Version string
	Disk    sys.Disk
	Clock   sys.Clock
	Events  xlog.Events
	// AfterBatch is called on the log's goroutine after the Done functions of one batch. It may be nil.
	AfterBatch func()
	// MakeRoom is called on the log's goroutine when the disk is full. If it returns true the write is tried once
	// more. It may be nil.
	MakeRoom func() bool
	// Gather is how many transactions Submit leaves in the queue, for one write, until Kick. Zero means none: the log's
	// goroutine begins with the first.
	Gather int
	// ManualResume keeps the log refusing transactions after a failed write until Resume, for an owner that undoes
	// transactions later than in their Done functions.
	ManualResume bool
}

// Tx is a transaction. It belongs to the log from Submit until Done.
type Tx struct {
	// Rows get their LSN, TSN, IsCommit and ReplicaID by Submit, and a Timestamp when they are written, except that rows
	// with a ReplicaID come from another instance and keep theirs. Submit may add a row.
	Rows []xlog.Row
	// Done is called once, on the log's goroutine, after the rows were written or with the error. In mode None it is
	// called before Submit returns. It may call Submit but nothing that waits for the log. It may be nil.
	Done func(err error)
}

func (tx *Tx) finish(err error) {
	if tx.Done != nil {
		tx.Done(err)
	}
}

// ErrClosed is returned when the log is closed.
var ErrClosed = errors.New("the write-ahead log is closed")

// WriteError is given to every transaction that could not be written, and to those that were submitted after it.
type WriteError struct {
	Cause error
	// Cascade says that it was not this transaction's write that failed but that of an earlier one.
	Cascade bool
}

func (e *WriteError) Error() string {
	if e.Cascade {
		return "an earlier transaction failed to write to disk: " + e.Cause.Error()
	}
	return "failed to write to disk: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Cause }

// Log is an open write-ahead log. Its methods may be called from any goroutine, and Submit's order is the log's.
type Log struct {
	config Config
	writer writer
	ended  chan struct{}

	mu       sync.Mutex
	wake     sync.Cond
	queue    []entry
	spare    []entry
	idle     bool
	closed   bool
	failed   error
	id       uint32
	assigned vclock.VClock
	written  vclock.VClock
	// file is where the current file begins, or will begin if there is none yet; size is its size as far as it holds
	// what is written.
	file     vclock.VClock
	size     int64
	watchers map[*Watcher]struct{}
}

// entry is a transaction, or an errand that waits for all transactions before it.
type entry struct {
	tx     *Tx
	errand func()
}

// Open starts the log. No file is made before the first write; what is in the directory stays as it is.
func Open(config Config) (*Log, error) {
	if config.MaxSize <= 0 {
		config.MaxSize = DefaultMaxSize
	}
	l := &Log{
		config:   config,
		id:       config.InstanceID,
		assigned: config.VClock,
		written:  config.VClock,
		file:     config.VClock,
		ended:    make(chan struct{}),
		watchers: map[*Watcher]struct{}{},
	}
	l.wake.L = &l.mu
	l.writer = writer{config: &l.config, vclock: config.VClock, ended: l.vouch}
	if config.Mode != None {
		if err := l.writer.findPrevious(); err != nil {
			return nil, err
		}
	}
	go l.run()
	return l, nil
}

// SetInstanceID gives the rows that are submitted from now on their ReplicaID.
func (l *Log) SetInstanceID(id uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.id = id
}

// VClock is the state that is written.
func (l *Log) VClock() vclock.VClock {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
}

// Limit is how many bytes of the file that begins at a vclock hold what is written. What lies behind may yet be taken
// back: when its sync fails, other rows take the place and the numbers of those that were there.
func (l *Log) Limit(begin *vclock.VClock) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch begin.Compare(&l.file) {
	case vclock.Equal:
		return l.size
	case vclock.Before:
		return math.MaxInt64
	}
	return 0
}

// vouch says how much of a file is written.
func (l *Log) vouch(begin *vclock.VClock, end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file, l.size = *begin, end
}

// Assigned is the state including the transactions that wait to be written.
func (l *Log) Assigned() vclock.VClock {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.assigned
}

// Submit numbers the transaction and puts it in the queue. When it returns an error, the transaction was not
// accepted and Done is not called: ErrClosed, a *WriteError while earlier transactions are being undone, or what is
// wrong with the rows.
func (l *Log) Submit(tx *Tx) error {
	l.mu.Lock()
	switch {
	case l.closed:
		l.mu.Unlock()
		return ErrClosed
	case l.failed != nil:
		defer l.mu.Unlock()
		return &WriteError{Cause: l.failed, Cascade: true}
	}
	if err := assign(tx, &l.assigned, l.id); err != nil {
		l.mu.Unlock()
		return err
	}
	if l.config.Mode == None {
		l.written = l.assigned
		l.mu.Unlock()
		tx.finish(nil)
		return nil
	}
	l.queue = append(l.queue, entry{tx: tx})
	if len(l.queue) > l.config.Gather {
		l.begin()
	}
	l.mu.Unlock()
	return nil
}

// Kick lets the log's goroutine begin with what Config.Gather has left in the queue.
func (l *Log) Kick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) > 0 {
		l.begin()
	}
}

// enqueue puts an errand into the queue. The caller holds mu.
func (l *Log) enqueue(e entry) {
	l.queue = append(l.queue, e)
	l.begin()
}

// begin wakes the log's goroutine. The caller holds mu.
func (l *Log) begin() {
	if l.idle {
		l.idle = false
		l.wake.Signal()
	}
}

// await runs f on the log's goroutine, after everything that was submitted before, and returns its error.
func (l *Log) await(f func() error) error {
	done := make(chan error, 1)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.enqueue(entry{errand: func() { done <- f() }})
	l.mu.Unlock()
	return <-done
}

// Rotate waits for everything that was submitted, closes the current file if it holds a row, and returns the state
// that is written: that of the checkpoint that can begin now. The next write begins a new file.
func (l *Log) Rotate() (vclock.VClock, error) {
	var v vclock.VClock
	err := l.await(func() error {
		v = l.VClock()
		err := l.writer.rotate()
		l.notify()
		return err
	})
	return v, err
}

// Sync waits for everything that was submitted and makes it last through a power failure, in every mode but None.
func (l *Log) Sync() error { return l.await(func() error { return l.writer.sync() }) }

// Resume ends the refusal of transactions after a failed write; see Config.ManualResume.
func (l *Log) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = nil
}

// Close writes what was submitted, and the EOF marker. Like Tarantool it leaves an empty file that begins at the
// final vclock behind, so that the loss of the last file with rows can be noticed.
func (l *Log) Close() error {
	var err error
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.closed = true
	l.enqueue(entry{errand: func() { err = l.writer.close() }})
	l.mu.Unlock()
	<-l.ended
	return err
}

// run is the log's goroutine.
func (l *Log) run() {
	defer close(l.ended)
	for {
		batch, ok := l.take()
		if !ok {
			l.notify()
			return
		}
		l.process(batch)
		clear(batch)
		l.mu.Lock()
		l.spare = batch[:0]
		l.mu.Unlock()
	}
}

// take waits for entries and takes all. It returns false when the log is closed and the queue empty.
func (l *Log) take() ([]entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) == 0 {
		if l.closed {
			return nil, false
		}
		l.idle = true
		l.wake.Wait()
	}
	batch := l.queue
	l.queue, l.spare = l.spare, nil
	return batch, true
}

// process writes the transactions of a batch in as few writes as its errands and its size allow.
func (l *Log) process(batch []entry) {
	for start := 0; start < len(batch); {
		if errand := batch[start].errand; errand != nil {
			errand()
			start++
			continue
		}
		end, err := l.writer.write(batch[start:])
		end += start
		if err != nil {
			l.fail(batch[start:], err)
			return
		}
		l.mu.Lock()
		l.written = l.writer.vclock
		l.file, l.size = l.writer.begin, l.writer.file.Offset()
		l.mu.Unlock()
		for _, e := range batch[start:end] {
			e.tx.finish(nil)
		}
		start = end
		if l.config.AfterBatch != nil {
			l.config.AfterBatch()
		}
		l.notify()
	}
}

// fail undoes entries, the first of which could not be written, and everything that was queued after them.
func (l *Log) fail(entries []entry, cause error) {
	l.config.Events.Tell(xlog.Error, cause, "failed to write to disk: %v", cause)
	l.mu.Lock()
	l.failed = cause
	l.assigned = l.written
	all := append(append([]entry(nil), entries...), l.queue...)
	l.queue = l.queue[:0]
	l.mu.Unlock()
	for i := len(all) - 1; i >= 0; i-- {
		if tx := all[i].tx; tx != nil {
			tx.finish(&WriteError{Cause: cause, Cascade: i > 0})
		}
	}
	if l.config.AfterBatch != nil {
		l.config.AfterBatch()
	}
	if !l.config.ManualResume {
		l.Resume()
	}
	for _, e := range all {
		if e.errand != nil {
			e.errand()
		}
	}
}
