package popen

import (
	"errors"
	"io"
	"math"
	"os"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/fiber"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// handle is one child. Its fields belong to the baton, but for state, which the goroutine that waits sets under mu.
type handle struct {
	lib     *library
	options options
	command string
	pipes   [3]*os.File // the instance's ends; nil for a stream that is no pipe, or was shut down
	shut    [3]bool
	closed  bool

	process *os.Process
	pid     int
	exited  chan struct{} // closed when state is final
	mu      sync.Mutex
	state   state
}

// state is how a process ended: with a code, or by a signal.
type state struct {
	ended  bool
	code   int
	signal syscall.Signal
}

// readSize is the most that one read returns.
const readSize = 4096

func (h *handle) reap() {
	s := state{ended: true}
	if p, err := h.process.Wait(); err == nil {
		if w, ok := p.Sys().(syscall.WaitStatus); ok && w.Signaled() {
			s.signal = w.Signal()
		} else {
			s.code = p.ExitCode()
		}
	}
	h.mu.Lock()
	h.state = s
	h.mu.Unlock()
	close(h.exited)
}

func (h *handle) now() state {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// kill sends a signal, to the process or to its group.
func (h *handle) kill(n syscall.Signal) *boxerr.Error {
	if h.now().ended {
		return boxerr.NewSystem(boxerr.ClassSystemError, int(syscall.ESRCH),
			"Attempt to send a signal %d to a process that does not exist anymore", int(n))
	}
	pid := h.pid
	if h.options.groupSignal {
		pid = -pid
	}
	if err := syscall.Kill(pid, n); err != nil {
		return boxerr.NewSystem(boxerr.ClassSystemError, errnoOf(err), "Unable to kill %d process group: %s", h.pid,
			errno.Text(errnoOf(err)))
	}
	return nil
}

func (h *handle) closeStreams() {
	for i, f := range h.pipes {
		if f != nil {
			f.Close()
		}
		h.pipes[i], h.shut[i] = nil, true
	}
}

func (lib *library) handleMeta(L *lua.LState) *lua.LTable {
	methods := map[string]*lua.LFunction{}
	for name, m := range map[string]struct {
		usage string
		call  func(L *lua.LState, h *handle) int
	}{
		"info": {"ph:info()", func(L *lua.LState, h *handle) int {
			L.Push(h.info(L))
			return 1
		}},
		"signal": {"ph:signal(signo)", func(L *lua.LState, h *handle) int {
			n, ok := L.Get(2).(lua.LNumber)
			if !ok {
				lib.illegal(L, "Bad params, use: ph:signal(signo)")
			}
			return lib.send(L, h, syscall.Signal(n))
		}},
		"kill":      {"ph:kill()", func(L *lua.LState, h *handle) int { return lib.send(L, h, sigkill) }},
		"terminate": {"ph:terminate()", func(L *lua.LState, h *handle) int { return lib.send(L, h, sigterm) }},
		"wait":      {"ph:wait()", lib.wait},
		"read":      {readUsage, lib.read},
		"write":     {writeUsage, lib.write},
		"shutdown":  {shutdownUsage, lib.shutdown},
		"close":     {"ph:close()", lib.close},
	} {
		methods[name] = L.NewFunction(func(L *lua.LState) int {
			h := handleOf(L.Get(1))
			if h == nil {
				lib.illegal(L, "Bad params, use: %s", m.usage)
			}
			if h.closed && name != "close" {
				lib.illegal(L, "popen: attempt to operate on a closed handle")
			}
			return m.call(L, h)
		})
	}
	meta := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			h, name := handleOf(L.Get(1)), L.Get(2).String()
			if fn := methods[name]; fn != nil {
				L.Push(fn)
				return 1
			}
			if h.closed {
				lib.illegal(L, "Attempt to index a closed popen handle")
			}
			L.Push(h.info(L).RawGetString(name))
			return 1
		},
		"__serialize": func(L *lua.LState) int {
			h := handleOf(L.Get(1))
			if h == nil || h.closed {
				L.Push(lua.LString("<closed popen handle>"))
				return 1
			}
			L.Push(h.info(L))
			return 1
		},
	})
	meta.RawSetString("__metatable", lua.LString("popen_handle"))
	return meta
}

func handleOf(v lua.LValue) *handle {
	if u, ok := v.(*lua.LUserData); ok {
		h, _ := u.Value.(*handle)
		return h
	}
	return nil
}

func (h *handle) info(L *lua.LState) *lua.LTable {
	t, o := L.NewTable(), L.NewTable()
	s := h.now()
	if !s.ended {
		t.RawSetString("pid", lua.LNumber(h.pid))
	}
	t.RawSetString("command", lua.LString(h.command))
	t.RawSetString("status", s.table(L))
	for i, name := range streamNames {
		o.RawSetString(name, lua.LString(h.options.streams[i]))
		switch {
		case h.options.streams[i] != pipe:
		case h.shut[i]:
			t.RawSetString(name, lua.LString("closed"))
		default:
			t.RawSetString(name, lua.LString("open"))
		}
	}
	for _, f := range h.options.flags() {
		o.RawSetString(f.name, lua.LBool(*f.value))
	}
	t.RawSetString("opts", o)
	return t
}

func (s state) table(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	switch {
	case !s.ended:
		t.RawSetString("state", lua.LString("alive"))
	case s.signal != 0:
		t.RawSetString("state", lua.LString("signaled"))
		t.RawSetString("signo", lua.LNumber(s.signal))
		t.RawSetString("signame", lua.LString(signalName(s.signal)))
	default:
		t.RawSetString("state", lua.LString("exited"))
		t.RawSetString("exit_code", lua.LNumber(s.code))
	}
	return t
}

func (lib *library) send(L *lua.LState, h *handle, n syscall.Signal) int {
	if err := h.kill(n); err != nil {
		return lib.fail(L, err)
	}
	L.Push(lua.LTrue)
	return 1
}

func (lib *library) wait(L *lua.LState, h *handle) int {
	given := make(chan struct{})
	err := lib.host.Sched().Current().AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			defer done()
			select {
			case <-h.exited:
			case <-given:
			}
		}()
	})
	close(given)
	if err != nil {
		fiber.RaiseCancelled(lib.host, L)
	}
	if h.closed {
		lib.illegal(L, "popen: attempt to operate on a closed handle")
	}
	L.Push(h.now().table(L))
	return 1
}

const (
	readUsage     = "ph:read([{stdout = <boolean>, stderr = <boolean>, timeout = <number>}])"
	writeUsage    = "ph:write(str[, {timeout = <number>}])"
	shutdownUsage = "ph:shutdown({stdin = <boolean>, stdout = <boolean>, stderr = <boolean>})"
)

// choices reads the table of options of a method: which streams, and how long.
func (lib *library) choices(L *lua.LState, n int, usage string, streams ...int) (chosen [3]bool, timeout time.Duration) {
	bad := func() { lib.illegal(L, "Bad params, use: %s", usage) }
	timeout = sched.Forever
	if vm.IsNil(L.Get(n)) {
		return chosen, timeout
	}
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		bad()
	}
	for _, i := range streams {
		switch v := t.RawGetString(streamNames[i]).(type) {
		case *lua.LNilType:
		case lua.LBool:
			chosen[i] = bool(v)
		default:
			bad()
		}
	}
	switch v := t.RawGetString("timeout").(type) {
	case *lua.LNilType:
	case lua.LNumber:
		if v < 0 || v != v {
			bad()
		}
		if float64(v) < math.MaxInt64/float64(time.Second)/2 {
			timeout = time.Duration(float64(v) * float64(time.Second))
		}
	default:
		bad()
	}
	return chosen, timeout
}

// pipe returns the instance's end of a stream, or raises why there is none.
func (lib *library) pipe(L *lua.LState, h *handle, i int) *os.File {
	if h.options.streams[i] != pipe {
		lib.illegal(L, "popen: handle does not support the requested IO operation")
	}
	if h.pipes[i] == nil {
		lib.illegal(L, "popen: attempt to operate on a closed file descriptor")
	}
	return h.pipes[i]
}

// transfer runs a read or a write of a pipe off the baton, and ends it when the time is over or the fiber cancelled.
func (lib *library) transfer(L *lua.LState, f *os.File, timeout time.Duration, work func() (int, error)) (int, error) {
	var deadline time.Time
	if timeout >= 0 {
		deadline = time.Now().Add(max(timeout, time.Millisecond))
	}
	if err := f.SetDeadline(deadline); err != nil {
		return 0, err
	}
	fb := lib.host.Sched().Current()
	var n int
	var err error
	finished := make(chan struct{})
	if fb.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			defer done()
			defer close(finished)
			n, err = work()
		}()
	}) != nil {
		// Cancelled: the deadline ends the work, whose result nobody will see.
		f.SetDeadline(time.Unix(1, 0))
		<-finished
		fiber.RaiseCancelled(lib.host, L)
	}
	return n, err
}

// failed pushes the error of a transfer.
func (lib *library) failed(L *lua.LState, h *handle, what string, err error) int {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return lib.fail(L, boxerr.NewSystem(boxerr.ClassTimedOut, int(syscall.ETIMEDOUT), "timed out"))
	case h.closed || errors.Is(err, os.ErrClosed):
		lib.illegal(L, "popen: attempt to operate on a closed handle")
	}
	n := errnoOf(err)
	errno.Set(lib.host, n)
	return lib.fail(L, boxerr.NewSystem(boxerr.ClassSocketError, n, "%s: %s", what, errno.Text(n)))
}

func (lib *library) read(L *lua.LState, h *handle) int {
	chosen, timeout := lib.choices(L, 2, readUsage, 1, 2)
	i := 1
	switch {
	case chosen[1] && chosen[2]:
		lib.illegal(L, "popen: reading from both stdout and stderr at one call is not supported")
	case chosen[2]:
		i = 2
	}
	f := lib.pipe(L, h, i)
	buffer := make([]byte, readSize)
	n, err := lib.transfer(L, f, timeout, func() (int, error) { return f.Read(buffer) })
	if err != nil && err != io.EOF {
		return lib.failed(L, h, "read", err)
	}
	L.Push(lua.LString(buffer[:n]))
	return 1
}

func (lib *library) write(L *lua.LState, h *handle) int {
	text, ok := L.Get(2).(lua.LString)
	if !ok {
		lib.illegal(L, "Bad params, use: %s", writeUsage)
	}
	_, timeout := lib.choices(L, 3, writeUsage)
	f := lib.pipe(L, h, 0)
	if _, err := lib.transfer(L, f, timeout, func() (int, error) { return f.Write([]byte(text)) }); err != nil {
		return lib.failed(L, h, "write", err)
	}
	L.Push(lua.LTrue)
	return 1
}

func (lib *library) shutdown(L *lua.LState, h *handle) int {
	if vm.IsNil(L.Get(2)) && L.GetTop() >= 1 {
		if _, isTable := L.Get(2).(*lua.LTable); !isTable {
			lib.illegal(L, "popen: neither stdin, stdout nor stderr is set")
		}
	}
	chosen, _ := lib.choices(L, 2, shutdownUsage, 0, 1, 2)
	if chosen == [3]bool{} {
		lib.illegal(L, "popen: neither stdin, stdout nor stderr is set")
	}
	for i, wanted := range chosen {
		if wanted && h.options.streams[i] != pipe {
			lib.illegal(L, "popen: handle does not support the requested IO operation")
		}
	}
	for i, wanted := range chosen {
		if wanted && h.pipes[i] != nil {
			h.pipes[i].Close()
			h.pipes[i], h.shut[i] = nil, true
		}
	}
	L.Push(lua.LTrue)
	return 1
}

func (lib *library) close(L *lua.LState, h *handle) int {
	if !h.closed {
		if !h.options.keepChild && !h.now().ended {
			if err := h.kill(sigkill); err != nil && err.Errno != int(syscall.ESRCH) {
				return lib.fail(L, err)
			}
		}
		h.closeStreams()
		h.closed = true
		delete(lib.living, h)
	}
	L.Push(lua.LTrue)
	return 1
}
