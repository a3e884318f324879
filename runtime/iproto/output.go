package iproto

import (
	"errors"
	"syscall"
)

// flush hands the gathered replies to the socket: as many bytes as it takes at once by the fiber, the rest by a
// goroutine. It is called with the baton and never waits.
func (c *Conn) flush() {
	if len(c.out) == 0 {
		return
	}
	out := c.out
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed {
		c.out = c.out[:0]
		return
	}
	c.server.sent.Add(int64(len(out)))
	if !c.writing && c.raw != nil {
		out = out[c.writeSome(out):]
	}
	if len(out) > 0 {
		c.unsent = append(c.unsent, out...)
		if !c.writing {
			c.writing = true
			go c.write()
		}
	}
	if cap(c.out) > maxKept {
		c.out = nil
	}
	c.out = c.out[:0]
}

// maxKept is the largest buffer that is kept for its next use.
const maxKept = 1 << 18

// writeSome writes what the socket takes without waiting, and returns how much that was. The caller holds mu.
func (c *Conn) writeSome(b []byte) (written int) {
	err := c.raw.Write(func(fd uintptr) bool {
		for written < len(b) {
			n, err := syscall.Write(int(fd), b[written:])
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if n <= 0 || err != nil {
				break
			}
			written += n
		}
		return true
	})
	if err != nil {
		c.fail()
		return len(b)
	}
	return written
}

// fail notes that nobody listens any more. The caller holds mu.
func (c *Conn) fail() {
	c.failed = true
	c.unsent = nil
	c.space.Broadcast()
}

// write is the goroutine that writes what the socket did not take at once.
func (c *Conn) write() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.unsent) > 0 && !c.failed {
		b := c.unsent
		c.unsent = nil
		c.mu.Unlock()
		_, err := c.socket.Write(b)
		c.mu.Lock()
		if err != nil {
			c.fail()
		}
		c.space.Broadcast()
	}
	c.writing = false
	c.space.Broadcast()
}

// drain waits until all is written, or cannot be.
func (c *Conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.writing {
		c.space.Wait()
	}
}
