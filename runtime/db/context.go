package db

// Numbers of the users and roles that exist from bootstrap.
const (
	GuestID       uint32 = 0
	AdminID       uint32 = 1
	PublicID      uint32 = 2
	ReplicationID uint32 = 3
	SuperID       uint32 = 31
)

// Context is what a fiber carries into every operation: its user, and the
// transaction it has open. Each fiber has one of its own.
type Context struct {
	db  *DB
	uid uint32
	txn *Txn
	// Session is the caller's: the database only carries it, for triggers.
	Session any
	// lastGenerated is what a sequence put into the last tuple that had a nil.
	lastGenerated int64
	// allowed is the space that access was granted to last.
	allowed allowance
}

// allowance is an access that was found to be allowed, which holds until the
// schema, the rights or the user change.
type allowance struct {
	space  *Space
	want   Priv
	uid    uint32
	schema uint64
	rights uint64
}

// NewContext makes the context of a fiber that acts as the user uid.
func (db *DB) NewContext(uid uint32) *Context { return &Context{db: db, uid: uid} }

// Of makes the context work for the session of another, and returns it.
func (c *Context) Of(other *Context) *Context {
	c.Session = other.Session
	return c
}

// UID returns the effective user's number.
func (c *Context) UID() uint32 { return c.uid }

// SetUID makes the context act as another user: box.session.su, setuid functions.
func (c *Context) SetUID(uid uint32) { c.uid = uid }

// Txn returns the open transaction, or nil.
func (c *Context) Txn() *Txn { return c.txn }

// LastGenerated returns what a sequence put into the last tuple that came with
// a nil in its place.
func (c *Context) LastGenerated() int64 { return c.lastGenerated }

// asAdmin runs f with the rights of admin.
func (c *Context) asAdmin(f func() error) error {
	uid := c.uid
	c.uid = AdminID
	err := f()
	c.uid = uid
	return err
}
