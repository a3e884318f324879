package golden

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// endpoint is an address as a script gets it in LISTEN or ADMIN.
type endpoint struct {
	// Network is "unix" or "tcp", Address what net.Dial takes.
	Network, Address string
}

// URI is the endpoint in Tarantool's notation.
func (e endpoint) URI() string {
	if e.Network == "unix" {
		return "unix/:" + e.Address
	}
	return e.Address
}

// greetingSize is the length of the console's greeting: two lines of 64 bytes.
const greetingSize = 128

// console is a client of an instance's admin console, in its text protocol:
// a line in, a YAML document that ends in a line of three dots out.
type console struct {
	conn net.Conn
	in   *bufio.Reader
	// luaOutput is set while the session prints Lua instead of YAML.
	luaOutput bool
}

// dialConsole connects and checks the greeting.
func dialConsole(ctx context.Context, at endpoint) (*console, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, at.Network, at.Address)
	if err != nil {
		return nil, err
	}
	greeting := make([]byte, greetingSize)
	stop := closeWhenDone(ctx, conn)
	_, err = io.ReadFull(conn, greeting)
	stop()
	if err == nil && !strings.Contains(string(greeting), "(Lua console)") {
		err = fmt.Errorf("%s is not an admin console: it greets with %q", at.URI(), greeting)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &console{conn: conn, in: bufio.NewReader(conn)}, nil
}

// closeWhenDone makes blocked reads of conn fail once ctx is over.
func closeWhenDone(ctx context.Context, conn net.Conn) (stop func()) {
	cancel := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return func() { cancel() }
}

// errLostConnection says that the instance went away before it answered.
var errLostConnection = errors.New("lost connection")

// execute sends one line and returns the whole answer. What the statement
// pushed to the session before it was done is part of the answer.
func (c *console) execute(ctx context.Context, line string) (string, error) {
	stop := closeWhenDone(ctx, c.conn)
	defer stop()
	if _, err := io.WriteString(c.conn, line); err != nil {
		return "", lost(ctx, err)
	}
	c.noteOutputMode(line)
	var answer strings.Builder
	for {
		document, err := c.document()
		answer.WriteString(document)
		if err != nil {
			return answer.String(), lost(ctx, err)
		}
		if !strings.HasPrefix(document, "%TAG !push!") && !strings.HasPrefix(document, "-- Push") {
			return answer.String(), nil
		}
	}
}

func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", errLostConnection, err)
}

// noteOutputMode follows \set output, whose own answer is already in the new
// format.
func (c *console) noteOutputMode(line string) {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\n,", r) })
	if len(words) >= 3 && (words[0] == `\set` || words[0] == `\s`) && strings.HasPrefix("output", words[1]) {
		switch words[2] {
		case "lua":
			c.luaOutput = true
		case "yaml":
			c.luaOutput = false
		}
	}
}

// document reads one document of an answer. A line of three dots within a
// string is indented by YAML, so only the end stands in the first column.
func (c *console) document() (string, error) {
	if c.luaOutput {
		return c.luaDocument()
	}
	var text strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		text.WriteString(line)
		if err != nil || line == "...\n" {
			return text.String(), err
		}
	}
}

// luaDocument reads to the semicolon that ends an answer in Lua's syntax,
// which no newline follows: the transcript gets one.
func (c *console) luaDocument() (string, error) {
	var text strings.Builder
	quoted, escaped := false, false
	for {
		b, err := c.in.ReadByte()
		if err != nil {
			return text.String(), err
		}
		text.WriteByte(b)
		switch {
		case escaped:
			escaped = false
		case quoted && b == '\\':
			escaped = true
		case b == '"':
			quoted = !quoted
		case b == ';' && !quoted:
			return text.String() + "\n", nil
		}
	}
}

func (c *console) close() { c.conn.Close() }

// evaluate runs an expression over a connection of its own, so that it
// neither waits for the statement under way nor shares its session.
func evaluate(ctx context.Context, at endpoint, expression string) (string, error) {
	c, err := dialConsole(ctx, at)
	if err != nil {
		return "", err
	}
	defer c.close()
	return c.execute(ctx, strings.ReplaceAll(expression, "\n", " ")+"\n")
}

// evaluateBool is evaluate for an expression with one boolean result.
func evaluateBool(ctx context.Context, at endpoint, expression string) (bool, error) {
	answer, err := evaluate(ctx, at, expression)
	if err != nil {
		return false, err
	}
	var values []any
	if err := yaml.Unmarshal([]byte(answer), &values); err != nil || len(values) != 1 {
		return false, fmt.Errorf("unexpected answer %q to %s", answer, expression)
	}
	value, ok := values[0].(bool)
	if !ok {
		return false, fmt.Errorf("unexpected answer %q to %s", answer, expression)
	}
	return value, nil
}
