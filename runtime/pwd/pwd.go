// Package pwd is the Lua module `pwd`: the users and groups of the machine.
//
// The one idea: a static binary has no name service, so the two files of which every Unix has a copy are read, afresh
// at each call.
package pwd

import (
	"os"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `pwd`: getpw([uid | name]) and getgr([gid | name]) find a user and a group, the caller's
// own without an argument; getpwall() and getgrall() return all of them.
var Module = module.Module{Name: "pwd", Open: func(h module.Host, L *lua.LState) lua.LValue {
	return open(&library{host: h, users: "/etc/passwd", groups: "/etc/group"}, L)
}}

type library struct {
	host          module.Host
	users, groups string // the files
}

func open(lib *library, L *lua.LState) lua.LValue {
	return L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"getpw": func(L *lua.LState) int {
			wanted := lookup(L, os.Getuid(), "builtin/pwd.lua:116: Bad type of uid")
			for _, u := range readUsers(lib.read(lib.users)) {
				if wanted(u.name, u.id) {
					L.Push(lib.user(L, u))
					return 1
				}
			}
			return lib.none(L)
		},
		"getgr": func(L *lua.LState) int {
			wanted := lookup(L, os.Getgid(), "builtin/pwd.lua:130: Bad type of gid")
			for _, g := range readGroups(lib.read(lib.groups)) {
				if wanted(g.name, g.id) {
					L.Push(groupTable(L, g))
					return 1
				}
			}
			return lib.none(L)
		},
		"getpwall": func(L *lua.LState) int {
			all := L.NewTable()
			for _, u := range readUsers(lib.read(lib.users)) {
				all.Append(lib.user(L, u))
			}
			L.Push(all)
			return 1
		},
		"getgrall": func(L *lua.LState) int {
			all := L.NewTable()
			for _, g := range readGroups(lib.read(lib.groups)) {
				all.Append(groupTable(L, g))
			}
			L.Push(all)
			return 1
		},
	})
}

// none is the answer for a name that nobody has, which is no error of the system.
func (lib *library) none(L *lua.LState) int {
	errno.Set(lib.host, 0)
	L.Push(lua.LNil)
	return 1
}

// lookup reads the argument: a number, a name, or nothing for own.
func lookup(L *lua.LState, own int, usage string) func(name string, id int) bool {
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		return func(_ string, id int) bool { return id == own }
	case lua.LNumber:
		return func(_ string, id int) bool { return id == int(v) }
	case lua.LString:
		return func(name string, _ int) bool { return name == string(v) }
	}
	vm.RaiseString(L, 0, "%s (expected 'string'/'number')", usage)
	return nil
}

// read returns a file's text; one that is missing has no entries.
func (lib *library) read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		errno.Set(lib.host, errno.Number(err))
	}
	return string(data)
}

type user struct {
	name, home, shell string
	id, group         int
}

type group struct {
	name    string
	id      int
	members []string
}

// readUsers reads passwd(5). Lines that have not all of its fields are skipped.
func readUsers(text string) []user {
	var all []user
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) < 7 || f[0] == "" {
			continue
		}
		id, err1 := strconv.Atoi(f[2])
		gid, err2 := strconv.Atoi(f[3])
		if err1 == nil && err2 == nil {
			all = append(all, user{name: f[0], id: id, group: gid, home: f[5], shell: f[6]})
		}
	}
	return all
}

// readGroups reads group(5).
func readGroups(text string) []group {
	var all []group
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) < 4 || f[0] == "" {
			continue
		}
		id, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		g := group{name: f[0], id: id}
		if f[3] != "" {
			g.members = strings.Split(f[3], ",")
		}
		all = append(all, g)
	}
	return all
}

func (lib *library) user(L *lua.LState, u user) *lua.LTable {
	t := L.NewTable()
	t.RawSetString("name", lua.LString(u.name))
	t.RawSetString("id", lua.LNumber(u.id))
	t.RawSetString("workdir", lua.LString(u.home))
	t.RawSetString("shell", lua.LString(u.shell))
	for _, g := range readGroups(lib.read(lib.groups)) {
		if g.id == u.group {
			t.RawSetString("group", groupTable(L, g))
			break
		}
	}
	return t
}

func groupTable(L *lua.LState, g group) *lua.LTable {
	t, members := L.NewTable(), L.NewTable()
	for _, name := range g.members {
		members.Append(lua.LString(name))
	}
	t.RawSetString("id", lua.LNumber(g.id))
	t.RawSetString("name", lua.LString(g.name))
	t.RawSetString("members", members)
	return t
}
