package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/session"
	"shardlua/runtime/vm"
)

// sessionTriggers are the lists of box.session.
type sessionTriggers struct {
	connect, disconnect, auth, denied triggerList
}

// openSession makes box.session.
func (b *Box) openSession(L *lua.LState) {
	registry := b.host.Sessions()
	registry.OnConnect = func(*session.Session) error { return b.inst.session.connect.run(b) }
	registry.OnDisconnect = func(*session.Session) error { return b.inst.session.disconnect.run(b) }
	registry.OnAuth = func(_ *session.Session, user string, ok bool) error {
		return b.inst.session.auth.run(b, lua.LString(user), lua.LBool(ok))
	}
	t := methods(L, map[string]lua.LGFunction{
		"id":             func(L *lua.LState) int { L.Push(lua.LNumber(b.session().ID)); return 1 },
		"type":           func(L *lua.LState) int { L.Push(lua.LString(b.session().Kind)); return 1 },
		"sync":           func(L *lua.LState) int { L.Push(lua.LNumber(registry.Sync(b.host.Sched().Current()))); return 1 },
		"uid":            func(L *lua.LState) int { L.Push(lua.LNumber(b.session().UserID)); return 1 },
		"euid":           func(L *lua.LState) int { L.Push(lua.LNumber(b.effectiveUID())); return 1 },
		"user":           func(L *lua.LState) int { L.Push(b.userName(b.session().UserID)); return 1 },
		"effective_user": func(L *lua.LState) int { L.Push(b.userName(b.effectiveUID())); return 1 },
		"fd":             b.sessionFD,
		"peer":           b.sessionPeer,
		"exists":         b.sessionExists,
		"su":             b.sessionSu,
		"push":           b.sessionPush,

		"on_connect":       b.inst.session.connect.change,
		"on_disconnect":    b.inst.session.disconnect.change,
		"on_auth":          b.inst.session.auth.change,
		"on_access_denied": b.inst.session.denied.change,
	})
	meta := L.NewTable()
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		if L.Get(2) != lua.LString("storage") {
			return 0
		}
		s := b.session()
		storage, ok := s.Storage.(*lua.LTable)
		if !ok {
			storage = L.NewTable()
			s.Storage = storage
		}
		L.Push(storage)
		return 1
	}))
	t.Metatable = meta
	t.RawSetString("settings", b.settingsTable(L))
	b.exports.RawSetString("session", t)
}

func (b *Box) effectiveUID() uint32 {
	if b.db == nil {
		return b.session().UserID
	}
	return b.Context().UID()
}

func (b *Box) userName(id uint32) lua.LValue {
	if b.db != nil {
		if u := b.db.User(id); u != nil {
			return lua.LString(u.Name)
		}
		return lua.LNil
	}
	if id == db.GuestID {
		return lua.LString("guest")
	}
	return lua.LString("admin")
}

// sessionArg is the session of fd and peer: one with an id, or the caller's.
func (b *Box) sessionArg(L *lua.LState, name string) *session.Session {
	if L.GetTop() > 1 {
		vm.RaiseString(L, -1, "session.%s(sid): bad arguments", name)
	}
	if L.GetTop() == 0 {
		return b.session()
	}
	return b.host.Sessions().Find(uint64(vm.CheckInt(L, 1)))
}

func (b *Box) sessionFD(L *lua.LState) int {
	s := b.sessionArg(L, "fd")
	if s == nil {
		vm.RaiseString(L, -1, "session.fd(): session does not exist")
	}
	L.Push(lua.LNumber(s.FD))
	return 1
}

func (b *Box) sessionPeer(L *lua.LState) int {
	s := b.sessionArg(L, "peer")
	switch {
	case s == nil:
		vm.RaiseString(L, -1, "session.peer(): session does not exist")
	case s.Peer == "":
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LString(s.Peer))
	return 1
}

func (b *Box) sessionExists(L *lua.LState) int {
	if L.GetTop() > 1 {
		vm.RaiseString(L, -1, "session.exists(sid): bad arguments")
	}
	if L.GetTop() == 0 {
		L.Push(lua.LTrue)
		return 1
	}
	id, ok := vm.ToInt64(L.Get(1))
	if !ok {
		vm.RaiseString(L, -1, "expected int64_t as -1 argument")
	}
	L.Push(lua.LBool(b.host.Sessions().Find(uint64(id)) != nil))
	return 1
}

// sessionSu is box.session.su(user[, fn, …]): act as another user for good, or while fn runs.
func (b *Box) sessionSu(L *lua.LState) int {
	if b.inst.store == nil {
		vm.RaiseString(L, -1, notConfiguredText)
	}
	var user *db.User
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		if user = b.db.User(uint32(v)); user == nil {
			b.fail(L, boxerr.NoSuchUser, v.String())
		}
	case lua.LString:
		if user = b.db.UserByName(string(v)); user == nil || user.Role {
			b.fail(L, boxerr.NoSuchUser, string(v))
		}
	default:
		vm.RaiseString(L, -1, "session.su(): bad arguments")
	}
	c := b.Context()
	if L.GetTop() == 1 {
		b.session().UserID = user.ID
		c.SetUID(user.ID)
		return 0
	}
	fn := vm.CheckFunction(L, 2)
	args := make([]lua.LValue, 0, L.GetTop())
	for i := 3; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	was := c.UID()
	c.SetUID(user.ID)
	results, err := b.host.VM().Call(L, fn, lua.MultRet, args...)
	c.SetUID(was)
	if err != nil {
		b.raise(L, err)
	}
	for _, r := range results {
		L.Push(r)
	}
	return len(results)
}

// sessionPush is box.session.push(value[, sync]): a message before the answer.
func (b *Box) sessionPush(L *lua.LState) int {
	if L.GetTop() != 1 {
		vm.RaiseString(L, -1, "Usage: box.session.push(data)")
	}
	s := b.session()
	sync := b.host.Sessions().Sync(b.host.Sched().Current())
	err := session.ErrNoPush
	if s.Push != nil {
		err = s.Push(L.Get(1), sync)
	}
	if err == session.ErrNoPush {
		err = boxerr.New(boxerr.Unsupported, "Session '"+string(s.Kind)+"'", "push()")
	}
	if err != nil {
		e := boxerr.From(err)
		b.remember(e)
		L.Push(lua.LNil)
		L.Push(&Error{e})
		return 2
	}
	L.Push(lua.LTrue)
	return 1
}

// AccessDenied runs the on_access_denied triggers; whoever refuses a request tells of it.
func (b *Box) AccessDenied(access, object, name string) error {
	return b.inst.session.denied.run(b, lua.LString(access), lua.LString(object), lua.LString(name))
}
