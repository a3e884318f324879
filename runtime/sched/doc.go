// Package sched runs the fibers of one Host.
//
// The one idea is the baton. Each fiber is a coroutine, which to Go is a goroutine, yet exactly one fiber of a Scheduler
// runs at a time: it holds the baton. A fiber that waits (Park, Sleep, Await) gives the baton to the next ready fiber,
// first in, first out; nothing ever takes the baton away. So the code between two waits is atomic, and the VM, the
// internals and the database need no locks.
//
// Work enters from other goroutines through Go (start a fiber) and Do (start one and wait for it). A fiber that never
// waits costs no goroutine switch: the goroutine that holds the baton runs queued fibers one after another, and
// hands the baton to another goroutine only when a fiber in the middle of its work becomes ready.
//
//	s := sched.New(sys.NewClock())
//	defer s.Close()
//	err := s.Do("main", func(f *sched.Fiber) error {
//		return f.Sleep(time.Second) // others run meanwhile
//	})
//
// Unless a comment says otherwise, a method must be called with the baton held. Wakeup, Cancel, Go, Do and the done
// function of Await may be called from any goroutine.
package sched
