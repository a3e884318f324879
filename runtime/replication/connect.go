package replication

import (
	"github.com/google/uuid"

	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/xlog"
	"shardlua/runtime/xlog/vclock"
)

// connect makes the appliers of the configuration, lets them connect, and puts them in the place of those before. It
// waits for all of them, at most replication_connect_timeout. With strict, fewer than the quorum are an error, and
// those before stay.
func (s *Set) connect(f *sched.Fiber, uris []string, strict bool) error {
	var next []*applier
	for _, text := range uris {
		p, err := parsePeer(text)
		if err != nil {
			return err
		}
		next = append(next, newApplier(s, p))
	}
	quorum := len(next)
	if n := s.options.ConnectQuorum; n >= 0 && n < quorum {
		quorum = n
	}
	if len(next) > 0 {
		s.say(say.Info, "connecting to %d replicas", len(next))
	}
	for _, a := range next {
		a.start(f)
	}
	connected := s.waitConnected(f, next, quorum)
	if connected < len(next) {
		s.say(say.Crit, "failed to connect to %d out of %d replicas", len(next)-connected, len(next))
	} else if connected > 0 {
		s.say(say.Info, "connected to %d replicas", connected)
	}
	if strict && connected < quorum || f.Cancelled() {
		for _, a := range next {
			a.stop()
		}
		if f.Cancelled() {
			return sched.ErrCancelled
		}
		return errFailedToConnect
	}
	s.options.URIs = uris
	s.install(next)
	return nil
}

// waitConnected waits until all appliers have connected, or the time is over. When no quorum is asked for, one try of
// each is enough.
func (s *Set) waitConnected(f *sched.Fiber, appliers []*applier, quorum int) int {
	deadline := s.now() + s.options.ConnectTimeout
	for {
		connected, waiting := 0, 0
		for _, a := range appliers {
			switch a.state {
			case stateConnect:
				waiting++
			case stateConnected:
				connected++
			case stateDisconnected, stateLoading:
				if quorum > 0 {
					waiting++
				}
			}
		}
		left := deadline - s.now()
		if waiting == 0 || left <= 0 || f.Cancelled() {
			return connected
		}
		s.changed.Wait(f, left)
	}
}

// install puts appliers in the place of those before.
func (s *Set) install(next []*applier) {
	for _, a := range s.appliers {
		a.stop()
		if m := a.member; m != nil {
			if m.applier == a {
				m.applier = nil
			}
			s.forget(m)
		}
	}
	s.appliers = next
	for _, a := range next {
		if a.remote != uuid.Nil && s.adopt(a) != nil {
			a.stop()
		}
	}
}

// SetURIs follows other masters from now on. It waits until they are connected and in step, or until the time for
// that is over; then the instance is an orphan.
func (s *Set) SetURIs(f *sched.Fiber, uris []string) error {
	if err := CheckURIs(uris); err != nil {
		return err
	}
	if err := s.connect(f, uris, false); err != nil {
		return err
	}
	return s.follow(f)
}

// SetAnon lets an anonymous instance register with a master. The other way is not possible.
func (s *Set) SetAnon(f *sched.Fiber, on bool) error {
	if on == s.options.Anon {
		return nil
	}
	s.options.Anon = on
	if on {
		return nil
	}
	if err := s.connect(f, s.options.URIs, true); err != nil {
		s.options.Anon = true
		return err
	}
	if err := s.follow(f); err != nil {
		return err
	}
	for s.local.InstanceID() == 0 && s.alive() > 0 && !f.Cancelled() {
		if !s.changed.Wait(f, s.options.ConnectTimeout) {
			break
		}
	}
	if s.local.InstanceID() == 0 {
		s.options.Anon = true
		return errCannotRegister
	}
	return nil
}

// Start follows the masters; replicas may come. It waits until the quorum is in step, or the time for that is over.
func (s *Set) Start(f *sched.Fiber) error {
	if len(s.appliers) == 0 && len(s.options.URIs) > 0 {
		if err := s.connect(f, s.options.URIs, false); err != nil {
			return err
		}
	}
	s.say(say.Info, "ready to accept requests")
	s.serving = true
	if s.founder {
		s.orphan = false
		s.updateReadOnly()
		for _, a := range s.appliers {
			a.setGoal(goalFollow)
		}
		return nil
	}
	return s.follow(f)
}

func (s *Set) follow(f *sched.Fiber) error {
	for _, a := range s.appliers {
		a.setGoal(goalFollow)
	}
	return s.sync(f)
}

// sync waits for the quorum.
func (s *Set) sync(f *sched.Fiber) error {
	if s.quorum() == 0 {
		s.setOrphan(false)
		return nil
	}
	s.say(say.Info, "synchronizing with %d replicas", s.quorum())
	deadline := s.now() + s.options.SyncTimeout
	for s.inStep() < s.quorum() && s.alive() >= s.quorum() {
		left := deadline - s.now()
		if left <= 0 {
			break
		}
		s.changed.Wait(f, left)
		if f.Cancelled() {
			return sched.ErrCancelled
		}
	}
	if missing := s.quorum() - s.inStep(); missing > 0 {
		s.say(say.Crit, "failed to synchronize with %d out of %d replicas", len(s.appliers)-s.inStep(), len(s.appliers))
		s.setOrphan(true)
		return nil
	}
	s.say(say.Info, "replica set sync complete")
	s.setOrphan(false)
	return nil
}

// Bootstrap decides who makes the replica set, or has made it. When that is another instance, it fills an empty
// database with what that sends, and returns the state that it is in; joined is false when this instance is to make
// the replica set itself.
func (s *Set) Bootstrap(f *sched.Fiber, fill *db.DB) (v vclock.VClock, joined bool, err error) {
	s.founder = true
	if len(s.options.URIs) == 0 {
		return v, false, nil
	}
	if len(s.appliers) == 0 {
		if err := s.connect(f, s.options.URIs, true); err != nil {
			return v, false, err
		}
	}
	from := s.pickLeader()
	if from == nil || from.remote == s.config.InstanceUUID {
		return v, false, nil
	}
	s.founder = false
	v, err = s.fetch(f, from, fill)
	return v, err == nil, err
}

// Rejoin tells whether an instance whose files reach to v must fetch everything anew, because a master has removed
// the logs that it would need. If so it fills an empty database like Bootstrap.
func (s *Set) Rejoin(f *sched.Fiber, v vclock.VClock, empty func() *db.DB) (at vclock.VClock, joined bool, err error) {
	if len(s.options.URIs) == 0 {
		return v, false, nil
	}
	if err := s.connect(f, s.options.URIs, false); err != nil {
		return v, false, err
	}
	from := s.pickLeader()
	if from == nil || from.remote == s.config.InstanceUUID {
		return v, false, nil
	}
	for _, a := range s.appliers {
		// Somebody who still has the logs can bring us up to date.
		if a.member != nil && a.remote != s.config.InstanceUUID && !outdated(&v, &a.ballot) {
			return v, false, nil
		}
	}
	s.say(say.Crit, "replica is too old, initiating rebootstrap")
	at, err = s.fetch(f, from, empty())
	return at, err == nil, err
}

func (s *Set) pickLeader() *applier {
	var all []candidate
	var whose []*applier
	for _, a := range s.appliers {
		if a.member != nil && a.state != stateOff {
			all = append(all, candidate{a.remote, a.ballot})
			whose = append(whose, a)
		}
	}
	if i := leader(all); i >= 0 {
		return whose[i]
	}
	return nil
}

// joining is a database on its way from a master.
type joining struct {
	set    *Set
	fill   *db.DB
	vclock vclock.VClock
	rows   int
	over   bool
	err    error
}

// fetch fills a database from a master.
func (s *Set) fetch(f *sched.Fiber, from *applier, fill *db.DB) (vclock.VClock, error) {
	s.say(say.Info, "bootstrapping replica from %s at %s", from.remote, from.peer.name)
	j := &joining{set: s, fill: fill}
	from.join = j
	s.Watch(fill)
	from.setGoal(goalJoin)
	for !j.over && !f.Cancelled() && from.state != stateStopped {
		s.changed.Wait(f, sched.Forever)
	}
	switch {
	case f.Cancelled():
		return j.vclock, sched.ErrCancelled
	case !j.over:
		return j.vclock, from.err
	}
	return j.vclock, j.err
}

// finish ends the fetching, unless it can be tried again because nothing has come yet.
func (j *joining) finish(err error) {
	if err != nil && j.rows == 0 && afterError(err) != stateStopped {
		return
	}
	j.over, j.err = true, err
	j.set.changed.Broadcast()
}

// fetch asks the master for its database: all that there is, and then what has changed meanwhile.
func (a *applier) fetch(f *sched.Fiber, j *joining) error {
	s, l := a.set, a.link
	typ := iproto.TypeJoin
	if s.options.Anon {
		typ = iproto.TypeFetchSnapshot
		a.setState(stateFetchSnapshot)
	} else {
		a.setState(stateInitialJoin)
	}
	var answer xlog.Row
	err := a.await(f, func() (err error) {
		answer, err = l.ask(typ, uuidBody(s.config.InstanceUUID), s.joinTimeout())
		return err
	})
	if err != nil {
		return err
	}
	var begin subscription
	if err := begin.parse(answer.Body); err != nil {
		return err
	}
	j.vclock = begin.VClock
	initial := newFeed(l, uuid.Nil, s.joinTimeout)
	initial.untilOK, initial.loose = true, true
	if err := a.consume(f, initial, func(tx transaction) error { return j.recover(f, tx) }); err != nil {
		return err
	}
	s.say(say.Info, "cluster uuid %s", j.fill.ClusterUUID())
	if s.options.Anon {
		a.setState(stateFetched)
		return nil
	}
	s.say(say.Info, "initial data received")
	a.setState(stateFinalJoin)
	final := newFeed(l, uuid.Nil, s.joinTimeout)
	final.untilOK = true
	if err := a.consume(f, final, func(tx transaction) error { return j.recover(f, tx) }); err != nil {
		return err
	}
	s.say(say.Info, "final data received")
	a.setState(stateJoined)
	return nil
}

// rowsPerYield is how many rows of a JOIN are taken before other fibers get a turn.
const rowsPerYield = 1024

func (j *joining) recover(f *sched.Fiber, tx transaction) error {
	for i := range tx {
		row := &tx[i]
		if row.LSN != 0 && j.vclock.Get(row.ReplicaID) >= row.LSN {
			continue
		}
		r, err := dbRow(row)
		if err != nil {
			return err
		}
		if err := refuseSync(j.fill, row, r); err != nil {
			return err
		}
		if err := j.fill.Recover(r); err != nil {
			return err
		}
		if row.LSN != 0 {
			j.vclock.Follow(row.ReplicaID, row.LSN)
		}
		if j.rows++; j.rows%rowsPerYield == 0 {
			if err := f.Yield(); err != nil {
				return err
			}
		}
	}
	return nil
}
