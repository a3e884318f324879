package store_test

import (
	"errors"
	"syscall"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/sched"
	"shardlua/runtime/store"
	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog/wal"
)

// TestFailedWrite fails the log under several fibers: all their transactions are undone, and the instance goes on when
// the disk is well again.
func TestFailedWrite(t *testing.T) {
	disk := systest.NewDisk()
	if err := disk.MkdirAll("/data", 0o755); err != nil {
		t.Fatal(err)
	}
	sc := sched.New(sys.NewClock())
	defer sc.Close()
	machine := sys.Real()
	machine.Disk = disk
	config := store.Config{
		MemtxDir: "/data", WALDir: "/data", WALMode: wal.Fsync, Machine: machine, Sched: sc,
		Lock: func(string) (func(), error) { return func() {}, nil },
	}
	err := sc.Do("test", func(f *sched.Fiber) error {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			return err
		}
		if err := insert(s, "before"); err != nil {
			return err
		}
		rows := s.DB().SpaceByName("_schema").Len()
		disk.Fail(func(op systest.Op, _ string) error {
			if op == systest.OpSync {
				return syscall.EIO
			}
			return nil
		})
		var fibers []*sched.Fiber
		for i := range 10 {
			g := f.Start("writer", func(*sched.Fiber) {
				if err := insert(s, string(rune('a'+i))); !errors.Is(err, boxerr.WALIO) {
					t.Errorf("a write to a broken disk got %v", err)
				}
			})
			g.Keep()
			fibers = append(fibers, g)
		}
		for _, g := range fibers {
			if err := f.Join(g); err != nil {
				return err
			}
		}
		if n := s.DB().SpaceByName("_schema").Len(); n != rows {
			t.Errorf("%d rows are there, want %d", n, rows)
		}
		disk.Fail(nil)
		if err := insert(s, "after"); err != nil {
			t.Errorf("a write to a healed disk got %v", err)
		}
		return errors.Join(s.Checkpoint(t.Context()), s.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	err = sc.Do("again", func(*sched.Fiber) error {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			return err
		}
		v := s.VClock()
		if v.Get(1) != 2 {
			t.Errorf("the clock is at %s", v.String())
		}
		return s.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}
