package socket

import (
	"bytes"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/vm"
)

// pattern is what a read waits for: one of the delimiters, or so many bytes, whichever comes first.
type pattern struct {
	delimiters []string
	limit      int
}

// unlimited is the number of bytes that a read without a limit takes.
const unlimited = 1<<32 - 1

// readPattern reads the first argument of read.
func readPattern(L *lua.LState) (pattern, bool) {
	p := pattern{limit: unlimited}
	switch v := L.Get(2).(type) {
	case lua.LNumber:
		p.limit = int(max(v, 0))
		return p, v >= 0
	case lua.LString:
		p.delimiters = []string{string(v)}
		return p, true
	case *lua.LTable:
		for _, key := range []string{"chunk", "size"} {
			if n, ok := v.RawGetString(key).(lua.LNumber); ok {
				p.limit = int(max(n, 0))
				break
			} else if !vm.IsNil(v.RawGetString(key)) {
				return p, false
			}
		}
		delimiter := v.RawGetString("delimiter")
		if vm.IsNil(delimiter) {
			delimiter = v.RawGetString("line")
		}
		switch d := delimiter.(type) {
		case lua.LString:
			p.delimiters = []string{string(d)}
		case *lua.LTable:
			for i := 1; i <= d.Len(); i++ {
				p.delimiters = append(p.delimiters, vm.GetInt(d, i).String())
			}
		}
		return p, true
	}
	return p, false
}

// match returns how many bytes of buf the pattern takes; from is where the last search ended. -1: not enough yet.
func (p *pattern) match(buf []byte, from int) int {
	end := -1
	for _, d := range p.delimiters {
		start := max(0, from-len(d)+1)
		if i := bytes.Index(buf[start:], []byte(d)); i >= 0 {
			if at := start + i + len(d); end < 0 || at < end {
				end = at
			}
		}
	}
	switch {
	case end >= 0 && end <= p.limit:
		return end
	case len(buf) >= p.limit:
		return p.limit
	}
	return -1
}

// read(pattern[, timeout]) returns what matched; what there was, at the end of the stream; nil when the time was over.
func (lib *library) read(L *lua.LState, t *lua.LTable, s *Socket) int {
	p, ok := readPattern(L)
	if !ok {
		vm.RaiseString(L, 0, "builtin/socket.lua:752: Usage: s:read(delimiter|chunk|{delimiter = x, chunk = x}, timeout)")
	}
	out, err := lib.readUntil(L, s, p, duration(L.Get(3)))
	return lib.push(L, t, lua.LString(out), err)
}

func (lib *library) readUntil(L *lua.LState, s *Socket, p pattern, timeout time.Duration) ([]byte, error) {
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + timeout
	searched := 0
	for {
		if n := p.match(s.buf, searched); n >= 0 {
			return s.take(n), nil
		}
		searched = len(s.buf)
		n, err := s.fill()
		switch {
		case err == nil && n == 0:
			return s.take(len(s.buf)), nil
		case err == nil:
			continue
		case err != unix.EAGAIN && err != unix.EINTR:
			return nil, err
		}
		left := timeout
		if timeout >= 0 {
			left = max(deadline-clock.Monotonic(), 0)
		}
		ready := lib.ready(s.fd, unix.POLLIN, left)
		lib.checkCancelled(L)
		s.stillOpen(L)
		if ready == 0 {
			return nil, unix.ETIMEDOUT
		}
	}
}

// chunk is how much the buffer grows by.
const chunk = 16 << 10

// fill reads once into the buffer.
func (s *Socket) fill() (int, error) {
	used := len(s.buf)
	if cap(s.buf)-used < chunk/2 {
		grown := make([]byte, used, max(2*used, chunk))
		copy(grown, s.buf)
		s.buf = grown
	}
	n, err := unix.Read(s.fd, s.buf[used:cap(s.buf)])
	if err != nil {
		return 0, err
	}
	s.buf = s.buf[:used+n]
	return n, nil
}

// take removes n bytes from the buffer; they are valid until the next read.
func (s *Socket) take(n int) []byte {
	out := s.buf[:n]
	s.buf = s.buf[n:]
	if len(s.buf) == 0 {
		s.buf = nil
	}
	return out
}

// write(text[, timeout]) writes all of it and returns its length, or nil.
func (lib *library) write(L *lua.LState, t *lua.LTable, s *Socket) int {
	text, ok := L.Get(2).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/socket.lua:763: attempt to get length of local 'octets' (a %s value)",
			vm.TypeName(L.Get(2)))
	}
	timeout := duration(L.Get(3))
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + timeout
	for rest := []byte(text); len(rest) > 0; {
		n, err := unix.SendmsgN(s.fd, rest, nil, nil, unix.MSG_NOSIGNAL)
		switch {
		case err == nil:
			rest = rest[n:]
			continue
		case err == unix.EINTR:
			continue
		case err != unix.EAGAIN:
			return lib.push(L, t, lua.LNil, err)
		}
		left := timeout
		if timeout >= 0 {
			left = max(deadline-clock.Monotonic(), 0)
		}
		ready := lib.ready(s.fd, unix.POLLOUT, left)
		lib.checkCancelled(L)
		s.stillOpen(L)
		if ready == 0 {
			return lib.push(L, t, lua.LNil, unix.ETIMEDOUT)
		}
	}
	return lib.push(L, t, lua.LNumber(len(text)), nil)
}

// flags reads the flags of send and recv; unknown ones are an error.
func flags(v lua.LValue) (int, error) {
	n, ok := bits(sendFlags, v)
	if !ok {
		return 0, unix.EINVAL
	}
	return n, nil
}

// size is how many bytes a receiving call asks for: for a datagram without a size, as many as it has.
func (s *Socket) size(v lua.LValue) (int, error) {
	if n, ok := vm.ToNumber(v); ok {
		return int(min(max(n, 0), 1<<30)), nil
	}
	if s.kind != unix.SOCK_DGRAM {
		return 512, nil
	}
	n, _, err := unix.Recvfrom(s.fd, nil, unix.MSG_PEEK|unix.MSG_TRUNC)
	return n, err
}

func (lib *library) receive(L *lua.LState, s *Socket) ([]byte, unix.Sockaddr, error) {
	flag, err := flags(L.Get(3))
	if err != nil {
		return nil, nil, err
	}
	size, err := s.size(L.Get(2))
	if err != nil {
		return nil, nil, err
	}
	buf := make([]byte, size)
	n, from, err := unix.Recvfrom(s.fd, buf, flag)
	if err != nil {
		return nil, nil, err
	}
	return buf[:min(n, size)], from, nil
}

func (lib *library) recv(L *lua.LState, t *lua.LTable, s *Socket) int {
	data, _, err := lib.receive(L, s)
	return lib.push(L, t, lua.LString(data), err)
}

func (lib *library) recvfrom(L *lua.LState, t *lua.LTable, s *Socket) int {
	data, from, err := lib.receive(L, s)
	lib.push(L, t, lua.LString(data), err)
	if err != nil {
		return 1
	}
	L.Push(addressTable(L, from))
	return 2
}

func (lib *library) sysread(L *lua.LState, t *lua.LTable, s *Socket) int {
	size, ok := vm.ToNumber(L.Get(2))
	if !ok {
		size = 512
	}
	buf := make([]byte, int(min(max(size, 0), 1<<30)))
	n, err := unix.Read(s.fd, buf)
	return lib.push(L, t, lua.LString(buf[:max(n, 0)]), err)
}

func (lib *library) syswrite(L *lua.LState, t *lua.LTable, s *Socket) int {
	text, ok := L.Get(2).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/socket.lua:271: Usage: socket:syswrite(data) or socket:syswrite(const char *, size)")
	}
	n, err := unix.SendmsgN(s.fd, []byte(text), nil, nil, unix.MSG_NOSIGNAL)
	return lib.push(L, t, lua.LNumber(n), err)
}

func (lib *library) send(L *lua.LState, t *lua.LTable, s *Socket) int {
	flag, err := flags(L.Get(3))
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	n, err := unix.SendmsgN(s.fd, []byte(word(L.Get(2))), nil, nil, flag|unix.MSG_NOSIGNAL)
	return lib.push(L, t, lua.LNumber(n), err)
}

// sendto without data sends nothing and is content, as in Tarantool.
func (lib *library) sendto(L *lua.LState, t *lua.LTable, s *Socket) int {
	data := word(L.Get(4))
	if data == "" {
		return lib.outcome(L, t, nil)
	}
	flag, err := flags(L.Get(5))
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	sa, err := sockaddr(word(L.Get(2)), word(L.Get(3)))
	if err != nil {
		return lib.push(L, t, lua.LNil, err)
	}
	n, err := unix.SendmsgN(s.fd, []byte(data), nil, sa, flag|unix.MSG_NOSIGNAL)
	return lib.push(L, t, lua.LNumber(n), err)
}
