package replication_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/replication"
	"shardlua/runtime/sched"
	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// pair is a master with a space and a replica of it.
func pair(t *testing.T) (master, replica *instance) {
	t.Helper()
	dir := socketDir(t)
	master = newInstance(t, dir, "m", setup{options: options()}).mustStart().grant()
	master.createSpace(512, "t", map[string]any{})
	replica = newInstance(t, dir, "r", setup{options: options(master.config.listen)}).mustStart()
	return master, replica
}

// waitUpstream waits until the first instance is followed in that state, with that in the message.
func waitUpstream(t *testing.T, i *instance, status, message string) {
	t.Helper()
	eventually(t, status+": "+message, func() bool {
		up := i.upstream(1)
		return up.Status == status && strings.Contains(up.Message, message)
	})
}

func (i *instance) setURIs(uris ...string) error {
	return i.try(func(f *sched.Fiber, _ *db.Context) error { return i.set.SetURIs(f, uris) })
}

func TestConflictStopsUnlessSkipped(t *testing.T) {
	master, replica := pair(t)
	insert := func(i *instance, key int, text string) {
		t.Helper()
		i.do(func(_ *sched.Fiber, c *db.Context) error {
			_, err := i.store.DB().SpaceByName("t").Insert(c, pack([]any{key, text}))
			return err
		})
	}
	insert(replica, 1, "mine")
	insert(master, 1, "theirs")
	waitUpstream(t, replica, "stopped", "Duplicate key exists in unique index 'pk' in space 't'")
	if up := replica.upstream(1); up.SystemMessage != "" {
		t.Errorf("%+v", up)
	}
	replica.do(func(f *sched.Fiber, _ *db.Context) error {
		o := replica.set.Options()
		o.SkipConflict = true
		replica.set.SetOptions(o)
		if err := replica.set.SetURIs(f, nil); err != nil {
			return err
		}
		return replica.set.SetURIs(f, []string{master.config.listen})
	})
	master.put("t", 2, "after")
	eventually(t, "the next row", func() bool { return replica.rows("t") == 2 })
	if !strings.Contains(replica.contents("t"), "6d696e65") {
		t.Error("the replica's own tuple is lost")
	}
	v, w := replica.vclock(), master.vclock()
	if v.Get(1) != w.Get(1) {
		t.Errorf("the row that was skipped is not counted: %s, master %s", v, w)
	}
}

func TestRemovedFromCluster(t *testing.T) {
	master, replica := pair(t)
	master.remove("_cluster", 2)
	waitUpstream(t, replica, "stopped", "The local instance id 2 is read-only")
	replica.stop()
	replica.config.options.SyncTimeout = 100 * time.Millisecond
	replica.mustStart()
	waitUpstream(t, replica, "disconnected", "is not registered with replica set")
	if !replica.store.DB().ReadOnly() {
		t.Error("it is no orphan")
	}
	// With new files it can come back, under the same uuid.
	id := replica.store.InstanceUUID()
	replica.stop()
	if err := os.RemoveAll(replica.dir); err != nil {
		t.Fatal(err)
	}
	replica.config.instanceUUID = id
	replica.mustStart()
	if replica.store.InstanceID() != 2 || replica.store.DB().ReadOnly() {
		t.Errorf("id %d", replica.store.InstanceID())
	}
	master.put("t", 1)
	eventually(t, "rows", func() bool { return replica.rows("t") == 1 })
}

func TestSameUUIDTwice(t *testing.T) {
	master, replica := pair(t)
	dir := socketDir(t)
	waitUpstream(t, replica, "follow", "")
	o := options(master.config.listen)
	o.SyncTimeout = 100 * time.Millisecond
	twin := newInstance(t, dir, "twin", setup{options: o, instanceUUID: replica.store.InstanceUUID()})
	twin.mustStart()
	waitUpstream(t, twin, "disconnected", "Incorrect value for option 'replication': duplicate connection with the same replica UUID")
}

func TestAnotherReplicaset(t *testing.T) {
	master, _ := pair(t)
	dir := socketDir(t)
	stranger := newInstance(t, dir, "s", setup{options: options()}).mustStart()
	stranger.stop()
	stranger.config.options = options(master.config.listen)
	stranger.config.options.SyncTimeout = 100 * time.Millisecond
	stranger.mustStart()
	eventually(t, "refusal", func() bool { return strings.Contains(stranger.log.String(), "is not registered with replica set") })
	if !stranger.store.DB().ReadOnly() {
		t.Error("it is no orphan")
	}
	// An anonymous one finds out by itself.
	stranger.stop()
	stranger.config.options.Anon, stranger.config.options.ReadOnly = true, true
	stranger.mustStart()
	eventually(t, "mismatch", func() bool {
		return strings.Contains(stranger.log.String(), "Replica set UUID mismatch: expected "+stranger.store.DB().ClusterUUID()+
			", got "+master.store.DB().ClusterUUID())
	})
	// And so does one that is told which replica set to join.
	other := newInstance(t, dir, "o", setup{options: options(master.config.listen), clusterUUID: stranger.store.InstanceUUID()})
	if err := other.start(); !boxCode(err, boxerr.ReplicasetUUIDMismatch) {
		t.Error(err)
	}
}

func boxCode(err error, code boxerr.Code) bool {
	return err != nil && boxerr.From(err).Code == uint32(code)
}

// lose makes the master forget the logs that a replica would need.
func lose(t *testing.T, master *instance) {
	t.Helper()
	master.stop() // what replicas have read is known again only when they come
	master.mustStart()
	checkpoints(master)
}

// checkpoints puts three rows with a checkpoint after each.
func checkpoints(master *instance) {
	for k := range 3 {
		master.put("t", 100+k)
		master.do(func(*sched.Fiber, *db.Context) error { return master.store.Checkpoint(context.Background()) })
	}
}

func TestGap(t *testing.T) {
	master, replica := pair(t)
	if err := replica.setURIs(); err != nil {
		t.Fatal(err)
	}
	lose(t, master)
	if err := replica.setURIs(master.config.listen); err != nil {
		t.Fatal(err)
	}
	waitUpstream(t, replica, "stopped", "Missing .xlog file between LSN ")
	// A restart fetches everything anew.
	replica.stop()
	replica.mustStart()
	if !strings.Contains(replica.log.String(), "replica is too old, initiating rebootstrap") {
		t.Error("no rebootstrap")
	}
	master.put("t", 200)
	eventually(t, "rows", func() bool { return replica.contents("t") == master.contents("t") })
	if replica.store.InstanceID() != 2 {
		t.Errorf("id %d", replica.store.InstanceID())
	}
	// What it has fetched lasts.
	replica.stop()
	replica.mustStart()
	if replica.contents("t") != master.contents("t") {
		t.Error("lost at the next restart")
	}
}

// Rows that one master has no logs of may come from another: the link to the first one mends then.
func TestGapIsMendedByAnotherMaster(t *testing.T) {
	master, replica := pair(t)
	other := newInstance(t, socketDir(t), "o", setup{options: options(master.config.listen)}).mustStart().grant()
	replica.do(func(*sched.Fiber, *db.Context) error {
		o := replica.set.Options()
		o.ConnectTimeout, o.SyncTimeout = 100*time.Millisecond, 100*time.Millisecond
		replica.set.SetOptions(o)
		return nil
	})
	if err := replica.setURIs(); err != nil {
		t.Fatal(err)
	}
	master.stop()
	master.mustStart()
	waitUpstream(t, other, "follow", "")
	checkpoints(master)
	eventually(t, "logs that are gone from the master", func() bool {
		oldest, v := master.store.Files().Oldest(), replica.vclock()
		return oldest.Get(1) > v.Get(1) && other.rows("t") == 3
	})
	other.stop()
	if err := replica.setURIs(master.config.listen, other.config.listen); err != nil {
		t.Fatal(err)
	}
	waitUpstream(t, replica, "loading", "Missing .xlog file between LSN ")
	other.mustStart()
	waitUpstream(t, replica, "follow", "")
	if replica.contents("t") != master.contents("t") {
		t.Error("rows are missing")
	}
}

// A replica never gets what its master has not acknowledged: not while the master's disk is at it, and not when that
// fails or loses the power. Otherwise the two would have different rows of the same number.
func TestOnlyWhatIsAcknowledgedIsSent(t *testing.T) {
	memory := systest.NewDisk()
	disk := &systest.SyncGate{Disk: memory}
	dir := socketDir(t)
	master := newInstance(t, dir, "m", setup{options: options(), mode: wal.Fsync, disk: disk}).mustStart().grant()
	master.createSpace(512, "t", map[string]any{})
	replica := newInstance(t, dir, "r", setup{options: options(master.config.listen)}).mustStart()
	master.put("t", 1, "acknowledged")
	eventually(t, "rows", func() bool { return replica.rows("t") == 1 })
	for round, failure := range []error{syscall.EIO, errors.New("the power has failed")} {
		held := disk.Hold()
		defer held.End(failure) // so that all can stop
		failed := make(chan error, 1)
		go func() { failed <- master.tryPut("t", 10+round, "lost") }()
		<-held.Begun()
		// A relay that starts now looks into the file.
		if err := errors.Join(replica.setURIs(), replica.setURIs(master.config.listen)); err != nil {
			t.Fatal(err)
		}
		heartbeats(t, replica, 3)
		if replica.rows("t") != 1+round {
			t.Errorf("round %d: the replica has what the master has not acknowledged", round)
		}
		held.End(failure)
		if err := <-failed; !boxCode(err, boxerr.WALIO) {
			t.Fatal(err)
		}
		if round == 1 {
			// The acknowledged rows are on the disk; the failed one was cut off again.
			memory.Crash(rand.New(rand.NewPCG(1, 2)))
			master.stop()
			master.mustStart()
		}
		master.put("t", 20+round, "acknowledged")
		eventually(t, "the next row", func() bool { return replica.rows("t") == 2+round })
		if replica.contents("t") != master.contents("t") {
			t.Errorf("round %d: the replica has\n%s\nthe master\n%s", round, replica.contents("t"), master.contents("t"))
		}
	}
	if v, w := replica.vclock(), master.vclock(); v.CompareReplicated(&w) != vclock.Equal {
		t.Errorf("vclocks %s and %s", v, w)
	}
}

// heartbeats waits until the replica has heard that often of its master.
func heartbeats(t *testing.T, replica *instance, n int) {
	t.Helper()
	for range n {
		before := replica.upstream(1).Idle
		eventually(t, "a heartbeat", func() bool {
			idle := replica.upstream(1).Idle
			heard := idle < before
			before = idle
			return heard
		})
	}
}

func TestPinsKeepLogs(t *testing.T) {
	master, replica := pair(t)
	replica.stop()
	checkpoints(master)
	if pins := master.store.Files().Pins(); len(pins) != 1 {
		t.Errorf("%v", pins)
	}
	replica.mustStart()
	eventually(t, "rows", func() bool { return replica.rows("t") == 3 })
	if strings.Contains(replica.log.String(), "rebootstrap") {
		t.Error("the logs were gone")
	}
	master.remove("_cluster", 2)
	if pins := master.store.Files().Pins(); len(pins) != 0 {
		t.Errorf("%v", pins)
	}
}

func TestOrphan(t *testing.T) {
	master, replica := pair(t)
	replica.stop()
	master.stop()
	replica.config.options.ConnectTimeout = 100 * time.Millisecond
	replica.mustStart()
	if !replica.set.Orphan() || !boxCode(replica.tryPut("t", 1), boxerr.Readonly) {
		t.Error("an orphan takes changes")
	}
	master.mustStart()
	eventually(t, "leaving the orphan mode", func() bool { return replica.tryPut("t", 1) == nil })
	// A quorum of nobody is always there.
	replica.stop()
	master.stop()
	replica.config.options.ConnectQuorum = 0
	replica.mustStart()
	replica.put("t", 2)
}

func TestQuorumOfBootstrap(t *testing.T) {
	dir := socketDir(t)
	o := options(dir+"/nobody.sock", dir+"/r.sock")
	o.ConnectTimeout = 100 * time.Millisecond
	i := newInstance(t, dir, "r", setup{options: o})
	if err := i.start(); err == nil || !strings.Contains(err.Error(), "failed to connect to one or more replicas") {
		t.Fatal(err)
	}
	i.stop()
	i.config.options.ConnectQuorum = 1
	i.mustStart()
	if i.store.InstanceID() != 1 {
		t.Error("no bootstrap")
	}
}

func TestAnonymous(t *testing.T) {
	master, _ := pair(t)
	o := options(master.config.listen)
	o.Anon, o.ReadOnly = true, true
	anon := newInstance(t, socketDir(t), "a", setup{options: o}).mustStart()
	master.put("t", 1)
	eventually(t, "rows", func() bool { return anon.rows("t") == 1 })
	count := func() (n int) {
		master.do(func(*sched.Fiber, *db.Context) error {
			n = len(master.set.AnonInfos())
			return nil
		})
		return n
	}
	if anon.store.InstanceID() != 0 || count() != 1 {
		t.Errorf("id %d, %d anonymous", anon.store.InstanceID(), count())
	}
	anon.stop()
	anon.mustStart()
	master.put("t", 2)
	eventually(t, "rows", func() bool { return anon.rows("t") == 2 })
	anon.do(func(f *sched.Fiber, _ *db.Context) error { return anon.set.SetAnon(f, false) })
	if anon.store.InstanceID() != 3 {
		t.Errorf("id %d", anon.store.InstanceID())
	}
	eventually(t, "no anonymous ones", func() bool { return count() == 0 })
	anon.do(func(*sched.Fiber, *db.Context) error {
		o := anon.set.Options()
		o.ReadOnly = false
		anon.set.SetOptions(o)
		return nil
	})
	anon.put("t", 3)
}

func TestLogin(t *testing.T) {
	dir := socketDir(t)
	master := newInstance(t, dir, "m", setup{options: options()}).mustStart()
	replica := newInstance(t, dir, "r", setup{options: options(master.config.listen)})
	done := make(chan error, 1)
	go func() { done <- replica.start() }()
	time.Sleep(100 * time.Millisecond)
	master.put("_user", 50, 1, "rep", "user", map[string]any{"chap-sha1": db.HashPassword("secret")})
	master.put("_priv", 1, 50, "universe", 0, 24)
	master.grant()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(replica.log.String(), "Read access to universe '' is denied for user 'guest'") {
		t.Error("the refusal is not logged")
	}
	uri := func(login string) string { return login + "@unix/:" + master.config.listen }
	replica.do(func(*sched.Fiber, *db.Context) error {
		o := replica.set.Options()
		o.SyncTimeout = 200 * time.Millisecond
		replica.set.SetOptions(o)
		return nil
	})
	// The last login is the one that the grant at the end lets in.
	for _, attempt := range [][2]string{
		{"nobody:x", "User 'nobody' is not found"},
		{"rep:wrong", "Incorrect password supplied for user 'rep'"},
		{"rep:secret", "Read access to universe '' is denied for user 'rep'"},
	} {
		login, message := attempt[0], attempt[1]
		if err := replica.setURIs(uri(login)); err != nil {
			t.Fatal(err)
		}
		waitUpstream(t, replica, "loading", message)
		if up := replica.upstream(1); strings.Contains(up.Peer, ":"+strings.Split(login, ":")[1]+"@") {
			t.Errorf("the password is shown: %s", up.Peer)
		}
	}
	master.put("_priv", 1, 50, "role", 3, 4)
	waitUpstream(t, replica, "follow", "")
}

func TestSyncIsRefused(t *testing.T) {
	master, replica := pair(t)
	master.put("_space", 600, 1, "sync", "memtx", 0, map[string]any{"is_sync": true}, []any{})
	master.put("_index", 600, 0, "pk", "tree", map[string]any{"unique": true}, []any{[]any{0, "unsigned"}})
	eventually(t, "space", func() bool { return replica.rows("sync") == 0 })
	if err := master.tryPut("sync", 1); err != nil {
		t.Fatal(err)
	}
	waitUpstream(t, replica, "stopped", "synchronous replication, which space 'sync' asks for")
}

func TestBadURIs(t *testing.T) {
	for _, uri := range []string{"", "=:", "host", "/"} {
		if err := replication.CheckURIs([]string{uri}); !boxCode(err, boxerr.Cfg) && uri != "/" {
			t.Errorf("%q: %v", uri, err)
		}
	}
}
