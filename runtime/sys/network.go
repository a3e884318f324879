package sys

import (
	"context"
	"net"
	"syscall"
)

// Network makes and accepts connections. The names of networks are those of package net: "tcp", "tcp4", "tcp6", "unix".
type Network interface {
	// Listen binds address and starts to accept.
	Listen(ctx context.Context, network, address string) (net.Listener, error)
	// Dial connects to address, giving up when ctx is done.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// RealNetwork is the machine's network.
type RealNetwork struct{}

// BindError is an error of Listen that came when there was a descriptor already, which messages show.
type BindError struct {
	FD  int
	Err error
}

func (e *BindError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *BindError) Unwrap() error { return e.Err }

// Listen implements Network.
func (RealNetwork) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	fd := -1
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(n uintptr) { fd = int(n) })
	}}
	listener, err := config.Listen(ctx, network, address)
	if err != nil {
		return nil, &BindError{FD: fd, Err: err}
	}
	return listener, nil
}

// Dial implements Network.
func (RealNetwork) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, address)
}
