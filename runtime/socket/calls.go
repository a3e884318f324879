package socket

import (
	"errors"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

func (lib *library) sysconnect(L *lua.LState, t *lua.LTable, s *Socket) int {
	sa, err := sockaddr(word(L.Get(2)), word(L.Get(3)))
	if err == nil {
		err = unix.Connect(s.fd, sa)
	}
	return lib.outcome(L, t, err)
}

func (lib *library) bind(L *lua.LState, t *lua.LTable, s *Socket) int {
	sa, err := sockaddr(word(L.Get(2)), word(L.Get(3)))
	if err == nil {
		err = unix.Bind(s.fd, sa)
	}
	return lib.outcome(L, t, err)
}

// backlog is the length of the queue that listen asks for unless told.
const backlog = 256

func (lib *library) listen(L *lua.LState, t *lua.LTable, s *Socket) int {
	size := backlog
	if n, ok := vm.ToNumber(L.Get(2)); ok {
		size = int(n)
	}
	return lib.outcome(L, t, unix.Listen(s.fd, size))
}

// accept does not wait. It returns the client and its address.
func (lib *library) accept(L *lua.LState, t *lua.LTable, s *Socket) int {
	fd, from, err := unix.Accept4(s.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	lib.note(t, nil)
	L.Push(lib.wrap(L, fd, unix.SOCK_STREAM))
	L.Push(addressTable(L, from))
	return 2
}

func (lib *library) shutdown(L *lua.LState, t *lua.LTable, s *Socket) int {
	how, ok := map[string]int{"R": unix.SHUT_RD, "W": unix.SHUT_WR, "RW": unix.SHUT_RDWR,
		"0": unix.SHUT_RD, "1": unix.SHUT_WR, "2": unix.SHUT_RDWR}[word(L.Get(2))]
	if !ok {
		how = unix.SHUT_RDWR
	}
	return lib.outcome(L, t, unix.Shutdown(s.fd, how))
}

func (lib *library) close(L *lua.LState, t *lua.LTable, s *Socket) int {
	return lib.outcome(L, t, s.close())
}

// close closes the descriptor and wakes whoever waits for it.
func (s *Socket) close() error {
	if s.fd < 0 {
		return nil
	}
	fd := s.fd
	s.fd = -1
	s.lib.poller.drop(fd)
	return unix.Close(fd)
}

func (lib *library) name(L *lua.LState, t *lua.LTable, s *Socket) int {
	sa, err := unix.Getsockname(s.fd)
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	return lib.push(L, t, s.address(L, sa), nil)
}

func (lib *library) peer(L *lua.LState, t *lua.LTable, s *Socket) int {
	sa, err := unix.Getpeername(s.fd)
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	return lib.push(L, t, s.address(L, sa), nil)
}

// error is the text of the last error of the socket, nil when there is none.
func (lib *library) error(L *lua.LState, t *lua.LTable, _ *Socket) int {
	if n, ok := t.RawGetString("_errno").(lua.LNumber); ok {
		L.Push(lua.LString(errno.Text(int(n))))
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func (lib *library) errno(L *lua.LState, t *lua.LTable, _ *Socket) int {
	n, _ := t.RawGetString("_errno").(lua.LNumber)
	L.Push(n)
	return 1
}

func (lib *library) pushFd(L *lua.LState, _ *lua.LTable, s *Socket) int {
	L.Push(lua.LNumber(s.fd))
	return 1
}

// level reads the level of an option by name or number.
func level(v lua.LValue) (int, bool) {
	switch v.String() {
	case "SOL_SOCKET", "socket":
		return unix.SOL_SOCKET, true
	case "SOL_TCP":
		return unix.IPPROTO_TCP, true
	}
	return find(protocols, v)
}

// findOption reads the name of an option, or raises.
func findOption(L *lua.LState, line int) (int, option, bool) {
	lv, ok := level(L.Get(2))
	if !ok {
		return 0, option{}, false
	}
	if n, ok := L.Get(3).(lua.LNumber); ok {
		return lv, option{value: int(n), kind: holdsInt, writable: true}, true
	}
	for _, o := range options[lv] {
		if o.name == L.Get(3).String() {
			return lv, o, true
		}
	}
	vm.RaiseString(L, 0, "builtin/socket.lua:%d: Unknown socket option name: %s", line, L.Get(3).String())
	return 0, option{}, false
}

func (lib *library) getsockopt(L *lua.LState, t *lua.LTable, s *Socket) int {
	lv, o, ok := findOption(L, 521)
	if !ok {
		return lib.outcome(L, t, unix.EINVAL)
	}
	switch {
	case o.name == "SO_LINGER":
		vm.RaiseString(L, 0, "builtin/socket.lua:557: Use s:linger()")
	case o.kind == ownMethod:
		vm.RaiseString(L, 0, "builtin/socket.lua:560: Unsupported socket option: %s", o.name)
	case o.kind == holdsBytes || o.name == "TCP_CONGESTION":
		value, err := unix.GetsockoptString(s.fd, lv, o.value)
		return lib.push(L, t, lua.LString(value), err)
	}
	value, err := unix.GetsockoptInt(s.fd, lv, o.value)
	return lib.push(L, t, lua.LNumber(value), err)
}

func (lib *library) setsockopt(L *lua.LState, t *lua.LTable, s *Socket) int {
	lv, o, ok := findOption(L, 465)
	if !ok {
		return lib.outcome(L, t, unix.EINVAL)
	}
	if !o.writable {
		vm.RaiseString(L, 0, "builtin/socket.lua:469: Socket option %s is read only", o.name)
	}
	if o.kind == holdsBytes {
		return lib.outcome(L, t, unix.SetsockoptString(s.fd, lv, o.value, word(L.Get(4))))
	}
	value := 0
	switch v := L.Get(4).(type) {
	case lua.LNumber:
		value = int(v)
	case lua.LBool:
		if v {
			value = 1
		}
	default:
		vm.RaiseString(L, 0, "builtin/socket.lua:483: cannot convert '%s' to 'int'", vm.TypeName(v))
	}
	return lib.outcome(L, t, unix.SetsockoptInt(s.fd, lv, o.value, value))
}

// linger([active[, timeout]]) returns both; without arguments they stay as they are.
func (lib *library) linger(L *lua.LState, t *lua.LTable, s *Socket) int {
	value, err := getLinger(s.fd)
	if err == nil && !vm.IsNil(L.Get(2)) {
		seconds, _ := vm.ToNumber(L.Get(3))
		value = unix.Linger{Linger: int32(seconds)}
		if lua.LVAsBool(L.Get(2)) {
			value.Onoff = 1
		}
		err = unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &value)
	}
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	lib.note(t, nil)
	L.Push(lua.LBool(value.Onoff != 0))
	L.Push(lua.LNumber(value.Linger))
	return 2
}

func (lib *library) nonblock(L *lua.LState, t *lua.LTable, s *Socket) int {
	var err error
	if !vm.IsNil(L.Get(2)) {
		err = unix.SetNonblock(s.fd, lua.LVAsBool(L.Get(2)))
	}
	flags, getErr := unix.FcntlInt(uintptr(s.fd), unix.F_GETFL, 0)
	return lib.push(L, t, lua.LBool(flags&unix.O_NONBLOCK != 0), errors.Join(err, getErr))
}
