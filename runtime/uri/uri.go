// Package uri is the Lua module `uri`: addresses taken apart and put together.
package uri

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `uri`: parse(text) returns a table of parts or nil, format(parts[, with_password]) makes
// the text.
var Module = module.Module{Name: "uri", Open: open}

// named are the parts by their keys in Lua; the second result are those that format does not read.
func (u *URI) named() (parts, derived map[string]**string) {
	return map[string]**string{
			"scheme": &u.Scheme, "login": &u.Login, "password": &u.Password, "host": &u.Host, "service": &u.Service,
			"path": &u.Path, "query": &u.Query, "fragment": &u.Fragment,
		},
		map[string]**string{"ipv4": &u.IPv4, "ipv6": &u.IPv6, "unix": &u.Unix}
}

func open(_ module.Host, L *lua.LState) lua.LValue {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{"parse": parse, "format": format})
}

func parse(L *lua.LState) int {
	arg := L.Get(1)
	if vm.IsNil(arg) {
		vm.RaiseString(L, 0, "builtin/uri.lua:38: Usage: uri.parse(string)")
	}
	text, ok := arg.(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "builtin/uri.lua:41: bad argument #2 to 'uri_parse' (cannot convert '%s' to 'const char *')",
			vm.TypeName(arg))
	}
	u, ok := Parse(string(text))
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	t := L.NewTable()
	parts, derived := u.named()
	for _, group := range []map[string]**string{parts, derived} {
		for key, value := range group {
			if *value != nil {
				t.RawSetString(key, lua.LString(**value))
			}
		}
	}
	L.Push(t)
	return 1
}

func format(L *lua.LState) int {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 0, "builtin/uri.lua:63: attempt to index local 'uri' (a %s value)", vm.TypeName(L.Get(1)))
	}
	lines := map[string]int{"scheme": 66, "login": 67, "password": 68, "host": 69, "service": 71, "path": 72,
		"query": 73, "fragment": 74}
	var u URI
	parts, _ := u.named()
	for key, value := range parts {
		switch v := L.GetField(t, key).(type) {
		case lua.LString:
			*value = part(string(v))
		default:
			if !vm.IsNil(v) {
				vm.RaiseString(L, 0, "builtin/uri.lua:%d: cannot convert '%s' to 'const char *'", lines[key],
					vm.TypeName(v))
			}
		}
	}
	L.Push(lua.LString(u.Format(lua.LVAsBool(L.Get(2)))))
	return 1
}
