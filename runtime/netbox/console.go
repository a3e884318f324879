package netbox

import (
	"bytes"
	"net"
	"os"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/iproto"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// A text console ends what it is told at a delimiter, and its own answers with a line of dots.
const (
	consoleProtocol  = "Lua console"
	consoleDelimiter = "$EOF$\n"
	consoleSetup     = "require(\"console\").delimiter(\"$EOF$\")\n"
	consoleReady     = "---\n...\n"
	consoleEnd       = "\n...\n"
)

// console is a socket's life when a text console answers. It returns why it ended.
func (t *Transport) console(f *sched.Fiber, L *lua.LState, socket net.Conn) *boxerr.Error {
	t.texts = nil
	go t.readConsole(socket, t.link)
	r := &request{transport: t, mode: modeCall}
	t.sendText(r, consoleSetup)
	if err := t.ask(f, r); err != nil {
		return err
	}
	if r.values[0] != lua.LString(consoleReady) {
		return noConnection("Unexpected response")
	}
	return t.serve(f, L)
}

// sendText adds a request to what leaves next. Answers come in the order of the requests.
func (t *Transport) sendText(r *request, text string) {
	t.sync++
	r.sync = t.sync
	t.pending[r.sync] = r
	t.texts = append(t.texts, r)
	t.out = append(t.out, text...)
	t.flushLater()
}

// readConsole is the goroutine of a console's socket.
func (t *Transport) readConsole(socket net.Conn, link uint64) {
	s := t.lib.host.Sched()
	var gathered []byte
	chunk := make([]byte, readSize)
	for {
		n, err := socket.Read(chunk)
		// The end of an answer may be spread over two reads.
		from := max(0, len(gathered)-len(consoleEnd)+1)
		gathered = append(gathered, chunk[:n]...)
		for {
			at := bytes.Index(gathered[from:], []byte(consoleEnd))
			if at < 0 {
				break
			}
			end := from + at + len(consoleEnd)
			text := string(gathered[:end])
			gathered, from = append([]byte(nil), gathered[end:]...), 0
			if s.Go("net.box", func(*sched.Fiber) { t.answerText(text, link) }) == nil {
				return
			}
		}
		if err != nil {
			s.Go("net.box", func(*sched.Fiber) { t.fail(err, link) })
			return
		}
	}
}

func (t *Transport) answerText(text string, link uint64) {
	if t.link != link || len(t.texts) == 0 {
		return
	}
	r := t.texts[0]
	t.texts = t.texts[1:]
	if t.pending[r.sync] != r { // it was given up
		return
	}
	delete(t.pending, r.sync)
	r.done, r.values = true, []lua.LValue{lua.LString(text)}
	r.wake()
}

// luaText is text(conn, line, options): eval of a console.
func (lib *library) luaText(L *lua.LState) int {
	t := lib.self(L, "eval")
	line := L.CheckString(2)
	return t.exchange(L, modeCall, nil, L.Get(3), func(r *request) error {
		t.sendText(r, line+consoleDelimiter)
		return nil
	})
}

// luaParseGreeting is parse_greeting(bytes): protocol, version, uuid and salt, or nothing.
func (lib *library) luaParseGreeting(L *lua.LState) int {
	g, err := iproto.ParseGreeting([]byte(L.CheckString(1)))
	if err != nil {
		return 0
	}
	L.Push(lua.LString(g.Protocol))
	L.Push(lua.LString(g.Version))
	L.Push(lua.LString(g.UUID))
	L.Push(lua.LString(g.Salt))
	return 4
}

// luaAdopt is adopt(conn, descriptor, greeting): the connection begins with a socket that somebody else has made. The
// descriptor stays the caller's.
func (lib *library) luaAdopt(L *lua.LState) int {
	t := transportOf(L.Get(1))
	greeting := L.CheckTable(3)
	text := func(key string) string {
		if v := greeting.RawGetString(key); !vm.IsNil(v) {
			return v.String()
		}
		return ""
	}
	socket, err := duplicate(L.CheckInt(2))
	d := &dialed{socket: socket, err: err, greeting: &iproto.Greeting{
		Protocol: text("protocol"), Version: text("version"), UUID: text("uuid"), Salt: []byte(text("salt"))}}
	t.adopted = d
	return 0
}

// duplicate makes a connection of a copy of a descriptor.
func duplicate(fd int) (net.Conn, error) {
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(own), "socket")
	defer file.Close()
	return net.FileConn(file)
}
