// Package httpclient is the Lua module `http.client`.
//
// The one idea: a request is one call of net/http on a goroutine while the fibers run. What the script sees, statuses of
// failures and words of errors too, is what Tarantool's client on libcurl makes of the same answer.
package httpclient

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `http.client`: get, post, put, patch, delete, head, options, trace, connect and request send
// a request and return its response; new([options]) makes a client with its own connections and statistics.
var Module = module.Module{Name: "http.client", Open: open}

// library is the module in one instance.
type library struct {
	host module.Host
	meta *lua.LTable
}

// verbs are the methods, and whether the second argument is a body.
var verbs = []struct {
	name string
	body bool
	line int // of the message for a call without a client
}{
	{"get", false, 334}, {"head", false, 370}, {"options", false, 376}, {"trace", false, 388}, {"connect", false, 394},
	{"delete", false, 382}, {"post", true, 342}, {"put", true, 350}, {"patch", true, 358},
}

const usage = "builtin/http.client.lua:318: request(method, url[, body, [options]])"

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := &library{host: h, meta: L.NewTable()}
	methods := L.NewTable()
	lib.meta.RawSetString("__index", methods)
	shared := lib.newClient()
	exports := L.NewTable()
	for _, v := range verbs {
		method := methodName(v.name)
		methods.RawSetString(v.name, L.NewFunction(func(L *lua.LState) int {
			c := clientOf(L.Get(1))
			if c == nil {
				vm.RaiseString(L, 0, "builtin/http.client.lua:%d: Use client:%s(...) instead of client.%s(...):", v.line, v.name,
					v.name)
			}
			return c.verb(L, method, v.body, 2)
		}))
		exports.RawSetString(v.name, L.NewFunction(func(L *lua.LState) int { return shared.verb(L, method, v.body, 1) }))
	}
	methods.RawSetString("request", L.NewFunction(func(L *lua.LState) int {
		c := clientOf(L.Get(1))
		if c == nil {
			vm.RaiseString(L, 0, usage)
		}
		return c.request(L, L.Get(2), L.Get(3), L.Get(4), L.Get(5))
	}))
	methods.RawSetString("stat", L.NewFunction(func(L *lua.LState) int {
		c := clientOf(L.Get(1))
		if c == nil {
			vm.RaiseString(L, 0, "builtin/http.client.lua:432: attempt to index local 'self' (a %s value)", vm.TypeName(L.Get(1)))
		}
		L.Push(c.stat.table(L))
		return 1
	}))
	exports.RawSetString("request", L.NewFunction(func(L *lua.LState) int {
		return shared.request(L, L.Get(1), L.Get(2), L.Get(3), L.Get(4))
	}))
	exports.RawSetString("new", L.NewFunction(lib.new))
	return exports
}

func (lib *library) new(L *lua.LState) int {
	c := lib.newClient()
	switch o := L.Get(1).(type) {
	case *lua.LNilType:
	case *lua.LTable:
		for _, name := range [...]string{"max_connections", "max_total_connections"} {
			v := o.RawGetString(name)
			n, ok := vm.ToNumber(v)
			switch {
			case vm.IsNil(v):
			case !ok:
				vm.RaiseString(L, 0, "builtin/http.client.lua:56: bad argument #1 to 'new' (number expected, got %s)", vm.TypeName(v))
			case name == "max_total_connections" && n > 0:
				c.transport.MaxConnsPerHost = int(n)
			case n > 0:
				c.transport.MaxIdleConns = int(n)
			}
		}
	default:
		vm.RaiseString(L, 0, "builtin/http.client.lua:53: attempt to index local 'opts' (a %s value)", vm.TypeName(o))
	}
	handle := L.NewUserData()
	handle.Value = c
	t := L.NewTable()
	t.RawSetString("curl", handle)
	t.Metatable = lib.meta
	L.Push(t)
	return 1
}

func clientOf(v lua.LValue) *client {
	if t, ok := v.(*lua.LTable); ok {
		if u, ok := t.RawGetString("curl").(*lua.LUserData); ok {
			c, _ := u.Value.(*client)
			return c
		}
	}
	return nil
}

// statistics of a client.
type statistics struct{ active, total, ok, other, failed, added, deleted int }

func (s *statistics) table(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	for name, n := range map[string]int{
		"active_requests": s.active, "total_requests": s.total, "http_200_responses": s.ok, "http_other_responses": s.other,
		"failed_requests": s.failed, "sockets_added": s.added, "sockets_deleted": s.deleted,
	} {
		t.RawSetString(name, lua.LNumber(n))
	}
	return t
}

// defaultTimeout is that of a request without one: a year, which libcurl takes for none.
const defaultTimeout = 365 * 24 * time.Hour
