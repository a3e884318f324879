// Package box is the Lua module `box`: what scripts have of the database.
//
// The one idea: scripts hold handles and the data stays in Go. A space or an index is a Lua table of facts with Go
// methods behind it, a tuple is a *tuple.Tuple under another name; what a script passes in is turned into msgpack once,
// by package luamp, and goes to package db in that form.
//
// Each fiber has its own db.Context, which carries its user and its transaction. Lua tables for spaces are brought up to
// date when the schema version of the database has changed; they keep their identity.
package box

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/errno"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/sched"
	"shardlua/runtime/serial"
	"shardlua/runtime/session"
	"shardlua/runtime/vm"
)

// Module is the Lua module `box`, which is a global variable too.
var Module = module.Module{Name: "box", Open: func(h module.Host, L *lua.LState) lua.LValue { return Of(h).open(L) }}

// Box is the database of an instance as its scripts see it.
type Box struct {
	host  module.Host
	db    *db.DB
	codec *luamp.Codec
	// options of luamp for what scripts give and get.
	encode, decode luamp.Options
	// encodeTuple is encode for box.tuple.new and transform, which fill the holes of any array.
	encodeTuple luamp.Options

	exports      *lua.LTable // box
	spaces       *spaceTables
	sequences    *objectTables
	functions    *objectTables
	sandbox      *sandbox
	tupleMethods *lua.LTable
	tupleStep    *lua.LFunction
	errorMethods *lua.LTable
	// flowMeta marks tables that text formats write on one line, seqMeta those of totable.
	flowMeta, seqMeta *lua.LTable
	// Hooks connect the servers of the instance; inst is what box.cfg made.
	Hooks
	inst instance
	// wrapIterator is fun.wrap, nil until it was needed.
	wrapIterator *lua.LFunction
	buf          []byte // scratch of one call: what goes into the database is copied there
}

type boxKey struct{}

// Of returns the Box of an instance.
func Of(h module.Host) *Box {
	if b, ok := h.Service(boxKey{}).(*Box); ok {
		return b
	}
	L := h.VM().State()
	b := &Box{host: h, codec: luamp.Of(L), encode: luamp.Default(), decode: luamp.Default()}
	b.encodeTuple = b.encode
	b.encodeTuple.SparseRatio = 0
	hints := serial.HintsOf(L)
	b.flowMeta, b.seqMeta = hints.Array, hints.Array
	h.SetService(boxKey{}, b)
	h.SetService(errno.ValueKey{}, errorValue)
	serial.SetErrorValue(L, errorValue)
	return b
}

// Context is the calling fiber's way into the database.
func (b *Box) Context() *db.Context { return b.contextOf(b.host.Sched().Current()) }

func (b *Box) contextOf(f *sched.Fiber) *db.Context {
	if c, ok := f.Txn.(*db.Context); ok {
		return c
	}
	who := b.host.Sessions().Of(f)
	c := b.db.NewContext(who.UserID)
	c.Session = who
	f.Txn = c
	f.OnYield = c.OnYield
	f.OnEnd = func() { b.fiberEnds(f, c) }
	return c
}

// session is the calling fiber's session.
func (b *Box) session() *session.Session { return b.host.Sessions().Of(b.host.Sched().Current()) }

// append turns a Lua value into msgpack in the scratch buffer. It is valid until the next call.
func (b *Box) append(L *lua.LState, v lua.LValue) []byte {
	data, err := b.codec.Append(b.buf[:0], L, v, &b.encode)
	if err != nil {
		b.raise(L, err)
	}
	if cap(data) <= maxScratch {
		b.buf = data
	}
	return data
}

// maxScratch is the largest buffer that is kept from one call to the next.
const maxScratch = 1 << 20

// methods makes a table of Go functions.
func methods(L *lua.LState, list map[string]lua.LGFunction) *lua.LTable {
	t := L.NewTable()
	for name, fn := range list {
		t.RawSetString(name, L.NewFunction(fn))
	}
	return t
}

// usage raises a plain string, with the place in front that Tarantool's own Lua code has.
func usage(L *lua.LState, place, format string, args ...any) {
	if place != "" {
		place += ": "
	}
	vm.RaiseString(L, -1, "%s", place+sprintf(format, args))
}

func sprintf(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// noSuchSpace throws NO_SUCH_SPACE.
func (b *Box) noSuchSpace(L *lua.LState, name string) { b.fail(L, boxerr.NoSuchSpace, name) }
