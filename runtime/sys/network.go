package sys

import (
	"context"
	"net"
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

// Listen implements Network.
func (RealNetwork) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, network, address)
}

// Dial implements Network.
func (RealNetwork) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, address)
}
