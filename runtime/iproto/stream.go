package iproto

import (
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple/mp"
)

// stream is a line of requests of one connection that run one after another and share a transaction. Between two
// requests the transaction is set aside: nobody sees its changes until it is committed.
type stream struct {
	id       uint64
	conn     *Conn
	ctx      *db.Context
	aside    *db.Txn // the open transaction, between requests
	deadline time.Duration
	busy     bool
	waiting  []*Request
}

// stream finds a stream by its number, or begins it.
func (c *Conn) stream(id uint64) *stream {
	st := c.streams[id]
	if st == nil {
		if c.streams == nil {
			c.streams = map[uint64]*stream{}
		}
		st = &stream{id: id, conn: c, ctx: c.server.db.NewContext(c.session.UserID)}
		c.streams[id] = st
	}
	return st
}

// serve runs a request now, or after those of the stream that are not done.
func (st *stream) serve(w *worker, r *Request) {
	c := st.conn
	if st.busy {
		st.waiting = append(st.waiting, r)
		c.working++
		return
	}
	st.busy = true
	for {
		st.execute(w, r)
		w.answered(r)
		if len(st.waiting) == 0 {
			break
		}
		r = st.waiting[0]
		st.waiting = st.waiting[1:]
		c.working--
	}
	st.busy = false
	if st.aside == nil && c.streams[st.id] == st {
		delete(c.streams, st.id)
	}
	if c.closed {
		c.finish()
	}
}

func (st *stream) execute(w *worker, r *Request) {
	if st.aside != nil {
		err := st.ctx.Resume(st.aside)
		st.aside = nil
		if err == nil && st.deadline > 0 && w.server.config.Sched.Clock().Monotonic() > st.deadline {
			_ = st.ctx.Rollback()
			err = errTxnTimeout()
		}
		if err != nil && r.Type != TypeRollback {
			r.err = err
		}
	}
	w.execute(r, st.ctx)
	st.aside = st.ctx.Suspend()
}

// errTxnTimeout has the code that later versions give it: 2.6 knows no such limit.
func errTxnTimeout() error {
	return &boxerr.Error{Type: boxerr.ClassClientError, Code: 229, Message: "Transaction has been aborted by timeout"}
}

// control begins or ends the transaction of a stream.
func (w *worker) control(r *Request, ctx *db.Context) error {
	if r.StreamID == 0 {
		return boxerr.New(boxerr.UnknownRequestType, uint64(r.Type))
	}
	var err error
	switch r.Type {
	case TypeBegin:
		if err = checkIsolation(r); err == nil {
			err = ctx.Begin()
		}
		if err == nil {
			w.setDeadline(r)
		}
	case TypeCommit:
		err = ctx.Commit()
	case TypeRollback:
		err = ctx.Rollback()
	}
	if err == nil {
		w.ok(r)
	}
	return err
}

// maxIsolation is the last of the levels that a begin may ask for. All are the same here: a transaction sees what is
// committed, and what it has changed itself.
const maxIsolation = 3

func checkIsolation(r *Request) (err error) {
	EachKey(r.Body, func(key uint64, value []byte) {
		if key != KeyTxnIsolation {
			return
		}
		if level, ok := mp.Uint64(value); !ok || level > maxIsolation {
			err = boxerr.New(boxerr.IllegalParams, "unknown isolation level")
		}
	})
	return err
}

// setDeadline reads the timeout that a begin may have, in seconds.
func (w *worker) setDeadline(r *Request) {
	st := r.batch.conn.streams[r.StreamID]
	st.deadline = 0
	EachKey(r.Body, func(key uint64, value []byte) {
		if key != KeyTimeout {
			return
		}
		var seconds float64
		switch mp.KindOf(value) {
		case mp.Float, mp.Double:
			seconds = mp.Real(value)
		case mp.Uint:
			n, _ := mp.Uint64(value)
			seconds = float64(n)
		}
		if seconds > 0 && seconds < maxTimeout {
			st.deadline = w.server.config.Sched.Clock().Monotonic() + time.Duration(seconds*float64(time.Second))
		}
	})
}

// maxTimeout in seconds is beyond what anybody waits for: 100 years.
const maxTimeout = 100 * 365 * 86400

// endStreams rolls back what the streams left open. No request is in work.
func (c *Conn) endStreams() {
	for _, st := range c.streams {
		if st.aside != nil {
			st.aside.Discard()
		}
	}
	c.streams = nil
}
