package socket

import (
	"context"
	"net"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

// hostName is the host of a unix socket's address.
const hostName = "unix/"

// endpoint is one answer of getaddrinfo.
type endpoint struct {
	family, kind, protocol int
	ip                     net.IP
	port                   int
}

// sockaddr is the system's form of a numeric host and a port, or of the path of a unix socket.
func sockaddr(host, port string) (unix.Sockaddr, error) {
	if host == hostName {
		return &unix.SockaddrUnix{Name: port}, nil
	}
	number := 0
	if port != "" {
		n, err := net.LookupPort("tcp", port)
		if err != nil {
			return nil, unix.EINVAL
		}
		number = n
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return nil, unix.EINVAL
	}
	return endpoint{ip: ip, port: number}.sockaddr(), nil
}

func (e endpoint) sockaddr() unix.Sockaddr {
	if v4 := e.ip.To4(); v4 != nil {
		return &unix.SockaddrInet4{Port: e.port, Addr: [4]byte(v4)}
	}
	return &unix.SockaddrInet6{Port: e.port, Addr: [16]byte(e.ip.To16())}
}

// addressTable is an address in Lua.
func addressTable(L *lua.LState, sa unix.Sockaddr) *lua.LTable {
	t := L.NewTable()
	family, host, port := unix.AF_UNSPEC, "", lua.LValue(lua.LNil)
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		family, host, port = unix.AF_INET, net.IP(sa.Addr[:]).String(), lua.LNumber(sa.Port)
	case *unix.SockaddrInet6:
		family, host, port = unix.AF_INET6, net.IP(sa.Addr[:]).String(), lua.LNumber(sa.Port)
	case *unix.SockaddrUnix:
		family, host, port = unix.AF_UNIX, hostName, lua.LString(unixPath(sa))
	case nil: // a unix socket without a name
		family, host, port = unix.AF_UNIX, hostName, lua.LString("")
	}
	t.RawSetString("family", domainName(family))
	t.RawSetString("host", lua.LString(host))
	t.RawSetString("port", port)
	return t
}

// name is an address as tostring(socket) shows it.
func name(sa unix.Sockaddr) string {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return net.JoinHostPort(net.IP(sa.Addr[:]).String(), strconv.Itoa(sa.Port))
	case *unix.SockaddrInet6:
		return net.JoinHostPort(net.IP(sa.Addr[:]).String(), strconv.Itoa(sa.Port))
	case *unix.SockaddrUnix:
		return hostName + ":" + unixPath(sa)
	}
	return hostName + ":"
}

// unixPath is the path of a unix socket; one that has none is told as "@".
func unixPath(sa *unix.SockaddrUnix) string {
	if sa.Name == "@" {
		return ""
	}
	return sa.Name
}

// hints narrow what resolve finds; zero means any.
type hints struct{ family, kind, protocol, flags int }

const passive = 1 // AI_PASSIVE

// resolve finds the endpoints of a host and a service, off the baton.
func (lib *library) resolve(host, service string, h hints, timeout time.Duration) ([]endpoint, error) {
	var ips []net.IP
	var port int
	var err error
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	work := func() {
		if service != "" {
			if port, err = net.DefaultResolver.LookupPort(ctx, "tcp", service); err != nil {
				return
			}
		}
		if ips = literal(host, h.flags); ips == nil {
			ips, err = net.DefaultResolver.LookupIP(ctx, "ip", host)
		}
	}
	if literal(host, h.flags) != nil && (service == "" || service[0] >= '0' && service[0] <= '9') {
		work()
	} else {
		finished := make(chan struct{})
		waitErr := lib.host.Sched().Current().AwaitUntil(timeout, func(done func()) {
			go func() {
				defer done()
				defer close(finished)
				work()
			}()
		})
		if waitErr != nil {
			cancel()
			<-finished
			return nil, unix.ETIMEDOUT
		}
	}
	if err != nil {
		return nil, unix.EINVAL
	}
	return expand(ips, port, h), nil
}

// literal is what a host means that need not be looked up.
func literal(host string, flags int) []net.IP {
	switch {
	case host == "" && flags&passive != 0:
		return []net.IP{net.IPv4zero, net.IPv6unspecified}
	case host == "":
		return []net.IP{net.IPv6loopback, net.IPv4(127, 0, 0, 1)}
	}
	if ip := net.ParseIP(host); ip != nil {
		return []net.IP{ip}
	}
	return nil
}

// kinds are the socket types that getaddrinfo lists for each address, in its order.
var kinds = []struct{ kind, protocol int }{
	{unix.SOCK_STREAM, unix.IPPROTO_TCP}, {unix.SOCK_DGRAM, unix.IPPROTO_UDP}, {unix.SOCK_RAW, 0},
}

func expand(ips []net.IP, port int, h hints) []endpoint {
	var all []endpoint
	for _, ip := range ips {
		family := unix.AF_INET6
		if ip.To4() != nil {
			family = unix.AF_INET
		}
		for _, k := range kinds {
			if h.family != 0 && h.family != family || h.kind != 0 && h.kind != k.kind ||
				h.protocol != 0 && h.protocol != k.protocol {
				continue
			}
			all = append(all, endpoint{family, k.kind, k.protocol, ip, port})
		}
	}
	return all
}

// getaddrinfo(host, service[, timeout][, {type, family, protocol, flags}]) returns a table, or nil.
func (lib *library) getaddrinfo(L *lua.LState) int {
	timeout, options := L.Get(3), L.Get(4)
	if t, ok := timeout.(*lua.LTable); ok {
		options, timeout = t, lua.LNil
	}
	var h hints
	if t, ok := options.(*lua.LTable); ok {
		for _, field := range []struct {
			name  string
			group []constant
			into  *int
		}{{"type", types, &h.kind}, {"family", domains, &h.family}, {"protocol", protocols, &h.protocol}} {
			if v := t.RawGetString(field.name); !vm.IsNil(v) {
				value, ok := find(field.group, v)
				if !ok {
					return lib.failed(L, unix.EINVAL)
				}
				*field.into = value
			}
		}
		var ok bool
		if h.flags, ok = bits(addressFlags, t.RawGetString("flags")); !ok {
			return lib.failed(L, unix.EINVAL)
		}
	}
	found, err := lib.resolve(word(L.Get(1)), word(L.Get(2)), h, duration(timeout))
	if err != nil {
		return lib.failed(L, err)
	}
	list := L.NewTable()
	for _, e := range found {
		t := addressTable(L, e.sockaddr())
		t.RawSetString("type", nameOf(types, "SOCK_", e.kind))
		t.RawSetString("protocol", protocolName(e.protocol))
		list.Append(t)
	}
	L.Push(list)
	return 1
}

// bits adds up the names in a table of flags, or takes one.
func bits(group []constant, v lua.LValue) (int, bool) {
	if vm.IsNil(v) {
		return 0, true
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		return find(group, v)
	}
	sum := 0
	for i := 1; i <= t.Len(); i++ {
		n, ok := find(group, vm.GetInt(t, i))
		if !ok {
			return 0, false
		}
		sum |= n
	}
	return sum, true
}

// word is a host or a service: nothing for nil.
func word(v lua.LValue) string {
	if vm.IsNil(v) {
		return ""
	}
	return v.String()
}

// duration is a timeout; nil means none.
func duration(v lua.LValue) time.Duration {
	seconds, ok := vm.ToNumber(v)
	if !ok || seconds > 1e9 {
		return -1
	}
	return time.Duration(max(seconds, 0) * float64(time.Second))
}

// failed keeps the errno and pushes nil.
func (lib *library) failed(L *lua.LState, err error) int {
	errno.Set(lib.host, errno.Number(err))
	L.Push(lua.LNil)
	return 1
}
