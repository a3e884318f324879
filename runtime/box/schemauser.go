package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// systemUserMax is the greatest number of a user or role that cannot be dropped.
const systemUserMax = 31

// schemaUserTable is box.schema.user.
func (b *Box) schemaUserTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create":   b.userCreate,
		"drop":     b.userDrop,
		"exists":   b.existsAs("user"),
		"password": b.userPassword,
		"passwd":   b.userPasswd,
		"info":     b.userInfo,
		"grant":    func(L *lua.LState) int { return b.grant(L, b.needUser(L, L.Get(1))) },
		"revoke":   func(L *lua.LState) int { return b.revoke(L, b.needUser(L, L.Get(1))) },
		"disable":  b.userDisable,
		"enable":   b.userEnable,
	})
}

// schemaRoleTable is box.schema.role.
func (b *Box) schemaRoleTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create": b.roleCreate,
		"drop":   b.roleDrop,
		"exists": b.existsAs("role"),
		"info":   b.roleInfo,
		"grant":  b.roleGrant,
		"revoke": func(L *lua.LState) int { return b.revoke(L, b.needRole(L, L.Get(1))) },
	})
}

// roleGrant is box.schema.role.grant(role, …).
func (b *Box) roleGrant(L *lua.LState) int {
	id := b.needRole(L, L.Get(1))
	if vm.IsNil(L.Get(2)) && vm.IsNil(L.Get(3)) {
		usage(L, "builtin/box/schema.lua:2645", "bad argument #1 to 'lower' (string expected, got nil)")
	}
	return b.grant(L, id)
}

// userRow finds the row of a user or role by its name or number.
func (b *Box) userRow(L *lua.LState, v lua.LValue) *tuple.Tuple {
	if vm.IsNil(v) {
		return b.getRow(L, vuserSpace, 0, newRow(0))
	}
	index := uint32(0)
	if _, ok := v.(lua.LString); ok {
		index = 2
	}
	return b.getRow(L, vuserSpace, index, b.appendTo(L, newRow(1), v))
}

// kindOfUser finds a user, or a role, as kind says; either, if it says nothing.
func (b *Box) kindOfUser(L *lua.LState, v lua.LValue, kind string) *tuple.Tuple {
	if vm.IsNil(v) {
		return nil
	}
	t := b.userRow(L, v)
	if t == nil || kind != "" && strField(t, 3) != kind {
		return nil
	}
	return t
}

// needUser is the number of a user, who must exist.
func (b *Box) needUser(L *lua.LState, v lua.LValue) uint32 {
	t := b.kindOfUser(L, v, "user")
	if t == nil {
		b.fail(L, boxerr.NoSuchUser, b.text(L, v))
	}
	return uintField(t, 0)
}

// needOwner is the number of a user or a role, which must exist.
func (b *Box) needOwner(L *lua.LState, v lua.LValue) uint32 {
	t := b.kindOfUser(L, v, "")
	if t == nil {
		b.fail(L, boxerr.NoSuchUser, b.text(L, v))
	}
	return uintField(t, 0)
}

// needRole is the number of a role, which must exist.
func (b *Box) needRole(L *lua.LState, v lua.LValue) uint32 {
	t := b.kindOfUser(L, v, "role")
	if t == nil {
		b.fail(L, boxerr.NoSuchRole, b.text(L, v))
	}
	return uintField(t, 0)
}

func (b *Box) existsAs(kind string) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LBool(b.kindOfUser(L, L.Get(1), kind) != nil))
		return 1
	}
}

// asAdmin runs f with the rights of admin.
func (b *Box) asAdmin(f func()) {
	c := b.Context()
	uid := c.UID()
	c.SetUID(db.AdminID)
	defer c.SetUID(uid)
	f()
}

// nextID is the number behind the greatest in a system space, as auto_increment has it.
func (b *Box) nextID(L *lua.LState, space uint32) uint32 {
	last, err := b.system(space).Max(b.Context(), 0, emptyKey)
	if err != nil {
		b.raise(L, err)
	}
	if last == nil {
		return 1
	}
	return uintField(last, 0) + 1
}

// passwordRow is what _user keeps of a password.
func passwordRow(password string) row {
	return row(nil).mapping(1).str("chap-sha1").str(db.HashPassword(password))
}

// userCreate is box.schema.user.create(name, {password = , if_not_exists = }).
func (b *Box) userCreate(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"password", "string"}, {"if_not_exists", "boolean"}})
	name := L.Get(1)
	if t := b.userRow(L, name); t != nil {
		if flag(o, "if_not_exists") {
			return 0
		}
		b.fail(L, boxerr.UserExists, b.text(L, name))
	}
	auth := row(nil).mapping(0)
	if p := given(o, "password"); p != nil {
		auth = passwordRow(p.String())
	}
	id := b.insertUser(L, name, "user", auth)
	b.addPriv(L, id, "role", uintValue(uint64(db.PublicID)), db.PrivExecute)
	b.addPriv(L, id, "user", uintValue(uint64(id)), db.PrivAlter)
	// Only admin owns the universe.
	b.asAdmin(func() { b.addPriv(L, id, "universe", uintValue(0), db.PrivSession|db.PrivUsage) })
	return 0
}

func (b *Box) insertUser(L *lua.LState, name lua.LValue, kind string, auth row) uint32 {
	id := b.nextID(L, userSpace)
	data := newRow(5).uint(uint64(id)).uint(uint64(b.Context().UID()))
	b.insertRow(L, userSpace, b.appendTo(L, data, name).str(kind).raw(auth))
	return id
}

// roleCreate is box.schema.role.create(name, {if_not_exists = }).
func (b *Box) roleCreate(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"if_not_exists", "boolean"}})
	name := L.Get(1)
	if t := b.userRow(L, name); t != nil {
		if flag(o, "if_not_exists") {
			return 0
		}
		b.fail(L, boxerr.RoleExists, b.text(L, name))
	}
	b.insertUser(L, name, "role", row(nil).mapping(0))
	return 0
}

// userPassword is box.schema.user.password(text): the hash that _user keeps.
func (b *Box) userPassword(L *lua.LState) int {
	p, ok := L.Get(1).(lua.LString)
	if !ok {
		usage(L, "builtin/box/schema.lua:2313", "attempt to get length of local 'password' (a %s value)", vm.TypeName(L.Get(1)))
	}
	L.Push(lua.LString(db.HashPassword(string(p))))
	return 1
}

// userPasswd is box.schema.user.passwd([user, ]password).
func (b *Box) userPasswd(L *lua.LState) int {
	name, password := L.Get(1), L.Get(2)
	if vm.IsNil(name) {
		b.fail(L, boxerr.ProcLua, "Usage: box.schema.user.passwd([user,] password)")
	}
	id, own := b.Context().UID(), vm.IsNil(password)
	if own {
		password = name
	} else {
		id = b.needUser(L, name)
	}
	p, ok := password.(lua.LString)
	if !ok {
		usage(L, "builtin/box/schema.lua:2313", "attempt to get length of local 'password' (a %s value)", vm.TypeName(password))
	}
	change := func() { b.updateRow(L, userSpace, idKey(id), assign(4, passwordRow(string(p)))) }
	if own {
		// Everybody may change the password of his own.
		b.asAdmin(change)
	} else {
		change()
	}
	return 0
}

// userInfo is box.schema.user.info([user]): what was granted to a user.
func (b *Box) userInfo(L *lua.LState) int {
	name := L.Get(1)
	id := b.Context().UID()
	if !vm.IsNil(name) {
		id = b.needUser(L, name)
	}
	L.Push(b.grantsOf(L, id))
	return 1
}

// roleInfo is box.schema.role.info(role).
func (b *Box) roleInfo(L *lua.LState) int {
	L.Push(b.grantsOf(L, b.needRole(L, L.Get(1))))
	return 1
}

// userDisable is box.schema.user.disable(user): takes the rights to log in and to do anything.
func (b *Box) userDisable(L *lua.LState) int {
	id := b.needUser(L, L.Get(1))
	b.revokePriv(L, id, b.text(L, L.Get(1)), "session,usage", "universe", lua.LNil, true)
	return 0
}

// userEnable is box.schema.user.enable(user).
func (b *Box) userEnable(L *lua.LState) int {
	id := b.needUser(L, L.Get(1))
	b.grantPriv(L, id, b.text(L, L.Get(1)), lua.LString("session,usage"), "universe", lua.LNil, uintValue(uint64(b.Context().UID())), true)
	return 0
}

// userDrop is box.schema.user.drop(user, {if_exists = }).
func (b *Box) userDrop(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"if_exists", "boolean"}})
	name := L.Get(1)
	t := b.kindOfUser(L, name, "user")
	if t == nil {
		if !flag(o, "if_exists") {
			b.fail(L, boxerr.NoSuchUser, b.text(L, name))
		}
		return 0
	}
	id := uintField(t, 0)
	if id <= systemUserMax {
		b.fail(L, boxerr.DropUser, b.text(L, name), "the user or the role is a system")
	}
	if id == b.Context().UID() || id == b.session().UserID {
		b.fail(L, boxerr.DropUser, b.text(L, name), "the user is active in the current session")
	}
	b.dropUser(L, id)
	return 0
}

// roleDrop is box.schema.role.drop(role, {if_exists = }).
func (b *Box) roleDrop(L *lua.LState) int {
	o := b.options(L, L.Get(2), []param{{"if_exists", "boolean"}})
	name := L.Get(1)
	t := b.kindOfUser(L, name, "role")
	if t == nil {
		if !flag(o, "if_exists") {
			b.fail(L, boxerr.NoSuchRole, b.text(L, name))
		}
		return 0
	}
	id := uintField(t, 0)
	if id <= db.PublicID || id == db.SuperID {
		b.fail(L, boxerr.DropUser, b.text(L, name), "the user or the role is a system")
	}
	b.dropUser(L, id)
	return 0
}

// dropUser removes a user or role and all that belongs to it.
func (b *Box) dropUser(L *lua.LState, id uint32) {
	for _, t := range b.systemRows(L, vspaceSpace, 1, idKey(id)) {
		b.dropSpace(L, uintField(t, 0), strField(t, 2), lua.LNil)
	}
	for _, t := range b.systemRows(L, vfuncSpace, 1, idKey(id)) {
		b.dropFunction(L, uintField(t, 0))
	}
	for _, t := range b.systemRows(L, vsequenceSpace, 1, idKey(id)) {
		b.dropSequenceRow(L, uintField(t, 0))
	}
	for _, kind := range []string{"role", "user"} {
		b.revokeObject(L, kind, id)
	}
	for _, t := range b.systemRows(L, vprivSpace, 0, idKey(id)) {
		revoke := func() { b.deleteRow(L, privSpace, newRow(3).raw(t.Field(1)).raw(t.Field(2)).raw(t.Field(3))) }
		if strField(t, 2) == "universe" {
			b.asAdmin(revoke)
		} else {
			revoke()
		}
	}
	for _, t := range b.systemRows(L, vuserSpace, 1, idKey(id)) {
		if owned := uintField(t, 0); owned != id {
			b.dropUser(L, owned)
		}
	}
	b.deleteRow(L, userSpace, idKey(id))
}
