package replication

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/sys"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// Local is the instance itself: *store.Store.
type Local interface {
	DB() *db.DB
	Log() *wal.Log
	Files() *xlog.Collector
	InstanceID() uint32
	SetInstanceID(id uint32)
}

// Config is what a Set needs from its host.
type Config struct {
	Sched        *sched.Scheduler
	Machine      sys.Machine
	InstanceUUID uuid.UUID
	// WALDir has the logs that relays read, WALMode tells whether there are any.
	WALDir  string
	WALMode wal.Mode
	// Log gets what an operator should know. It may be called from any goroutine, and may be nil.
	Log func(say.Entry)
	// ReadOnlyChanged is called when the instance becomes writable or stops being so. It may be nil.
	ReadOnlyChanged func()
	// SchemaChanged is called when a master's changes have changed the schema. It may be nil.
	SchemaChanged func()
}

// Set is the replica set as one instance sees it. Its methods are called with the baton.
type Set struct {
	config  Config
	options Options
	local   Local
	// serving is set when replicas may come.
	serving bool
	// founder is set when this instance has made the replica set: it has nobody to wait for.
	founder bool
	members map[uuid.UUID]*member
	byID    [vclock.Size]*member
	// appliers are those of the configuration, in its order.
	appliers []*applier
	orphan   bool
	changed  sched.Cond // told of every change of a state

	// What goroutines ask for.
	beat atomic.Int64 // replication_timeout in nanoseconds
	log  atomic.Pointer[wal.Log]
}

// member is an instance of the replica set, or an anonymous replica.
type member struct {
	uuid    uuid.UUID
	id      uint32 // 0 when it is not in _cluster
	anon    bool
	applier *applier
	relay   *relay
	pin     *xlog.Pin
}

// New makes a Set that follows nobody.
func New(config Config) *Set {
	if config.Log == nil {
		config.Log = func(say.Entry) {}
	}
	s := &Set{config: config, options: DefaultOptions(), members: map[uuid.UUID]*member{}, orphan: true}
	s.beat.Store(int64(s.options.Timeout))
	return s
}

func (s *Set) say(level say.Level, format string, args ...any) {
	e := say.Entry{Level: level, Message: fmt.Sprintf(format, args...)}
	if f := s.config.Sched.Current(); f != nil {
		e.FiberID, e.FiberName = f.ID(), f.Name()
	}
	s.config.Log(e)
}

func (s *Set) timeout() time.Duration           { return time.Duration(s.beat.Load()) }
func (s *Set) disconnectTimeout() time.Duration { return disconnectAfter * s.timeout() }
func (s *Set) connectTimeout() time.Duration    { return s.options.ConnectTimeout }

// joinTimeout is how long a master may be silent during a JOIN: it may have to sync its log first.
func (s *Set) joinTimeout() time.Duration { return max(s.disconnectTimeout(), 30*time.Second) }

// logVClock is what is written. It may be called from any goroutine.
func (s *Set) logVClock() vclock.VClock {
	if log := s.log.Load(); log != nil {
		return log.VClock()
	}
	return vclock.VClock{}
}

// SetOptions takes the options that need no reconnecting: all but URIs and Anon, which stay as they are.
func (s *Set) SetOptions(o Options) {
	o.URIs, o.Anon = s.options.URIs, s.options.Anon
	s.options = o
	s.beat.Store(int64(o.Timeout))
	s.checkQuorum()
	s.updateReadOnly()
}

// Options are those in force.
func (s *Set) Options() Options { return s.options }

// Configure sets the options before there is a database.
func (s *Set) Configure(o Options) error {
	if err := CheckURIs(o.URIs); err != nil {
		return err
	}
	s.options = o
	s.beat.Store(int64(o.Timeout))
	return nil
}

// Watch makes the Set know what is, and what will be, in _cluster of a database.
func (s *Set) Watch(d *db.DB) { d.OnCluster = s.onCluster }

// Attach gives the Set its database and log. Replicas may come from now on.
func (s *Set) Attach(local Local) error {
	s.local = local
	s.log.Store(local.Log())
	d := local.DB()
	s.Watch(d)
	rows, err := d.SpaceByName("_cluster").Select(d.NewContext(db.AdminID), 0, db.ALL, 0, vclock.Size, nil)
	if err != nil {
		return err
	}
	for _, t := range rows {
		data := t.Data()
		_, size := mp.ArrayHeader(data)
		data = data[size:]
		id, _ := mp.Uint64(data)
		data = data[mp.Skip(data):]
		s.register(&db.Replica{ID: uint32(id), UUID: string(mp.Bytes(data))})
	}
	s.updateReadOnly()
	return nil
}

// onCluster follows committed changes of _cluster.
func (s *Set) onCluster(old, next *db.Replica) {
	switch {
	case next != nil:
		if s.register(next) {
			s.say(say.Info, "assigned id %d to replica %s", next.ID, next.UUID)
		}
	case old != nil:
		s.remove(old)
	}
}

// register notes a row of _cluster and tells whether it was news.
func (s *Set) register(r *db.Replica) bool {
	id, err := uuid.Parse(r.UUID)
	if err != nil || r.ID == 0 || !vclock.Valid(r.ID) {
		return false
	}
	m := s.member(id)
	if m.id == r.ID {
		return false
	}
	m.id, m.anon = r.ID, false
	s.byID[r.ID] = m
	if id == s.config.InstanceUUID && s.local != nil && s.local.InstanceID() != r.ID {
		s.local.SetInstanceID(r.ID)
	}
	return true
}

func (s *Set) remove(r *db.Replica) {
	id, err := uuid.Parse(r.UUID)
	m := s.members[id]
	if err != nil || m == nil {
		return
	}
	s.say(say.Info, "removed replica %s", r.UUID)
	if s.byID[m.id] == m {
		s.byID[m.id] = nil
	}
	m.id = 0
	if m.pin != nil {
		m.pin.Release()
		m.pin = nil
	}
	s.forget(m)
}

// member returns the member with that uuid, a new one if there is none.
func (s *Set) member(id uuid.UUID) *member {
	m := s.members[id]
	if m == nil {
		m = &member{uuid: id}
		s.members[id] = m
	}
	return m
}

// forget drops a member that nothing is known of any more.
func (s *Set) forget(m *member) {
	if m.id == 0 && m.applier == nil && m.relay == nil {
		delete(s.members, m.uuid)
	}
}

func (s *Set) clusterUUID() uuid.UUID {
	if s.local == nil {
		return uuid.Nil
	}
	id, _ := uuid.Parse(s.local.DB().ClusterUUID())
	return id
}

// Orphan tells whether the instance waits for its quorum.
func (s *Set) Orphan() bool { return s.orphan }

// ReadOnly tells whether the instance refuses changes.
func (s *Set) ReadOnly() bool { return s.options.ReadOnly || s.orphan }

func (s *Set) updateReadOnly() {
	if s.local == nil || s.local.DB().ReadOnly() == s.ReadOnly() {
		return
	}
	s.local.DB().SetReadOnly(s.ReadOnly())
	if s.config.ReadOnlyChanged != nil {
		s.config.ReadOnlyChanged()
	}
}

func (s *Set) setOrphan(on bool) {
	if s.orphan == on {
		return
	}
	s.orphan = on
	if on {
		s.say(say.Crit, "entering orphan mode")
	} else {
		s.say(say.Crit, "leaving orphan mode")
	}
	s.updateReadOnly()
}

// stateChanged is called when an applier's state changes.
func (s *Set) stateChanged() {
	s.changed.Broadcast()
	s.checkQuorum()
}

// quorum is how many appliers must be in step.
func (s *Set) quorum() int {
	n := s.options.ConnectQuorum
	if n < 0 || n > len(s.appliers) {
		return len(s.appliers)
	}
	return n
}

func (s *Set) count(states ...state) int {
	n := 0
	for _, a := range s.appliers {
		if slices.Contains(states, a.counted) {
			n++
		}
	}
	return n
}

// inStep counts the appliers that follow. One that is off is a connection to the instance itself, or a second one to
// the same master: nothing to wait for.
func (s *Set) inStep() int { return s.count(stateFollow, stateOff) }

// alive counts the appliers that may get in step soon.
func (s *Set) alive() int {
	return len(s.appliers) - s.count(stateConnect, stateDisconnected, stateStopped)
}

func (s *Set) checkQuorum() {
	if s.serving && s.orphan && s.inStep() >= s.quorum() {
		s.setOrphan(false)
	}
}

// Ballot is the instance's answer to a vote.
func (s *Set) Ballot() iproto.Ballot {
	b := iproto.Ballot{ReadOnly: s.options.ReadOnly, Loading: s.ReadOnly() || !s.serving}
	if s.local == nil {
		return b
	}
	b.VClock = s.local.Log().VClock()
	b.VClock.Set(0, 0)
	b.GCVClock = s.local.Files().Oldest()
	b.GCVClock.Set(0, 0)
	return b
}

// Close stops following and feeding. It does not wait.
func (s *Set) Close() {
	s.serving = false
	for _, a := range s.appliers {
		a.stop()
	}
	for _, m := range s.members {
		if m.relay != nil {
			m.relay.stop()
		}
	}
}

// identified is told who answers an applier. Two appliers cannot follow the same master.
func (s *Set) identified(a *applier, id uuid.UUID) error {
	a.remote = id
	if !slices.Contains(s.appliers, a) {
		return nil // the configuration is not in force yet
	}
	return s.adopt(a)
}

// adopt ties an applier that has connected to its member.
func (s *Set) adopt(a *applier) error {
	m := s.member(a.remote)
	if a.member != nil && a.member != m {
		a.member.applier = nil
		s.forget(a.member)
	}
	if m.applier != nil && m.applier != a {
		s.say(say.Error, "duplicate connection to the same replica: instance uuid %s, addr1 %s, addr2 %s", a.remote,
			m.applier.peer.address, a.peer.address)
		a.member = nil
		return errStopped
	}
	m.applier, a.member = a, m
	return nil
}

var (
	errCannotRegister  = boxerr.New(boxerr.CannotRegister)
	errFailedToConnect = boxerr.New(boxerr.Cfg, "replication", "failed to connect to one or more replicas")
)
