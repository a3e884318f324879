package systest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"shardlua/runtime/sys"
)

// stream is one direction of a connection: chunks that become readable when their time has come.
type stream struct {
	network *Network

	mu       sync.Mutex
	ready    *sync.Cond
	readable []byte
	transit  []chunk
	closed   bool
	err      error
	expired  bool
	deadline sys.Timer
}

// chunk is what one Write put on its way; the last one of a stream that was closed is empty and final.
type chunk struct {
	data  []byte
	final bool
}

func newStream(n *Network) *stream {
	s := &stream{network: n}
	s.ready = sync.NewCond(&s.mu)
	return s
}

func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.ready.Broadcast()
}

// send puts a chunk on its way. Chunks keep their order even when the delay shrinks, because each arrival delivers
// the oldest one.
func (s *stream) send(c chunk) {
	s.network.mu.Lock()
	delay, dropping := s.network.delay, s.network.dropping
	s.network.mu.Unlock()
	if dropping {
		return
	}
	s.mu.Lock()
	s.transit = append(s.transit, c)
	s.mu.Unlock()
	if delay <= 0 {
		s.arrive()
		return
	}
	s.network.clock.AfterFunc(delay, s.arrive)
}

func (s *stream) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.transit[0]
	s.transit = s.transit[1:]
	s.readable = append(s.readable, c.data...)
	s.closed = s.closed || c.final
	s.ready.Broadcast()
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.err != nil:
			return 0, s.err
		case s.expired:
			return 0, os.ErrDeadlineExceeded
		case len(s.readable) > 0:
			n := copy(p, s.readable)
			s.readable = s.readable[n:]
			return n, nil
		case s.closed:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		s.ready.Wait()
	}
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deadline != nil {
		s.deadline.Stop()
		s.deadline = nil
	}
	s.expired = false
	if t.IsZero() {
		return
	}
	left := t.Sub(s.network.clock.Now())
	if left <= 0 {
		s.expired = true
		s.ready.Broadcast()
		return
	}
	s.deadline = s.network.clock.AfterFunc(left, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.expired = true
		s.ready.Broadcast()
	})
}

type conn struct {
	network       *Network
	in, out       *stream
	local, remote addr
	closing       sync.Once
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil && err != io.EOF {
		err = c.wrap("read", err)
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	c.out.mu.Lock()
	err := c.out.err
	c.out.mu.Unlock()
	if err != nil {
		if err == net.ErrClosed {
			return 0, c.wrap("write", err)
		}
		return 0, c.wrap("write", syscall.ECONNRESET)
	}
	c.out.send(chunk{data: append([]byte(nil), p...)})
	return len(p), nil
}

func (c *conn) wrap(op string, err error) error {
	return &net.OpError{Op: op, Net: c.local.network, Source: c.local, Addr: c.remote, Err: err}
}

// Close ends both directions: the peer reads what is in transit, then io.EOF; its writes vanish.
func (c *conn) Close() error {
	err := c.wrap("close", net.ErrClosed)
	c.closing.Do(func() {
		err = nil
		c.out.send(chunk{final: true})
		c.in.fail(net.ErrClosed)
		c.network.mu.Lock()
		delete(c.network.conns, c)
		c.network.mu.Unlock()
	})
	return err
}

func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setDeadline(t)
	return nil
}

// SetWriteDeadline has nothing to do: a write never waits.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }
