package replication

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// Limits of what a feed reads ahead of the fiber that takes from it.
const (
	maxAheadRows  = 16384
	maxAheadBytes = 16 << 20
)

// transaction is rows that are applied together. A heartbeat is one row without an LSN.
type transaction []xlog.Row

func (t transaction) heartbeat() bool { return t[0].LSN == 0 && t[0].Type == xlog.Type(iproto.TypeOK) }

// feed reads rows on a goroutine of its own and hands them to a fiber, whole transactions at a time.
type feed struct {
	link    *link
	cluster uuid.UUID // for messages
	timeout func() time.Duration
	// untilOK ends the feed at a row of the type OK, whose body then is in last: a stage of a JOIN.
	untilOK bool
	// loose takes every row for a transaction: the rows of a snapshot have no numbers.
	loose bool

	mu    sync.Mutex
	room  sync.Cond
	ready []transaction
	rows  int
	bytes int
	wake  func()
	ended bool
	err   error
	last  xlog.Row
	gone  bool // nobody takes any more
}

func newFeed(l *link, cluster uuid.UUID, timeout func() time.Duration) *feed {
	d := &feed{link: l, cluster: cluster, timeout: timeout}
	d.room.L = &d.mu
	return d
}

// run reads until an error, or the OK that ends a stage.
func (d *feed) run() {
	err := d.read()
	d.mu.Lock()
	d.ended, d.err = true, err
	d.signal()
	d.mu.Unlock()
}

func (d *feed) signal() {
	if d.wake != nil {
		d.wake()
		d.wake = nil
	}
}

func (d *feed) read() error {
	var gathered assembly
	gathered.cluster = d.cluster
	for {
		var row xlog.Row
		if err := d.link.row(&row, d.timeout()); err != nil {
			return err
		}
		if row.Type == xlog.Type(iproto.TypeOK) && (d.untilOK || row.LSN == 0) {
			if d.untilOK {
				d.last = row
				return nil
			}
			if err := d.deliver(transaction{row}, 0); err != nil {
				return err
			}
			continue
		}
		if d.loose {
			if err := d.deliver(transaction{row}, len(row.Body)); err != nil {
				return err
			}
			continue
		}
		tx, err := gathered.add(row)
		if err != nil {
			return err
		}
		if tx != nil {
			if err := d.deliver(tx, gathered.bytes); err != nil {
				return err
			}
			gathered.bytes = 0
		}
	}
}

// deliver hands a transaction on, and waits while there are too many of them.
func (d *feed) deliver(tx transaction, bytes int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for (d.rows > maxAheadRows || d.bytes > maxAheadBytes) && !d.gone {
		d.room.Wait()
	}
	if d.gone {
		return errTimedOut()
	}
	d.ready = append(d.ready, tx)
	d.rows += len(tx)
	d.bytes += bytes
	d.signal()
	return nil
}

// take waits until there is something and returns all of it. ended tells that nothing will follow.
func (d *feed) take(f *sched.Fiber) (ready []transaction, ended bool, err error) {
	cancelled := f.AwaitUntil(sched.Forever, func(done func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.ready) > 0 || d.ended {
			done()
			return
		}
		d.wake = done
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wake = nil
	if cancelled != nil {
		return nil, true, cancelled
	}
	ready = d.ready
	d.ready, d.rows, d.bytes = nil, 0, 0
	d.room.Broadcast()
	if d.ended {
		return ready, true, d.err
	}
	return ready, false, nil
}

// abandon ends the reading, when the link is closed too.
func (d *feed) abandon() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
	d.room.Broadcast()
}

// assembly puts the rows of a transaction together. Foreign bytes: masters interleave nothing and number everything,
// others are refused.
type assembly struct {
	cluster uuid.UUID
	tx      transaction
	bytes   int
}

// add takes the next row and returns the transaction that it completes, if it does.
func (a *assembly) add(row xlog.Row) (transaction, error) {
	if row.ReplicaID == 0 || !vclock.Valid(row.ReplicaID) {
		return nil, boxerr.New(boxerr.UnknownReplica, fmt.Sprint(row.ReplicaID), a.cluster.String())
	}
	if row.LSN == 0 {
		return nil, boxerr.New(boxerr.Protocol, "A row of a transaction has no LSN.")
	}
	if len(a.tx) == 0 && row.TSN != row.LSN {
		return nil, boxerr.New(boxerr.Protocol, "Transaction id must be equal to LSN of the first row in the transaction.")
	}
	if len(a.tx) > 0 && row.TSN != a.tx[0].TSN {
		return nil, boxerr.New(boxerr.Unsupported, "replication", "interleaving transactions")
	}
	a.tx = append(a.tx, row)
	a.bytes += len(row.Body)
	if !row.IsCommit {
		return nil, nil
	}
	tx := a.tx
	a.tx = nil
	return tx, nil
}
