package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pmezard/go-difflib/difflib"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/store"
	"shardlua/runtime/sys"
	"shardlua/runtime/xlog/wal"
)

func difference(a, b string) string {
	text, _ := difflib.GetUnifiedDiffString(difflib.UnifiedDiff{
		A: difflib.SplitLines(a), B: difflib.SplitLines(b), FromFile: "written", ToFile: "read", Context: 1,
	})
	return text
}

// open runs fn on a fiber with a store in dir, which it closes.
func open(t *testing.T, config store.Config, fn func(f *sched.Fiber, s *store.Store) error) error {
	t.Helper()
	sc := sched.New(sys.NewClock())
	defer sc.Close()
	config.Machine, config.Sched = sys.Real(), sc
	return sc.Do("test", func(f *sched.Fiber) error {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			return err
		}
		return errors.Join(fn(f, s), s.Close())
	})
}

func configIn(dir string) store.Config {
	return store.Config{MemtxDir: dir, WALDir: dir, WALMode: wal.Write}
}

func insert(s *store.Store, key string) error {
	row := append([]byte{0x91, 0xa0 | byte(len(key))}, key...)
	_, err := s.DB().SpaceByName("_schema").Insert(s.DB().NewContext(db.AdminID), row)
	return err
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	err := open(t, configIn(dir), func(*sched.Fiber, *store.Store) error {
		err := open(t, configIn(dir), func(*sched.Fiber, *store.Store) error { return nil })
		if !errors.Is(err, boxerr.AlreadyRunning) {
			t.Errorf("the second instance got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestConcurrentCommits(t *testing.T) {
	for _, mode := range []wal.Mode{wal.None, wal.Write, wal.Fsync} {
		t.Run(mode.String(), func(t *testing.T) {
			config := configIn(t.TempDir())
			config.WALMode, config.WALMaxSize = mode, 2000
			err := open(t, config, func(f *sched.Fiber, s *store.Store) error {
				var fibers []*sched.Fiber
				failed := 0
				for i := range 40 {
					g := f.Start("writer", func(*sched.Fiber) {
						for k := range 5 {
							if insert(s, string(rune('A'+i))+string(rune('a'+k))) != nil {
								failed++
							}
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
				v := s.VClock()
				if failed > 0 || v.Get(1) != 200 {
					t.Errorf("%d failed, the clock is at %s", failed, v.String())
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if mode == wal.None {
				return
			}
			err = open(t, config, func(_ *sched.Fiber, s *store.Store) error {
				if n := s.DB().SpaceByName("_schema").Len(); n < 200 {
					t.Errorf("%d rows are there after a restart", n)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestBroken demands that a broken file is named, with the place in it and what to do, and stays as it is.
func TestBroken(t *testing.T) {
	for _, c := range []struct {
		name, file string
		change     func(data []byte) []byte
		want       []string
		forced     bool // whether force_recovery opens it
	}{
		{"log header", "00000000000000000000.xlog", func(d []byte) []byte { d[0] = 'Y'; return d }, []string{".xlog"}, false},
		{"log block", "00000000000000000000.xlog", func(d []byte) []byte { d[len(d)/2] ^= 0x55; return d },
			[]string{".xlog", "offset", "force_recovery"}, true},
		{"snapshot block", "00000000000000000000.snap", func(d []byte) []byte { d[len(d)/2] ^= 0x55; return d },
			[]string{".snap", "offset"}, false},
		{"snapshot cut short", "00000000000000000000.snap", func(d []byte) []byte { return d[:len(d)-20] }, []string{".snap"}, false},
		{"snapshot lost", "00000000000000000000.snap", nil, []string{"snapshot"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			err := open(t, configIn(dir), func(_ *sched.Fiber, s *store.Store) error {
				return errors.Join(insert(s, "one"), insert(s, "two"))
			})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, c.file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if c.change == nil {
				err = os.Remove(path)
			} else {
				data = c.change(data)
				err = os.WriteFile(path, data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			err = open(t, configIn(dir), func(*sched.Fiber, *store.Store) error { return nil })
			if err == nil {
				t.Fatal("it opened")
			}
			for _, word := range c.want {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not mention %q: %v", word, err)
				}
			}
			if c.change != nil {
				if now, _ := os.ReadFile(path); !bytes.Equal(now, data) {
					t.Error("the broken file was changed")
				}
			}
			config := configIn(dir)
			config.ForceRecovery = true
			err = open(t, config, func(*sched.Fiber, *store.Store) error { return nil })
			if c.forced && err != nil {
				t.Errorf("force_recovery: %v", err)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	config := configIn(dir)
	config.Log = func(e say.Entry) { lines = append(lines, e.Message) }
	if err := open(t, config, func(*sched.Fiber, *store.Store) error { return nil }); err != nil {
		t.Fatal(err)
	}
	other := configIn(dir)
	other.InstanceUUID[0] = 1
	err := open(t, other, func(*sched.Fiber, *store.Store) error { return nil })
	if !errors.Is(err, boxerr.InstanceUUIDMismatch) {
		t.Errorf("got %v", err)
	}
	other = configIn(dir)
	other.ReplicasetUUID[0] = 1
	err = open(t, other, func(*sched.Fiber, *store.Store) error { return nil })
	if !errors.Is(err, boxerr.ReplicasetUUIDMismatch) {
		t.Errorf("got %v", err)
	}
	readOnly := configIn(t.TempDir())
	readOnly.ReadOnly = true
	err = open(t, readOnly, func(*sched.Fiber, *store.Store) error { return nil })
	if !errors.Is(err, boxerr.BootstrapReadonly) {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(strings.Join(lines, "\n"), "initializing an empty data directory") {
		t.Errorf("the log says %q", lines)
	}
}

func TestNoDirectory(t *testing.T) {
	err := open(t, configIn("/nonexistent"), func(*sched.Fiber, *store.Store) error { return nil })
	if err == nil || err.Error() != "error reading directory '/nonexistent'" {
		t.Errorf("got %v", err)
	}
}

func TestCheckpoint(t *testing.T) {
	dir := t.TempDir()
	config := configIn(dir)
	config.Checkpoints.Count = 1
	err := open(t, config, func(f *sched.Fiber, s *store.Store) error {
		if err := insert(s, "one"); err != nil {
			return err
		}
		var second error
		f.Start("other", func(*sched.Fiber) { second = s.Checkpoint(t.Context()) })
		if err := s.Checkpoint(t.Context()); !errors.Is(err, boxerr.CheckpointInProgress) {
			t.Errorf("a second checkpoint at the same time got %v", err)
		}
		for s.CheckpointInProgress() {
			if err := f.Yield(); err != nil {
				return err
			}
		}
		files, err := s.BackupStart(0)
		if err != nil || len(files) != 1 {
			t.Errorf("backup of %v, %v", files, err)
		}
		if _, err := s.BackupStart(0); !errors.Is(err, boxerr.BackupInProgress) {
			t.Errorf("a second backup got %v", err)
		}
		if err := errors.Join(insert(s, "two"), s.Checkpoint(t.Context())); err != nil {
			return err
		}
		if _, err := os.Stat(files[0]); err != nil {
			t.Errorf("a snapshot that is backed up is gone: %v", err)
		}
		s.BackupStop()
		if _, err := os.Stat(files[0]); err == nil {
			t.Error("an old snapshot stays")
		}
		return second
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "00000000000000000000.xlog")); err == nil {
		t.Error("an old log stays")
	}
}
