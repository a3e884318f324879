package replication

import (
	"fmt"
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/uri"
)

// Options are the options of box.cfg that replication goes by.
type Options struct {
	// URIs are the masters to follow, as box.cfg.replication has them.
	URIs []string
	// Timeout is how often a quiet connection carries a heartbeat, and how long to wait before connecting again; a
	// connection on which nothing came for four times as long is broken.
	Timeout        time.Duration
	ConnectTimeout time.Duration
	// ConnectQuorum is how many masters must be followed for the instance to leave the orphan state; negative means
	// all.
	ConnectQuorum int
	// SyncLag is how far behind, at most, an instance that is in step may be.
	SyncLag     time.Duration
	SyncTimeout time.Duration
	// SkipConflict writes a NOP in the place of a row whose key is there already, instead of stopping.
	SkipConflict bool
	// Anon keeps the instance out of _cluster.
	Anon bool
	// ReadOnly is box.cfg.read_only.
	ReadOnly bool
}

// DefaultOptions are those of box.cfg.
func DefaultOptions() Options {
	return Options{
		Timeout: time.Second, ConnectTimeout: 30 * time.Second, ConnectQuorum: -1,
		SyncLag: 10 * time.Second, SyncTimeout: 300 * time.Second,
	}
}

// disconnectAfter is how many heartbeats may be missed.
const disconnectAfter = 4

// peer is a master's address.
type peer struct {
	text             string // as it was given
	network, address string
	login, password  string
	hasPassword      bool
	// name is how logs and box.info show it, without the password.
	name string
}

// CheckURIs returns the error that box.cfg raises for an address that is none.
func CheckURIs(uris []string) error {
	for _, text := range uris {
		if _, err := parsePeer(text); err != nil {
			return err
		}
	}
	return nil
}

func parsePeer(text string) (peer, error) {
	bad := boxerr.New(boxerr.Cfg, "replication", "expected host:service or /unix.socket")
	u, ok := uri.Parse(text)
	if !ok || u.Unix == nil && u.Service == nil {
		return peer{}, bad
	}
	p := peer{text: text, name: u.Format(false), login: value(u.Login), password: value(u.Password), hasPassword: u.Password != nil}
	if u.Unix != nil {
		p.network, p.address = "unix", *u.Unix
		p.name = "unix/:" + *u.Unix
		if p.login != "" {
			p.name = p.login + "@" + p.name
		}
		return p, nil
	}
	host := value(u.Host)
	if host == "" || host == "*" {
		host = "localhost"
	}
	p.network, p.address = "tcp", joinHostPort(host, *u.Service)
	return p, nil
}

func joinHostPort(host, port string) string {
	for _, c := range host {
		if c == ':' {
			return fmt.Sprintf("[%s]:%s", host, port)
		}
	}
	return host + ":" + port
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
