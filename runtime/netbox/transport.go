package netbox

import (
	"context"
	"io"
	"net"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// The states of a connection.
const (
	stateInitial   = "initial"
	stateAuth      = "auth"
	stateSchema    = "fetch_schema"
	stateActive    = "active"
	stateReconnect = "error_reconnect"
	stateError     = "error"
	stateClosed    = "closed"
)

// Transport keeps one connection up. It is guarded by the baton.
type Transport struct {
	lib     *library
	conn    *lua.LTable // what scripts have
	network string
	address string
	options transportOptions
	// onState and onSchema are functions of net_box.lua: they show the state, and install the schema.
	onState, onSchema, onPeer *lua.LFunction

	state   string
	err     *boxerr.Error // why the state is one of the errors
	changed *sched.Cond
	worker  *sched.Fiber

	socket  net.Conn
	sender  *iproto.Sender
	link    uint64 // counts the sockets: what an earlier one sends is ignored
	lost    error  // why the socket is of no use any more
	out     []byte
	flushes bool // a fiber is about to flush
	onFlush func(*sched.Fiber)
	sync    uint64
	pending map[uint64]*request
	// texts are the requests to a text console that are not answered, in order.
	texts []*request
	// adopted is a socket that the connection begins with.
	adopted *dialed
	// deadlines are those that the deprecated timeout() has set for a fiber.
	deadlines map[*sched.Fiber]time.Duration

	schemaVersion  uint64 // that is installed
	currentVersion uint64 // that the last reply told
}

type transportOptions struct {
	user, password string
	hasUser        bool
	reconnect      time.Duration // less than 0 for never
	dialTimeout    time.Duration
	console        bool // no schema, and a text console may answer
}

const transportField = "_transport"

// transportOf is the transport of a connection's table; nil for anything else.
func transportOf(v lua.LValue) *Transport {
	if t, ok := v.(*lua.LTable); ok {
		if ud, ok := t.RawGetString(transportField).(*lua.LUserData); ok {
			transport, _ := ud.Value.(*Transport)
			return transport
		}
	}
	return nil
}

// newTransport is new(conn, network, address, options, on_state, on_schema, on_peer).
func (lib *library) newTransport(L *lua.LState) int {
	conn, opts := L.CheckTable(1), L.CheckTable(4)
	t := &Transport{
		lib: lib, conn: conn, network: L.CheckString(2), address: L.CheckString(3), state: stateInitial,
		changed: &sched.Cond{}, pending: map[uint64]*request{},
		onState: L.CheckFunction(5), onSchema: L.CheckFunction(6), onPeer: L.CheckFunction(7),
	}
	t.onFlush = t.flush
	o := &t.options
	o.reconnect, o.dialTimeout = -1, 10*time.Second
	if v := opts.RawGetString("user"); !vm.IsNil(v) {
		o.user, o.hasUser = v.String(), true
	}
	if v := opts.RawGetString("password"); !vm.IsNil(v) {
		o.password = v.String()
	}
	if n, ok := opts.RawGetString("reconnect_after").(lua.LNumber); ok && n >= 0 {
		o.reconnect = seconds(float64(n))
	}
	if n, ok := opts.RawGetString("connect_timeout").(lua.LNumber); ok {
		o.dialTimeout = seconds(float64(n))
	}
	o.console = vm.Truth(opts.RawGetString("console"))
	ud := L.NewUserData()
	ud.Value = t
	conn.RawSetString(transportField, ud)
	return 0
}

// seconds is a time that a script gave.
func seconds(n float64) time.Duration {
	switch {
	case n != n || n <= 0:
		return 0
	case n >= 1e9:
		return sched.Forever
	}
	return time.Duration(n * float64(time.Second))
}

func (lib *library) luaStart(L *lua.LState) int {
	t := transportOf(L.Get(1))
	lib.host.Sched().Current().Start(t.network+"/"+t.address, t.run)
	return 0
}

func (lib *library) luaClose(L *lua.LState) int {
	t := transportOf(L.Get(1))
	t.close(L)
	return 0
}

// close ends the connection for good.
func (t *Transport) close(L *lua.LState) {
	if t.state == stateClosed {
		return
	}
	t.drop()
	t.setState(L, stateClosed, noConnection("Connection closed"))
	if t.worker != nil {
		t.worker.Cancel()
	}
}

// drop gives the socket up.
func (t *Transport) drop() {
	if t.socket != nil {
		socket, sender := t.socket, t.sender
		t.socket, t.sender = nil, nil
		go func() {
			sender.Drain()
			socket.Close()
		}()
	}
	t.link++
}

func noConnection(text string) *boxerr.Error {
	return &boxerr.Error{Type: boxerr.ClassClientError, Code: uint32(boxerr.NoConnection), Message: text}
}

// setState changes the state, shows it to the script, and ends the requests of a connection that is gone. A trigger
// may throw, which is returned.
func (t *Transport) setState(L *lua.LState, state string, err *boxerr.Error) error {
	t.state, t.err = state, err
	if state == stateError || state == stateReconnect || state == stateClosed {
		all := t.pending
		t.pending = map[uint64]*request{}
		for _, r := range all {
			r.fail(err)
		}
		t.out = t.out[:0]
	}
	t.changed.Broadcast()
	var text lua.LValue = lua.LNil
	if err != nil {
		text = lua.LString(err.Message)
	}
	_, failure := t.lib.host.VM().Call(L, t.onState, 0, t.conn, lua.LString(state), text)
	return failure
}

// dialed is a socket with its greeting.
type dialed struct {
	socket   net.Conn
	greeting *iproto.Greeting
	err      error
}

// dial connects and reads the greeting while the fiber waits.
func (t *Transport) dial(f *sched.Fiber) dialed {
	if d := t.adopted; d != nil {
		t.adopted = nil
		return *d
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	result := make(chan dialed, 1)
	err := f.AwaitUntil(t.options.dialTimeout, func(done func()) {
		go func() {
			defer done()
			var d dialed
			d.socket, d.err = t.lib.host.Machine().Network.Dial(ctx, t.network, t.address)
			if d.err == nil {
				stop := context.AfterFunc(ctx, func() { d.socket.Close() })
				b := make([]byte, iproto.GreetingSize)
				if _, d.err = io.ReadFull(d.socket, b); d.err == nil {
					d.greeting, d.err = iproto.ParseGreeting(b)
				}
				stop()
			}
			result <- d
		}()
	})
	if err != nil {
		cancel()
		go func() {
			if d := <-result; d.socket != nil {
				d.socket.Close()
			}
		}()
		return dialed{err: err}
	}
	d := <-result
	if d.err != nil && d.socket != nil {
		d.socket.Close()
	}
	return d
}

// send adds a request to what leaves next.
func (t *Transport) send(r *request, typ iproto.Type, body func(dst []byte) ([]byte, error)) error {
	t.sync++
	r.sync = t.sync
	start := len(t.out)
	b := append(t.out, 0xce, 0, 0, 0, 0, 0x82, iproto.KeyRequestType)
	b = mp.AppendUint(b, uint64(typ))
	b = mp.AppendUint(append(b, iproto.KeySync), r.sync)
	b, err := body(b)
	if err != nil {
		t.out = t.out[:start]
		return err
	}
	n := len(b) - start - 5
	b[start+1], b[start+2], b[start+3], b[start+4] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	t.out = b
	t.pending[r.sync] = r
	t.flushLater()
	return nil
}

func (t *Transport) flushLater() {
	if !t.flushes {
		t.flushes = true
		t.lib.host.Sched().Go("net.box", t.onFlush)
	}
}

// flush writes the requests of all fibers that had some.
func (t *Transport) flush(*sched.Fiber) {
	t.flushes = false
	if t.sender != nil {
		t.sender.Send(t.out)
	}
	if cap(t.out) > 1<<18 {
		t.out = nil
	}
	t.out = t.out[:0]
}
