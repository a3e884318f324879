// Package session keeps account of who is connected to an instance.
//
// The one idea: each fiber works for a session, which says where requests come from and with whose rights they run.
// A server makes a Session per connection and gives it to the fibers that serve it (sched.Fiber.Session); all other
// fibers work for the instance's own background session.
package session

import (
	"errors"

	"shardlua/runtime/sched"
)

// Kind is what box.session.type() returns.
type Kind string

// The kinds of sessions.
const (
	Background Kind = "background"
	Binary     Kind = "binary"
	Console    Kind = "console"
	REPL       Kind = "repl"
	Applier    Kind = "applier"
)

// ErrNoPush is the answer of sessions that cannot push.
var ErrNoPush = errors.New("session does not support push")

// Session is one connection, or the background.
type Session struct {
	ID   uint64
	Kind Kind
	// Peer is the address of the other side, empty when there is none.
	Peer string
	// FD is the socket's file descriptor, -1 when there is none.
	FD int
	// UserID is who has logged in.
	UserID uint32
	// Sync is the number of the request that is being served.
	Sync uint64
	// Storage is what scripts see as box.session.storage; it belongs to the Lua side, nil until first asked for.
	Storage  any
	settings map[string]any
	// Push sends a message out of band, nil where that is impossible. A sync of 0 is that of the request in work.
	Push func(value any, sync uint64) error
}

// Settings are what scripts have changed of _session_settings, by name; the values are the database's.
func (s *Session) Settings() map[string]any {
	if s.settings == nil {
		s.settings = map[string]any{}
	}
	return s.settings
}

// HasSettings tells whether anything was changed in Settings.
func (s *Session) HasSettings() bool { return len(s.settings) > 0 }

// Trigger is told of a session that begins, ends or logs in. An error of OnConnect refuses the session.
type Trigger func(s *Session) error

// Request is what a server keeps in sched.Fiber.Request.
type Request interface {
	// Sync is the number that the client gave the request.
	Sync() uint64
}

// Sync is the number of the request that a fiber serves, 0 when it serves none: box.session.sync.
func (r *Registry) Sync(f *sched.Fiber) uint64 {
	if f != nil {
		if request, ok := f.Request.(Request); ok {
			return request.Sync()
		}
	}
	return r.Of(f).Sync
}

// Registry has the sessions of one instance. It is used with the baton held.
type Registry struct {
	// OnConnect, OnDisconnect are set by the Lua side, which keeps the lists of triggers.
	OnConnect    Trigger
	OnDisconnect Trigger
	// OnAuth is told of each attempt to log in, with the user's name.
	OnAuth func(s *Session, user string, ok bool) error

	background *Session
	sessions   map[uint64]*Session
	nextID     uint64
}

// AdminID is the user whose rights the background and the admin console have.
const AdminID = 1

// NewRegistry makes a Registry that has only the background session.
func NewRegistry() *Registry {
	background := &Session{ID: 1, Kind: Background, FD: -1, UserID: AdminID}
	return &Registry{
		background: background,
		sessions:   map[uint64]*Session{1: background},
		nextID:     2,
	}
}

// Open makes a session and runs the on_connect triggers. On an error of theirs there is no session.
func (r *Registry) Open(f *sched.Fiber, s *Session) error {
	s.ID = r.nextID
	r.nextID++
	r.sessions[s.ID] = s
	f.Session = s
	if r.OnConnect != nil {
		if err := r.OnConnect(s); err != nil {
			delete(r.sessions, s.ID)
			return err
		}
	}
	return nil
}

// Close ends a session and runs the on_disconnect triggers, whose errors cannot stop it.
func (r *Registry) Close(s *Session) {
	if _, ok := r.sessions[s.ID]; !ok {
		return
	}
	if r.OnDisconnect != nil {
		_ = r.OnDisconnect(s)
	}
	delete(r.sessions, s.ID)
}

// Find returns the session with that id, nil when there is none.
func (r *Registry) Find(id uint64) *Session { return r.sessions[id] }

// Count is how many sessions there are besides the background.
func (r *Registry) Count() int { return len(r.sessions) - 1 }

// Of is the session that a fiber works for.
func (r *Registry) Of(f *sched.Fiber) *Session {
	if f != nil {
		if s, ok := f.Session.(*Session); ok {
			return s
		}
	}
	return r.background
}
