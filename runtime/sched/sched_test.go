package sched

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
)

func newTest(t testing.TB) *Scheduler {
	s := New(sys.NewClock())
	t.Cleanup(func() {
		s.Close()
		select {
		case <-s.Drained():
		case <-time.After(10 * time.Second):
			t.Error("fibers are left")
		}
	})
	return s
}

func TestFibersRunInTheOrderInWhichTheyBecameReady(t *testing.T) {
	s := newTest(t)
	var got []string
	_ = s.Do("main", func(f *Fiber) error {
		for i := range 3 {
			s.Go("child", func(c *Fiber) {
				for step := range 2 {
					got = append(got, fmt.Sprint(i, step))
					_ = c.Yield()
				}
			})
		}
		for range 4 {
			_ = f.Yield()
		}
		return nil
	})
	if want := "[0 0 1 0 2 0 0 1 1 1 2 1]"; fmt.Sprint(got) != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestOnlyOneFiberRuns(t *testing.T) {
	s := newTest(t)
	var running, steps atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Add(1)
		s.Go("f", func(f *Fiber) {
			defer wg.Done()
			for i := range 100 {
				if running.Add(1) != 1 {
					t.Error("two fibers run")
				}
				steps.Add(1)
				running.Add(-1)
				if i%10 == 0 {
					_ = f.Sleep(time.Microsecond)
				} else {
					_ = f.Yield()
				}
			}
		})
	}
	wg.Wait()
	if steps.Load() != 5000 {
		t.Fatal(steps.Load())
	}
}

func TestSleepEndsOnTheClock(t *testing.T) {
	clock := systest.NewClock(time.Unix(0, 0))
	s := New(clock)
	defer s.Close()
	woke := make(chan struct{})
	s.Go("sleeper", func(f *Fiber) {
		_ = f.Sleep(time.Hour)
		close(woke)
	})
	for done := false; !done; {
		select {
		case <-woke:
			done = true
		default:
			clock.Advance(time.Minute)
			time.Sleep(time.Millisecond)
		}
	}
}

func TestCancelEndsEveryWait(t *testing.T) {
	waits := map[string]func(f *Fiber) error{
		"sleep": func(f *Fiber) error { return f.Sleep(time.Hour) },
		"park":  func(f *Fiber) error { f.Park(Forever); return f.CheckCancelled() },
		"await": func(f *Fiber) error { return f.AwaitUntil(Forever, func(func()) {}) },
		"join": func(f *Fiber) error {
			other := f.Scheduler().Go("other", func(o *Fiber) { o.Park(time.Second) })
			other.Keep()
			return f.Join(other)
		},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			s := newTest(t)
			var got error
			_ = s.Do("main", func(f *Fiber) error {
				w := s.Go("waiter", func(w *Fiber) { got = wait(w) })
				w.Keep()
				_ = f.Yield()
				w.Cancel()
				return f.Join(w)
			})
			if !errors.Is(got, ErrCancelled) {
				t.Fatalf("got %v", got)
			}
		})
	}
}

func TestAwaitIgnoresWakeupAndCancel(t *testing.T) {
	s := newTest(t)
	release := make(chan func(), 1)
	finished := make(chan struct{})
	w := s.Go("waiter", func(f *Fiber) {
		f.Await(func(done func()) { release <- done })
		close(finished)
	})
	w.Keep()
	done := <-release
	w.Wakeup()
	w.Cancel()
	select {
	case <-finished:
		t.Fatal("ended before done")
	case <-time.After(20 * time.Millisecond):
	}
	done()
	<-finished
}

func TestAwaitUntilTimesOut(t *testing.T) {
	s := newTest(t)
	err := s.Do("main", func(f *Fiber) error {
		return f.AwaitUntil(time.Millisecond, func(func()) {})
	})
	if !errors.Is(err, ErrTimeout) {
		t.Fatalf("got %v", err)
	}
	err = s.Do("main", func(f *Fiber) error {
		return f.AwaitUntil(time.Hour, func(done func()) { go done() })
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPanicEndsTheFiberOnly(t *testing.T) {
	s := newTest(t)
	var told any
	s.OnPanic = func(_ *Fiber, v any, _ []byte) { told = v }
	err := s.Do("bad", func(*Fiber) error { panic("boom") })
	if err == nil || told != "boom" {
		t.Fatalf("err %v, told %v", err, told)
	}
	if err := s.Do("good", func(*Fiber) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestClosedSchedulerRefuses(t *testing.T) {
	s := New(sys.NewClock())
	s.Close()
	s.Close()
	if err := s.Do("late", func(*Fiber) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Fatalf("got %v", err)
	}
	<-s.Drained()
}

func TestCloseEndsFibersThatIgnoreIt(t *testing.T) {
	s := newTest(t)
	s.Go("yields", func(f *Fiber) {
		for {
			_ = f.Yield()
		}
	})
	s.Go("parks", func(f *Fiber) {
		for {
			f.Park(time.Hour)
		}
	})
	s.Go("sleeps", func(f *Fiber) {
		for {
			_ = f.Sleep(time.Hour)
			_ = f.Yield()
		}
	})
}

func BenchmarkSwitch(b *testing.B) {
	s := newTest(b)
	_ = s.Do("main", func(f *Fiber) error {
		stop := false
		s.Go("other", func(o *Fiber) {
			for !stop {
				_ = o.Yield()
			}
		})
		b.ResetTimer()
		for range b.N {
			_ = f.Yield()
		}
		stop = true
		return f.Yield()
	})
}

func BenchmarkStartOnTheBaton(b *testing.B) {
	s := newTest(b)
	var wg sync.WaitGroup
	wg.Add(b.N)
	for range b.N {
		s.Go("f", func(*Fiber) { wg.Done() })
	}
	wg.Wait()
}

// Lua's coroutines have goroutines of their own, and a fiber may wait on any of them.
func TestFiberWaitsOnAnotherGoroutine(t *testing.T) {
	s := newTest(t)
	var got []int
	fibers := func(f *Fiber) error {
		for i := range 3 {
			s.Go("f", func(f *Fiber) {
				for range 3 {
					_ = f.Yield()
					done := make(chan struct{})
					go func() {
						defer close(done)
						_ = f.Yield()
						_ = f.Sleep(time.Microsecond)
						got = append(got, i)
					}()
					<-done
				}
			})
		}
		return f.Sleep(time.Microsecond)
	}
	if err := s.Do("main", fibers); err != nil {
		t.Fatal(err)
	}
	for s.Count() > 0 {
		_ = s.Do("wait", func(f *Fiber) error { return f.Sleep(time.Millisecond) })
	}
	if len(got) != 9 {
		t.Fatal(got)
	}
}

func TestInterjectRunsBetweenFibers(t *testing.T) {
	s := newTest(t)
	var order []string
	add := func(what string) func() { return func() { order = append(order, what) } }
	s.Interject(add("alone"))
	_ = s.Do("main", func(f *Fiber) error {
		s.Go("next", func(*Fiber) { add("next")() })
		finished := make(chan struct{})
		go func() {
			s.Interject(add("a"))
			s.Interject(func() { add("b")(); f.Wakeup() })
			close(finished)
		}()
		<-finished
		add("main")()
		f.Park(Forever)
		add("woken")()
		return nil
	})
	if want := []string{"alone", "main", "a", "b", "next", "woken"}; !slices.Equal(order, want) {
		t.Fatal(order)
	}
	var told any
	s.OnPanic = func(_ *Fiber, v any, _ []byte) { told = v }
	s.Interject(func() { panic("boom") })
	if told != "boom" {
		t.Fatal(told)
	}
}

func TestBeforeIdle(t *testing.T) {
	s := newTest(t)
	var waits *Fiber
	calls := 0
	_ = s.Do("main", func(f *Fiber) error {
		s.BeforeIdle = func() {
			calls++
			if waits != nil {
				waits.Wakeup()
			}
		}
		s.Go("other", func(*Fiber) {})
		_ = f.Yield()
		if calls != 0 {
			t.Error("called though fibers were ready")
		}
		waits = f
		f.Park(Forever)
		waits = nil
		if calls == 0 {
			t.Error("not called")
		}
		return nil
	})
}

func TestBlockEndsByItsFlagOnly(t *testing.T) {
	s := newTest(t)
	done, ended := false, false
	_ = s.Do("main", func(f *Fiber) error {
		w := f.Start("waiter", func(w *Fiber) { w.Block(&done); ended = true })
		w.Keep()
		w.Wakeup()
		w.Cancel()
		_ = f.Yield()
		_ = f.Yield()
		if ended {
			t.Error("ended before its flag")
		}
		done = true
		w.Wakeup()
		return f.Join(w)
	})
	if !ended {
		t.Error("does not end")
	}
}

func TestAbandonLetsTheOthersRun(t *testing.T) {
	s := newTest(t)
	ran := 0
	for range 5 {
		s.Go("leaves", func(f *Fiber) {
			_ = f.Yield()
			ran++
			f.Abandon()
		})
	}
	for range 5 {
		_ = s.Do("stays", func(f *Fiber) error { _ = f.Sleep(time.Microsecond); ran++; return nil })
	}
	for s.Count() > 0 {
		_ = s.Do("wait", func(f *Fiber) error { return f.Yield() })
	}
	if ran != 10 {
		t.Fatal(ran)
	}
}

// What others start while a fiber with a Brood runs is not its child, and must not be ended with it.
func TestBroodHasTheFibersOfItsOwn(t *testing.T) {
	s := newTest(t)
	var brood Brood
	var child, grandchild, started *Fiber
	err := s.Do("parent", func(f *Fiber) error {
		f.Brood = &brood
		child = f.Go("child", func(c *Fiber) { grandchild = c.Go("grandchild", func(*Fiber) {}) })
		started = f.Start("started", func(*Fiber) {})
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Go("foreign", func(*Fiber) {})
		}()
		<-done
		s.Go("server", func(*Fiber) {})
		for range 3 {
			if err := f.Yield(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := brood.Fibers()
	if len(got) != 3 || got[0] != child || got[1] != started || got[2] != grandchild {
		t.Errorf("the brood is %v, not child, started and grandchild", names(got))
	}
}

func names(fibers []*Fiber) (list []string) {
	for _, f := range fibers {
		list = append(list, f.Name())
	}
	return list
}
