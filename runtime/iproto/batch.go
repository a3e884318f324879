package iproto

import "sync"

// buffer is what was read at once. The requests cut from it share it.
type buffer struct{ data []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// newBuffer makes an empty buffer with room for size bytes.
func newBuffer(size int) *buffer {
	b := buffers.Get().(*buffer)
	if cap(b.data) < size {
		b.data = make([]byte, 0, size)
	}
	b.data = b.data[:0]
	return b
}

// free is the room behind the data; there is always some.
func (b *buffer) free() []byte {
	if len(b.data) == cap(b.data) {
		b.data = append(make([]byte, 0, 2*cap(b.data)), b.data...)
	}
	return b.data[len(b.data):cap(b.data)]
}

// maxAhead is how much room a buffer gets on the word of a frame's length alone.
const maxAhead = 1 << 20

// grow keeps rest as the contents, with room for a frame that is to have wanted bytes. A frame that claims to be huge
// gets memory only as its bytes arrive.
func (b *buffer) grow(rest []byte, wanted int) {
	if size := min(wanted, max(maxAhead, 2*len(rest))); size > cap(b.data) {
		b.data = append(make([]byte, 0, size), rest...)
		return
	}
	b.data = b.data[:copy(b.data[:cap(b.data)], rest)]
}

// batch is the requests that came in one buffer.
type batch struct {
	conn     *Conn
	buf      *buffer
	requests []Request
	next     int // the first that no fiber has taken
	left     int // that are not answered; guarded by the baton
}

var batches = sync.Pool{New: func() any { return new(batch) }}

func newBatch(c *Conn, buf *buffer) *batch {
	b := batches.Get().(*batch)
	b.conn, b.buf, b.requests, b.next, b.left = c, buf, b.requests[:0], 0, 0
	return b
}

// add makes a request at the end. It is valid until the next call, and all are once the batch is handed on.
func (b *batch) add() *Request {
	if len(b.requests) < cap(b.requests) {
		b.requests = b.requests[:len(b.requests)+1]
	} else {
		b.requests = append(b.requests, Request{})
	}
	b.left++
	r := &b.requests[len(b.requests)-1]
	*r = Request{batch: b}
	return r
}

// drop takes the last request off.
func (b *batch) drop() {
	b.requests = b.requests[:len(b.requests)-1]
	b.left--
}

// recycle gives the batch back, but not its buffer.
func (b *batch) recycle() {
	if cap(b.requests) > 4096 {
		b.requests = nil
	}
	b.conn, b.buf = nil, nil
	batches.Put(b)
}

// release gives back the batch and its buffer, when all is answered.
func (b *batch) release() {
	buf := b.buf
	b.recycle()
	if cap(buf.data) <= maxKept {
		buffers.Put(buf)
	}
}
