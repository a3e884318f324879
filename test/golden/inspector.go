package golden

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"sync"
)

// inspector is the socket over which the scripts of one test steer the
// runner. A request is a line of JSON, {"command": "..."}; so is the reply:
// {"ok": true, "value": ...} or {"ok": false, "error": "..."}.
type inspector struct {
	listener net.Listener
	ctx      context.Context
	cancel   context.CancelFunc
	clients  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	handle commandHandler
}

// commandHandler executes one command; its value becomes the reply.
type commandHandler func(ctx context.Context, text string) (any, error)

type inspectorRequest struct {
	Command string `json:"command"`
}

type inspectorReply struct {
	OK    bool   `json:"ok"`
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

// maxRequest bounds a request line: a command with an expression in it.
const maxRequest = 16 << 20

// openInspector listens at a port of the kernel's choice.
func openInspector(ctx context.Context) (*inspector, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	i := &inspector{listener: listener, conns: map[net.Conn]bool{}}
	i.ctx, i.cancel = context.WithCancel(ctx)
	i.clients.Add(1)
	go i.accept()
	return i, nil
}

// attach makes a test the one whose commands are executed; nil between tests.
func (i *inspector) attach(handle commandHandler) {
	i.mu.Lock()
	i.handle = handle
	i.mu.Unlock()
}

// port is what INSPECTOR tells the instances.
func (i *inspector) port() string {
	return strconv.Itoa(i.listener.Addr().(*net.TCPAddr).Port)
}

func (i *inspector) accept() {
	defer i.clients.Done()
	for {
		conn, err := i.listener.Accept()
		if err != nil {
			return
		}
		if !i.admit(conn) {
			conn.Close()
			return
		}
		i.clients.Add(1)
		go i.serve(conn)
	}
}

// admit registers a client, unless the inspector is closing.
func (i *inspector) admit(conn net.Conn) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ctx.Err() != nil {
		return false
	}
	i.conns[conn] = true
	return true
}

func (i *inspector) serve(conn net.Conn) {
	defer func() {
		conn.Close()
		i.mu.Lock()
		delete(i.conns, conn)
		i.mu.Unlock()
		i.clients.Done()
	}()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxRequest)
	for lines.Scan() {
		reply := i.reply(lines.Bytes())
		text, err := json.Marshal(reply)
		if err != nil {
			text, _ = json.Marshal(inspectorReply{Error: err.Error()})
		}
		if _, err := conn.Write(append(text, '\n')); err != nil {
			return
		}
	}
}

func (i *inspector) reply(line []byte) inspectorReply {
	var request inspectorRequest
	if err := json.Unmarshal(line, &request); err != nil {
		return inspectorReply{Error: "the inspector takes lines of JSON: " + err.Error()}
	}
	i.mu.Lock()
	handle := i.handle
	i.mu.Unlock()
	if handle == nil {
		return inspectorReply{Error: "no test is running"}
	}
	value, err := handle(i.ctx, request.Command)
	if err != nil {
		return inspectorReply{Error: errorText(err)}
	}
	return inspectorReply{OK: true, Value: value}
}

// errorText is an error's message less the context that only Go code needs.
func errorText(err error) string {
	var wrong commandError
	if errors.As(err, &wrong) {
		return wrong.text
	}
	return err.Error()
}

// drain cuts all conversations, so that none reaches into the next test.
func (i *inspector) drain() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for conn := range i.conns {
		conn.Close()
	}
}

// close ends all conversations and waits for the commands under way.
func (i *inspector) close() {
	i.cancel()
	i.listener.Close()
	i.drain()
	i.clients.Wait()
}
