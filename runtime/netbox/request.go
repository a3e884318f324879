package netbox

import (
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/buffer"
	"shardlua/runtime/errno"
	"shardlua/runtime/iproto"
	"shardlua/runtime/luamp"
	"shardlua/runtime/sched"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// mode is what becomes of the data of a reply.
type mode uint8

const (
	modeNothing mode = iota
	modeBool         // true: ping
	modeCall         // the values themselves
	modeTuples       // a table of tuples: select, call_16
	modeTuple        // the first tuple, or nil
	modeOnly         // the tuple, or nil; more than one is an error: get
	modeValues       // a table of plain values
	modeNil
)

// request is one that was sent and is not, or just was, answered.
type request struct {
	transport *Transport
	mode      mode
	sync      uint64
	format    *tuple.Format
	waiter    *sched.Fiber
	cond      sched.Cond // of future:wait_result
	async     bool

	buffer     *buffer.Ibuf
	skipHeader bool
	onPush     lua.LValue
	onPushArg  lua.LValue
	chunks     []lua.LValue // of an asynchronous request

	done    bool
	err     *boxerr.Error
	values  []lua.LValue
	list    lua.LValue
	onReply func(schemaVersion uint64)
}

func (r *request) wake() {
	if r.waiter != nil {
		r.waiter.Wakeup()
	}
	r.cond.Broadcast()
}

func (r *request) fail(err *boxerr.Error) {
	r.done, r.err = true, err
	r.wake()
}

// finish takes the reply.
func (r *request) finish(L *lua.LState, reply *iproto.Reply) {
	if r.onReply != nil {
		r.onReply(reply.SchemaVersion)
	}
	if reply.Err != nil {
		r.fail(reply.Err)
		return
	}
	if err := r.take(L, reply); err != nil {
		r.fail(boxerr.From(err))
		return
	}
	r.done = true
	r.wake()
}

// take makes the result of the data.
func (r *request) take(L *lua.LState, reply *iproto.Reply) (err error) {
	if r.buffer != nil {
		r.values = []lua.LValue{lua.LNumber(r.fill(reply))}
		return nil
	}
	data := reply.Data
	switch r.mode {
	case modeBool:
		r.values = []lua.LValue{lua.LTrue}
	case modeNothing, modeNil:
	case modeCall:
		r.values, err = r.plain(L, r.values[:0], data)
	case modeValues:
		var values []lua.LValue
		values, err = r.plain(L, nil, data)
		r.list = serial.NewArray(L, values)
	case modeTuples:
		var rows []lua.LValue
		rows, err = r.tuples(data)
		r.list = serial.NewArray(L, rows)
	case modeOnly:
		if r.values, err = r.tuples(data); len(r.values) > 1 {
			err = boxerr.New(boxerr.MoreThanOneTuple)
		}
	case modeTuple:
		if r.values, err = r.tuples(data); len(r.values) > 1 {
			r.values = r.values[:1]
		}
	}
	return err
}

// fill writes the reply's body, or its data alone, into the caller's buffer.
func (r *request) fill(reply *iproto.Reply) int {
	b := reply.Body
	if r.skipHeader && reply.Data != nil {
		b = reply.Data
	}
	n, _ := r.buffer.Write(b)
	return n
}

// plain adds the values in an array.
func (r *request) plain(L *lua.LState, values []lua.LValue, data []byte) ([]lua.LValue, error) {
	if data == nil {
		return values, nil
	}
	lib := r.transport.lib
	o := luamp.Default()
	count, pos := mp.ArrayHeader(data)
	values = slices.Grow(values, count)
	for range count {
		v, n, err := lib.codec.DecodeNext(L, data[pos:], &o)
		if err != nil {
			return nil, err
		}
		pos += n
		values = append(values, v)
	}
	return values, nil
}

func (r *request) tuples(data []byte) ([]lua.LValue, error) {
	if data == nil {
		return nil, nil
	}
	count, pos := mp.ArrayHeader(data)
	rows := make([]lua.LValue, 0, count)
	for range count {
		n := mp.Skip(data[pos:])
		row := data[pos : pos+n]
		pos += n
		if mp.KindOf(row) != mp.Array {
			return nil, boxerr.New(boxerr.TupleNotArray)
		}
		t, err := tuple.New(r.format, row)
		if err != nil {
			// The server's format may have changed since the schema was read.
			if t, err = tuple.New(nil, row); err != nil {
				return nil, err
			}
		}
		rows = append(rows, box.NewTuple(t))
	}
	return rows, nil
}

// push takes a message that comes before the reply.
func (r *request) push(L *lua.LState, reply *iproto.Reply) {
	lib := r.transport.lib
	var message lua.LValue = lua.LNil
	var values []lua.LValue
	var err error
	if r.buffer != nil {
		message = lua.LNumber(r.fill(reply))
	} else if values, err = r.plain(L, nil, reply.Data); len(values) > 0 {
		message = values[0]
	}
	switch {
	case err != nil:
	case r.async:
		r.chunks = append(r.chunks, message)
	case r.onPush != nil:
		_, err = lib.host.VM().Call(L, r.onPush, 0, r.onPushArg, message)
	}
	if err != nil {
		r.transport.lost = err
		if w := r.transport.worker; w != nil {
			w.Wakeup()
		}
	}
	r.wake()
}

// raise throws a box error and remembers it as the fiber's last.
func raise(L *lua.LState, lib *library, err *boxerr.Error) {
	if f := lib.host.Sched().Current(); f != nil {
		f.Diag = err
	}
	vm.Raise(L, errno.Value(lib.host, err))
}

// perform sends a request as the options of a call say, and returns what the script gets.
func (t *Transport) perform(L *lua.LState, typ iproto.Type, m mode, format *tuple.Format, options lua.LValue,
	body func(dst []byte) ([]byte, error)) int {
	return t.exchange(L, m, format, options, func(r *request) error { return t.send(r, typ, body) })
}

// exchange lets send send a request when the connection is up, and waits for the answer as options say.
func (t *Transport) exchange(L *lua.LState, m mode, format *tuple.Format, options lua.LValue, send func(*request) error) int {
	r := t.lib.request()
	r.transport, r.mode, r.format = t, m, format
	f := t.lib.host.Sched().Current()
	clock := t.lib.host.Machine().Clock
	timeout := sched.Forever
	opts, _ := options.(*lua.LTable)
	if opts != nil {
		timeout = r.read(L, opts)
	}
	if at, ok := t.deadlines[f]; ok && (opts == nil || vm.IsNil(opts.RawGetString("timeout"))) {
		timeout = max(0, at-clock.Monotonic())
	}
	deadline := clock.Monotonic() + timeout
	left := func() time.Duration {
		if timeout < 0 {
			return sched.Forever
		}
		return max(0, deadline-clock.Monotonic())
	}
	if t.state != stateActive && !r.async {
		t.waitState(f, left, func(s string) bool { return s == stateActive })
	}
	if t.state != stateActive && t.state != stateSchema {
		err := t.err
		if err == nil {
			err = noConnection("Connection is not established, state is \"" + t.state + "\"")
		}
		return t.refuse(L, m, err)
	}
	if err := send(r); err != nil {
		vm.RaiseString(L, -1, "%s", err.Error())
	}
	if r.async {
		return t.lib.pushFuture(L, r)
	}
	r.waiter = f
	for !r.done {
		expired := f.Park(left())
		if expired && !r.done {
			delete(t.pending, r.sync)
			return t.refuse(L, m, boxerr.New(boxerr.Timeout))
		}
	}
	r.waiter = nil
	if r.err != nil {
		return t.refuse(L, m, r.err)
	}
	n := r.results(L)
	t.lib.recycle(r)
	return n
}

// maxFree bounds how many requests are kept to be used again.
const maxFree = 1024

func (lib *library) request() *request {
	n := len(lib.free)
	if n == 0 {
		return &request{}
	}
	r := lib.free[n-1]
	lib.free = lib.free[:n-1]
	return r
}

// recycle takes back a request that is answered and that no script holds.
func (lib *library) recycle(r *request) {
	values := r.values
	clear(values)
	*r = request{values: values[:0]}
	if len(lib.free) < maxFree {
		lib.free = append(lib.free, r)
	}
}

// refuse ends a request with an error: a ping says false.
func (t *Transport) refuse(L *lua.LState, m mode, err *boxerr.Error) int {
	if m == modeBool {
		L.Push(lua.LFalse)
		return 1
	}
	raise(L, t.lib, err)
	return 0
}

// read reads the options of one call and returns its timeout.
func (r *request) read(L *lua.LState, opts *lua.LTable) time.Duration {
	timeout := sched.Forever
	switch n := opts.RawGetString("timeout").(type) {
	case lua.LNumber:
		timeout = seconds(float64(n))
	default:
		switch {
		case vm.IsNil(n):
		case r.mode == modeBool:
			timeout = 0
		default:
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:1180: attempt to perform arithmetic on field 'timeout' (a %s value)", vm.TypeName(n))
		}
	}
	r.async = vm.Truth(opts.RawGetString("is_async"))
	r.buffer, _ = opts.RawGetString("buffer").(*buffer.Ibuf)
	r.skipHeader = vm.Truth(opts.RawGetString("skip_header"))
	if v := opts.RawGetString("on_push"); !vm.IsNil(v) {
		r.onPush, r.onPushArg = v, opts.RawGetString("on_push_ctx")
		if r.async {
			vm.RaiseString(L, -1, "builtin/box/net_box.lua:1167: To handle pushes in an async request use future:pairs()")
		}
	}
	return timeout
}

// results gives a synchronous caller what it asked for.
func (r *request) results(L *lua.LState) int {
	if r.list != nil {
		L.Push(r.list)
		return 1
	}
	for _, v := range r.values {
		L.Push(v)
	}
	return len(r.values)
}

// waitState waits until the state is one that is wanted, or final. As in Tarantool 2.6, cancelling the fiber does not end
// the wait.
func (t *Transport) waitState(f *sched.Fiber, left func() time.Duration, wanted func(string) bool) bool {
	for !wanted(t.state) && t.state != stateError && t.state != stateClosed {
		rest := left()
		if rest == 0 {
			return false
		}
		t.changed.Wait(f, rest)
	}
	return wanted(t.state)
}

// luaTimeout is timeout(conn, seconds): what this fiber asks for from now on must be answered by then.
func (lib *library) luaTimeout(L *lua.LState) int {
	t := lib.self(L, "timeout")
	for f := range t.deadlines {
		if f.Ended() {
			delete(t.deadlines, f)
		}
	}
	if t.deadlines == nil {
		t.deadlines = map[*sched.Fiber]time.Duration{}
	}
	f := lib.host.Sched().Current()
	after := seconds(float64(L.CheckNumber(2)))
	if after < 0 {
		delete(t.deadlines, f)
		return 0
	}
	t.deadlines[f] = lib.host.Machine().Clock.Monotonic() + after
	return 0
}

// luaWaitState is wait_state(conn, state or set of states[, timeout]).
func (lib *library) luaWaitState(L *lua.LState) int {
	t := transportOf(L.Get(1))
	timeout := sched.Forever
	if n, ok := L.Get(3).(lua.LNumber); ok {
		timeout = seconds(float64(n))
	}
	clock := lib.host.Machine().Clock
	deadline := clock.Monotonic() + timeout
	states := L.Get(2)
	reached := t.waitState(lib.host.Sched().Current(), func() time.Duration {
		if timeout < 0 {
			return sched.Forever
		}
		return max(0, deadline-clock.Monotonic())
	}, func(s string) bool {
		if set, ok := states.(*lua.LTable); ok {
			return vm.Truth(set.RawGetString(s))
		}
		return states == lua.LString(s)
	})
	L.Push(lua.LBool(reached))
	return 1
}
