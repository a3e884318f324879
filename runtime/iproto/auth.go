package iproto

import (
	"crypto/sha1"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple/mp"
)

// isReplication reports whether the registered Replication serves the request.
func (r *Request) isReplication() bool {
	switch r.Type {
	case TypeJoin, TypeSubscribe, TypeFetchSnapshot, TypeRegister:
		return true
	}
	return false
}

// authenticate logs a user in. The arguments are the method's name and the scramble; guest needs none while it has no
// password.
func (c *Conn) authenticate(f *sched.Fiber, ctx *db.Context, r *Request) error {
	s := c.server
	name := string(r.Name)
	user := s.db.UserByName(name)
	if user == nil || user.Role {
		return c.loggedIn(f, name, boxerr.New(boxerr.NoSuchUser, name))
	}
	ctx.SetUID(user.ID)
	defer func() { ctx.SetUID(c.session.UserID) }()
	if err := s.db.CheckUniverse(ctx, db.PrivSession); err != nil {
		return c.loggedIn(f, name, err)
	}
	args := r.Args()
	count, pos := mp.ArrayHeader(args)
	if count == 0 && user.ID == db.GuestID {
		if err := c.loggedIn(f, name, nil); err != nil {
			return err
		}
		c.session.UserID = user.ID
		return nil
	}
	if count < 2 {
		return boxerr.New(boxerr.InvalidMsgPack, "authentication request body")
	}
	scramble := args[pos+mp.Skip(args[pos:]):]
	switch mp.KindOf(scramble) {
	case mp.Str, mp.Bin:
		scramble = mp.Bytes(scramble)
	default:
		return boxerr.New(boxerr.InvalidMsgPack, "authentication scramble")
	}
	if len(scramble) != sha1.Size {
		return boxerr.New(boxerr.InvalidMsgPack, "invalid scramble size")
	}
	if !user.CheckScramble(c.salt[:], scramble) {
		return c.loggedIn(f, name, boxerr.New(boxerr.PasswordMismatch, name))
	}
	if err := c.loggedIn(f, name, nil); err != nil {
		return err
	}
	c.session.UserID = user.ID
	return nil
}

// loggedIn runs the on_auth triggers for an attempt to log in, and returns why it failed.
func (c *Conn) loggedIn(_ *sched.Fiber, user string, failure error) error {
	if trigger := c.server.config.Sessions.OnAuth; trigger != nil {
		if err := trigger(c.session, user, failure == nil); err != nil {
			return err
		}
	}
	return failure
}
