package sched

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
)

// onFiber runs fn as the main fiber of a fresh Scheduler.
func onFiber(t testing.TB, fn func(f *Fiber)) {
	t.Helper()
	s := newTest(t)
	if err := s.Do("main", func(f *Fiber) error { fn(f); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestStartRunsTheNewFiberFirst(t *testing.T) {
	onFiber(t, func(f *Fiber) {
		var got []string
		say := func(s string) { got = append(got, s) }
		f.Scheduler().Go("ready", func(*Fiber) { say("ready") })
		f.Start("outer", func(o *Fiber) {
			say("outer")
			o.Start("inner", func(i *Fiber) { say("inner"); _ = i.Yield(); say("inner 2") })
			say("outer 2")
			_ = o.Yield()
			say("outer 3")
		})
		say("main")
		_ = f.Yield()
		_ = f.Yield()
		if want := []string{"outer", "inner", "outer 2", "main", "ready", "inner 2", "outer 3"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestWakeupOfTheRunningFiberEndsItsNextWait(t *testing.T) {
	clock := systest.NewClock(time.Unix(0, 0))
	s := New(clock)
	defer s.Close()
	err := s.Do("main", func(f *Fiber) error {
		f.Wakeup()
		f.Start("other", func(*Fiber) {})
		return f.Sleep(time.Hour) // the clock stands still
	})
	if err != nil {
		t.Fatal(err)
	}
	// One that ends before it waits leaves nothing behind.
	for range 3 {
		if err := s.Do("main", func(f *Fiber) error { f.Wakeup(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count(); n != 0 {
		t.Fatal(n, "fibers live")
	}
}

func TestChannelHandsOverInOrder(t *testing.T) {
	onFiber(t, func(f *Fiber) {
		c := NewChannel(1)
		var got []any
		for i := range 4 {
			f.Start("writer", func(w *Fiber) {
				if err := c.Put(w, i, Forever); err != nil {
					t.Error(err)
				}
			})
		}
		if !c.HasWriters() || c.HasReaders() || !c.Full() || c.Count() != 1 {
			t.Error("three writers should wait")
		}
		for range 4 {
			v, err := c.Get(f, 0)
			if err != nil {
				t.Error(err)
			}
			got = append(got, v)
		}
		if fmt.Sprint(got) != "[0 1 2 3]" || c.HasWriters() || !c.Empty() {
			t.Error("got", got)
		}
	})
}

func TestChannelWaitEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(c *Channel, w *Fiber, clock *systest.Clock)
		want error
	}{
		"by close":  {func(c *Channel, _ *Fiber, _ *systest.Clock) { c.Close(); c.Close() }, ErrChannelClosed},
		"by cancel": {func(_ *Channel, w *Fiber, _ *systest.Clock) { w.Cancel() }, ErrCancelled},
		"by time":   {func(_ *Channel, _ *Fiber, clock *systest.Clock) { clock.Advance(time.Minute) }, ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			clock := systest.NewClock(time.Unix(0, 0))
			s := New(clock)
			defer s.Close()
			_ = s.Do("main", func(f *Fiber) error {
				c := NewChannel(0)
				for what, wait := range map[string]func(w *Fiber) error{
					"get": func(w *Fiber) error { _, err := c.Get(w, time.Minute); return err },
					"put": func(w *Fiber) error { return c.Put(w, 1, time.Minute) },
				} {
					c = NewChannel(0)
					err := errors.New("still waits")
					w := f.Start(what, func(w *Fiber) { err = wait(w) })
					w.Keep()
					w.Wakeup() // by mistake: it goes on waiting
					_ = f.Yield()
					if !c.HasReaders() && !c.HasWriters() {
						t.Error(what, "was ended by Wakeup")
					}
					tc.end(c, w, clock)
					if e := f.Join(w); e != nil {
						return e
					}
					if !errors.Is(err, tc.want) {
						t.Errorf("%s: got %v, want %v", what, err, tc.want)
					}
					if c.HasReaders() || c.HasWriters() {
						t.Error(what, "left a waiter behind")
					}
				}
				return nil
			})
		})
	}
}

func TestClosedChannelIsEmpty(t *testing.T) {
	onFiber(t, func(f *Fiber) {
		c := NewChannel(2)
		_ = c.Put(f, 1, 0)
		c.Close()
		if v, err := c.Get(f, Forever); v != nil || !errors.Is(err, ErrChannelClosed) {
			t.Error(v, err)
		}
		if err := c.Put(f, 1, Forever); !errors.Is(err, ErrChannelClosed) {
			t.Error(err)
		}
		if c.Count() != 0 || c.Size() != 2 || !c.Closed() {
			t.Error("count", c.Count())
		}
	})
}

func TestCancelledFiberStillUsesWhatIsReady(t *testing.T) {
	onFiber(t, func(f *Fiber) {
		f.Cancel()
		c := NewChannel(1)
		if err := c.Put(f, 1, Forever); err != nil {
			t.Error(err)
		}
		if _, err := c.Get(f, Forever); err != nil {
			t.Error(err)
		}
		if _, err := c.Get(f, 0); !errors.Is(err, ErrCancelled) {
			t.Error(err)
		}
	})
}

func TestCond(t *testing.T) {
	clock := systest.NewClock(time.Unix(0, 0))
	s := New(clock)
	defer s.Close()
	_ = s.Do("main", func(f *Fiber) error {
		var c Cond
		var got []string
		waiter := func(name string, timeout time.Duration) *Fiber {
			return f.Start(name, func(w *Fiber) { got = append(got, fmt.Sprint(name, c.Wait(w, timeout))) })
		}
		expect := func(want ...string) {
			t.Helper()
			_ = f.Yield()
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			got = nil
		}
		c.Signal()
		c.Broadcast()
		for _, name := range []string{"a", "b", "c"} {
			waiter(name, Forever)
		}
		c.Signal()
		expect("atrue")
		waiter("d", time.Second)
		c.Broadcast()
		expect("btrue", "ctrue", "dtrue")
		waiter("late", time.Second)
		clock.Advance(time.Second)
		expect("latefalse")
		waiter("zero", 0)
		expect("zerofalse")
		waiter("woken", Forever).Wakeup()
		expect("wokentrue")
		waiter("cancelled", Forever).Cancel()
		expect("cancelledtrue")
		return nil
	})
}

// The model is a slice of values and two of waiting fibers' numbers.
func TestChannelAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(sys.NewClock())
		defer s.Close()
		size := rapid.IntRange(0, 3).Draw(t, "size")
		steps := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(t, "steps")
		var got, want []string
		_ = s.Do("main", func(f *Fiber) error {
			c := NewChannel(size)
			var values, readers, writers []int
			for n, step := range steps {
				switch step {
				case 0, 1: // put
					f.Start("w", func(w *Fiber) { got = append(got, fmt.Sprint("put ", n, c.Put(w, n, Forever))) })
					switch {
					case len(readers) > 0:
						want = append(want, fmt.Sprint("put ", n, nil), fmt.Sprint("get ", readers[0], " ", n, nil))
						readers = readers[1:]
					case len(values) < size:
						values = append(values, n)
						want = append(want, fmt.Sprint("put ", n, nil))
					default:
						writers = append(writers, n)
					}
				case 2, 3: // get
					f.Start("r", func(r *Fiber) {
						v, err := c.Get(r, Forever)
						got = append(got, fmt.Sprint("get ", n, " ", v, err))
					})
					line := append(slices.Clone(values), writers...)
					if len(line) == 0 {
						readers = append(readers, n)
						break
					}
					want = append(want, fmt.Sprint("get ", n, " ", line[0], nil))
					if len(writers) > 0 {
						want = append(want, fmt.Sprint("put ", writers[0], nil))
						writers = writers[1:]
					}
					line = line[1:]
					values = line[:min(size, len(line))]
				}
				_ = f.Yield()
				if c.Count() != len(values) || c.HasReaders() != (len(readers) > 0) || c.HasWriters() != (len(writers) > 0) {
					t.Fatalf("step %d: count %d, readers %t, writers %t; want %v %v %v",
						n, c.Count(), c.HasReaders(), c.HasWriters(), values, readers, writers)
				}
			}
			for _, r := range readers {
				want = append(want, fmt.Sprint("get ", r, " ", nil, ErrChannelClosed))
			}
			for _, w := range writers {
				want = append(want, fmt.Sprint("put ", w, ErrChannelClosed))
			}
			c.Close()
			_ = f.Yield()
			return nil
		})
		if !slices.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}
