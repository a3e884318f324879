package replication_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/iproto"
	"shardlua/runtime/replication"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/store"
	"shardlua/runtime/sys"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/xlog/vclock"
	"shardlua/runtime/xlog/wal"
)

// instance is a whole instance but for Lua: a database with its files, a server and its part in the replica set.
type instance struct {
	t       *testing.T
	name    string
	dir     string
	config  setup
	lock    func(dir string) (func(), error)
	sched   *sched.Scheduler
	store   *store.Store
	server  *iproto.Server
	set     *replication.Set
	log     *journal
	loading *db.DB
}

// setup says how to start an instance.
type setup struct {
	options      replication.Options
	network      sys.Network
	disk         sys.Disk
	listen       string // a unix socket
	instanceUUID uuid.UUID
	clusterUUID  uuid.UUID
	mode         wal.Mode
	keep         int // checkpoints
}

// journal keeps the log of an instance.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) add(e say.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fmt.Fprintf(&j.buf, "%s %s> %s\n", e.FiberName, "FSCEWIVD"[e.Level:e.Level+1], e.Message)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func options(uris ...string) replication.Options {
	o := replication.DefaultOptions()
	o.URIs = uris
	o.Timeout = 50 * time.Millisecond
	o.ConnectTimeout = 10 * time.Second
	o.SyncTimeout = 10 * time.Second
	return o
}

// socketDir is a directory whose name is short enough for unix sockets.
func socketDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "repl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newInstance makes an instance that is not started.
func newInstance(t *testing.T, dir, name string, config setup) *instance {
	if config.network == nil {
		config.network = sys.RealNetwork{}
	}
	lock := func(string) (func(), error) { return func() {}, nil }
	if config.disk == nil {
		config.disk, lock = sys.RealDisk{}, nil
	}
	if config.mode == wal.None {
		config.mode = wal.Write
	}
	i := &instance{t: t, name: name, dir: filepath.Join(dir, name), config: config, lock: lock}
	if i.config.listen == "" {
		i.config.listen = filepath.Join(dir, name+".sock")
	}
	t.Cleanup(func() {
		i.stop()
		if t.Failed() && i.log != nil {
			t.Logf("log of %s:\n%s", name, i.log)
		}
	})
	return i
}

// Bootstrap and Rejoin make an instance the Masters of its store.
func (i *instance) Bootstrap(id uuid.UUID, fill *db.DB) (vclock.VClock, bool, error) {
	if err := i.identify(id); err != nil {
		return vclock.VClock{}, false, err
	}
	i.server.Open(fill, id.String())
	if err := i.server.Listen(context.Background(), "unix", i.config.listen); err != nil {
		return vclock.VClock{}, false, err
	}
	return i.set.Bootstrap(i.sched.Current(), fill)
}

func (i *instance) Rejoin(id uuid.UUID, at vclock.VClock, empty func() *db.DB) (vclock.VClock, bool, error) {
	if err := i.identify(id); err != nil {
		return at, false, err
	}
	i.server.Open(i.loading, id.String())
	if err := i.server.Listen(context.Background(), "unix", i.config.listen); err != nil {
		return at, false, err
	}
	return i.set.Rejoin(i.sched.Current(), at, empty)
}

func (i *instance) identify(id uuid.UUID) error {
	i.set = replication.New(replication.Config{
		Sched: i.sched, Machine: i.machine(), InstanceUUID: id, WALDir: i.dir, WALMode: i.config.mode, Log: i.log.add,
	})
	i.server.SetBallot(i.set.Ballot)
	i.server.OnReplication(i.set.Serve)
	return i.set.Configure(i.config.options)
}

func (i *instance) machine() sys.Machine {
	m := sys.Real()
	m.Network, m.Disk = i.config.network, i.config.disk
	return m
}

// start brings the instance up; it returns what box.cfg would raise.
func (i *instance) start() error {
	if err := i.config.disk.MkdirAll(i.dir, 0o755); err != nil {
		return err
	}
	i.log = &journal{}
	i.sched = sched.New(sys.NewClock())
	i.server = iproto.New(iproto.Config{
		Sched: i.sched, Sessions: session.NewRegistry(), Network: i.config.network, Version: "2.6.0", Log: i.log.add,
		Random: func(b []byte) { id := uuid.New(); copy(b, id[:]); copy(b[16:], id[:]) },
	})
	return i.sched.Do("main", func(f *sched.Fiber) error {
		s, err := store.Open(context.Background(), store.Config{
			MemtxDir: i.dir, WALDir: i.dir, WALMode: i.config.mode, InstanceUUID: i.config.instanceUUID,
			ReplicasetUUID: i.config.clusterUUID, Machine: i.machine(), Sched: i.sched, Log: i.log.add, Masters: i,
			Lock:     i.lock,
			Prepare:  func(d *db.DB) { i.loading = d },
			ReadOnly: i.config.options.ReadOnly, Checkpoints: store.CheckpointPolicy{Count: max(1, i.config.keep)},
		})
		if err != nil {
			return err
		}
		i.store = s
		i.server.Open(s.DB(), s.InstanceUUID().String())
		if i.server.Addr() == nil {
			if err := i.server.Listen(context.Background(), "unix", i.config.listen); err != nil {
				return err
			}
		}
		if err := i.set.Attach(s); err != nil {
			return err
		}
		return i.set.Start(f)
	})
}

func (i *instance) mustStart() *instance {
	i.t.Helper()
	if err := i.start(); err != nil {
		i.t.Fatalf("%s: %v\n%s", i.name, err, i.log)
	}
	return i
}

// stop ends the instance in good order.
func (i *instance) stop() {
	if i.sched == nil {
		return
	}
	s := i.sched
	i.sched = nil
	_ = s.Do("stop", func(*sched.Fiber) error {
		if i.set != nil {
			i.set.Close()
		}
		i.server.Close()
		if i.store != nil {
			return i.store.Close()
		}
		return nil
	})
	s.Close()
	select {
	case <-s.Drained():
	case <-time.After(10 * time.Second):
		i.t.Errorf("%s does not stop", i.name)
	}
	i.store, i.set = nil, nil
}

// do runs fn with the baton.
func (i *instance) do(fn func(f *sched.Fiber, c *db.Context) error) {
	i.t.Helper()
	if err := i.try(fn); err != nil {
		i.t.Fatalf("%s: %v", i.name, err)
	}
}

func (i *instance) try(fn func(f *sched.Fiber, c *db.Context) error) error {
	return i.sched.Do("test", func(f *sched.Fiber) error { return fn(f, i.store.DB().NewContext(db.AdminID)) })
}

// grant lets guest replicate.
func (i *instance) grant() *instance {
	i.t.Helper()
	i.put("_priv", 1, 0, "role", 3, 4)
	return i
}

// createSpace makes a space with a primary index on an unsigned field.
func (i *instance) createSpace(id int, name string, flags map[string]any) {
	i.t.Helper()
	i.put("_space", id, 1, name, "memtx", 0, flags, []any{})
	i.put("_index", id, 0, "pk", "tree", map[string]any{"unique": true}, []any{[]any{0, "unsigned"}})
}

func pack(v any) []byte { return appendValue(nil, v) }

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case int:
		return mp.AppendInt(b, int64(v))
	case string:
		return mp.AppendString(b, v)
	case bool:
		return mp.AppendBool(b, v)
	case []any:
		b = mp.AppendArrayHeader(b, len(v))
		for _, item := range v {
			b = appendValue(b, item)
		}
		return b
	case map[string]any:
		b = mp.AppendMapHeader(b, len(v))
		for key, item := range v {
			b = appendValue(mp.AppendString(b, key), item)
		}
		return b
	}
	return mp.AppendNil(b)
}

func (i *instance) put(space string, fields ...any) {
	i.t.Helper()
	if err := i.tryPut(space, fields...); err != nil {
		i.t.Fatalf("%s: %v", i.name, err)
	}
}

func (i *instance) tryPut(space string, fields ...any) error {
	return i.try(func(_ *sched.Fiber, c *db.Context) error {
		s := i.store.DB().SpaceByName(space)
		if s == nil {
			return boxerr.New(boxerr.NoSuchSpace, space)
		}
		_, err := s.Replace(c, pack(fields))
		return err
	})
}

func (i *instance) remove(space string, key ...any) {
	i.t.Helper()
	i.do(func(_ *sched.Fiber, c *db.Context) error {
		_, err := i.store.DB().SpaceByName(space).Delete(c, 0, pack(key))
		return err
	})
}

// rows counts the tuples of a space, -1 when there is no such space.
func (i *instance) rows(space string) int {
	n := -1
	i.do(func(*sched.Fiber, *db.Context) error {
		if s := i.store.DB().SpaceByName(space); s != nil {
			n = s.Len()
		}
		return nil
	})
	return n
}

// contents are the tuples of a space, in order.
func (i *instance) contents(space string) string {
	var all []string
	i.do(func(_ *sched.Fiber, c *db.Context) error {
		s := i.store.DB().SpaceByName(space)
		if s == nil {
			return nil
		}
		rows, err := s.Select(c, 0, db.ALL, 0, 1<<30, nil)
		for _, t := range rows {
			all = append(all, fmt.Sprintf("%x", t.Data()))
		}
		return err
	})
	return strings.Join(all, "\n")
}

func (i *instance) vclock() vclock.VClock { return i.store.VClock() }

func (i *instance) infos() []replication.Info {
	var list []replication.Info
	i.do(func(*sched.Fiber, *db.Context) error {
		list = i.set.Infos()
		return nil
	})
	return list
}

// upstream is how the instance follows the one with that id.
func (i *instance) upstream(id uint32) replication.Upstream {
	for _, info := range i.infos() {
		if info.ID == id && info.Upstream != nil {
			return *info.Upstream
		}
	}
	return replication.Upstream{}
}

func (i *instance) downstream(id uint32) replication.Downstream {
	for _, info := range i.infos() {
		if info.ID == id && info.Downstream != nil {
			return *info.Downstream
		}
	}
	return replication.Downstream{}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
