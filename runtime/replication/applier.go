package replication

import (
	"errors"
	"fmt"
	"time"

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
)

// state is where an applier is; its text is box.info.replication[n].upstream.status.
type state string

const (
	stateOff           state = "off"
	stateConnect       state = "connect"
	stateConnected     state = "connected"
	stateAuth          state = "auth"
	stateReady         state = "ready"
	stateInitialJoin   state = "initial_join"
	stateFinalJoin     state = "final_join"
	stateJoined        state = "joined"
	stateFetchSnapshot state = "fetch_snapshot"
	stateFetched       state = "fetched_snapshot"
	stateRegister      state = "register"
	stateRegistered    state = "registered"
	stateSync          state = "sync"
	stateFollow        state = "follow"
	stateLoading       state = "loading"
	stateDisconnected  state = "disconnected"
	stateStopped       state = "stopped"
)

// goal is how far an applier may go.
type goal uint8

const (
	goalConnect goal = iota // connect, vote, and wait
	goalJoin                // fetch the database
	goalFollow              // follow the master
)

// applier is a fiber that follows one master. Its fields belong to the holder of the baton.
type applier struct {
	set   *Set
	peer  peer
	fiber *sched.Fiber
	state state
	// counted is the last state that tells how the connection fares: trying anew does not count.
	counted state
	goal    goal
	err     error
	link    *link
	attempt *attempt // to get a link
	member  *member
	// remote is who answers, known once it is connected.
	remote  uuid.UUID
	version uint32
	ballot  iproto.Ballot
	greeted *iproto.Greeting
	// lag is in seconds; lastRow is when something came, by the monotonic clock.
	lag     float64
	lastRow time.Duration
	told    bool // the retrying was logged
	stopped bool
	// goOn is told when goal or stopped changes.
	goOn sched.Cond
	join *joining
	// reached is what the master had when we subscribed: who has that is in step.
	reached vclock.VClock
	seen    bool // a row has come since
	ack     chan struct{}
	session *session.Session
	// of is the database that the fiber's context belongs to.
	of       *db.DB
	unwaited int
	// broken is why no more may be applied: the log could not be written.
	broken error
}

func newApplier(s *Set, p peer) *applier {
	return &applier{set: s, peer: p, state: stateOff, counted: stateOff, lastRow: s.now(),
		session: &session.Session{Kind: session.Applier, Peer: p.name, FD: -1, UserID: adminID}}
}

// start begins to connect.
func (a *applier) start(f *sched.Fiber) {
	a.setState(stateConnect)
	a.fiber = f.Scheduler().Go("applier/"+a.peer.name, func(f *sched.Fiber) {
		f.Session = a.session
		a.run(f)
	})
	if a.fiber == nil {
		a.stopped = true
		a.setState(stateOff)
		return
	}
	a.fiber.Keep()
}

// stop ends the applier; it may still be on its way out when stop returns.
func (a *applier) stop() {
	a.stopped = true
	a.hangUp()
	a.setState(stateOff)
	a.goOn.Broadcast()
	if a.fiber != nil {
		a.fiber.Wakeup()
	}
}

func (a *applier) hangUp() {
	if a.attempt != nil {
		a.attempt.giveUp()
	}
	if a.link != nil {
		a.link.close()
		a.link = nil
	}
}

func (a *applier) setState(to state) {
	if a.state == to || a.stopped && to != stateOff {
		return
	}
	a.state = to
	if to != stateConnect || a.counted == stateOff {
		a.counted = to
	}
	a.set.stateChanged()
}

func (a *applier) setGoal(g goal) {
	a.goal = g
	a.goOn.Broadcast()
}

// errStopped ends an applier that is not wanted any more.
var errStopped = errors.New("the applier was stopped")

// run connects again and again until the applier is stopped or what it meets cannot be mended by trying again.
func (a *applier) run(f *sched.Fiber) {
	for {
		err := a.connection(f)
		a.hangUp()
		if a.broken != nil {
			err = a.broken
		}
		if a.stopped || f.Cancelled() || errors.Is(err, errStopped) || errors.Is(err, sched.ErrCancelled) {
			a.setState(stateOff)
			return
		}
		a.err = err
		next := afterError(err)
		if next == stateStopped && isGap(err) && a.set.othersMayHelp(a) {
			next = stateLoading
		}
		a.logError(err, next)
		a.setState(next)
		if next == stateStopped {
			return
		}
		a.pause(f, a.set.options.Timeout)
		if a.stopped || f.Cancelled() {
			a.setState(stateOff)
			return
		}
		a.setState(stateConnect)
	}
}

// pause waits for a time, or until the applier is stopped.
func (a *applier) pause(f *sched.Fiber, d time.Duration) {
	deadline := a.set.now() + d
	for !a.stopped && !f.Cancelled() {
		left := deadline - a.set.now()
		if left <= 0 {
			return
		}
		f.Park(left)
	}
}

// afterError is the state that an error leads to: errors of the network, and those that somebody may mend on the
// other side, are tried again.
func afterError(err error) state {
	var e *boxerr.Error
	if !errors.As(err, &e) {
		return stateStopped
	}
	switch e.Type {
	case boxerr.ClassSocketError, boxerr.ClassSystemError, boxerr.ClassTimedOut:
		return stateDisconnected
	case boxerr.ClassAccessDenied:
		return stateLoading
	case boxerr.ClassClientError:
		switch boxerr.Code(e.Code) {
		case boxerr.Loading, boxerr.NoSuchUser, boxerr.AccessDenied, boxerr.PasswordMismatch:
			return stateLoading
		case boxerr.Cfg, boxerr.System, boxerr.UnknownReplica, boxerr.Readonly:
			return stateDisconnected
		}
	}
	return stateStopped
}

func isGap(err error) bool {
	var e *boxerr.Error
	return errors.As(err, &e) && e.Type == boxerr.ClassXlogGapError
}

// othersMayHelp tells whether rows that one master has no logs of may come from another. Instances that join at the same
// time are such a case: the logs of each begin where it has joined, which may be after where another did. Tarantool
// 2.6.0 stops for good there; its successors try again, as we do.
func (s *Set) othersMayHelp(a *applier) bool {
	for _, other := range s.appliers {
		if other != a && other.state != stateOff && other.state != stateStopped && other.remote != s.config.InstanceUUID {
			return true
		}
	}
	return false
}

func (a *applier) logError(err error, next state) {
	what := "can't read row"
	switch a.state {
	case stateConnect:
		what = "can't connect to master"
	case stateConnected, stateReady:
		what = "can't join/subscribe"
	case stateAuth:
		what = "failed to authenticate"
	case stateSync, stateFollow, stateInitialJoin, stateFinalJoin:
	}
	if next != stateStopped && a.told {
		return
	}
	a.set.say(say.Info, "%s", what)
	e := boxerr.From(err)
	level := say.Error
	text := e.Message
	if e.Type == boxerr.ClassClientError && boxerr.Code(e.Code).Known() {
		text = "ER_" + boxerr.Code(e.Code).Name() + ": " + text
	} else {
		level = say.SysError
		if _, system := messages(err); system != "" {
			text += ": " + system
		}
	}
	a.set.say(level, "%s", text)
	if next != stateStopped {
		a.set.say(say.Info, "will retry every %.2f second", a.set.options.Timeout.Seconds())
		a.told = true
	}
}

// await runs fn, which uses the link, on another goroutine while the fiber waits.
func (a *applier) await(f *sched.Fiber, fn func() error) error {
	result := new(error)
	err := f.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			*result = fn()
			done()
		}()
	})
	if err != nil {
		return err
	}
	if a.stopped {
		return errStopped
	}
	return *result
}

// waitGoal waits until the applier may go at least as far as wanted.
func (a *applier) waitGoal(f *sched.Fiber, wanted goal) error {
	for a.goal < wanted {
		a.goOn.Wait(f, sched.Forever)
		if a.stopped || f.Cancelled() {
			return errStopped
		}
	}
	return nil
}

// connection lives as long as one connection to the master.
func (a *applier) connection(f *sched.Fiber) error {
	if err := a.connect(f); err != nil {
		return err
	}
	a.err = nil
	a.setState(stateConnected)
	if err := a.waitGoal(f, goalJoin); err != nil {
		return err
	}
	if a.remote == a.set.config.InstanceUUID {
		return errStopped // a connection to itself
	}
	if a.peer.login != "" {
		a.setState(stateAuth)
		l, salt := a.link, a.greeted.Salt
		if err := a.await(f, func() error { return authenticate(l, &a.peer, salt, a.set.connectTimeout()) }); err != nil {
			return err
		}
		a.set.say(say.Info, "authenticated")
	}
	a.setState(stateReady)
	if a.goal == goalJoin {
		err := a.fetch(f, a.join)
		a.join.finish(err)
		if err != nil {
			return err
		}
		a.setState(stateReady)
		if err := a.waitGoal(f, goalFollow); err != nil {
			return err
		}
	}
	if a.set.local.InstanceID() == 0 && !a.set.options.Anon {
		if err := a.register(f); err != nil {
			return err
		}
	}
	return a.follow(f)
}

// connect connects, and asks what the other side is.
func (a *applier) connect(f *sched.Fiber) error {
	s := a.set
	timeout := s.connectTimeout()
	var g *iproto.Greeting
	var answer xlog.Row
	attempt := newAttempt()
	a.attempt = attempt
	err := a.await(f, func() error {
		l, err := dial(attempt.ctx, s.config.Machine.Network, s.config.Machine.Clock, &a.peer, timeout)
		if err != nil {
			return err
		}
		attempt.made(l)
		if g, err = l.greeting(timeout); err != nil {
			return err
		}
		answer, err = l.ask(iproto.TypeVote, nil, timeout)
		return err
	})
	a.attempt = nil
	if err != nil {
		attempt.giveUp()
		return err
	}
	if a.link = attempt.take(); a.link == nil {
		return errStopped // given up at the last moment
	}
	a.lastRow = s.now()
	a.greeted, a.version = g, versionID(g.Version)
	id, err := uuid.Parse(g.UUID)
	if err != nil {
		return boxerr.New(boxerr.Protocol, "Invalid greeting")
	}
	if id != a.remote {
		s.say(say.Info, "remote master %s at %s running Tarantool %s", id, a.peer.name, g.Version)
	}
	a.ballot, err = parseBallot(answer.Body)
	if err != nil {
		return err
	}
	return s.identified(a, id)
}

// authenticate logs in by chap-sha1.
func authenticate(l *link, p *peer, salt []byte, timeout time.Duration) error {
	_, err := l.ask(iproto.TypeAuth, authBody(p, salt), timeout)
	return err
}

// register asks the master to put this instance, which was anonymous, into _cluster.
func (a *applier) register(f *sched.Fiber) error {
	s, l := a.set, a.link
	a.setState(stateRegister)
	sub := subscription{Instance: s.config.InstanceUUID, VClock: s.local.Log().VClock()}
	body := appendVClock(append(uuidBody(sub.Instance), iproto.KeyVClock), sub.VClock)
	body[0] = 0x82
	err := a.await(f, func() error {
		return l.write(appendFrame(nil, &xlog.Row{Type: xlog.Type(iproto.TypeRegister), Body: body}), s.connectTimeout())
	})
	if err != nil {
		return err
	}
	d := newFeed(l, s.clusterUUID(), s.disconnectTimeout)
	d.untilOK = true
	if err := a.consume(f, d, func(tx transaction) error { return a.applyTx(f, tx) }); err != nil {
		return err
	}
	a.setState(stateRegistered)
	return nil
}

// consume takes transactions from a feed until it ends.
func (a *applier) consume(f *sched.Fiber, d *feed, use func(transaction) error) error {
	defer d.abandon()
	go d.run()
	for {
		ready, ended, err := d.take(f)
		for _, tx := range ready {
			if a.stopped {
				return errStopped
			}
			if err := use(tx); err != nil {
				return err
			}
		}
		if a.stopped {
			return errStopped
		}
		if ended {
			return err
		}
	}
}

// follow subscribes and applies what comes.
func (a *applier) follow(f *sched.Fiber) error {
	s, l := a.set, a.link
	own := s.local.Log().VClock()
	sub := subscription{Cluster: s.clusterUUID(), Instance: s.config.InstanceUUID, VClock: own, Version: serverVersion,
		Anon: s.options.Anon}
	// An instance that has just started may have lost rows of its own that others have.
	if !s.orphan && s.local.InstanceID() != 0 {
		sub.IDFilter = 1 << s.local.InstanceID()
	}
	var answer xlog.Row
	err := a.await(f, func() (err error) {
		answer, err = l.ask(iproto.TypeSubscribe, sub.append(nil), s.disconnectTimeout())
		return err
	})
	if err != nil {
		return err
	}
	var theirs subscription
	if err := theirs.parse(answer.Body); err != nil {
		return err
	}
	if theirs.Cluster != uuid.Nil && theirs.Cluster != sub.Cluster {
		return boxerr.New(boxerr.ReplicasetUUIDMismatch, sub.Cluster.String(), theirs.Cluster.String())
	}
	s.say(say.Info, "subscribed")
	s.say(say.Info, "remote vclock %s local vclock %s", theirs.VClock, own)
	a.reached, a.seen, a.told = theirs.VClock, false, false
	a.lastRow = s.now()
	a.lag = 0
	a.setState(stateSync)
	a.ack = make(chan struct{}, 1)
	over := make(chan struct{})
	defer close(over)
	go s.acknowledge(l, a.ack, over)
	d := newFeed(l, sub.Cluster, s.disconnectTimeout)
	return a.consume(f, d, func(tx transaction) error {
		a.received(&tx[len(tx)-1])
		if !tx.heartbeat() {
			return a.applyTx(f, tx)
		}
		a.signalAck()
		a.checkStep()
		return nil
	})
}

// received notes that a row came.
func (a *applier) received(row *xlog.Row) {
	a.lastRow = a.set.now()
	a.seen = true
	if row.Timestamp != 0 {
		a.lag = float64(a.set.config.Machine.Clock.Now().UnixNano())/1e9 - row.Timestamp
	}
}

func (a *applier) signalAck() {
	select {
	case a.ack <- struct{}{}:
	default:
	}
}

// checkStep declares the applier in step with its master when it has what the master had, and is not far behind.
func (a *applier) checkStep() {
	if a.state != stateSync || !a.seen || a.lag > a.set.options.SyncLag.Seconds() {
		return
	}
	v := a.set.local.Log().VClock()
	switch a.reached.CompareReplicated(&v) {
	case vclock.Equal, vclock.Before:
		a.setState(stateFollow)
	}
}

// acknowledge tells the master what is in our log: when there is news, and as a sign of life. It runs on a goroutine.
func (s *Set) acknowledge(l *link, news <-chan struct{}, over <-chan struct{}) {
	clock := s.config.Machine.Clock
	for {
		tick := make(chan struct{})
		timer := clock.AfterFunc(s.timeout(), func() { close(tick) })
		select {
		case <-over:
			timer.Stop()
			return
		case <-news:
		case <-tick:
		}
		timer.Stop()
		row := xlog.Row{Type: xlog.Type(iproto.TypeOK), Body: vclockBody(s.logVClock())}
		if err := l.write(appendFrame(nil, &row), s.disconnectTimeout()); err != nil {
			l.close() // the reader finds out, and says so
			return
		}
	}
}

func (a *applier) String() string { return fmt.Sprintf("applier of %s (%s)", a.peer.name, a.state) }

// authBody is the body of an AUTH. A user without a password, such as guest, sends no scramble.
func authBody(p *peer, salt []byte) []byte {
	body := mp.AppendString([]byte{0x82, iproto.KeyUserName}, p.login)
	body = append(body, iproto.KeyTuple)
	if !p.hasPassword {
		return append(body, 0x90)
	}
	body = mp.AppendString(append(body, 0x92), "chap-sha1")
	return mp.AppendString(body, string(iproto.Scramble(salt, p.password)))
}
