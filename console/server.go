package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/session"
)

// GreetingSize is the length of what a server sends first: two lines of 64 bytes.
const GreetingSize = 128

// maxLine bounds a line of a client, so that a peer that sends none does not fill the memory.
const maxLine = 64 << 20

// Greeting is the first thing that a console says: two lines, padded to 64 bytes each. Of the version it names the
// release alone.
func Greeting(version string) string {
	version, _, _ = strings.Cut(version, "-")
	return fmt.Sprintf("%-63s\n%-63s\n", "Tarantool "+version+" (Lua console)", "type 'help' for interactive help")
}

// Server is a console that listens on a socket.
type Server struct {
	console  *Console
	listener net.Listener
	release  func()
	closed   bool
}

// Listen starts a console on a socket: network is "tcp" or "unix". The server lives until Close or the end of the
// instance.
func (c *Console) Listen(network, address string) (*Server, error) {
	listener, err := c.host.Machine().Network.Listen(context.Background(), network, address)
	if network == "unix" && errors.Is(err, syscall.EADDRINUSE) && !answers(address) {
		// A socket that nobody listens on was left by an instance that died. Tarantool removes any file that stands
		// there; we leave files alone that are no sockets.
		if info, statErr := os.Lstat(address); statErr == nil && info.Mode()&os.ModeSocket != 0 && os.Remove(address) == nil {
			c.host.Log().Sayf(say.Info, "tcp_server: remove dead UNIX socket: %s", address)
			listener, err = c.host.Machine().Network.Listen(context.Background(), network, address)
		}
	}
	if err != nil {
		return nil, err
	}
	s := &Server{console: c, listener: listener, release: c.host.Hold()}
	c.host.OnShutdown(s.Close)
	c.host.Log().Sayf(say.Info, "started")
	go s.accept()
	return s, nil
}

func answers(path string) bool {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close stops listening. Conversations that go on are not ended.
func (s *Server) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.listener.Close()
	s.console.host.Log().Sayf(say.Info, "stopped")
	s.release()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				s.console.host.Log().Sayf(say.Error, "console: accept: %v", err)
			}
			return
		}
		host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
		if err != nil {
			host = "unix/"
		}
		s.console.host.Sched().Go("console/"+host+":", func(f *sched.Fiber) { s.serve(f, conn) })
	}
}

// serve is the life of one connection.
func (s *Server) serve(f *sched.Fiber, conn net.Conn) {
	defer conn.Close()
	h := s.console.host
	who := &session.Session{Kind: session.Console, Peer: peerName(conn), FD: fdOf(conn), UserID: session.AdminID}
	talk := s.console.NewSession(f)
	defer talk.Close(f)
	who.Push = func(value any, _ uint64) error {
		return talk.push(conn, value)
	}
	if err := h.Sessions().Open(f, who); err != nil {
		return
	}
	defer h.Sessions().Close(who)
	if _, err := io.WriteString(conn, Greeting(h.Version())); err != nil {
		return
	}
	L := h.Thread(f)
	talk.Print = func(text string) { _, _ = io.WriteString(conn, text+"\n") }
	talk.notify(L, s.console.onStart)
	lines := newLineReader(conn)
	for !talk.Ended() {
		line, err := lines.next(f, conn)
		if err != nil {
			return
		}
		answer := talk.Feed(L, line)
		if answer == "" {
			continue
		}
		if err := write(f, conn, answer); err != nil {
			return
		}
	}
}

// write sends text off the baton.
func write(f *sched.Fiber, conn net.Conn, text string) error {
	var err error
	f.Await(func(done func()) {
		go func() {
			_, err = io.WriteString(conn, text)
			done()
		}()
	})
	return err
}

// lineReader reads lines off the baton.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{bufio.NewReader(r)} }

var errLongLine = errors.New("the line is too long")

// next returns a line without its end. When the fiber is cancelled it closes conn and returns ErrCancelled.
func (l *lineReader) next(f *sched.Fiber, conn io.Closer) (line string, err error) {
	if text, ok := l.buffered(); ok {
		return text, nil
	}
	var text string
	var readErr error
	err = f.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			text, readErr = l.read()
			done()
		}()
	})
	if err != nil {
		conn.Close()
		return "", err
	}
	return text, readErr
}

// some returns what has arrived, at least one byte.
func (l *lineReader) some(f *sched.Fiber, conn io.Closer) (string, error) {
	buf := make([]byte, 4096)
	var n int
	var readErr error
	err := f.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			n, readErr = l.r.Read(buf)
			done()
		}()
	})
	if err != nil {
		conn.Close()
		return "", err
	}
	return string(buf[:n]), readErr
}

// buffered returns a line that has arrived already.
func (l *lineReader) buffered() (string, bool) {
	have, _ := l.r.Peek(l.r.Buffered())
	i := strings.IndexByte(string(have), '\n')
	if i < 0 {
		return "", false
	}
	text := string(have[:i])
	_, _ = l.r.Discard(i + 1)
	return strings.TrimSuffix(text, "\r"), true
}

func (l *lineReader) read() (string, error) {
	var b strings.Builder
	for {
		part, err := l.r.ReadSlice('\n')
		b.Write(part)
		switch {
		case err == nil:
			return strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), "\r"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		case b.Len() > maxLine:
			return "", errLongLine
		}
	}
}

func peerName(conn net.Conn) string {
	if conn.RemoteAddr().Network() == "unix" {
		return "unix/:(socket)"
	}
	return conn.RemoteAddr().String()
}

func fdOf(conn any) int {
	fd := -1
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			_ = raw.Control(func(n uintptr) { fd = int(n) })
		}
	}
	return fd
}

// push prints a value out of band, as box.session.push does in a console.
func (s *Session) push(w io.Writer, value any) error {
	v, ok := value.(lua.LValue)
	if !ok {
		return session.ErrNoPush
	}
	h := s.console.host
	L := h.Thread(h.Sched().Current())
	if s.output.Lua {
		text := s.output.format(L, []lua.LValue{v}, nil)
		_, err := io.WriteString(w, "-- Push\n"+text)
		return err
	}
	yaml, ok := h.Require(L, "yaml").(*lua.LTable)
	if !ok {
		return session.ErrNoPush
	}
	tag := L.NewTable()
	tag.RawSetString("tag_prefix", lua.LString("tag:tarantool.io/push,2018"))
	tag.RawSetString("tag_handle", lua.LString("!push!"))
	printed, err := h.VM().Call(L, yaml.RawGetString("encode"), 1, v, tag)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, printed[0].String())
	return err
}
