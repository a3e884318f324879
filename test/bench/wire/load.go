package wire

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"shardlua/runtime/iproto"
	"shardlua/runtime/tuple/mp"
)

// Load is how hard to work: Flight requests at a time, over all Connections, for Duration.
type Load struct {
	Connections, Flight int
	Duration            time.Duration
}

func dial(socket string) (net.Conn, error) {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(c, make([]byte, iproto.GreetingSize)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// request makes a frame of a kind of work. All frames of one kind are equally long; n varies their keys.
func request(work string, n int) ([]byte, error) {
	b := []byte{0xce, 0, 0, 0, 0}
	head := func(typ byte) { b = append(b, 0x82, iproto.KeyRequestType, typ, iproto.KeySync, 7) }
	key := func() {
		b = append(b, 0xcd)
		b = binary.BigEndian.AppendUint16(b, uint16(256+n%9000))
	}
	call := func(name string) {
		head(byte(iproto.TypeCall))
		b = mp.AppendString(append(b, 0x82, iproto.KeyFunctionName), name)
		b = append(b, iproto.KeyTuple, 0x91)
		key()
	}
	switch work {
	case "ping":
		head(byte(iproto.TypePing))
		b = append(b, 0x80)
	case "select":
		head(byte(iproto.TypeSelect))
		b = append(b, 0x83, iproto.KeySpaceID, 0xcd, 600>>8, 600&0xff, iproto.KeyLimit, 1, iproto.KeyKey, 0x91)
		key()
	case "replace":
		head(byte(iproto.TypeReplace))
		b = append(b, 0x82, iproto.KeySpaceID, 0xcd, 600>>8, 600&0xff, iproto.KeyTuple, 0x92)
		key()
		b = mp.AppendString(b, "another value")
	case "call":
		call("echo")
	case "get":
		call("get")
	default:
		return nil, fmt.Errorf("no such work, know ping, select, replace, call and get")
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	return b, nil
}

// run returns the answers a second.
func (l Load) run(socket, work string) (float64, error) {
	var wg sync.WaitGroup
	var answers atomic.Int64
	errs := make(chan error, l.Connections)
	var conns []net.Conn
	for range l.Connections {
		c, err := dial(socket)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		conns = append(conns, c)
	}
	start := time.Now()
	for i, c := range conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := l.serve(c, work, max(1, l.Flight/l.Connections), i*1000, start.Add(l.Duration), &answers); err != nil {
				errs <- err
			}
		}()
	}
	wg.Wait()
	elapsed := time.Since(start)
	select {
	case err := <-errs:
		return 0, err
	default:
	}
	return float64(answers.Load()) / elapsed.Seconds(), nil
}

// frames is how many requests are made beforehand, to be sent over and over.
const frames = 1024

// serve keeps flight requests in the air until the deadline.
func (l Load) serve(c net.Conn, work string, flight, seed int, deadline time.Time, answers *atomic.Int64) error {
	var all []byte
	size := 0
	for i := range frames {
		f, err := request(work, seed+i*37)
		if err != nil {
			return err
		}
		size = len(f)
		all = append(all, f...)
	}
	next := 0
	send := func(n int) error {
		for n > 0 {
			part := min(n, frames-next)
			if _, err := c.Write(all[next*size : (next+part)*size]); err != nil {
				return err
			}
			next = (next + part) % frames
			n -= part
		}
		return nil
	}
	if err := send(flight); err != nil {
		return err
	}
	buf := make([]byte, 1<<16)
	have := 0
	for {
		n, err := c.Read(buf[have:])
		if err != nil {
			return err
		}
		have += n
		data := buf[:have]
		got := 0
		for {
			f, used, err := iproto.NextFrame(data)
			if err != nil {
				break
			}
			// The code stands behind the map's head, the key and the lead byte.
			if code := binary.BigEndian.Uint32(f[3:]); code != 0 {
				return fmt.Errorf("the instance answers with code %#x", code)
			}
			data = data[used:]
			got++
		}
		have = copy(buf, data)
		answers.Add(int64(got))
		if time.Now().After(deadline) {
			return nil
		}
		if err := send(got); err != nil {
			return err
		}
	}
}
