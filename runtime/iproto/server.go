package iproto

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/vclock"
)

// Defaults of box.cfg.
const (
	DefaultNetMsgMax = 768
	DefaultReadahead = 16320
)

// Call is a request to call a function.
type Call struct {
	Name string
	// Function is what the database knows of the function; nil when it is only a name.
	Function *db.Function
	Args     []byte // an array
	// Old asks for the results as tuples, as CALL did in 1.6.
	Old bool
}

// Procedures runs what clients call. All methods are called with the baton, on the fiber of the request, whose
// session and context are set and whose rights are checked. What they append are MessagePack values, which they count.
type Procedures interface {
	Call(f *sched.Fiber, call *Call, dst []byte) ([]byte, int, error)
	Eval(f *sched.Fiber, expr string, args, dst []byte) ([]byte, int, error)
	// Encode appends a value that a script pushes to its client.
	Encode(f *sched.Fiber, value any, dst []byte) ([]byte, error)
}

// Config is what a Server needs from its host.
type Config struct {
	Sched      *sched.Scheduler
	Sessions   *session.Registry
	Network    sys.Network
	Procedures Procedures
	// Version is the number in the greeting, such as "2.6.0".
	Version string
	// Log gets what an operator should know; nil drops it.
	Log func(say.Entry)
	// Count is told, with the baton, how many requests of a type were answered, and with TypeError how many failed;
	// nil drops it.
	Count func(typ Type, n int64)
	// SchemaChanged is called, with the baton, when a client has written to a system space; nil drops it.
	SchemaChanged func()
	// Random fills a salt.
	Random func([]byte)
}

// Ballot is the answer to a vote.
type Ballot struct {
	ReadOnly bool // by configuration
	Loading  bool // not yet open for business
	VClock   vclock.VClock
	GCVClock vclock.VClock // the oldest state that can still be had
}

// Replication serves JOIN, SUBSCRIBE, FETCH SNAPSHOT and REGISTER. It runs on a fiber and has the connection for
// itself: nothing else reads or writes there until it returns. When it returns nil, the server serves the connection
// again, unless it was closed; an error is sent to the client, and ends the connection after a SUBSCRIBE.
type Replication func(f *sched.Fiber, c *Conn, r *Request) error

// Server is the binary port of one instance. Unless a comment says otherwise, its methods are called with the baton.
type Server struct {
	config      Config
	db          *db.DB
	uuid        string
	ballot      func() Ballot
	replication Replication
	events      map[string]*event
	workers     []*worker // that have nothing to do
	dirty       []*Conn   // whose replies leave soon, see flushLater
	names       names
	// loading refuses all but pings, logins and votes: the database is on its way.
	loading bool

	readahead atomic.Int64
	max       atomic.Int64 // of inFlight
	inFlight  atomic.Int64
	requests  atomic.Int64 // ever
	sent      atomic.Int64 // bytes
	received  atomic.Int64

	mu       sync.Mutex
	room     sync.Cond // inFlight < max
	queue    []*batch
	running  bool // a fiber takes from the queue, or is about to
	listener net.Listener
	conns    map[*Conn]struct{}
	stats    Stats
}

// Stats counts what went over the wire.
type Stats struct {
	Connections, Requests    int   // now
	AcceptedTotal            int64 // connections
	RequestsTotal            int64
	SentTotal, ReceivedTotal int64 // bytes
}

// New makes a server that does not listen yet.
func New(config Config) *Server {
	s := &Server{config: config, conns: map[*Conn]struct{}{}, events: map[string]*event{}, names: names{}}
	s.room.L = &s.mu
	s.max.Store(DefaultNetMsgMax)
	s.readahead.Store(DefaultReadahead)
	if s.config.Log == nil {
		s.config.Log = func(say.Entry) {}
	}
	if s.config.Count == nil {
		s.config.Count = func(Type, int64) {}
	}
	if s.config.SchemaChanged == nil {
		s.config.SchemaChanged = func() {}
	}
	return s
}

// Open tells the server which database it serves, and the instance's name in greetings. It comes before Listen.
func (s *Server) Open(database *db.DB, uuid string) { s.db, s.uuid = database, uuid }

// SetBallot says how to answer votes.
func (s *Server) SetBallot(ballot func() Ballot) { s.ballot = ballot }

// SetLoading refuses, or takes again, everything but pings and votes, while the database is being filled.
func (s *Server) SetLoading(on bool) { s.loading = on }

// OnReplication registers what serves replicas. Until then their requests are refused.
func (s *Server) OnReplication(serve Replication) { s.replication = serve }

// SetNetMsgMax limits how many requests are in work at once: connections are not read from beyond that.
func (s *Server) SetNetMsgMax(n int) {
	s.max.Store(int64(max(2, n)))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.room.Broadcast()
}

// SetReadahead is the size in bytes of what is read from a connection at once.
func (s *Server) SetReadahead(bytes int) { s.readahead.Store(int64(max(128, bytes))) }

// Stats returns the counters. It may be called from any goroutine.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.SentTotal, stats.ReceivedTotal = s.sent.Load(), s.received.Load()
	stats.Connections, stats.Requests = len(s.conns), int(s.inFlight.Load())
	stats.RequestsTotal = s.requests.Load()
	return stats
}

// Listen binds an address, "tcp" or "unix", and begins to accept. An address that was listened on before is let go
// first; connections that were accepted there live on. The socket file of a dead instance is replaced.
func (s *Server) Listen(ctx context.Context, network, address string) error {
	s.StopListening()
	listener, err := s.config.Network.Listen(ctx, network, address)
	if network == "unix" && errors.Is(err, syscall.EADDRINUSE) && s.stale(ctx, address) {
		// Not os.Remove, which takes an empty directory for a file.
		if gone := syscall.Unlink(address); gone == nil || gone == syscall.ENOENT {
			listener, err = s.config.Network.Listen(ctx, network, address)
		} else {
			err = errors.Join(&fs.PathError{Op: "unlink", Path: address, Err: gone}, err)
		}
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	go s.accept(listener)
	return nil
}

// stale reports whether nobody listens on a unix socket any more.
func (s *Server) stale(ctx context.Context, path string) bool {
	c, err := s.config.Network.Dial(ctx, "unix", path)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// Addr is where the server listens, nil when it does not. It may be called from any goroutine.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// StopListening lets the address go; connections live on.
func (s *Server) StopListening() {
	s.mu.Lock()
	listener := s.listener
	s.listener = nil
	s.mu.Unlock()
	if listener != nil {
		listener.Close()
	}
}

// Close lets the address go and ends all connections. It does not wait for requests that are in work.
func (s *Server) Close() {
	s.StopListening()
	s.mu.Lock()
	all := make([]*Conn, 0, len(s.conns))
	for c := range s.conns {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		c.socket.Close()
	}
}

// acceptPause is how long the server waits when the system has no descriptor left.
const acceptPause = 50 * time.Millisecond

func (s *Server) accept(listener net.Listener) {
	for {
		socket, err := listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.config.Log(say.Entry{Level: say.Error, Cord: "iproto", Message: "accept", Error: err.Error()})
			time.Sleep(acceptPause)
			continue
		}
		c := newConn(s, socket)
		if s.config.Sched.Go("main", c.open) == nil {
			socket.Close()
			return
		}
	}
}

// schemaVersion is what every reply carries.
func (s *Server) schemaVersion() uint64 { return s.db.SchemaVersion() }

// enter counts requests in, and waits first while there is too much in work.
func (s *Server) enter(n int) {
	if s.inFlight.Load() >= s.max.Load() {
		s.mu.Lock()
		for s.inFlight.Load() >= s.max.Load() {
			s.room.Wait()
		}
		s.mu.Unlock()
	}
	s.inFlight.Add(int64(n))
	s.requests.Add(int64(n))
}

// leave counts an answered request out.
func (s *Server) leave() {
	if n := s.inFlight.Add(-1); n == s.max.Load()-1 {
		s.mu.Lock()
		s.room.Broadcast()
		s.mu.Unlock()
	}
}
