package netbox

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple/mp"
)

// run is the fiber of a connection: it brings it up, watches over it, and brings it up again if it is to.
func (t *Transport) run(f *sched.Fiber) {
	t.worker = f
	L := t.lib.host.Thread(f)
	defer func() {
		t.worker = nil
		if t.state != stateClosed && t.state != stateError {
			t.drop()
			_ = t.setState(L, stateError, noConnection("Connection closed"))
		}
	}()
	for t.state != stateClosed {
		err := t.session(f, L)
		if t.state == stateClosed {
			return
		}
		t.drop()
		// A refused login is tried again too: the user may come into being with the replica that we wait for.
		if t.options.reconnect < 0 || f.Cancelled() {
			_ = t.setState(L, stateError, err)
			return
		}
		_ = t.setState(L, stateReconnect, err)
		if f.Sleep(t.options.reconnect) != nil || t.state == stateClosed {
			return
		}
	}
}

// session is one socket's life. It returns why it ended.
func (t *Transport) session(f *sched.Fiber, L *lua.LState) *boxerr.Error {
	if t.state != stateReconnect {
		t.state = stateInitial
	}
	d := t.dial(f)
	if d.err != nil {
		return noConnection(reason(d.err))
	}
	if t.state == stateClosed {
		d.socket.Close()
		return noConnection("Connection closed")
	}
	t.link++
	t.socket, t.sender, t.lost = d.socket, iproto.NewSender(d.socket), nil
	t.schemaVersion, t.currentVersion, t.out = 0, 0, t.out[:0]
	if d.greeting.Protocol != iproto.Binary && !(t.options.console && d.greeting.Protocol == consoleProtocol) {
		return noConnection("Unsupported protocol: " + d.greeting.Protocol)
	}
	_, err := t.lib.host.VM().Call(L, t.onPeer, 0, t.conn, lua.LString(d.greeting.Protocol), lua.LString(d.greeting.Version),
		lua.LString(d.greeting.UUID))
	if err != nil {
		return boxerr.From(err)
	}
	if d.greeting.Protocol == consoleProtocol {
		return t.console(f, L, d.socket)
	}
	go t.read(d.socket, t.link)
	if t.options.hasUser {
		if err := t.logIn(f, L, d.greeting); err != nil {
			return noConnection(err.Message)
		}
	}
	return t.serve(f, L)
}

// serve keeps the connection active until its socket is of no use any more, and follows the schema.
func (t *Transport) serve(f *sched.Fiber, L *lua.LState) *boxerr.Error {
	for {
		if !t.options.console {
			if err := t.fetchSchema(f, L); err != nil {
				return err
			}
		}
		if err := t.setState(L, stateActive, nil); err != nil {
			return noConnection(err.Error())
		}
		for t.lost == nil && (t.options.console || t.currentVersion == t.schemaVersion) {
			f.Park(sched.Forever)
			if f.Cancelled() || t.state == stateClosed {
				return noConnection("Connection closed")
			}
		}
		if t.lost != nil {
			return noConnection(reason(t.lost))
		}
	}
}

// ask sends a request of the connection's own and waits for the answer.
func (t *Transport) ask(f *sched.Fiber, requests ...*request) *boxerr.Error {
	for _, r := range requests {
		for !r.done {
			if t.lost != nil {
				return noConnection(reason(t.lost))
			}
			r.waiter = f
			f.Park(sched.Forever)
			if f.Cancelled() || t.state == stateClosed {
				return noConnection("Connection closed")
			}
		}
		if r.err != nil {
			return r.err
		}
	}
	return nil
}

func (t *Transport) logIn(f *sched.Fiber, L *lua.LState, g *iproto.Greeting) *boxerr.Error {
	if err := t.setState(L, stateAuth, nil); err != nil {
		return noConnection(err.Error())
	}
	r := &request{transport: t, mode: modeNothing}
	_ = t.send(r, iproto.TypeAuth, func(b []byte) ([]byte, error) {
		b = mp.AppendString(append(b, 0x82, iproto.KeyUserName), t.options.user)
		if t.options.password == "" && t.options.user == "guest" {
			return append(b, iproto.KeyTuple, 0x90), nil
		}
		b = mp.AppendString(append(b, iproto.KeyTuple, 0x92), "chap-sha1")
		return mp.AppendString(b, string(iproto.Scramble(g.Salt, t.options.password))), nil
	})
	return t.ask(f, r)
}

// The views that the schema is read from.
const (
	vCollation = 277
	vSpace     = 281
	vIndex     = 289
)

// fetchSchema reads the schema until it did not change meanwhile.
func (t *Transport) fetchSchema(f *sched.Fiber, L *lua.LState) *boxerr.Error {
	if t.state != stateSchema {
		if err := t.setState(L, stateSchema, nil); err != nil {
			return noConnection(err.Error())
		}
	}
	for {
		var requests []*request
		var version uint64
		for _, view := range []uint64{vSpace, vIndex, vCollation} {
			r := &request{transport: t, mode: modeValues}
			r.onReply = func(v uint64) { version = max(version, v) }
			requests = append(requests, r)
			_ = t.send(r, iproto.TypeSelect, func(b []byte) ([]byte, error) {
				b = mp.AppendUint(append(b, 0x84, iproto.KeySpaceID), view)
				b = mp.AppendUint(append(b, iproto.KeyLimit), 0xffffffff)
				return append(b, iproto.KeyIterator, 2, iproto.KeyKey, 0x90), nil
			})
		}
		if err := t.ask(f, requests...); err != nil {
			if err.Code == uint32(boxerr.NoSuchSpace) && requests[2].err == err {
				err = nil // servers before 2.1 have no such view
			} else {
				return err
			}
		}
		if version != t.currentVersion {
			continue
		}
		t.schemaVersion = version
		_, err := t.lib.host.VM().Call(L, t.onSchema, 0, t.conn, lua.LNumber(version), requests[0].list, requests[1].list, requests[2].list)
		var failure *boxerr.Error
		if errors.As(err, &failure) {
			return failure
		}
		if err != nil {
			return noConnection(err.Error())
		}
		return nil
	}
}
