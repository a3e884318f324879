package socket

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"
)

// The names of the system's numbers, with Linux's values.

type constant struct {
	name  string
	value int
}

var domains = []constant{
	{"AF_APPLETALK", 5},
	{"AF_ATMPVC", 8},
	{"AF_AX25", 3},
	{"AF_INET", 2},
	{"AF_INET6", 10},
	{"AF_IPX", 4},
	{"AF_LOCAL", 1},
	{"AF_NETLINK", 16},
	{"AF_PACKET", 17},
	{"AF_UNIX", 1},
	{"AF_X25", 9},
	{"PF_APPLETALK", 5},
	{"PF_ATMPVC", 8},
	{"PF_AX25", 3},
	{"PF_INET", 2},
	{"PF_INET6", 10},
	{"PF_IPX", 4},
	{"PF_LOCAL", 1},
	{"PF_NETLINK", 16},
	{"PF_PACKET", 17},
	{"PF_UNIX", 1},
	{"PF_X25", 9},
}

var types = []constant{
	{"SOCK_DGRAM", 2},
	{"SOCK_RAW", 3},
	{"SOCK_RDM", 4},
	{"SOCK_SEQPACKET", 5},
	{"SOCK_STREAM", 1},
}

var protocols = []constant{
	{"ip", 0},
	{"tcp", 6},
	{"udp", 17},
}

var sendFlags = []constant{
	{"MSG_CMSG_CLOEXEC", 1073741824},
	{"MSG_CONFIRM", 2048},
	{"MSG_CTRUNC", 8},
	{"MSG_DONTROUTE", 4},
	{"MSG_DONTWAIT", 64},
	{"MSG_EOR", 128},
	{"MSG_ERRQUEUE", 8192},
	{"MSG_FASTOPEN", 536870912},
	{"MSG_FIN", 512},
	{"MSG_MORE", 32768},
	{"MSG_NOSIGNAL", 16384},
	{"MSG_OOB", 1},
	{"MSG_PEEK", 2},
	{"MSG_PROXY", 16},
	{"MSG_RST", 4096},
	{"MSG_SYN", 1024},
	{"MSG_TRUNC", 32},
	{"MSG_TRYHARD", 4},
	{"MSG_WAITALL", 256},
	{"MSG_WAITFORONE", 65536},
}

var addressFlags = []constant{
	{"AI_ADDRCONFIG", 32},
	{"AI_ALL", 16},
	{"AI_CANONIDN", 128},
	{"AI_CANONNAME", 2},
	{"AI_IDN", 64},
	{"AI_NUMERICHOST", 4},
	{"AI_NUMERICSERV", 1024},
	{"AI_PASSIVE", 1},
	{"AI_V4MAPPED", 8},
}

// options are the socket options by level, with what they hold.
var options = map[int][]option{
	1: {
		{"SO_ACCEPTCONN", 30, 1, false},
		{"SO_BINDTODEVICE", 25, 2, true},
		{"SO_BROADCAST", 6, 1, true},
		{"SO_DEBUG", 1, 1, true},
		{"SO_DOMAIN", 39, 1, false},
		{"SO_DONTROUTE", 5, 1, true},
		{"SO_ERROR", 4, 1, false},
		{"SO_KEEPALIVE", 9, 1, true},
		{"SO_LINGER", 13, 0, false},
		{"SO_MARK", 36, 1, true},
		{"SO_OOBINLINE", 10, 1, true},
		{"SO_PASSCRED", 16, 1, true},
		{"SO_PEERCRED", 17, 1, false},
		{"SO_PRIORITY", 12, 1, true},
		{"SO_PROTOCOL", 38, 1, false},
		{"SO_RCVBUF", 8, 1, true},
		{"SO_RCVBUFFORCE", 33, 1, true},
		{"SO_RCVLOWAT", 18, 1, true},
		{"SO_RCVTIMEO", 20, 1, true},
		{"SO_REUSEADDR", 2, 1, true},
		{"SO_SNDBUF", 7, 1, true},
		{"SO_SNDBUFFORCE", 32, 1, true},
		{"SO_SNDLOWAT", 19, 1, true},
		{"SO_SNDTIMEO", 21, 1, true},
		{"SO_TIMESTAMP", 29, 1, true},
		{"SO_TYPE", 3, 1, false},
	},
	6: {
		{"TCP_CC_INFO", 26, 1, true},
		{"TCP_CONGESTION", 13, 1, true},
		{"TCP_COOKIE_TRANSACTIONS", 15, 1, true},
		{"TCP_CORK", 3, 1, true},
		{"TCP_DEFER_ACCEPT", 9, 1, true},
		{"TCP_FASTOPEN", 23, 1, true},
		{"TCP_INFO", 11, 0, false},
		{"TCP_KEEPCNT", 6, 1, true},
		{"TCP_KEEPIDLE", 4, 1, true},
		{"TCP_KEEPINTVL", 5, 1, true},
		{"TCP_LINGER2", 8, 1, true},
		{"TCP_MAXSEG", 2, 1, true},
		{"TCP_MD5SIG", 14, 1, true},
		{"TCP_NODELAY", 1, 1, true},
		{"TCP_NOTSENT_LOWAT", 25, 1, true},
		{"TCP_QUEUE_SEQ", 21, 1, true},
		{"TCP_QUICKACK", 12, 1, true},
		{"TCP_REPAIR", 19, 1, true},
		{"TCP_REPAIR_OPTIONS", 22, 1, true},
		{"TCP_REPAIR_QUEUE", 20, 1, true},
		{"TCP_SAVED_SYN", 28, 1, true},
		{"TCP_SAVE_SYN", 27, 1, true},
		{"TCP_SYNCNT", 7, 1, true},
		{"TCP_THIN_DUPACK", 17, 1, true},
		{"TCP_THIN_LINEAR_TIMEOUTS", 16, 1, true},
		{"TCP_TIMESTAMP", 24, 1, true},
		{"TCP_USER_TIMEOUT", 18, 1, true},
		{"TCP_WINDOW_CLAMP", 10, 1, true},
	},
}

// What an option's value is.
const (
	ownMethod  = 0 // not through getsockopt: there is a method, or nothing
	holdsInt   = 1
	holdsBytes = 2
)

type option struct {
	name     string
	value    int
	kind     int
	writable bool
}

// find returns the number that v names in group; a number stands for itself.
func find(group []constant, v lua.LValue) (int, bool) {
	if n, ok := v.(lua.LNumber); ok {
		return int(n), true
	}
	if s, ok := v.(lua.LString); ok {
		for _, c := range group {
			if c.name == string(s) {
				return c.value, true
			}
		}
	}
	return 0, false
}

// nameOf is the first name of a number that starts with prefix, or the number.
func nameOf(group []constant, prefix string, value int) lua.LValue {
	for _, c := range group {
		if c.value == value && strings.HasPrefix(c.name, prefix) {
			return lua.LString(c.name)
		}
	}
	return lua.LNumber(value)
}

// domainName prefers the names that Tarantool shows.
func domainName(value int) lua.LValue {
	if value == unix.AF_UNIX {
		return lua.LString("AF_UNIX")
	}
	return nameOf(domains, "AF_", value)
}

// protocolName shows 0, which is both "ip" and "whatever fits", as stock does: by number.
func protocolName(value int) lua.LValue {
	if value == 0 {
		return lua.LNumber(0)
	}
	return nameOf(protocols, "", value)
}
