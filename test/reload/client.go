package reload

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/tinylib/msgp/msgp"

	"shardlua/runtime/iproto"
)

// patience is how long anything that must happen may take, on a machine that is busy with other tests.
const patience = 60 * time.Second

// Client is a connection with one request in flight. Use it in one goroutine.
type Client struct {
	conn  net.Conn
	buf   []byte
	reply iproto.Reply
}

// Dial connects to an instance as guest.
func Dial(socket string) (*Client, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(conn, make([]byte, iproto.GreetingSize)); err != nil {
		conn.Close()
		return nil, err
	}
	return &Client{conn: conn, buf: make([]byte, 1<<12)}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Request is the frame of a call or an evaluation, which can be sent any number of times.
type Request []byte

// CallRequest is a call of a function by name.
func CallRequest(name string, args ...any) (Request, error) {
	return newRequest(iproto.TypeCall, iproto.KeyFunctionName, name, args)
}

func newRequest(typ iproto.Type, key byte, text string, args []any) (Request, error) {
	b := []byte{0xce, 0, 0, 0, 0, 0x82, iproto.KeyRequestType, byte(typ), iproto.KeySync, 1, 0x82, key}
	b = msgp.AppendString(b, text)
	b = append(b, iproto.KeyTuple)
	if args == nil {
		args = []any{}
	}
	b, err := msgp.AppendIntf(b, args)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	return b, nil
}

// Do sends a request and waits for its answer, an array in msgpack that is valid until the next request.
func (c *Client) Do(r Request) ([]byte, error) {
	if _, err := c.conn.Write(r); err != nil {
		return nil, err
	}
	have := 0
	for {
		n, err := c.conn.Read(c.buf[have:])
		if err != nil {
			return nil, err
		}
		have += n
		frame, _, err := iproto.NextFrame(c.buf[:have])
		if err == nil {
			if err := c.reply.Decode(frame); err != nil {
				return nil, err
			}
			if c.reply.IsError() {
				return nil, c.reply.Err
			}
			return c.reply.Data, nil
		}
		if err != iproto.ErrMore {
			return nil, err
		}
		if have == len(c.buf) {
			c.buf = append(c.buf, make([]byte, len(c.buf))...)
		}
	}
}

func (c *Client) values(r Request, err error) ([]any, error) {
	if err != nil {
		return nil, err
	}
	data, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	value, _, err := msgp.ReadIntfBytes(data)
	if err != nil {
		return nil, err
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("the answer is no array: %v", value)
	}
	return list, nil
}

// Call calls a function and returns what it returns.
func (c *Client) Call(name string, args ...any) ([]any, error) {
	return c.values(CallRequest(name, args...))
}

// Eval runs an expression and returns what it returns.
func (c *Client) Eval(chunk string, args ...any) ([]any, error) {
	return c.values(newRequest(iproto.TypeEval, iproto.KeyExpr, chunk, args))
}
