package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/uri"
	"shardlua/runtime/vm"
)

// frameEnd is the delimiter that a remote console gets from us, so that a chunk may have many lines.
const frameEnd = "$EOF$"

// yamlEnd is what ends an answer in YAML.
const yamlEnd = "\n...\n"

// pushTag starts the line in front of a value that the other side pushed.
const pushTag = "%TAG !push!"

const usageConnect = `Usage: console.connect("[login:password@][host:]port")`

// errUsage is the error of an address that is none.
var errUsage = errors.New("not an address; give [login:password@][host:]port or the path of a socket")

// errNotConnected is what scripts see of every failure to connect.
const errNotConnected = "Connection is not established"

// errNotConsole is what a server gets called that greets in another protocol.
var errNotConsole = errors.New("unsupported protocol")

// remote is the console of another instance.
type remote struct {
	name  string // as the prompt shows it
	conn  net.Conn
	lines *lineReader
	// call evaluates text over the binary protocol; nil when conn speaks the text protocol.
	call    func(L *lua.LState, text string) (string, error)
	timeout time.Duration
}

// dialText connects to a server that speaks the text protocol.
func (c *Console) dialText(f *sched.Fiber, u *uri.URI, timeout time.Duration) (*remote, error) {
	network, address := endpoint(u)
	var conn net.Conn
	var dialErr error
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := f.AwaitUntil(timeout, func(done func()) {
		go func() {
			defer done()
			made, err := c.host.Machine().Network.Dial(ctx, network, address)
			if err == nil && ctx.Err() != nil {
				made.Close()
				err = ctx.Err()
			}
			conn, dialErr = made, err
		}()
	})
	if err = errors.Join(err, dialErr); err != nil {
		return nil, err
	}
	r := &remote{conn: conn, lines: newLineReader(conn), timeout: timeout, name: address}
	greeting, err := r.lines.next(f, conn)
	if err == nil {
		_, err = r.lines.next(f, conn)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	if !strings.Contains(greeting, "(Lua console)") {
		conn.Close()
		return nil, errNotConsole
	}
	if _, err := r.exchange(f, `require("console").delimiter("`+frameEnd+`")`+"\n"); err != nil {
		conn.Close()
		return nil, err
	}
	return r, nil
}

// exchange sends text and returns the answer up to its end.
func (r *remote) exchange(f *sched.Fiber, text string) (string, error) {
	if err := write(f, r.conn, text); err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		part, err := r.lines.some(f, r.conn)
		if err != nil {
			return "", err
		}
		b.WriteString(part)
		if whole(b.String()) {
			return b.String(), nil
		}
	}
}

// whole tells whether text is an answer to its end, after the values that were pushed before it. Nothing follows the
// semicolon of an answer in Lua's syntax, not even the end of a line.
func whole(text string) bool {
	for strings.HasPrefix(text, pushTag) {
		_, rest, ended := strings.Cut(text, yamlEnd)
		if !ended {
			return false
		}
		text = rest
	}
	if strings.HasPrefix(text, "---") {
		return strings.HasSuffix(text, yamlEnd)
	}
	return strings.HasSuffix(text, ";")
}

// eval evaluates a chunk at the other side.
func (r *remote) eval(s *Session, chunk string) string {
	h := s.console.host
	f := h.Sched().Current()
	L := h.Thread(f)
	answer, err := r.ask(f, L, chunk)
	if err == nil {
		return answer
	}
	s.remote = nil
	r.close()
	s.notify(L, s.console.onDisconnect)
	if errors.Is(err, io.EOF) {
		return s.refuse(L, "Peer closed")
	}
	return s.refuse(L, errNotConnected)
}

// complete asks the other side what a word may become. Without an answer there are no candidates.
func (r *remote) complete(f *sched.Fiber, L *lua.LState, word string) []string {
	chunk := fmt.Sprintf("return table.concat(require('console').completion_handler(%s, 0, %d) or {}, '\\n')", strconv.Quote(word), len(word))
	answer, err := r.ask(f, L, chunk)
	if err != nil {
		return nil
	}
	text, _ := single(answer)
	// The first of the list is what all candidates begin with.
	_, rest, _ := strings.Cut(text, "\n")
	if rest == "" {
		return nil
	}
	return strings.Split(rest, "\n")
}

// ask evaluates a chunk at the other side.
func (r *remote) ask(f *sched.Fiber, L *lua.LState, chunk string) (string, error) {
	if r.call != nil {
		return r.call(L, chunk)
	}
	return r.exchange(f, chunk+frameEnd+"\n")
}

func (r *remote) close() {
	if r.conn != nil {
		r.conn.Close()
	}
}

// Connect makes the session talk to another instance. An address that serves the binary protocol is reached with
// net.box.
func (s *Session) Connect(L *lua.LState, text string, timeout time.Duration) error {
	c := s.console
	u, ok := uri.Parse(text)
	if !ok {
		return errUsage
	}
	r, err := c.dialText(c.host.Sched().Current(), u, timeout)
	if errors.Is(err, errNotConsole) {
		r, err = c.dialBinary(L, text, timeout)
	}
	if err != nil {
		return err
	}
	r.name = text
	if u.Login != nil {
		_, r.name = endpoint(u)
	}
	s.remote = r
	c.host.Log().Sayf(say.Info, "connected to %s", r.name)
	return nil
}

// dialBinary reaches a console through net.box.
func (c *Console) dialBinary(L *lua.LState, text string, timeout time.Duration) (*remote, error) {
	const connect = `local uri, timeout = ...
local conn = require('net.box').connect(uri, {connect_timeout = timeout >= 0 and timeout or nil})
if not conn:is_connected() then error(conn.error or 'Connection refused', 0) end
conn:eval('return true') -- whoever may not evaluate is refused at once
return function(text) return conn:eval('return require("console").eval(...)', {text}) end`
	fn, err := c.host.VM().Load([]byte(connect), "=console")
	if err != nil {
		return nil, err
	}
	values, err := c.host.VM().Call(L, fn, 1, lua.LString(text), lua.LNumber(timeout.Seconds()))
	if err != nil {
		return nil, err
	}
	evaluate := values[0]
	return &remote{call: func(L *lua.LState, text string) (string, error) {
		values, err := c.host.VM().Call(L, evaluate, 1, lua.LString(text))
		if err != nil {
			return "", err
		}
		return lua.LVAsString(values[0]), nil
	}}, nil
}

// luaConnect is console.connect(uri[, {timeout = …}]).
func (c *Console) luaConnect(L *lua.LState) int {
	s := c.current()
	if s == nil {
		raise(L, 769, "console.connect() need existing console")
	}
	var text string
	switch v := L.Get(1).(type) {
	case lua.LNumber:
		text = strconv.FormatFloat(float64(v), 'g', -1, 64)
	case lua.LString:
		text = string(v)
	default:
		raise(L, 777, usageConnect)
	}
	timeout := sched.Forever
	if options, ok := L.Get(2).(*lua.LTable); ok {
		if seconds, ok := options.RawGetString("timeout").(lua.LNumber); ok {
			timeout = time.Duration(float64(seconds) * float64(time.Second))
		}
	}
	if err := s.Connect(L, text, timeout); errors.Is(err, errUsage) {
		raise(L, 777, usageConnect)
	} else if err != nil {
		var refused *vm.Error
		if errors.As(err, &refused) && refused.Value != nil {
			vm.Raise(L, refused.Value) // the server answered, and said no
		}
		c.host.Log().Sayf(say.Verbose, "console: cannot connect to %s: %s", text, reason(err))
		vm.RaiseString(L, 0, errNotConnected)
	}
	L.Push(lua.LTrue)
	return 1
}

// endpoint is where an address leads, in the words of package net. A missing host is every address.
func endpoint(u *uri.URI) (network, address string) {
	if u.Unix != nil {
		return "unix", *u.Unix
	}
	host, service := "", ""
	if u.Host != nil && *u.Host != "*" {
		host = *u.Host
	}
	if u.Service != nil {
		service = *u.Service
	}
	return "tcp", net.JoinHostPort(host, service)
}
