package cluster_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shardlua/test/cluster"
)

// shardlua is the program under test, built by TestMain.
var shardlua string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cluster-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	shardlua = filepath.Join(dir, "shardlua")
	build := exec.Command("go", "build", "-o", shardlua, "shardlua/cmd/shardlua")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot build shardlua:", err)
		return 1
	}
	return m.Run()
}

const app = `
if not box.info.ro then
    local s = box.schema.space.create('notes', {if_not_exists = true,
        format = {{'id', 'unsigned'}, {'bucket_id', 'unsigned'}, {'text', 'string'}}})
    s:create_index('primary', {if_not_exists = true})
    s:create_index('bucket_id', {parts = {'bucket_id'}, unique = false, if_not_exists = true})
end
function put(id, bucket_id, text)
    box.space.notes:replace({id, bucket_id, text})
    return true
end
function count() return box.space.notes:len() end
`

func start(t *testing.T, opts cluster.Options) *cluster.Cluster {
	t.Helper()
	dir, err := cluster.TempDir("cluster-")
	if err != nil {
		t.Fatal(err)
	}
	opts.Dir, opts.App, opts.Executable = dir, app, shardlua
	if opts.Topology.ReplicaSets == nil {
		opts.Topology = cluster.Grid(2, 2)
		opts.Topology.Buckets = 300
	}
	c, err := cluster.Start(t.Context(), opts)
	if err != nil {
		os.RemoveAll(dir)
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		for _, i := range c.All() {
			if i.Running() {
				t.Errorf("%s is left running", i.Name)
			}
			if log, _ := os.ReadFile(i.Log()); t.Failed() {
				t.Logf("end of the log of %s:\n%s", i.Name, log[max(0, len(log)-2000):])
			}
		}
		os.RemoveAll(dir)
	})
	return c
}

func notes(caller, n int) cluster.Request {
	id := uint64(n*8 + caller + 1)
	bucket := int(id%300) + 1
	return cluster.Request{Write: true, Bucket: bucket, Function: "put", Args: []any{id, bucket, "text"}, ID: id}
}

// Under load buckets move, and neither a bucket nor a tuple is lost on the way.
func TestRebalancingUnderLoad(t *testing.T) {
	c := start(t, cluster.Options{})
	if err := c.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	load, err := c.Drive(t.Context(), cluster.Load{Callers: 4, Pause: time.Millisecond}, notes)
	if err != nil {
		t.Fatal(err)
	}
	for load.Counters().Calls < 500 {
		time.Sleep(time.Millisecond)
	}
	before, err := c.Settle(t.Context())
	if err != nil || before.Active[0] != 150 || before.Active[1] != 150 {
		t.Fatal(before, err)
	}
	if err := c.Reweigh(t.Context(), 1, 2); err != nil {
		t.Fatal(err)
	}
	after, err := c.Rebalanced(t.Context(), []int{100, 200}, nil)
	if err != nil {
		t.Fatal(after, err)
	}
	counters := load.Stop()
	if counters.Failures > 0 || counters.Calls < 500 || counters.Worst <= 0 || load.Quantile(0.5) > counters.Worst {
		t.Errorf("counters %+v", counters)
	}
	losses, err := c.Tuples(t.Context(), "notes", load.Written())
	if err != nil || !losses.Exact() || losses.Written != counters.Calls {
		t.Errorf("tuples %+v, %v; %d calls", losses, err, counters.Calls)
	}
}

// What the accounts are there for is found when it happens.
func TestAccountsSeeWhatIsWrong(t *testing.T) {
	c := start(t, cluster.Options{})
	if err := c.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	masters, first := c.Masters(), ownerOfFirst(t, c)
	for i, chunk := range []string{
		"vshard.storage.rebalancer_disable() vshard.storage.bucket_force_drop(1) put(1, 1, 'lost') put(2, 2, 'here')",
		"vshard.storage.rebalancer_disable() vshard.storage.bucket_force_create(2) put(2, 2, 'again')",
	} {
		// Which of the sets has the first buckets depends on their uuids.
		if err := masters[(i+first)%2].Eval(t.Context(), nil, chunk); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Buckets(t.Context())
	if err != nil || a.Exact() || fmt.Sprint(a.Lost, a.Doubled) != "[1] [2]" || !strings.HasSuffix(a.String(), ", 1 lost, 1 doubled") {
		t.Errorf("%v: lost %v, doubled %v, %v", a, a.Lost, a.Doubled, err)
	}
	losses, err := c.Tuples(t.Context(), "notes", map[uint64]int{1: 1, 2: 2, 3: 3})
	if err != nil || losses.Exact() || losses.Lost != 2 {
		t.Errorf("%+v, %v", losses, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if a, err := c.Settle(ctx); err == nil || a.Exact() {
		t.Errorf("a broken cluster settles: %v, %v", a, err)
	}
}

func ownerOfFirst(t *testing.T, c *cluster.Cluster) int {
	t.Helper()
	for n, master := range c.Masters() {
		var has bool
		if err := master.Eval(t.Context(), &has, "return box.space._bucket:get(1) ~= nil"); err != nil {
			t.Fatal(err)
		}
		if has {
			return n
		}
	}
	t.Fatal("nobody has the first bucket")
	return 0
}

func TestFailedCallsAreCounted(t *testing.T) {
	c := start(t, cluster.Options{})
	if err := c.Bootstrap(t.Context()); err != nil {
		t.Fatal(err)
	}
	load, err := c.Drive(t.Context(), cluster.Load{Callers: 1}, func(_, n int) cluster.Request {
		return cluster.Request{Bucket: 7, Function: []string{"count", "nothing"}[n%2]}
	})
	if err != nil {
		t.Fatal(err)
	}
	for load.Counters().Failures < 3 {
		time.Sleep(time.Millisecond)
	}
	got := load.Stop()
	if got.Calls-got.Failures < got.Failures || got.LastFailure == nil ||
		got.LastFailure.Error() != "nothing in bucket 7: Procedure 'nothing' is not defined" {
		t.Errorf("%+v", got)
	}
}

// Nobody waits for an instance that has died.
func TestDeathEndsWaiting(t *testing.T) {
	c := start(t, cluster.Options{})
	ctx, cancel := c.WhileAlive(t.Context())
	defer cancel()
	ended := make(chan error)
	go func() { ended <- c.Storages[0].Eval(ctx, nil, "require('fiber').sleep(1000)") }()
	_ = c.Router.Eval(t.Context(), nil, "os.exit(7)")
	if err := <-ended; err == nil || !strings.HasPrefix(err.Error(), "router: it exited with code 7") {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	if err := c.Storages[0].Eval(ctx, nil, "return 1"); err == nil || err.Error() != "storage_1_a: context canceled" {
		t.Error(err)
	}
}

func TestStartFails(t *testing.T) {
	for _, test := range []struct {
		name string
		opts cluster.Options
		want string
	}{
		{"executable", cluster.Options{Executable: "/nonexistent/tarantool"}, "storage_1_a: fork/exec /nonexistent/tarantool: no such file or directory"},
		{"app", cluster.Options{Executable: shardlua, App: "error('no app')"}, "LuajitError: app.lua:1: no app"},
		{"patience", cluster.Options{Executable: shardlua, App: "require('fiber').sleep(100)", StartTimeout: time.Second}, "the cluster has not started within 1s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, err := cluster.TempDir("cluster-")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			test.opts.Dir, test.opts.Topology = dir, cluster.Grid(1, 1)
			c, err := cluster.Start(t.Context(), test.opts)
			if err == nil {
				c.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	_, err := cluster.Start(t.Context(), cluster.Options{Dir: "/" + strings.Repeat("x", 100)})
	if err == nil || !strings.Contains(err.Error(), "is too long for sockets in it (101 bytes, 82 are possible)") {
		t.Error(err)
	}
}

// A version of a module is exchanged on one instance while the others keep theirs.
func TestUseCode(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"1", "2"} {
		if err := os.Mkdir(filepath.Join(dir, version), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, version, "mine.lua"), []byte("return "+version), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := start(t, cluster.Options{Code: filepath.Join(dir, "1")})
	if err := c.Storages[0].UseCode(filepath.Join(dir, "2")); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2, 1, 1, 1, 1} {
		var got int
		if err := c.All()[i].Eval(t.Context(), &got, "return require('mine')"); err != nil || got != want {
			t.Errorf("%s has %d, %v; want %d", c.All()[i].Name, got, err, want)
		}
	}
	err := c.Router.Eval(t.Context(), nil, "error('no', 0)")
	if err == nil || err.Error() != "router: no" {
		t.Error(err)
	}
	if lines, err := c.Router.Grep("entering the event loop"); err != nil || len(lines) != 1 {
		t.Error(lines, err)
	}
}
