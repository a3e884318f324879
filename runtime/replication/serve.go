package replication

import (
	"io"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// asked is a request of a replica, with the connection that it came on.
type asked struct {
	set  *Set
	link *link
	sync uint64
	sub  subscription
	peer string
}

// Serve answers JOIN, SUBSCRIBE, FETCH SNAPSHOT and REGISTER; it is what iproto.Server.OnReplication takes.
func (s *Set) Serve(f *sched.Fiber, c *iproto.Conn, r *iproto.Request) error {
	q := &asked{set: s, sync: r.Sync, peer: c.Peer(),
		link: &link{socket: c.Socket(), clock: s.config.Machine.Clock, name: c.Peer(), in: append([]byte(nil), c.Buffered()...)}}
	if !s.serving {
		return boxerr.New(boxerr.Loading)
	}
	if err := q.sub.parse(r.Body); err != nil {
		return err
	}
	err := q.check(f, r.Type)
	if err == nil {
		switch r.Type {
		case iproto.TypeJoin:
			err = q.serveJoin(f)
		case iproto.TypeFetchSnapshot:
			err = q.serveSnapshot(f)
		case iproto.TypeRegister:
			err = q.serveRegister(f)
		case iproto.TypeSubscribe:
			err = q.serveSubscribe(f)
		default:
			err = boxerr.New(boxerr.UnknownRequestType, uint32(r.Type))
		}
	}
	if r.Type != iproto.TypeSubscribe { // after which the connection ends, and the relay's reader may still be at it
		c.SetBuffered(q.link.in)
	}
	return err
}

// check tells whether the replica may ask for that.
func (q *asked) check(f *sched.Fiber, typ iproto.Type) error {
	s := q.set
	if err := q.sub.missing(typ == iproto.TypeSubscribe, typ == iproto.TypeSubscribe || typ == iproto.TypeRegister); err != nil {
		return err
	}
	if q.sub.Instance == s.config.InstanceUUID {
		return boxerr.New(boxerr.ConnectionToSelf)
	}
	d := s.local.DB()
	c := d.NewContext(db.AdminID)
	if session, ok := f.Session.(*session.Session); ok {
		c.SetUID(session.UserID)
	}
	if err := d.CheckUniverse(c, db.PrivRead); err != nil {
		return err
	}
	m := s.members[q.sub.Instance]
	registered := m != nil && m.id != 0
	switch typ {
	case iproto.TypeRegister:
		if registered {
			return boxerr.New(boxerr.ReplicaNotAnon, q.sub.Instance.String())
		}
	case iproto.TypeFetchSnapshot:
		registered = true // it will not be
	case iproto.TypeSubscribe:
		if q.sub.Anon && registered {
			return boxerr.New(boxerr.Protocol, "Can't subscribe an anonymous replica having an ID assigned")
		}
		if !q.sub.Anon && !registered {
			return boxerr.New(boxerr.UnknownReplica, q.sub.Instance.String(), d.ClusterUUID())
		}
		if m != nil && m.relay != nil && m.relay.following() {
			return boxerr.New(boxerr.Cfg, "replication", "duplicate connection with the same replica UUID")
		}
		registered = true
	}
	if !registered {
		if d.ReadOnly() {
			return boxerr.New(boxerr.Readonly)
		}
		if err := d.SpaceByName("_cluster").CheckAccess(c, db.PrivWrite); err != nil {
			return err
		}
	}
	if s.config.WALMode == wal.None && typ != iproto.TypeFetchSnapshot {
		return boxerr.New(boxerr.Unsupported, "Replication", "wal_mode = 'none'")
	}
	return nil
}

// await runs fn, which uses the link, on another goroutine while the fiber waits.
func (q *asked) await(f *sched.Fiber, fn func() error) error {
	result := new(error)
	err := f.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			*result = fn()
			done()
		}()
	})
	if err != nil {
		q.link.close()
		return err
	}
	return *result
}

func (q *asked) serveJoin(f *sched.Fiber) error {
	s := q.set
	s.say(say.Info, "joining replica %s at %s", q.sub.Instance, q.peer)
	log := s.local.Log()
	pin := s.local.Files().PinLogs("replica "+q.sub.Instance.String(), log.VClock())
	defer func() { pin.Release() }()
	start, err := q.sendView(f)
	if err != nil {
		return err
	}
	s.say(say.Info, "initial data sent.")
	if err := s.admit(q.sub.Instance); err != nil {
		return err
	}
	stop := log.VClock()
	if err := q.await(f, func() error { return q.send(&xlog.Row{Body: vclockBody(stop)}) }); err != nil {
		return err
	}
	if err := q.await(f, func() error { return q.sendLogs(start, stop) }); err != nil {
		return err
	}
	s.say(say.Info, "final data sent.")
	now := log.VClock()
	err = q.await(f, func() error { return q.send(&xlog.Row{Body: vclockBody(now)}) })
	if err == nil {
		pin = s.hand(q.sub.Instance, pin, stop)
	}
	return err
}

// hand gives the pin of a replica that has joined to its member, which keeps it until the replica is removed. It
// returns the pin to release.
func (s *Set) hand(id uuid.UUID, pin *xlog.Pin, at vclock.VClock) *xlog.Pin {
	m := s.members[id]
	if m == nil || m.id == 0 {
		return pin // removed meanwhile
	}
	pin.Advance(at)
	old := m.pin
	m.pin = pin
	return old
}

func (q *asked) serveSnapshot(f *sched.Fiber) error {
	s := q.set
	s.say(say.Info, "sending current read-view to replica at %s", q.peer)
	start, err := q.sendView(f)
	if err != nil {
		return err
	}
	s.say(say.Info, "read-view sent.")
	return q.await(f, func() error { return q.send(&xlog.Row{Body: vclockBody(start)}) })
}

func (q *asked) serveRegister(f *sched.Fiber) error {
	s := q.set
	s.say(say.Info, "registering replica %s at %s", q.sub.Instance, q.peer)
	log := s.local.Log()
	pin := s.local.Files().PinLogs("replica "+q.sub.Instance.String(), q.sub.VClock)
	defer func() { pin.Release() }()
	if err := s.admit(q.sub.Instance); err != nil {
		return err
	}
	stop := log.VClock()
	if err := q.await(f, func() error { return q.sendLogs(q.sub.VClock, stop) }); err != nil {
		return err
	}
	s.say(say.Info, "final data sent.")
	now := log.VClock()
	err := q.await(f, func() error { return q.send(&xlog.Row{Body: vclockBody(now)}) })
	if err == nil {
		pin = s.hand(q.sub.Instance, pin, stop)
	}
	return err
}

// freeNumber is the lowest number that no row of _cluster has, those included whose commit waits for the log: several
// replicas may join at the same time.
func freeNumber(d *db.DB) (uint32, error) {
	cluster, admin := d.SpaceByName("_cluster"), d.NewContext(db.AdminID)
	for number := uint32(1); number < vclock.Size; number++ {
		row, err := cluster.Get(admin, 0, mp.AppendUint(mp.AppendArrayHeader(nil, 1), uint64(number)))
		if err != nil || row == nil {
			return number, err
		}
	}
	return 0, boxerr.New(boxerr.ReplicaMax, vclock.Size)
}

// admit gives a replica the lowest free number in _cluster, if it has none.
func (s *Set) admit(id uuid.UUID) error {
	if m := s.members[id]; m != nil && m.id != 0 {
		return nil
	}
	d := s.local.DB()
	number, err := freeNumber(d)
	if err != nil {
		return err
	}
	row := mp.AppendString(mp.AppendUint(mp.AppendArrayHeader(nil, 2), uint64(number)), id.String())
	_, err = d.SpaceByName("_cluster").Insert(d.NewContext(db.AdminID), row)
	return err
}

// sendView sends the database as it is now, but for what is local, and returns the state that it shows.
func (q *asked) sendView(f *sched.Fiber) (vclock.VClock, error) {
	s := q.set
	view, at, log := s.local.DB().ReadView(), s.local.Log().Assigned(), s.local.Log()
	err := q.await(f, func() error {
		// The view shows transactions that are on their way to the log. They must get there.
		if s.config.WALMode != wal.None {
			if err := log.Sync(); err != nil {
				return boxerr.New(boxerr.WALIO)
			}
		}
		written := log.VClock()
		if order := at.Compare(&written); order != vclock.Equal && order != vclock.Before {
			return boxerr.New(boxerr.WALIO)
		}
		if err := q.send(&xlog.Row{Body: vclockBody(at)}); err != nil {
			return err
		}
		w := q.writer()
		var body []byte
		err := view.Rows(func(r *db.Row) error {
			if r.GroupID == db.GroupLocal {
				return nil
			}
			body = r.AppendBody(body[:0])
			return w.add(&xlog.Row{Type: xlog.Type(r.Type), Body: body})
		})
		if err != nil {
			return err
		}
		return w.flush()
	})
	return at, err
}

// sendLogs sends the rows between two states.
func (q *asked) sendLogs(from, to vclock.VClock) error {
	s := q.set
	logs, err := xlog.NewRecovery(s.recoveryConfig(from))
	if err != nil {
		return fileError(err)
	}
	defer logs.Close()
	w := q.writer()
	for {
		at := logs.VClock()
		if order := at.CompareReplicated(&to); order == vclock.Equal || order == vclock.After {
			return w.flush()
		}
		rows, err := logs.Next()
		if err == io.EOF {
			return w.flush()
		}
		if err != nil {
			return fileError(err)
		}
		for i := range rows {
			if rows[i].ReplicaID == 0 {
				continue
			}
			if err := w.add(&rows[i]); err != nil {
				return err
			}
		}
	}
}

// recoveryConfig says how to read the logs for a replica, which must get nothing that is not acknowledged.
func (s *Set) recoveryConfig(from vclock.VClock) xlog.RecoveryConfig {
	return xlog.RecoveryConfig{Disk: s.config.Machine.Disk, Dir: s.config.WALDir, Instance: s.config.InstanceUUID, From: from,
		Replicated: true, Limit: s.log.Load().Limit}
}

func (q *asked) writer() *rowWriter {
	return &rowWriter{link: q.link, sync: q.sync, timeout: q.set.disconnectTimeout}
}

func (q *asked) send(row *xlog.Row) error {
	w := q.writer()
	if err := w.add(row); err != nil {
		return err
	}
	return w.flush()
}
