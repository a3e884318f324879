// Package procedure runs in an instance's Lua VM what clients of the binary protocol call and evaluate.
//
// The one idea: arguments become Lua values as they are read, and results MessagePack as they are returned, straight
// into the reply. The package is the only one that knows both the protocol and Lua.
//
//	server := procedure.Server(h) // the instance's, one per host
package procedure

import (
	"crypto/rand"
	"errors"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/luamp"
	"shardlua/runtime/module"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// version is what the greeting says: the number of the stock version that the instance behaves like.
const version = "2.6.0"

type serverKey struct{}

// Server returns the binary server of an instance. It listens when box.cfg says so.
func Server(h module.Host) *iproto.Server {
	if s, ok := h.Service(serverKey{}).(*iproto.Server); ok {
		return s
	}
	p := &runner{host: h, codec: luamp.Of(h.VM().State()), options: luamp.Default(), paths: map[string]path{}}
	machine := h.Machine()
	s := iproto.New(iproto.Config{
		Sched: h.Sched(), Sessions: h.Sessions(), Network: machine.Network, Procedures: p, Version: version,
		Log: h.Log().Say, Random: func(b []byte) { _, _ = rand.Read(b) },
		Count: p.count, SchemaChanged: func() { box.Of(h).Refresh() },
	})
	p.server = s
	h.SetService(serverKey{}, s)
	h.OnShutdown(s.Close)
	return s
}

// runner implements iproto.Procedures.
type runner struct {
	host    module.Host
	server  *iproto.Server
	codec   *luamp.Codec
	options luamp.Options
	paths   map[string]path
	args    []lua.LValue // scratch of apply
}

// path is the name of a function, taken apart: a.b.c or a.b:c.
type path struct {
	steps  []string
	method bool // the last step is called with what is before it
}

// maxPaths bounds the names that are remembered: clients choose them.
const maxPaths = 1024

func (p *runner) path(name string) path {
	if found, ok := p.paths[name]; ok {
		return found
	}
	made := parsePath(name)
	if len(p.paths) >= maxPaths {
		clear(p.paths)
	}
	p.paths[name] = made
	return made
}

func parsePath(name string) path {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return path{append(strings.Split(name[:i], "."), name[i+1:]), true}
	}
	return path{strings.Split(name, "."), false}
}

// Find looks a function up in the globals, by a name such as `box.info`, `vshard.storage.call` or `object:method`. For
// a method, self is what it is called with first; otherwise it is nil. The error of a name that is no function is
// Tarantool's. It may raise Lua errors of __index metamethods.
func Find(machine *vm.VM, L *lua.LState, name string) (fn, self lua.LValue, err error) {
	return find(machine, L, parsePath(name), name)
}

// glance finds a function that is in plain tables, where no code runs to find it; nil when it is not.
func (p *runner) glance(L *lua.LState, name string) (fn *lua.LFunction, self lua.LValue) {
	at := p.path(name)
	var object lua.LValue = L.G.Global
	for _, step := range at.steps {
		holder, ok := object.(*lua.LTable)
		if !ok {
			return nil, nil
		}
		self, object = object, holder.RawGetString(step)
	}
	fn, _ = object.(*lua.LFunction)
	if !at.method {
		self = nil
	}
	return fn, self
}

func (p *runner) find(L *lua.LState, name string) (fn, self lua.LValue, err error) {
	return find(p.host.VM(), L, p.path(name), name)
}

func find(machine *vm.VM, L *lua.LState, at path, name string) (fn, self lua.LValue, err error) {
	var object lua.LValue = L.G.Global
	for _, step := range at.steps {
		self = object
		switch holder := object.(type) {
		case *lua.LTable:
			object = holder.RawGetString(step)
			if object == lua.LNil && holder.Metatable != lua.LNil {
				object = machine.Index(L, holder, lua.LString(step))
			}
		case *lua.LFunction, lua.LNumber, lua.LBool, *lua.LNilType, lua.LString, nil:
			return nil, nil, boxerr.New(boxerr.NoSuchProc, name)
		default:
			if machine.Metatable(holder) == nil {
				return nil, nil, boxerr.New(boxerr.NoSuchProc, name)
			}
			object = machine.Index(L, holder, lua.LString(step))
		}
	}
	if _, ok := object.(*lua.LFunction); !ok && machine.Metamethod(object, "__call") == lua.LNil {
		return nil, nil, boxerr.New(boxerr.NoSuchProc, name)
	}
	if !at.method {
		self = nil
	}
	return object, self, nil
}

// broadcast is the one function that clients can call and scripts of 2.6 cannot: it has no Lua side.
const broadcast = "box.broadcast"

// Call implements iproto.Procedures.
func (p *runner) Call(f *sched.Fiber, call *iproto.Call, dst []byte) ([]byte, int, error) {
	L := p.host.Thread(f)
	if call.Name == broadcast && call.Function == nil {
		return dst, 0, p.broadcast(call.Args)
	}
	fn, self, err := p.function(L, call)
	if err != nil {
		return dst, 0, err
	}
	args := p.args[:0]
	if self != nil {
		args = append(args, self)
	}
	n, err := p.apply(L, fn, args, call.Args)
	if err != nil {
		return dst, 0, err
	}
	if call.Old {
		return p.appendTuples(L, dst, n)
	}
	return p.append(L, dst, n)
}

// function is what a call is about: a function with a body, or one that is found by its name.
func (p *runner) function(L *lua.LState, call *iproto.Call) (fn, self lua.LValue, err error) {
	if call.Function != nil {
		if fn, err = p.code(call); fn != nil || err != nil {
			return fn, nil, err
		}
	}
	if plain, object := p.glance(L, call.Name); plain != nil {
		return plain, object, nil
	}
	return p.search(L, call.Name)
}

// search is find where metamethods may raise errors.
func (p *runner) search(L *lua.LState, name string) (fn, self lua.LValue, err error) {
	fault := p.protect(L, func() { fn, self, err = p.find(L, name) })
	if fault != nil {
		err = fault
	}
	return fn, self, err
}

// protect runs Go code that may raise Lua errors.
func (p *runner) protect(L *lua.LState, do func()) error {
	_, err := p.host.VM().Call(L, L.NewFunction(func(*lua.LState) int { do(); return 0 }), 0)
	return p.boxError(L, err)
}

// Eval implements iproto.Procedures.
func (p *runner) Eval(f *sched.Fiber, expr string, args, dst []byte) ([]byte, int, error) {
	L := p.host.Thread(f)
	fn, err := p.host.VM().Load([]byte(expr), "=eval")
	if err != nil {
		return dst, 0, boxerr.Newf(boxerr.ClassLuajitError, "%s", err.Error())
	}
	n, err := p.apply(L, fn, p.args[:0], args)
	if err != nil {
		return dst, 0, err
	}
	return p.append(L, dst, n)
}

// apply calls fn with values and an array of more arguments, and leaves its results on the stack.
func (p *runner) apply(L *lua.LState, fn lua.LValue, values []lua.LValue, args []byte) (results int, err error) {
	count, pos := mp.ArrayHeader(args)
	for range count {
		v, n, err := p.codec.DecodeNext(L, args[pos:], &p.options)
		if err != nil {
			return 0, p.boxError(L, err)
		}
		pos += n
		values = append(values, v)
	}
	// The values are on the stack before the function runs, so that other fibers may gather theirs in the same memory.
	p.args = values
	results, err = p.host.VM().CallKeep(L, fn, values...)
	clear(values)
	return results, p.boxError(L, err)
}

// append adds the results on the stack and takes them off.
func (p *runner) append(L *lua.LState, dst []byte, results int) ([]byte, int, error) {
	defer p.host.VM().Drop(L, results)
	options := p.encoding()
	for i := range results {
		var err error
		if dst, err = p.codec.Append(dst, L, L.Get(i-results), options); err != nil {
			return dst, 0, p.boxError(L, err)
		}
	}
	return dst, results, nil
}

// encoding is how the calling fiber's session wants results: with error objects whole or, as sessions begin, as strings.
func (p *runner) encoding() *luamp.Options {
	if s := p.host.Sessions().Of(p.host.Sched().Current()); !s.HasSettings() || !box.Of(p.host).MarshalsErrors() {
		return &p.options
	}
	whole := p.options
	whole.ErrorAsExt = true
	return &whole
}

// Encode implements iproto.Procedures.
func (p *runner) Encode(f *sched.Fiber, value any, dst []byte) ([]byte, error) {
	v, ok := value.(lua.LValue)
	if !ok {
		return dst, boxerr.New(boxerr.IllegalParams, "not a Lua value")
	}
	L := p.host.Thread(f)
	out, err := p.codec.Append(dst, L, v, &p.options)
	return out, p.boxError(L, err)
}

// broadcast tells the watchers of an event its value: box.broadcast(key, value).
func (p *runner) broadcast(args []byte) error {
	count, pos := mp.ArrayHeader(args)
	if count < 1 || count > 2 || mp.KindOf(args[pos:]) != mp.Str {
		return boxerr.Newf(boxerr.ClassIllegalParams, "Usage: box.broadcast(key, value)")
	}
	key := args[pos : pos+mp.Skip(args[pos:])]
	value := args[pos+len(key):]
	if strings.HasPrefix(mp.StringView(key), "box.") {
		return boxerr.New(boxerr.IllegalParams, "System event can't be overriden")
	}
	if count == 1 || mp.IsNil(value) {
		value = nil
	}
	p.server.Broadcast(string(mp.Bytes(key)), value)
	return nil
}

// boxError is the box error that a client gets for err; nil for nil.
func (p *runner) boxError(L *lua.LState, err error) error {
	if err == nil {
		return nil
	}
	var thrown *vm.Error
	if !errors.As(err, &thrown) {
		return boxerr.From(err)
	}
	switch v := thrown.Value.(type) {
	case interface{ BoxError() *boxerr.Error }:
		return v.BoxError()
	case lua.LString:
		return luaError(string(v))
	case nil:
		return luaError("nil")
	}
	text := ""
	value := thrown.Value
	_, failure := p.host.VM().Call(L, L.NewFunction(func(L *lua.LState) int {
		text = p.host.VM().ToString(L, value)
		return 0
	}), 0)
	if failure != nil {
		text = failure.Error()
	}
	return luaError(text)
}

// luaError is the error that a Lua error becomes, at the place where stock Tarantool makes it.
func luaError(text string) error {
	return boxerr.Newf(boxerr.ClassLuajitError, "%s", text).At("./src/lua/utils.c", 1005)
}

var _ iproto.Procedures = (*runner)(nil)
