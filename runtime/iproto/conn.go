package iproto

import (
	"errors"
	"net"
	"sync"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
)

// maxUnsent is how many bytes of replies may lie unsent before a connection is not read from any more.
const maxUnsent = 16 << 20

// Conn is one client. Its goroutine reads; its requests run on fibers; replies gather in out.
type Conn struct {
	server  *Server
	socket  net.Conn
	session *session.Session
	salt    [SaltSize]byte

	// Guarded by the baton.
	out     []byte // replies that are not handed to the socket yet
	dirty   bool   // the server is about to flush out
	working int    // requests that are not answered
	closed  bool   // the reader has ended
	over    bool   // the session has ended
	streams map[uint64]*stream
	watches map[string]*watch

	// rest is what was read and not cut into frames; the reader's.
	rest []byte

	sender *Sender

	mu   sync.Mutex
	idle sync.Cond // no request is in work
	busy int       // requests handed to the fibers, guarded by mu
}

func newConn(s *Server, socket net.Conn) *Conn {
	c := &Conn{server: s, socket: socket, sender: NewSender(socket)}
	c.idle.L = &c.mu
	if tcp, ok := socket.(*net.TCPConn); ok {
		_ = tcp.SetNoDelay(true)
		_ = tcp.SetKeepAlive(true)
	}
	return c
}

// Session is the client's.
func (c *Conn) Session() *session.Session { return c.session }

// Peer is the address of the client as scripts see it.
func (c *Conn) Peer() string { return c.session.Peer }

func peerName(a net.Addr) string {
	if a == nil {
		return ""
	}
	if a.Network() == "unix" {
		if a.String() == "" || a.String() == "@" {
			return "unix/:(socket)"
		}
		return "unix/:" + a.String()
	}
	return a.String()
}

func (c *Conn) descriptor() int {
	fd := -1
	if c.sender.raw != nil {
		_ = c.sender.raw.Control(func(n uintptr) { fd = int(n) })
	}
	return fd
}

// open greets, runs the on_connect triggers and lets the reading begin. It runs on a fiber.
func (c *Conn) open(f *sched.Fiber) {
	s := c.server
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.stats.AcceptedTotal++
	s.mu.Unlock()
	s.config.Random(c.salt[:])
	greeting := Greeting{Version: s.config.Version, Protocol: Binary, UUID: s.uuid, Salt: c.salt[:]}
	c.out = greeting.Append(c.out)
	c.session = &session.Session{Kind: session.Binary, Peer: peerName(c.socket.RemoteAddr()), FD: c.descriptor()}
	c.session.Push = c.push
	err := s.config.Sessions.Open(f, c.session)
	if err != nil {
		c.out = AppendError(c.out, 0, s.schemaVersion(), err)
		c.flush()
		c.over = true
		go c.hangUp()
		return
	}
	c.flush()
	go c.read()
}

// hangUp closes the socket once all is written.
func (c *Conn) hangUp() {
	c.sender.Drain()
	c.socket.Close()
	c.server.mu.Lock()
	delete(c.server.conns, c)
	c.server.mu.Unlock()
}

// end runs on a fiber when the reader has ended.
func (c *Conn) end() {
	c.closed = true
	c.finish()
}

// finish ends the session when nothing works for it any more.
func (c *Conn) finish() {
	if !c.closed || c.working > 0 || c.over {
		return
	}
	c.over = true
	c.flush()
	c.endStreams()
	c.unwatchAll()
	s := c.server
	s.config.Sched.Go("main", func(f *sched.Fiber) {
		f.Session = c.session
		s.config.Sessions.Close(c.session)
	})
	go c.hangUp()
}

// read is the connection's goroutine.
func (c *Conn) read() {
	s := c.server
	buf := newBuffer(int(s.readahead.Load()))
	for {
		n, err := c.socket.Read(buf.free())
		buf.data = buf.data[:len(buf.data)+n]
		if n > 0 {
			s.received.Add(int64(n))
			var goOn bool
			if buf, goOn = c.cut(buf); !goOn {
				break
			}
		}
		if err != nil {
			break
		}
	}
	if s.config.Sched.Go("main", func(*sched.Fiber) { c.end() }) == nil {
		c.socket.Close()
	}
}

// cut hands on the whole frames in a buffer and returns the one to go on with.
func (c *Conn) cut(buf *buffer) (*buffer, bool) {
	s := c.server
	data := buf.data
	b := newBatch(c, buf)
	goOn := true
	wanted := 0
	for goOn {
		frame, size, err := NextFrame(data)
		if errors.Is(err, ErrMore) {
			wanted = size
			break
		}
		r := b.add()
		if err != nil {
			// Where the next frame begins is anybody's guess.
			r.err = err
			goOn = false
			data = nil
			break
		}
		data = data[size:]
		if r.err = r.Decode(frame); r.err == nil && r.isReplication() {
			b.drop()
			c.dispatch(b)
			own := append([]byte(nil), frame...)
			return c.replicate(own, data)
		}
	}
	if len(b.requests) == 0 {
		b.recycle()
		buf.grow(data, wanted)
		return buf, goOn
	}
	next := newBuffer(max(int(s.readahead.Load()), min(wanted, maxAhead), len(data)+1))
	next.data = append(next.data, data...)
	c.dispatch(b)
	return next, goOn
}

// dispatch gives requests to the fibers; it waits when there is too much in work already.
func (c *Conn) dispatch(b *batch) {
	if len(b.requests) == 0 {
		return
	}
	c.sender.Throttle(maxUnsent)
	c.mu.Lock()
	c.busy += len(b.requests)
	c.mu.Unlock()
	c.server.enter(len(b.requests))
	c.server.enqueue(b)
}

// replicate lets the registered function have the connection.
func (c *Conn) replicate(frame, rest []byte) (*buffer, bool) {
	c.mu.Lock()
	for c.busy > 0 {
		c.idle.Wait()
	}
	c.mu.Unlock()
	if c.server.config.Sched.Do(workerName, func(*sched.Fiber) error { c.flush(); return nil }) != nil {
		return nil, false
	}
	c.sender.Drain()
	c.rest = append([]byte(nil), rest...)
	s := c.server
	goOn := true
	err := s.config.Sched.Do("main", func(f *sched.Fiber) error {
		f.Session = c.session
		r := &Request{}
		err := r.Decode(frame)
		if err == nil {
			if s.replication == nil {
				err = boxerr.New(boxerr.Unsupported, "Instance", "replication")
			} else {
				err = s.replication(f, c, r)
			}
		}
		if err != nil {
			s.logError(f, err)
			c.out = AppendError(c.out, r.Sync, s.schemaVersion(), err)
			c.flush()
			goOn = r.Type != TypeSubscribe
		}
		return nil
	})
	if err != nil {
		return nil, false
	}
	c.sender.Drain()
	buf := newBuffer(max(int(s.readahead.Load()), len(c.rest)))
	buf.data = append(buf.data, c.rest...)
	c.rest = nil
	if goOn && len(buf.data) > 0 {
		return c.cut(buf)
	}
	return buf, goOn
}

// Socket is the connection itself, for Replication. What was read from it already is Buffered.
func (c *Conn) Socket() net.Conn { return c.socket }

// Buffered are the bytes that came behind the request that Replication was called with. SetBuffered gives back what it
// has read too much.
func (c *Conn) Buffered() []byte { return c.rest }

// SetBuffered says what the server goes on with when Replication returns.
func (c *Conn) SetBuffered(b []byte) { c.rest = b }

// SchemaVersion is for the headers that Replication writes.
func (c *Conn) SchemaVersion() uint64 { return c.server.schemaVersion() }
