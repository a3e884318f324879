package systest_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
)

var (
	_ sys.Clock   = (*systest.Clock)(nil)
	_ sys.Disk    = (*systest.Disk)(nil)
	_ sys.Network = (*systest.Network)(nil)
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestClockFiresInOrder(t *testing.T) {
	start := time.Unix(1000, 0)
	c := systest.NewClock(start)
	var fired []string
	note := func(name string) func() {
		return func() { fired = append(fired, name+"@"+c.Monotonic().String()) }
	}
	c.AfterFunc(2*time.Second, note("b"))
	c.AfterFunc(time.Second, func() {
		note("a")()
		c.AfterFunc(500*time.Millisecond, note("nested"))
	})
	stopped := c.AfterFunc(time.Second, note("stopped"))
	moved := c.AfterFunc(time.Second, note("moved"))
	if !stopped.Stop() || stopped.Stop() || !moved.Reset(3*time.Second) {
		t.Fatal("wrong answers from Stop and Reset")
	}
	c.Advance(2 * time.Second)
	if want := []string{"a@1s", "nested@1.5s", "b@2s"}; !slices.Equal(fired, want) {
		t.Errorf("fired %v, want %v", fired, want)
	}
	if c.Pending() != 1 || !c.Now().Equal(start.Add(2*time.Second)) {
		t.Errorf("pending %d, now %v", c.Pending(), c.Now())
	}
	c.SetWall(start)
	c.Advance(time.Second)
	if fired[len(fired)-1] != "moved@3s" || !c.Now().Equal(start.Add(time.Second)) {
		t.Errorf("fired %v, now %v", fired, c.Now())
	}
}

func TestDiskCrashKeepsWhatWasSynced(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		d := systest.NewDisk()
		must(t, d.MkdirAll("/data", 0o755))
		must(t, d.SyncDir("/"))
		f, err := d.Create("/data/a")
		must(t, err)
		f.Write([]byte("safe"))
		must(t, f.Sync())
		must(t, d.SyncDir("/data"))
		f.Write([]byte("lost"))
		d.Create("/data/b")
		d.Crash(rng)
		if _, err := f.Write(nil); !errors.Is(err, fs.ErrClosed) {
			t.Fatalf("a handle survived the crash: %v", err)
		}
		f, err = d.OpenFile("/data/a", os.O_RDONLY, 0)
		must(t, err)
		got, err := io.ReadAll(f)
		must(t, err)
		if len(got) < 4 || string(got) != "safelost"[:len(got)] {
			t.Fatalf("after the crash: %q", got)
		}
	}
}

func TestDiskCrashForgetsUnsyncedNames(t *testing.T) {
	forgot := false
	for seed := range uint64(20) {
		d := systest.NewDisk()
		f, err := d.Create("/a")
		must(t, err)
		must(t, f.Sync())
		d.Crash(rand.New(rand.NewPCG(seed, 2)))
		if _, err := d.Stat("/a"); errors.Is(err, fs.ErrNotExist) {
			forgot = true
		}
	}
	if !forgot {
		t.Error("a name that was never synced always survived")
	}
}

func TestDiskFullAndFailing(t *testing.T) {
	d := systest.NewDisk()
	f, err := d.Create("x")
	must(t, err)
	d.SetCapacity(6)
	if n, err := f.Write([]byte("12345678")); n != 6 || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("write to a full disk: %d, %v", n, err)
	}
	must(t, f.Truncate(2))
	if d.Used() != 2 {
		t.Errorf("used %d", d.Used())
	}
	broken := errors.New("broken")
	d.Fail(func(op systest.Op, name string) error {
		if op == systest.OpSync && name == "x" {
			return broken
		}
		return nil
	})
	if err := f.Sync(); !errors.Is(err, broken) {
		t.Errorf("sync: %v", err)
	}
	d.Fail(nil)
	must(t, f.Sync())
	must(t, f.Close())
	must(t, d.Rename("x", "y"))
	entries, err := d.ReadDir(".")
	if err != nil || len(entries) != 1 || entries[0].Name() != "y" {
		t.Errorf("entries %v, %v", entries, err)
	}
	must(t, d.Remove("y"))
	if d.Used() != 0 {
		t.Errorf("used %d after removing everything", d.Used())
	}
}

func dialed(t *testing.T, n *systest.Network) (client, server net.Conn) {
	t.Helper()
	ctx := context.Background()
	l, err := n.Listen(ctx, "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	client, err = n.Dial(ctx, "tcp", l.Addr().String())
	must(t, err)
	server, err = l.Accept()
	must(t, err)
	return client, server
}

func TestNetwork(t *testing.T) {
	clock := systest.NewClock(time.Unix(0, 0))
	n := systest.NewNetwork(clock)
	client, server := dialed(t, n)
	n.SetDelay(time.Second)
	client.Write([]byte("late"))
	buf := make([]byte, 16)
	must(t, server.SetReadDeadline(clock.Now().Add(100*time.Millisecond)))
	clock.Advance(200 * time.Millisecond)
	if _, err := server.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read before arrival: %v", err)
	}
	must(t, server.SetReadDeadline(time.Time{}))
	clock.Advance(time.Second)
	if k, err := server.Read(buf); err != nil || string(buf[:k]) != "late" {
		t.Fatalf("read %q, %v", buf[:k], err)
	}
	n.SetDelay(0)
	n.SetDropping(true)
	client.Write([]byte("gone"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := n.Dial(ctx, "tcp", "127.0.0.1:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("dial through a network that drops: %v", err)
	}
	n.SetDropping(false)
	client.Write([]byte("kept"))
	must(t, client.Close())
	if got, err := io.ReadAll(server); err != nil || string(got) != "kept" {
		t.Errorf("read %q, %v", got, err)
	}
	client, server = dialed(t, n)
	n.Break()
	for _, c := range []net.Conn{client, server} {
		if _, err := c.Read(buf); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read of a broken connection: %v", err)
		}
	}
	if _, err := n.Dial(context.Background(), "tcp", "127.0.0.1:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial to nobody: %v", err)
	}
}
