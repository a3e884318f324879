package replication

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sys"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
)

// chunk is how much is read from a connection at once, in bytes.
const chunk = 64 << 10

// link is a connection that frames come and go on. It is used without the baton, by one reader and one writer.
type link struct {
	socket net.Conn
	clock  sys.Clock
	// name is the other side, for messages.
	name string
	// in is what was read and not taken. Its memory is only ever appended to, so that frames stay valid.
	in []byte
}

// attempt is a connection that is being made on a goroutine, and may not be wanted any more when it is there.
type attempt struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu    sync.Mutex
	ended bool
	link  *link
}

func newAttempt() *attempt {
	t := &attempt{}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// made notes the connection; it closes it when nobody wants it.
func (t *attempt) made(l *link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		l.close()
		return
	}
	t.link = l
}

// take ends the attempt and returns the connection.
func (t *attempt) take() *link {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.cancel()
	l := t.link
	t.link = nil
	return l
}

// giveUp ends the attempt, and the connection if there is one. What is waited for on it ends.
func (t *attempt) giveUp() {
	if l := t.take(); l != nil {
		l.close()
	}
}

// dial connects to a peer.
func dial(ctx context.Context, network sys.Network, clock sys.Clock, p *peer, timeout time.Duration) (*link, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := clock.AfterFunc(timeout, cancel)
	defer timer.Stop()
	socket, err := network.Dial(ctx, p.network, p.address)
	if err != nil {
		if ctx.Err() != nil {
			return nil, errTimedOut()
		}
		return nil, socketError(err, "connect to "+bareName(p))
	}
	return &link{socket: socket, clock: clock, name: bareName(p)}, nil
}

func bareName(p *peer) string {
	if p.network == "unix" {
		return "unix/:" + p.address
	}
	return p.address
}

func errTimedOut() error {
	return boxerr.NewSystem(boxerr.ClassTimedOut, int(syscall.ETIMEDOUT), "timed out")
}

// socketError puts an error of the network into Tarantool's words: what was tried is the message, the cause the errno.
func socketError(err error, what string) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errTimedOut()
	}
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
	case errors.Is(err, io.EOF):
		no, what = syscall.EPIPE, "unexpected EOF when reading from socket"
	case errors.Is(err, net.ErrClosed):
		no = syscall.ECONNABORTED
	default:
		return boxerr.NewSystem(boxerr.ClassSocketError, 0, "%s: %v", what, err)
	}
	return boxerr.NewSystem(boxerr.ClassSocketError, int(no), "%s", what)
}

// close ends the connection; a reader and a writer that wait return.
func (l *link) close() { _ = l.socket.Close() }

func (l *link) describe(text string) string { return text + ", peer of " + l.name }

// fill reads more, so that there is room for size bytes of which in is the beginning. Silence for the timeout is an
// error.
func (l *link) fill(size int, timeout time.Duration) error {
	if cap(l.in)-len(l.in) < max(1, size-len(l.in)) {
		grown := make([]byte, len(l.in), max(chunk, size+chunk/4))
		copy(grown, l.in)
		l.in = grown
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = l.clock.Now().Add(timeout)
	}
	if err := l.socket.SetReadDeadline(deadline); err != nil {
		return socketError(err, l.describe("setting a timeout"))
	}
	n, err := l.socket.Read(l.in[len(l.in):cap(l.in)])
	l.in = l.in[:len(l.in)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errTimedOut()
	}
	return socketError(err, l.describe("reading from socket"))
}

// greeting reads what the server says first.
func (l *link) greeting(timeout time.Duration) (*iproto.Greeting, error) {
	for len(l.in) < iproto.GreetingSize {
		if err := l.fill(iproto.GreetingSize, timeout); err != nil {
			return nil, err
		}
	}
	g, err := iproto.ParseGreeting(l.in[:iproto.GreetingSize])
	l.in = l.in[iproto.GreetingSize:]
	if err != nil {
		return nil, boxerr.New(boxerr.Protocol, "Invalid greeting")
	}
	if g.Protocol != iproto.Binary {
		return nil, boxerr.New(boxerr.Protocol, "Unsupported protocol for replication")
	}
	return g, nil
}

// frame returns the next frame, which stays valid.
func (l *link) frame(timeout time.Duration) ([]byte, error) {
	for {
		frame, size, err := iproto.NextFrame(l.in)
		if err == nil {
			l.in = l.in[size:]
			return frame, nil
		}
		if !errors.Is(err, iproto.ErrMore) {
			return nil, err
		}
		// A frame that claims to be huge gets its memory only as its bytes come.
		if err := l.fill(min(size, len(l.in)*2+chunk), timeout); err != nil {
			return nil, err
		}
	}
}

// row reads a frame as a row. A reply that is an error is returned as that error.
func (l *link) row(row *xlog.Row, timeout time.Duration) error {
	frame, err := l.frame(timeout)
	if err != nil {
		return err
	}
	return decodeRow(row, frame)
}

func decodeRow(row *xlog.Row, frame []byte) error {
	if err := row.DecodePacket(frame); err != nil {
		return boxerr.New(boxerr.InvalidMsgPack, "packet header")
	}
	if row.Type&xlog.Type(iproto.TypeError) == 0 {
		if len(row.Body) > 0 && mp.Validate(row.Body) != nil {
			return boxerr.New(boxerr.InvalidMsgPack, "packet body")
		}
		return nil
	}
	var reply iproto.Reply
	if err := reply.Decode(frame); err != nil {
		return err
	}
	return reply.Err
}

// write sends bytes, which must get away within the timeout.
func (l *link) write(b []byte, timeout time.Duration) error {
	if err := l.socket.SetWriteDeadline(l.clock.Now().Add(timeout)); err != nil {
		return socketError(err, l.describe("setting a timeout"))
	}
	if _, err := l.socket.Write(b); err != nil {
		return socketError(err, l.describe("writing to socket"))
	}
	return nil
}

// ask sends a request and returns the first row of the answer.
func (l *link) ask(typ iproto.Type, body []byte, timeout time.Duration) (xlog.Row, error) {
	var row xlog.Row
	err := l.write(appendFrame(nil, &xlog.Row{Type: xlog.Type(typ), Body: body}), timeout)
	if err == nil {
		err = l.row(&row, timeout)
	}
	return row, err
}
