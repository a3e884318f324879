package sys_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"shardlua/runtime/sys"
)

func TestRealClock(t *testing.T) {
	c := sys.NewClock()
	start := c.Monotonic()
	if start <= 0 {
		t.Errorf("monotonic time %v: not that of the machine", start)
	}
	if d := time.Since(c.Now()); d < 0 || d > time.Minute {
		t.Errorf("wall clock is off by %v", d)
	}
	fired := make(chan struct{}, 1)
	timer := c.AfterFunc(time.Millisecond, func() { fired <- struct{}{} })
	<-fired
	if timer.Stop() {
		t.Error("Stop of a timer that fired returned true")
	}
	if c.Monotonic()-start < time.Millisecond {
		t.Error("the timer fired early")
	}
}

func TestRealDisk(t *testing.T) {
	var d sys.Disk = sys.RealDisk{}
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := d.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if f, err := d.OpenFile(filepath.Join(dir, "none"), os.O_RDONLY, 0); !errors.Is(err, fs.ErrNotExist) || f != nil {
		t.Fatalf("OpenFile of nothing: %v, %v", f, err)
	}
	f, err := d.Create(filepath.Join(dir, "x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(4); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "hell" {
		t.Fatalf("read back %q, %v", got, err)
	}
	for _, err := range []error{f.Sync(), f.Close(), d.Rename(f.Name(), filepath.Join(dir, "y")), d.SyncDir(dir)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := d.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "y" {
		t.Fatalf("entries %v, %v", entries, err)
	}
	if err := d.SyncDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("SyncDir of nothing: %v", err)
	}
	if err := d.Remove(filepath.Join(dir, "y")); err != nil {
		t.Fatal(err)
	}
}

func TestRealNetwork(t *testing.T) {
	var n sys.Network = sys.RealNetwork{}
	ctx := context.Background()
	l, err := n.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Write([]byte("hi"))
			c.Close()
		}
	}()
	c, err := n.Dial(ctx, "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || string(got) != "hi" {
		t.Fatalf("got %q, %v", got, err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := n.Dial(cancelled, "tcp", l.Addr().String()); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with a cancelled context: %v", err)
	}
}
