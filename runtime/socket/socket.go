// Package socket is the Lua module `socket`: tcp, udp and unix sockets on real descriptors.
//
// The one idea: every descriptor is non-blocking, and a function that must wait parks its fiber with the poller, one
// goroutine for the whole instance. Failures are values: nil or false, and the number in s:errno() and errno().
//
// Scripts use the descriptor itself (s:fd(), socket.iowait), so the module calls the system directly and not
// sys.Network.
package socket

import (
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `socket`: socket(domain, type, protocol), tcp_connect(host, port[, timeout]),
// tcp_server(host, port, handler or options[, timeout]), getaddrinfo, iowait(fd, mode[, timeout]), and
// LuaSocket's tcp, connect and bind. A socket has
// sysconnect, bind, listen, accept, read, write, sysread, syswrite, recv, recvfrom, send, sendto, readable, writable,
// wait, shutdown, close, name, peer, error, errno, getsockopt, setsockopt, linger, nonblock and fd.
var Module = module.Module{Name: "socket", Open: open}

// library is the module in one instance.
type library struct {
	host    module.Host
	poller  *poller
	meta    *lua.LTable
	fdCType vm.CTypeID
}

// Socket is the Go side of a socket object, its field _gc_socket.
type Socket struct {
	lib  *library
	fd   int // -1 once closed
	kind int
	buf  []byte // read from the descriptor, not yet by the script
}

// String is how tostring shows the field.
func (s *Socket) String() string { return fmt.Sprintf("cdata<struct gc_socket>: %p", s) }

// Type implements lua.LValue.
func (s *Socket) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (s *Socket) CType() vm.CTypeID { return s.lib.fdCType }

const ownerField = "_gc_socket"

func open(h module.Host, L *lua.LState) lua.LValue {
	p, err := pollerOf(h)
	if err != nil {
		vm.RaiseString(L, 0, "socket: %s", err)
	}
	lib := &library{host: h, poller: p, meta: L.NewTable(), fdCType: h.VM().NewCType("struct gc_socket")}
	methods := L.NewTable()
	for name, fn := range map[string]func(*lua.LState, *lua.LTable, *Socket) int{
		"sysconnect": lib.sysconnect, "bind": lib.bind, "listen": lib.listen, "accept": lib.accept, "read": lib.read,
		"write": lib.write, "sysread": lib.sysread, "syswrite": lib.syswrite, "recv": lib.recv,
		"recvfrom": lib.recvfrom, "send": lib.send, "sendto": lib.sendto, "readable": lib.readable,
		"writable": lib.writable, "wait": lib.wait, "shutdown": lib.shutdown, "close": lib.close, "name": lib.name,
		"peer": lib.peer, "error": lib.error, "errno": lib.errno, "getsockopt": lib.getsockopt,
		"setsockopt": lib.setsockopt, "linger": lib.linger, "nonblock": lib.nonblock, "fd": lib.pushFd,
	} {
		methods.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			t, s := check(L)
			return fn(L, t, s)
		}))
	}
	lib.meta.RawSetString("__index", methods)
	lib.meta.RawSetString("__tostring", L.NewFunction(lib.tostring))
	lib.meta.RawSetString("__serialize", L.NewFunction(lib.serialize))

	exports := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"getaddrinfo": lib.getaddrinfo, "iowait": lib.iowait, "tcp_connect": lib.tcpConnect, "tcp_server": lib.tcpServer,
	})
	exports.RawSetString("internal", lib.internal(L))
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(lib.create))
	L.SetMetatable(exports, meta)
	// pairs shows the module's own functions only, as stock does.
	meta.RawSetString("__index", lib.luasocket(L, exports, methods))
	return exports
}

// internal is the table of constants and functions that some modules look into.
func (lib *library) internal(L *lua.LState) *lua.LTable {
	t := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"getaddrinfo": lib.getaddrinfo, "iowait": lib.iowait})
	for name, group := range map[string][]constant{
		"DOMAIN": domains, "SO_TYPE": types, "protocols": protocols, "SEND_FLAGS": sendFlags, "AI_FLAGS": addressFlags,
	} {
		names := L.NewTable()
		for _, c := range group {
			names.RawSetString(c.name, lua.LNumber(c.value))
		}
		t.RawSetString(name, names)
	}
	t.RawSetString("SOL_SOCKET", lua.LNumber(unix.SOL_SOCKET))
	levels := L.NewTable()
	for level, list := range options {
		names := L.NewTable()
		for _, o := range list {
			entry := L.NewTable()
			entry.RawSetString("iname", lua.LNumber(o.value))
			entry.RawSetString("type", lua.LNumber(o.kind))
			entry.RawSetString("rw", lua.LBool(o.writable))
			names.RawSetString(o.name, entry)
		}
		levels.RawSetInt(level, names)
	}
	t.RawSetString("SO_OPT", levels)
	return t
}

// check returns the socket that a method is called on, which must be open.
func check(L *lua.LState) (*lua.LTable, *Socket) {
	t, ok := L.Get(1).(*lua.LTable)
	if ok {
		if s, ok := t.RawGetString(ownerField).(*Socket); ok {
			if s.fd < 0 {
				vm.RaiseString(L, 0, "builtin/socket.lua:88: attempt to use closed socket")
			}
			return t, s
		}
	}
	vm.RaiseString(L, 0, "builtin/socket.lua:85: Usage: socket:method()")
	return nil, nil
}

// stillOpen raises when another fiber has closed the socket meanwhile.
func (s *Socket) stillOpen(L *lua.LState) {
	if s.fd < 0 {
		vm.RaiseString(L, 0, "builtin/socket.lua:88: attempt to use closed socket")
	}
}

// wrap makes the Lua object of a descriptor.
func (lib *library) wrap(L *lua.LState, fd, kind int) *lua.LTable {
	t := L.NewTable()
	t.RawSetString(ownerField, &Socket{lib: lib, fd: fd, kind: kind})
	t.RawSetString("itype", lua.LNumber(kind))
	t.Metatable = lib.meta
	return t
}

// note keeps the outcome of a call: its errno, 0 for none.
func (lib *library) note(t *lua.LTable, err error) {
	if err == nil {
		t.RawSetString("_errno", lua.LNil)
		return
	}
	n := errno.Number(err)
	errno.Set(lib.host, n)
	t.RawSetString("_errno", lua.LNumber(n))
}

// outcome notes err and pushes whether there is none.
func (lib *library) outcome(L *lua.LState, t *lua.LTable, err error) int {
	lib.note(t, err)
	L.Push(lua.LBool(err == nil))
	return 1
}

// push notes err and pushes the value, or nil.
func (lib *library) push(L *lua.LState, t *lua.LTable, v lua.LValue, err error) int {
	lib.note(t, err)
	if err != nil {
		v = lua.LNil
	}
	L.Push(v)
	return 1
}

func newSocket(family, kind, protocol int) (int, error) {
	return unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
}

// create is the call of the module itself.
func (lib *library) create(L *lua.LState) int {
	family, ok1 := find(domains, L.Get(2))
	kind, ok2 := find(types, L.Get(3))
	protocol, ok3 := find(protocols, L.Get(4))
	if !ok1 || !ok2 || !ok3 {
		return lib.failed(L, unix.EINVAL)
	}
	fd, err := newSocket(family, kind, protocol)
	if err != nil {
		return lib.failed(L, err)
	}
	L.Push(lib.wrap(L, fd, kind))
	return 1
}

// ready parks the fiber until the descriptor is ready; false when the time is over.
func (lib *library) ready(fd int, events int16, timeout time.Duration) int16 {
	return lib.poller.wait(lib.host.Sched().Current(), fd, events, timeout)
}

// checkCancelled raises in a fiber that was cancelled while it waited.
func (lib *library) checkCancelled(L *lua.LState) {
	if lib.host.Sched().Current().CheckCancelled() != nil {
		vm.RaiseString(L, 0, "fiber is cancelled")
	}
}

func (lib *library) readable(L *lua.LState, t *lua.LTable, s *Socket) int {
	return lib.waitFor(L, t, s, unix.POLLIN)
}

func (lib *library) writable(L *lua.LState, t *lua.LTable, s *Socket) int {
	return lib.waitFor(L, t, s, unix.POLLOUT)
}

func (lib *library) waitFor(L *lua.LState, t *lua.LTable, s *Socket, events int16) int {
	got := lib.ready(s.fd, events, duration(L.Get(2)))
	lib.checkCancelled(L)
	lib.note(t, nil)
	if got == 0 {
		lib.note(t, unix.ETIMEDOUT)
	}
	L.Push(lua.LBool(got != 0 && s.fd >= 0))
	return 1
}

// letters are the events that are ready, as wait and iowait say it.
func letters(ready int16) string {
	out := ""
	if ready&(unix.POLLIN|unix.POLLHUP|unix.POLLERR) != 0 {
		out = "R"
	}
	if ready&(unix.POLLOUT|unix.POLLHUP|unix.POLLERR) != 0 {
		out += "W"
	}
	return out
}

func (lib *library) wait(L *lua.LState, t *lua.LTable, s *Socket) int {
	got := lib.ready(s.fd, unix.POLLIN|unix.POLLOUT, duration(L.Get(2)))
	lib.checkCancelled(L)
	lib.note(t, nil)
	if got == 0 {
		lib.note(t, unix.ETIMEDOUT)
		L.Push(lua.LNumber(0))
		return 1
	}
	L.Push(lua.LString(letters(got)))
	return 1
}

// iowait(fd, mode[, timeout]) waits for any descriptor; a mode is 1, 2, 3, or letters. The answer has the form of the
// question.
func (lib *library) iowait(L *lua.LState) int {
	const usage = "Usage: iowait(fd, 1 | 'r' | 2 | 'w' | 3 | 'rw' [, timeout])"
	fd, ok := L.Get(1).(lua.LNumber)
	if !ok {
		vm.RaiseString(L, 1, usage)
	}
	mode := map[string]int{"r": 1, "R": 1, "w": 2, "W": 2, "rw": 3, "RW": 3}[L.Get(2).String()]
	n, numeric := L.Get(2).(lua.LNumber)
	if numeric {
		mode = int(n)
	}
	if mode < 1 || mode > 3 {
		vm.RaiseString(L, 1, usage)
	}
	var events int16
	if mode&1 != 0 {
		events |= unix.POLLIN
	}
	if mode&2 != 0 {
		events |= unix.POLLOUT
	}
	got := lib.ready(int(fd), events, duration(L.Get(3)))
	lib.checkCancelled(L)
	said := letters(got)
	if numeric || said == "" {
		L.Push(lua.LNumber(map[string]int{"": 0, "R": 1, "W": 2, "RW": 3}[said]))
		return 1
	}
	L.Push(lua.LString(said))
	return 1
}

func (lib *library) tostring(L *lua.LState) int {
	_, s := check(L)
	text := fmt.Sprintf("fd %d", s.fd)
	if own, err := unix.Getsockname(s.fd); err == nil {
		text += ", aka " + name(own)
	}
	if peer, err := unix.Getpeername(s.fd); err == nil {
		text += ", peer " + name(peer)
	}
	L.Push(lua.LString(text))
	return 1
}

func (lib *library) serialize(L *lua.LState) int {
	_, s := check(L)
	out := L.NewTable()
	out.RawSetString("fd", lua.LNumber(s.fd))
	if own, err := unix.Getsockname(s.fd); err == nil {
		out.RawSetString("name", s.address(L, own))
	}
	if peer, err := unix.Getpeername(s.fd); err == nil {
		out.RawSetString("peer", s.address(L, peer))
	}
	L.Push(out)
	return 1
}

// address is an address of this socket in Lua, with the socket's type and protocol.
func (s *Socket) address(L *lua.LState, sa unix.Sockaddr) *lua.LTable {
	t := addressTable(L, sa)
	t.RawSetString("type", nameOf(types, "SOCK_", s.kind))
	protocol, _ := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	t.RawSetString("protocol", protocolName(protocol))
	return t
}
