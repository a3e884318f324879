package db

import (
	"shardlua/runtime/boxerr"
)

// Priv is a set of rights, as _priv stores it.
type Priv uint32

// The rights.
const (
	PrivRead      Priv = 1
	PrivWrite     Priv = 2
	PrivExecute   Priv = 4
	PrivSession   Priv = 8
	PrivUsage     Priv = 16
	PrivCreate    Priv = 32
	PrivDrop      Priv = 64
	PrivAlter     Priv = 128
	PrivReference Priv = 256
	PrivTrigger   Priv = 512
	PrivInsert    Priv = 1024
	PrivUpdate    Priv = 2048
	PrivDelete    Priv = 4096
	PrivGrant     Priv = 8192
	PrivRevoke    Priv = 16384
	PrivAll       Priv = 0xffffffff
)

var privNames = []struct {
	priv Priv
	name string
}{
	{PrivRead, "Read"}, {PrivWrite, "Write"}, {PrivExecute, "Execute"},
	{PrivSession, "Session"}, {PrivUsage, "Usage"}, {PrivCreate, "Create"},
	{PrivDrop, "Drop"}, {PrivAlter, "Alter"}, {PrivReference, "Reference"},
	{PrivTrigger, "Trigger"}, {PrivInsert, "Insert"}, {PrivUpdate, "Update"},
	{PrivDelete, "Delete"}, {PrivGrant, "Grant"}, {PrivRevoke, "Revoke"},
}

// String names the first right of the set, as access errors do.
func (p Priv) String() string {
	for _, n := range privNames {
		if p&n.priv != 0 {
			return n.name
		}
	}
	return "none"
}

// Kinds of objects that rights are granted on, as _priv names them.
const (
	KindUniverse = "universe"
	KindSpace    = "space"
	KindFunction = "function"
	KindSequence = "sequence"
	KindUser     = "user"
	KindRole     = "role"
)

// object is one thing that rights are on. A kind as a whole has whole set.
type object struct {
	kind  string
	id    uint32
	whole bool
}

// rights are what one user may do, by grants of its own and of its roles.
type rights struct {
	universe Priv
	on       map[object]Priv
}

// rightsOf adds up the grants of a user. The result is kept until any row of
// _priv or _user changes.
func (db *DB) rightsOf(uid uint32) *rights {
	if r := db.rights[uid]; r != nil {
		return r
	}
	r := &rights{on: map[object]Priv{}}
	seen := map[uint32]bool{}
	var add func(id uint32)
	add = func(id uint32) {
		if seen[id] {
			return
		}
		seen[id] = true
		u := db.users[id]
		if u == nil {
			return
		}
		for o, p := range u.grants {
			switch {
			case o.kind == KindUniverse:
				r.universe |= p
			case o.kind == KindRole && !o.whole:
				if p&PrivExecute != 0 {
					add(o.id)
				}
				r.on[o] |= p
			default:
				r.on[o] |= p
			}
		}
	}
	add(uid)
	db.rights[uid] = r
	return r
}

// forgetRights is called when users or grants changed.
func (db *DB) forgetRights() {
	clear(db.rights)
	db.rightsVersion++
}

// missing returns the rights out of want that the context lacks on an object.
func (db *DB) missing(c *Context, want Priv, kind string, id, owner uint32) Priv {
	r := db.rightsOf(c.uid)
	want &^= r.universe
	if want == 0 || c.uid == AdminID {
		return 0
	}
	if want&PrivUsage != 0 {
		return want
	}
	want &^= r.on[object{kind: kind, whole: true}]
	if want == 0 || owner == c.uid {
		return 0
	}
	return want &^ r.on[object{kind: kind, id: id}]
}

func (db *DB) userName(uid uint32) string {
	if u := db.users[uid]; u != nil {
		return u.Name
	}
	return ""
}

// denied is the error for a missing right.
func (db *DB) denied(c *Context, want Priv, kind, name string) error {
	if db.OnDenied != nil {
		db.OnDenied(want.String(), kind, name)
	}
	return boxerr.NewAccessDenied(want.String(), kind, name, db.userName(c.uid))
}

// checkAccess checks for a right on a space. A user without the right to use
// the universe has no right in it.
func (s *Space) checkAccess(c *Context, want Priv) error {
	if c.uid == AdminID {
		return nil
	}
	asked := allowance{s, want, c.uid, s.db.schemaVersion, s.db.rightsVersion}
	if c.allowed == asked {
		return nil
	}
	lacks := s.db.missing(c, want|PrivUsage, KindSpace, s.def.ID, s.def.Owner)
	if lacks == 0 {
		c.allowed = asked
		return nil
	}
	if lacks&PrivUsage != 0 {
		return s.db.denied(c, PrivUsage, KindUniverse, "")
	}
	return s.db.denied(c, lacks, KindSpace, s.def.Name)
}

// CheckAccess checks for rights on the space, such as PrivWrite on _cluster to join the replica set.
func (s *Space) CheckAccess(c *Context, want Priv) error { return s.checkAccess(c, want) }

// checkObject checks for a right on a function or sequence.
func (db *DB) checkObject(c *Context, want Priv, kind string, id, owner uint32, name string) error {
	if c.uid == AdminID {
		return nil
	}
	lacks := db.missing(c, want|PrivUsage, kind, id, owner)
	if lacks&PrivUsage != 0 {
		return db.denied(c, PrivUsage, KindUniverse, "")
	}
	if lacks != 0 {
		return db.denied(c, lacks, kind, name)
	}
	return nil
}

// checkDDL checks for the right to create, alter or drop an object. Owning it
// is enough, except to create.
func (db *DB) checkDDL(c *Context, want Priv, kind, name string, owner uint32) error {
	if db.recovering || c.uid == AdminID {
		return nil
	}
	r := db.rightsOf(c.uid)
	lacks := (want | PrivUsage) &^ r.universe
	if lacks&PrivUsage != 0 {
		return db.denied(c, PrivUsage, KindUniverse, "")
	}
	if lacks == 0 || owner == c.uid && lacks&PrivCreate == 0 {
		return nil
	}
	if lacks &^= r.on[object{kind: kind, whole: true}]; lacks == 0 {
		return nil
	}
	return db.denied(c, lacks, kind, name)
}

// CheckExecute checks for the right to call a function by name. Whoever may
// execute the universe may call what no row of _func describes.
func (db *DB) CheckExecute(c *Context, name string) error {
	if f := db.functionNames[name]; f != nil {
		return db.checkObject(c, PrivExecute, KindFunction, f.ID, f.Owner, name)
	}
	lacks := (PrivExecute | PrivUsage) &^ db.rightsOf(c.uid).universe
	switch {
	case lacks&PrivUsage != 0:
		return db.denied(c, PrivUsage, KindUniverse, "")
	case lacks != 0 && db.rightsOf(c.uid).on[object{kind: KindFunction, whole: true}]&lacks != lacks:
		return db.denied(c, lacks, KindFunction, name)
	}
	return nil
}

// CheckUniverse checks for rights on everything, such as PrivSession to log
// in, PrivExecute to eval, or PrivRead to replicate.
func (db *DB) CheckUniverse(c *Context, want Priv) error {
	if lacks := want &^ db.rightsOf(c.uid).universe; lacks != 0 {
		return db.denied(c, lacks, KindUniverse, "")
	}
	return nil
}

// CheckRole reports whether the user has the role, by itself or through others.
func (db *DB) CheckRole(uid, role uint32) bool {
	return uid == role || db.rightsOf(uid).on[object{kind: KindRole, id: role}]&PrivExecute != 0
}
