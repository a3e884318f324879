package socket

import (
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// dial connects a new descriptor, waiting as long as the deadline says.
func (lib *library) dial(L *lua.LState, family, kind, protocol int, sa unix.Sockaddr, timeout time.Duration) (int, error) {
	fd, err := newSocket(family, kind, protocol)
	if err != nil {
		return -1, err
	}
	err = unix.Connect(fd, sa)
	if err == unix.EINPROGRESS || err == unix.EAGAIN {
		err = unix.ETIMEDOUT
		if lib.ready(fd, unix.POLLOUT, timeout) != 0 {
			n, getErr := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
			if err = getErr; err == nil && n != 0 {
				err = unix.Errno(n)
			}
		}
		if lib.host.Sched().Current().CheckCancelled() != nil {
			unix.Close(fd)
			lib.checkCancelled(L)
		}
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// tcpConnect tries the addresses of a host one after another until the time is over.
func (lib *library) tcpConnect(L *lua.LState) int {
	host, port := word(L.Get(1)), word(L.Get(2))
	if v := L.Get(3); !vm.IsNil(v) {
		if _, ok := v.(lua.LNumber); !ok {
			vm.RaiseString(L, 0, "builtin/socket.lua:1048: attempt to perform arithmetic on local 'timeout' (a %s value)",
				vm.TypeName(v))
		}
	}
	timeout := duration(L.Get(3))
	if host == hostName {
		fd, err := lib.dial(L, unix.AF_UNIX, unix.SOCK_STREAM, 0, &unix.SockaddrUnix{Name: port}, timeout)
		return lib.connected(L, fd, err)
	}
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + timeout
	found, err := lib.resolve(host, port, hints{kind: unix.SOCK_STREAM, protocol: unix.IPPROTO_TCP}, timeout)
	if err == nil && len(found) == 0 {
		err = unix.EINVAL
	}
	fd := -1
	for _, e := range found {
		left := timeout
		if timeout >= 0 {
			left = max(deadline-clock.Monotonic(), 0)
		}
		if fd, err = lib.dial(L, e.family, e.kind, e.protocol, e.sockaddr(), left); err == nil {
			break
		}
	}
	return lib.connected(L, fd, err)
}

func (lib *library) connected(L *lua.LState, fd int, err error) int {
	if err != nil {
		return lib.failed(L, err)
	}
	errno.Set(lib.host, 0)
	L.Push(lib.wrap(L, fd, unix.SOCK_STREAM))
	return 1
}

// serverOptions are what tcp_server is told.
type serverOptions struct {
	handler, prepare *lua.LFunction
	name             string
}

func readServerOptions(L *lua.LState) serverOptions {
	o := serverOptions{name: "server"}
	switch v := L.Get(3).(type) {
	case *lua.LFunction:
		o.handler = v
		return o
	case *lua.LTable:
		o.handler, _ = v.RawGetString("handler").(*lua.LFunction)
		prepare := v.RawGetString("prepare")
		o.prepare, _ = prepare.(*lua.LFunction)
		if !vm.IsNil(prepare) && o.prepare == nil {
			o.handler = nil
		}
		if name := v.RawGetString("name"); !vm.IsNil(name) {
			o.name = name.String()
		}
	}
	if o.handler == nil {
		vm.RaiseString(L, 0, "builtin/socket.lua:1112: Usage: socket.tcp_server(host, port, handler | opts)")
	}
	return o
}

// tcpServer binds, starts the fiber that accepts, and returns the socket and its address.
func (lib *library) tcpServer(L *lua.LState) int {
	o := readServerOptions(L)
	host, port := word(L.Get(1)), word(L.Get(2))
	type candidate struct {
		family, protocol int
		sa               unix.Sockaddr
	}
	var candidates []candidate
	if host == hostName {
		candidates = []candidate{{unix.AF_UNIX, 0, &unix.SockaddrUnix{Name: port}}}
	} else {
		found, err := lib.resolve(host, port,
			hints{kind: unix.SOCK_STREAM, protocol: unix.IPPROTO_TCP, flags: passive}, duration(L.Get(4)))
		if err != nil {
			return lib.failed(L, err)
		}
		for _, e := range found {
			candidates = append(candidates, candidate{e.family, e.protocol, e.sockaddr()})
		}
	}
	err := error(unix.EINVAL)
	for _, c := range candidates {
		var fd int
		if fd, err = newSocket(c.family, unix.SOCK_STREAM, c.protocol); err != nil {
			continue
		}
		server := lib.wrap(L, fd, unix.SOCK_STREAM)
		if err = lib.start(L, server, o, c.sa, host, port); err == nil {
			address := addressTable(L, c.sa)
			address.RawSetString("type", lua.LString("SOCK_STREAM"))
			address.RawSetString("protocol", protocolName(c.protocol))
			L.Push(server)
			L.Push(address)
			return 2
		}
		unix.Close(fd)
	}
	return lib.failed(L, err)
}

// start prepares, binds and listens, then spawns the fiber. It returns why it cannot.
func (lib *library) start(L *lua.LState, t *lua.LTable, o serverOptions, sa unix.Sockaddr, host, port string) error {
	s := t.RawGetString(ownerField).(*Socket)
	size := backlog
	if o.prepare != nil {
		L.Push(o.prepare)
		L.Push(t)
		L.Call(1, 1)
		if n, ok := L.Get(-1).(lua.LNumber); ok {
			size = int(n)
		}
		L.Pop(1)
	} else if host != hostName {
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	err := unix.Bind(s.fd, sa)
	if err == unix.EADDRINUSE && host == hostName && lib.stale(L, sa) {
		if err = unix.Unlink(port); err == nil {
			err = unix.Bind(s.fd, sa)
		}
	}
	if err == nil {
		err = unix.Listen(s.fd, size)
	}
	if err != nil {
		return err
	}
	errno.Set(lib.host, 0)
	name := fmt.Sprintf("%s/%s:%s", o.name, host, port)
	lib.host.Spawn(name, L.NewFunction(func(L *lua.LState) int {
		lib.say("started")
		lib.serve(L, s, o)
		if host == hostName {
			_ = unix.Unlink(port) // a server takes its path away when it ends
		}
		lib.say("stopped")
		return 0
	}))
	return nil
}

// say logs what becomes of a server.
func (lib *library) say(message string) {
	e := say.Entry{Level: say.Info, Message: message, File: "builtin/socket.lua", Line: 1076}
	if f := lib.host.Sched().Current(); f != nil {
		e.FiberID, e.FiberName = f.ID(), f.Name()
	}
	lib.host.Log().Say(e)
}

// stale tells whether nobody listens on a unix socket's path any more.
func (lib *library) stale(L *lua.LState, sa unix.Sockaddr) bool {
	fd, err := lib.dial(L, unix.AF_UNIX, unix.SOCK_STREAM, 0, sa, time.Second)
	if err == nil {
		unix.Close(fd)
	}
	return err == unix.ECONNREFUSED
}

// serve accepts until the socket is closed or the fiber is cancelled.
func (lib *library) serve(L *lua.LState, s *Socket, o serverOptions) {
	for s.fd >= 0 && lib.host.Sched().Current().CheckCancelled() == nil {
		if lib.ready(s.fd, unix.POLLIN, -1) == 0 || s.fd < 0 {
			continue
		}
		fd, from, err := unix.Accept4(s.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			lib.handle(L, o, fd, from)
		case unix.EAGAIN, unix.EINTR, unix.ECONNABORTED:
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			_ = lib.host.Sched().Current().Sleep(50 * time.Millisecond) // others may free what is missing
		default:
			return
		}
	}
}

// handle serves one client in a fiber of its own, and closes the connection when the handler is done.
func (lib *library) handle(L *lua.LState, o serverOptions, fd int, from unix.Sockaddr) {
	client := lib.wrap(L, fd, unix.SOCK_STREAM)
	address := addressTable(L, from)
	s := client.RawGetString(ownerField).(*Socket)
	fiberName := o.name + "/" + name(from)
	lib.host.Spawn(fiberName, L.NewFunction(func(L *lua.LState) int {
		defer func() {
			if s.fd >= 0 {
				_ = unix.Shutdown(s.fd, unix.SHUT_RDWR)
			}
			_ = s.close()
		}()
		L.Push(o.handler)
		L.Push(client)
		L.Push(address)
		L.Call(2, 0)
		return 0
	}))
}
