package systest

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"

	"shardlua/runtime/sys"
)

// Network connects the listeners and dialers of one process through memory. Bytes arrive after the delay; while a
// network drops, bytes that are written vanish, and connections cannot be made.
type Network struct {
	clock sys.Clock

	mu        sync.Mutex
	listeners map[string]*listener
	conns     map[*conn]struct{}
	delay     time.Duration
	dropping  bool
	port      int
}

// NewNetwork returns a network without delay. The clock times delays and deadlines.
func NewNetwork(clock sys.Clock) *Network {
	return &Network{clock: clock, listeners: map[string]*listener{}, conns: map[*conn]struct{}{}, port: 40000}
}

// SetDelay sets how long bytes written from now on travel.
func (n *Network) SetDelay(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delay = d
}

// SetDropping makes the network swallow everything, or deliver again.
func (n *Network) SetDropping(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dropping = on
}

// Break resets every connection: reads and writes on both ends fail with ECONNRESET.
func (n *Network) Break() {
	n.mu.Lock()
	conns := make([]*conn, 0, len(n.conns))
	for c := range n.conns {
		conns = append(conns, c)
	}
	n.mu.Unlock()
	for _, c := range conns {
		c.in.fail(syscall.ECONNRESET)
		c.out.fail(syscall.ECONNRESET)
	}
}

type addr struct{ network, address string }

func (a addr) Network() string { return a.network }
func (a addr) String() string  { return a.address }

// Listen implements sys.Network. Port 0 of a tcp address takes a free port.
func (n *Network) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if host, port, err := net.SplitHostPort(address); err == nil && port == "0" {
		n.port++
		address = net.JoinHostPort(host, strconv.Itoa(n.port))
	}
	a := addr{network, address}
	if n.listeners[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: a, Err: syscall.EADDRINUSE}
	}
	l := &listener{network: n, addr: a, backlog: make(chan net.Conn, 128), done: make(chan struct{})}
	n.listeners[address] = l
	return l, nil
}

// Dial implements sys.Network.
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	a := addr{network, address}
	refused := &net.OpError{Op: "dial", Net: network, Addr: a, Err: syscall.ECONNREFUSED}
	n.mu.Lock()
	l, dropping := n.listeners[address], n.dropping
	n.mu.Unlock()
	if dropping {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Addr: a, Err: ctx.Err()}
	}
	if l == nil {
		return nil, refused
	}
	there, here := newStream(n), newStream(n)
	client := n.join(&conn{network: n, in: here, out: there, local: addr{network, "client"}, remote: a})
	server := n.join(&conn{network: n, in: there, out: here, local: a, remote: client.local})
	select {
	case l.backlog <- server:
		return client, nil
	case <-l.done:
	case <-ctx.Done():
		refused.Err = ctx.Err()
	}
	return nil, errors.Join(refused, client.Close(), server.Close())
}

func (n *Network) join(c *conn) *conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[c] = struct{}{}
	return c
}

type listener struct {
	network *Network
	addr    addr
	backlog chan net.Conn
	once    sync.Once
	done    chan struct{}
}

func (l *listener) Addr() net.Addr { return l.addr }

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: l.addr.network, Addr: l.addr, Err: net.ErrClosed}
	}
}

func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.done)
		l.network.mu.Lock()
		delete(l.network.listeners, l.addr.address)
		l.network.mu.Unlock()
	})
	return nil
}
