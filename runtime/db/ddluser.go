package db

import (
	"crypto/sha1"
	"encoding/base64"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// maxUsers is how many users and roles there can be (BOX_USER_MAX).
const maxUsers = 32

func parseUser(t *tuple.Tuple) (*User, error) {
	f := fieldsOf(t)
	u := &User{ID: f.id(), Owner: f.id(), Name: f.string(), grants: map[object]Priv{}}
	fail := func(why string) error {
		name := u.Name
		if len(name) > maxName {
			name = name[:shownName]
		}
		if u.Role {
			return boxerr.New(boxerr.CreateRole, name, why)
		}
		return boxerr.New(boxerr.CreateUser, name, why)
	}
	if len(u.Name) > maxName {
		return nil, fail("user name is too long")
	}
	switch f.string() {
	case "role":
		u.Role = true
	case "user":
	default:
		return nil, fail("unknown user type")
	}
	if err := checkName(u.Name); err != nil {
		return nil, err
	}
	auth := f.raw()
	if auth == nil || mp.KindOf(auth) != mp.Map {
		return u, nil
	}
	if n, _ := mp.MapHeader(auth); n > 0 && u.Role {
		return nil, fail("authentication data can not be set for a role")
	}
	err := eachPair(auth, func(method string, v []byte) error {
		if method != "chap-sha1" {
			return nil
		}
		text, ok := asString(v)
		hash, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(hash) != sha1.Size {
			return fail("invalid user password")
		}
		if u.ID == GuestID && text != HashPassword("") {
			return boxerr.New(boxerr.GuestUserPassword)
		}
		u.Hash = hash
		return nil
	})
	return u, err
}

// kind is what rights on the user are rights on.
func (u *User) kind() string {
	if u.Role {
		return KindRole
	}
	return KindUser
}

// onUser follows a change of _user.
func (db *DB) onUser(c *Context, st *stmt) error {
	if st.next == nil {
		return db.dropUser(c, st)
	}
	u, err := parseUser(st.next)
	if err != nil {
		return err
	}
	old := db.users[u.ID]
	if old == nil {
		if err := db.checkDDL(c, PrivCreate, u.kind(), u.Name, u.Owner); err != nil {
			return err
		}
		if len(db.users) >= maxUsers {
			return boxerr.New(boxerr.UserMax, maxUsers)
		}
		db.putUser(u)
		st.onUndo(func() { db.takeUser(u) })
		return nil
	}
	if err := db.checkDDL(c, PrivAlter, u.kind(), u.Name, old.Owner); err != nil {
		return err
	}
	u.grants = old.grants
	db.takeUser(old)
	db.putUser(u)
	st.onUndo(func() {
		db.takeUser(u)
		db.putUser(old)
	})
	return nil
}

func (db *DB) dropUser(c *Context, st *stmt) error {
	u := db.users[fieldsOf(st.old).id()]
	if u == nil {
		return nil
	}
	if err := db.checkDDL(c, PrivDrop, u.kind(), u.Name, u.Owner); err != nil {
		return err
	}
	if u.ID <= PublicID || u.ID == SuperID {
		return boxerr.New(boxerr.DropUser, u.Name, "the user or the role is a system")
	}
	if db.ownsObjects(u.ID) {
		return boxerr.New(boxerr.DropUser, u.Name, "the user has objects")
	}
	db.takeUser(u)
	st.onUndo(func() { db.putUser(u) })
	return nil
}

// ownsObjects reports whether anything belongs to the user.
func (db *DB) ownsObjects(uid uint32) bool {
	for _, s := range db.spaces {
		if s.def.Owner == uid {
			return true
		}
	}
	for _, f := range db.functions {
		if f.Owner == uid {
			return true
		}
	}
	for _, q := range db.sequences {
		if q.Owner == uid {
			return true
		}
	}
	for _, u := range db.users {
		if u.Owner == uid && u.ID != uid {
			return true
		}
		if u.ID == uid && len(u.grants) > 0 {
			return true
		}
	}
	return false
}

func (db *DB) putUser(u *User) {
	db.users[u.ID] = u
	db.userNames[u.Name] = u
	db.forgetRights()
}

func (db *DB) takeUser(u *User) {
	delete(db.users, u.ID)
	delete(db.userNames, u.Name)
	db.forgetRights()
}

// grant is what a row of _priv says.
type grant struct {
	grantor, grantee uint32
	on               object
	access           Priv
}

func (db *DB) parseGrant(t *tuple.Tuple) (grant, error) {
	f := fieldsOf(t)
	g := grant{grantor: f.id(), grantee: f.id()}
	g.on.kind = f.string()
	id := f.raw()
	g.access = Priv(f.uint())
	switch g.on.kind {
	case KindUniverse, KindSpace, KindFunction, KindSequence, KindUser, KindRole:
	default:
		return g, boxerr.New(boxerr.UnknownSchemaObject, g.on.kind)
	}
	if n, ok := asUint(id); ok {
		g.on.id = uint32(n)
	} else {
		// An empty string stands for all objects of the kind.
		g.on.whole = true
	}
	if g.on.kind == KindUniverse {
		g.on = object{kind: KindUniverse}
	}
	return g, nil
}

// onPriv follows a change of _priv.
func (db *DB) onPriv(c *Context, st *stmt) error {
	row := st.next
	if row == nil {
		row = st.old
	}
	g, err := db.parseGrant(row)
	if err != nil {
		return err
	}
	if err := db.checkGrant(c, &g, st.next == nil); err != nil {
		return err
	}
	if st.next == nil && g.grantee == AdminID && g.on.kind == KindUniverse && !db.recovering {
		return boxerr.New(boxerr.Grant, "can't revoke universe from the admin user")
	}
	u := db.users[g.grantee]
	if u == nil {
		return boxerr.New(boxerr.NoSuchUser, g.grantee)
	}
	old, had := u.grants[g.on]
	if st.next == nil || g.access == 0 {
		delete(u.grants, g.on)
	} else {
		u.grants[g.on] = g.access
	}
	db.forgetRights()
	st.onUndo(func() {
		if had {
			u.grants[g.on] = old
		} else {
			delete(u.grants, g.on)
		}
		db.forgetRights()
	})
	return nil
}

// checkGrant verifies that the grantor may give what the row gives.
func (db *DB) checkGrant(c *Context, g *grant, revoke bool) error {
	if db.recovering {
		return nil
	}
	grantor, grantee := db.users[g.grantor], db.users[g.grantee]
	if grantor == nil {
		return boxerr.New(boxerr.NoSuchUser, g.grantor)
	}
	if grantee == nil {
		return boxerr.New(boxerr.NoSuchUser, g.grantee)
	}
	want := PrivGrant
	if revoke {
		want = PrivRevoke
	}
	if c.uid != g.grantor && c.uid != AdminID {
		return db.denied(c, want, KindUniverse, "")
	}
	o, err := db.describe(g.on)
	if err != nil {
		return err
	}
	deny := func() error {
		return boxerr.NewAccessDenied(want.String(), g.on.kind, o.name, grantor.Name)
	}
	switch {
	case g.grantor == AdminID:
	case g.on.kind == KindUniverse, g.on.whole:
		return deny()
	case g.on.kind == KindRole:
		// Whoever made a role may give it away, and so may anybody with
		// public, which all users have anyway.
		if o.owner != g.grantor && (g.on.id != PublicID || g.access != PrivExecute) {
			return deny()
		}
	case o.owner != g.grantor:
		return deny()
	}
	if g.on.kind == KindRole && !g.on.whole && !revoke {
		return db.checkRoleGrant(grantee, g.on.id)
	}
	if g.access == 0 && !revoke {
		return boxerr.New(boxerr.Grant, "the grant tuple has no privileges")
	}
	return nil
}

// checkRoleGrant refuses a role that would come to contain itself.
func (db *DB) checkRoleGrant(grantee *User, role uint32) error {
	r := db.users[role]
	if r == nil || !r.Role {
		return boxerr.New(boxerr.NoSuchRole, db.userName(role))
	}
	if grantee.Role && db.contains(r, grantee.ID) {
		return boxerr.New(boxerr.RoleLoop, r.Name, grantee.Name)
	}
	return nil
}

func (db *DB) contains(r *User, id uint32) bool {
	if r.ID == id {
		return true
	}
	for o := range r.grants {
		if o.kind == KindRole && !o.whole {
			if in := db.users[o.id]; in != nil && db.contains(in, id) {
				return true
			}
		}
	}
	return false
}

// described is the name and the owner of an object.
type described struct {
	name  string
	owner uint32
}

func (db *DB) describe(o object) (described, error) {
	if o.whole || o.kind == KindUniverse {
		return described{owner: AdminID}, nil
	}
	switch o.kind {
	case KindSpace:
		if s := db.spaces[o.id]; s != nil {
			return described{s.def.Name, s.def.Owner}, nil
		}
		return described{}, errNoSuchSpaceID(o.id)
	case KindFunction:
		if f := db.functions[o.id]; f != nil {
			return described{f.Name, f.Owner}, nil
		}
		return described{}, boxerr.New(boxerr.NoSuchFunction, o.id)
	case KindSequence:
		if q := db.sequences[o.id]; q != nil {
			return described{q.Name, q.Owner}, nil
		}
		return described{}, boxerr.New(boxerr.NoSuchSequence, o.id)
	}
	if u := db.users[o.id]; u != nil {
		return described{u.Name, u.Owner}, nil
	}
	if o.kind == KindRole {
		return described{}, boxerr.New(boxerr.NoSuchRole, o.id)
	}
	return described{}, boxerr.New(boxerr.NoSuchUser, o.id)
}

// hasGrants reports whether anybody has rights on the very object.
func (db *DB) hasGrants(kind string, id uint32) bool {
	for _, u := range db.users {
		if _, has := u.grants[object{kind: kind, id: id}]; has {
			return true
		}
	}
	return false
}
