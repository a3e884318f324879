package netbox

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sched"
)

// read is the goroutine of one socket. What it has read it hands over whole, and reads on into other memory.
func (t *Transport) read(socket net.Conn, link uint64) {
	s := t.lib.host.Sched()
	buf := takeBuffer(readSize)
	for {
		n, err := socket.Read(buf.data[len(buf.data):cap(buf.data)])
		buf.data = buf.data[:len(buf.data)+n]
		end, broken := whole(buf.data)
		if err == nil {
			err = broken
		}
		rest := buf.data[end:]
		switch {
		case end > 0:
			next := takeBuffer(max(readSize, 2*len(rest)))
			next.data = append(next.data, rest...)
			full := buf
			full.data = full.data[:end]
			if s.Go("net.box", func(f *sched.Fiber) { t.deliver(f, full, link) }) == nil {
				return
			}
			buf = next
		case len(rest) == cap(buf.data):
			buf.data = append(make([]byte, 0, 2*len(rest)), rest...)
		}
		if err != nil {
			s.Go("net.box", func(*sched.Fiber) { t.fail(err, link) })
			return
		}
	}
}

// readBuffer is memory that replies are read into. Nothing refers to it when they are answered.
type readBuffer struct{ data []byte }

var readBuffers = sync.Pool{New: func() any { return new(readBuffer) }}

func takeBuffer(size int) *readBuffer {
	b := readBuffers.Get().(*readBuffer)
	if cap(b.data) < size {
		b.data = make([]byte, 0, size)
	}
	b.data = b.data[:0]
	return b
}

// maxKept is the largest buffer that is kept for its next use.
const maxKept = 256 << 10

func (b *readBuffer) release() {
	if cap(b.data) <= maxKept {
		readBuffers.Put(b)
	}
}

const readSize = 16 << 10

// whole is where the last whole frame ends.
func whole(data []byte) (end int, err error) {
	for {
		_, size, err := iproto.NextFrame(data[end:])
		if errors.Is(err, iproto.ErrMore) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		end += size
	}
}

// fail notes that the socket is of no use any more.
func (t *Transport) fail(err error, link uint64) {
	if t.link != link || t.lost != nil {
		return
	}
	t.lost = err
	if t.worker != nil {
		t.worker.Wakeup()
	}
}

// reason is why a socket failed, in Tarantool's words.
func reason(err error) string {
	var number syscall.Errno
	var resolve *net.DNSError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "Peer closed"
	case errors.Is(err, sched.ErrTimeout):
		return errno.Text(int(syscall.ETIMEDOUT))
	case errors.As(err, &number):
		return errno.Text(int(number))
	case errors.As(err, &resolve):
		return errno.Text(int(syscall.EINVAL))
	}
	return err.Error()
}

// deliver answers the requests that the frames are replies to.
func (t *Transport) deliver(f *sched.Fiber, buf *readBuffer, link uint64) {
	defer buf.release()
	if t.link != link {
		return
	}
	frames := buf.data
	L := t.lib.host.Thread(f)
	var reply iproto.Reply
	for len(frames) > 0 {
		frame, size, err := iproto.NextFrame(frames)
		if err != nil {
			break
		}
		frames = frames[size:]
		if err := reply.Decode(frame); err != nil {
			t.fail(err, link)
			return
		}
		t.answer(L, &reply)
	}
	if t.state == stateActive && !t.options.console && t.currentVersion != t.schemaVersion && t.worker != nil {
		t.worker.Wakeup()
	}
}

func (t *Transport) answer(L *lua.LState, reply *iproto.Reply) {
	if reply.SchemaVersion != 0 {
		t.currentVersion = reply.SchemaVersion
	}
	r := t.pending[reply.Sync]
	if r == nil { // it was given up
		return
	}
	if reply.Type == iproto.TypeChunk {
		r.push(L, reply)
		return
	}
	delete(t.pending, reply.Sync)
	r.finish(L, reply)
}
