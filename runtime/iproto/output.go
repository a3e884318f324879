package iproto

import (
	"errors"
	"net"
	"sync"
	"syscall"

	"shardlua/runtime/sched"
)

// Sender writes to a socket without ever making its caller wait: what the socket does not take at once is written by a
// goroutine. Its methods may be called from any goroutine.
type Sender struct {
	socket net.Conn
	raw    syscall.RawConn // nil when the socket is not the system's
	// attempt is writeSome's function for raw, which writes current and notes how much it wrote.
	attempt func(fd uintptr) bool
	current []byte
	written int

	mu      sync.Mutex
	changed sync.Cond // unsent has shrunk, or the writing has ended
	unsent  []byte    // waits for the writing goroutine
	writing bool
	failed  bool
}

// NewSender makes the Sender of a socket. Nobody else writes there while it has anything unsent.
func NewSender(socket net.Conn) *Sender {
	s := &Sender{socket: socket}
	s.changed.L = &s.mu
	if sc, ok := socket.(syscall.Conn); ok {
		s.raw, _ = sc.SyscallConn()
	}
	s.attempt = s.try
	return s
}

// Send writes a copy of b, or drops it when the socket has failed, which its reader will notice.
func (s *Sender) Send(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed {
		return
	}
	if !s.writing && s.raw != nil {
		b = b[s.writeSome(b):]
	}
	if len(b) == 0 {
		return
	}
	s.unsent = append(s.unsent, b...)
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

// writeSome writes what the socket takes without waiting, and returns how much that was. The caller holds mu.
func (s *Sender) writeSome(b []byte) int {
	s.current, s.written = b, 0
	err := s.raw.Write(s.attempt)
	s.current = nil
	if err != nil {
		s.fail()
		return len(b)
	}
	return s.written
}

func (s *Sender) try(fd uintptr) bool {
	for s.written < len(s.current) {
		n, err := syscall.Write(int(fd), s.current[s.written:])
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n <= 0 || err != nil {
			break
		}
		s.written += n
	}
	return true
}

// fail notes that nobody listens any more. The caller holds mu.
func (s *Sender) fail() {
	s.failed = true
	s.unsent = nil
	s.changed.Broadcast()
}

// write is the goroutine that writes what the socket did not take at once.
func (s *Sender) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.unsent) > 0 && !s.failed {
		b := s.unsent
		s.unsent = nil
		s.mu.Unlock()
		_, err := s.socket.Write(b)
		s.mu.Lock()
		if err != nil {
			s.fail()
		}
		s.changed.Broadcast()
	}
	s.writing = false
	s.changed.Broadcast()
}

// Drain waits until all is written, or cannot be.
func (s *Sender) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing {
		s.changed.Wait()
	}
}

// Throttle waits while more than limit bytes are unsent.
func (s *Sender) Throttle(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.unsent) > limit && !s.failed {
		s.changed.Wait()
	}
}

// maxKept is the largest buffer that is kept for its next use.
const maxKept = 1 << 18

// enough is how many bytes of replies leave without waiting for more.
const enough = 64 << 10

// flushLater hands the gathered replies to the socket after the fibers that are ready now have had their turn: when
// many requests waited for the same thing, such as a write to the log, their replies leave together.
func (s *Server) flushLater(c *Conn) {
	switch {
	case len(c.out) == 0 || c.dirty:
		return
	case len(c.out) >= enough:
		c.flush()
		return
	}
	c.dirty = true
	s.dirty = append(s.dirty, c)
	if len(s.dirty) == 1 && s.config.Sched.Go(workerName, s.flushDirty) == nil {
		s.flushDirty(nil)
	}
}

// flushDirty flushes the connections that flushLater has put aside.
func (s *Server) flushDirty(*sched.Fiber) {
	for i, c := range s.dirty {
		c.dirty = false
		c.flush()
		s.dirty[i] = nil
	}
	s.dirty = s.dirty[:0]
}

// flush hands the gathered replies to the socket. It is called with the baton and never waits.
func (c *Conn) flush() {
	if len(c.out) == 0 {
		return
	}
	c.server.sent.Add(int64(len(c.out)))
	c.sender.Send(c.out)
	if cap(c.out) > maxKept {
		c.out = nil
	}
	c.out = c.out[:0]
}
