package iproto

import (
	"slices"

	"shardlua/runtime/db"
	"shardlua/runtime/sched"
)

// maxWorkers is how many workers are kept for their next use.
const maxWorkers = 256

// maxRun is how many requests a fiber runs before other fibers that are ready get their turn.
const maxRun = 128

// workerName is what the fibers of requests are called, and called again when a script gave one another name.
const workerName = "main"

// enqueue hands a batch to the fibers. It may be called from any goroutine.
func (s *Server) enqueue(b *batch) {
	s.mu.Lock()
	s.queue = append(s.queue, b)
	start := !s.running
	s.running = true
	s.mu.Unlock()
	if start {
		s.startWorker()
	}
}

// startWorker starts the fiber that takes from the queue. running is set.
func (s *Server) startWorker() {
	s.config.Sched.Go(workerName, func(f *sched.Fiber) {
		w := s.worker()
		w.fiber = f
		w.run()
	})
}

func (s *Server) worker() *worker {
	n := len(s.workers)
	if n == 0 {
		return &worker{server: s}
	}
	w := s.workers[n-1]
	s.workers = s.workers[:n-1]
	return w
}

// take returns the next batch; nil when there is none, and then nobody takes any more.
func (s *Server) take() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.running = false
		return nil
	}
	b := s.queue[0]
	s.queue = slices.Delete(s.queue, 0, 1)
	return b
}

// putBack makes b, unless it is nil, the next batch to take, and starts another worker if there is work.
func (s *Server) putBack(b *batch) {
	s.mu.Lock()
	if b != nil {
		s.queue = slices.Insert(s.queue, 0, b)
	}
	s.running = len(s.queue) > 0
	start := s.running
	s.mu.Unlock()
	if start {
		s.startWorker()
	}
}

// worker is a fiber that runs requests. At most one of them takes from the queue; a worker whose request waits
// hands the queue on to another one, and ends when that request is answered.
type worker struct {
	server *Server
	fiber  *sched.Fiber
	ctx    *db.Context // for requests outside of streams
	conn   *Conn       // whose replies are not flushed yet
	batch  *batch      // whose requests it takes; nil when it takes none any more
	// current is the request in work, and active its context.
	current *Request
	active  *db.Context
	scratch []byte // for results
	db      *db.DB // that ctx is of
	onYield func() // yielding
	// counted is the type of the last requests, of which there were count and failed ones among them.
	counted       Type
	count, failed int64
}

// recycle gives the worker back at the end of its run. After a panic it is not used again.
func (w *worker) recycle() {
	if w.current != nil {
		return
	}
	f := w.fiber
	f.Request, f.OnEnd, f.OnYield, f.Txn, f.Session = nil, nil, nil, nil, nil
	w.fiber, w.conn, w.batch, w.active = nil, nil, nil, nil
	if s := w.server; len(s.workers) < maxWorkers {
		s.workers = append(s.workers, w)
	}
}

// run takes requests from the queue until it is empty.
func (w *worker) run() {
	s, f := w.server, w.fiber
	if w.ctx == nil || w.db != s.db {
		w.ctx, w.db = s.db.NewContext(db.GuestID), s.db
		w.onYield = w.yielding
	}
	f.Request = w
	// A fiber that is cut off in a request, by os.exit, keeps its worker.
	f.OnEnd = w.rollback
	defer w.recycle()
	for n := 0; ; {
		b := s.take()
		if b == nil {
			break
		}
		w.batch, w.conn = b, b.conn
		n += len(b.requests)
		for w.batch != nil && b.next < len(b.requests) {
			r := &b.requests[b.next]
			b.next++
			if b.next == len(b.requests) {
				// It may be used for other requests as soon as this one is answered.
				b, w.batch = done, done
			}
			w.serve(r)
			if b != done && f.Cancelled() {
				s.putBack(w.batch)
				w.batch = nil
			}
		}
		w.report()
		if w.batch == nil {
			// Others whose wait ended with this one's may have replies for the same connection.
			s.flushLater(w.conn)
			return
		}
		w.conn.flush()
		if n >= maxRun || f.Cancelled() {
			s.putBack(nil)
			return
		}
	}
}

// done stands for a batch of which all requests were taken.
var done = &batch{}

// Sync implements session.Request.
func (w *worker) Sync() uint64 {
	if w.current == nil {
		return 0
	}
	return w.current.Sync
}

// rollback is called when the fiber ends, whatever the reason.
func (w *worker) rollback() {
	if w.active != nil {
		w.active.OnFiberEnd()
	}
}

// tally notes that a request of a type was answered.
func (w *worker) tally(typ Type, failed bool) {
	if typ != w.counted {
		w.report()
		w.counted = typ
	}
	w.count++
	if failed {
		w.failed++
	}
}

// report counts the requests that were answered.
func (w *worker) report() {
	if w.count > 0 && w.counted < TypePing {
		w.server.config.Count(w.counted, w.count)
	}
	if w.failed > 0 {
		w.server.config.Count(TypeError, w.failed)
	}
	w.count, w.failed = 0, 0
}

// yielding is called when the fiber is about to wait in the middle of a request.
func (w *worker) yielding() {
	w.active.OnYield()
	w.report()
	w.server.flushLater(w.conn)
	if b := w.batch; b != nil {
		w.batch = nil
		if b.next >= len(b.requests) {
			b = nil
		}
		w.server.putBack(b)
	}
}

// serve runs one request and answers it.
func (w *worker) serve(r *Request) {
	if r.StreamID != 0 && r.err == nil {
		r.batch.conn.stream(r.StreamID).serve(w, r)
		return
	}
	w.execute(r, w.ctx)
	w.answered(r)
}

// execute runs a request in a context and appends its reply.
func (w *worker) execute(r *Request, ctx *db.Context) {
	f, c := w.fiber, r.batch.conn
	f.Session, f.Txn, f.Storage, f.Diag = c.session, ctx, nil, nil
	f.OnYield = w.onYield
	ctx.Session = c.session
	ctx.SetUID(c.session.UserID)
	w.current, w.active = r, ctx
	c.working++
	w.reply(r, ctx)
	c.working--
	w.current, w.active = nil, nil
	f.OnYield = nil
	if f.Name() != workerName {
		f.SetName(workerName)
	}
}

// answered gives back what an answered request held.
func (w *worker) answered(r *Request) {
	b := r.batch
	c := b.conn
	w.server.leave()
	if b.left--; b.left == 0 {
		n := len(b.requests)
		b.release()
		c.mu.Lock()
		if c.busy -= n; c.busy == 0 {
			c.idle.Broadcast()
		}
		c.mu.Unlock()
	}
	if c.closed {
		c.finish()
	}
}
