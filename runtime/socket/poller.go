package socket

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"shardlua/runtime/module"
	"shardlua/runtime/sched"
)

// poller tells fibers when a descriptor is ready: one goroutine waits for all of them.
type poller struct {
	mu      sync.Mutex
	epoll   int
	wake    int // an eventfd that ends the goroutine
	watches map[int][]*watch
}

// watch is one fiber that waits for one descriptor.
type watch struct {
	events int16 // POLLIN and POLLOUT
	ready  int16
	done   func()
}

type pollerKey struct{}

// pollerOf returns the instance's poller, which lives until the instance ends.
func pollerOf(h module.Host) (*poller, error) {
	if p, ok := h.Service(pollerKey{}).(*poller); ok {
		return p, nil
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, err
	}
	p := &poller{epoll: epoll, wake: wake, watches: map[int][]*watch{}}
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)}); err != nil {
		unix.Close(epoll)
		unix.Close(wake)
		return nil, err
	}
	go p.run()
	h.SetService(pollerKey{}, p)
	h.OnShutdown(func() { _, _ = unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) })
	return p, nil
}

func (p *poller) run() {
	events := make([]unix.EpollEvent, 64)
	for {
		n, err := unix.EpollWait(p.epoll, events, -1)
		if err != nil && err != unix.EINTR {
			return
		}
		p.mu.Lock()
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == p.wake {
				p.close()
				p.mu.Unlock()
				return
			}
			p.fire(int(e.Fd), int16(e.Events))
		}
		p.mu.Unlock()
	}
}

// close ends all waits. The caller holds mu.
func (p *poller) close() {
	for fd := range p.watches {
		p.fire(fd, unix.POLLHUP)
	}
	unix.Close(p.epoll)
	unix.Close(p.wake)
	p.epoll = -1
}

// fire ends the waits that the events answer, and goes on with the others. The caller holds mu.
func (p *poller) fire(fd int, events int16) {
	var rest []*watch
	for _, w := range p.watches[fd] {
		w.ready = events & (w.events | unix.POLLHUP | unix.POLLERR)
		if w.ready != 0 {
			w.done()
		} else {
			rest = append(rest, w)
		}
	}
	p.set(fd, rest)
}

// set tells the system what the waits for a descriptor are. The caller holds mu.
func (p *poller) set(fd int, watches []*watch) error {
	if len(watches) == 0 {
		delete(p.watches, fd)
		if p.epoll >= 0 {
			_ = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil) // gone already when the descriptor is closed
		}
		return nil
	}
	event := unix.EpollEvent{Fd: int32(fd), Events: unix.EPOLLONESHOT}
	for _, w := range watches {
		event.Events |= uint32(w.events)
	}
	p.watches[fd] = watches
	err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, fd, &event)
	if err == unix.ENOENT {
		err = unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &event)
	}
	return err
}

// poll asks once, without waiting.
func poll(fd int, events int16) int16 {
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	if _, err := unix.Poll(fds, 0); err != nil {
		return 0
	}
	return fds[0].Revents
}

// wait waits until the descriptor is ready for one of the events, and returns which; 0 when the time is over or
// the fiber was cancelled. A descriptor that cannot be waited for, such as a plain file, is always ready.
func (p *poller) wait(f *sched.Fiber, fd int, events int16, timeout time.Duration) int16 {
	if ready := poll(fd, events); ready != 0 || timeout == 0 {
		return ready
	}
	w := &watch{events: events}
	_ = f.AwaitUntil(timeout, func(done func()) {
		w.done = done
		p.mu.Lock()
		defer p.mu.Unlock()
		if err := p.set(fd, append(p.watches[fd], w)); err != nil {
			p.forget(fd, w)
			w.ready = events
			go done()
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(fd, w)
	return w.ready
}

// forget takes one wait out. The caller holds mu.
func (p *poller) forget(fd int, w *watch) {
	for i, other := range p.watches[fd] {
		if other == w {
			rest := append(append([]*watch(nil), p.watches[fd][:i]...), p.watches[fd][i+1:]...)
			_ = p.set(fd, rest)
			return
		}
	}
}

// drop ends the waits for a descriptor that is about to be closed.
func (p *poller) drop(fd int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.watches[fd] {
		w.ready = unix.POLLHUP
		w.done()
	}
	_ = p.set(fd, nil)
}
