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

// run returns how many answers came in what time.
func (l Load) run(socket string, w work) (int64, time.Duration, error) {
	var conns []net.Conn
	for range l.Connections {
		c, err := dial(socket)
		if err != nil {
			return 0, 0, err
		}
		defer c.Close()
		conns = append(conns, c)
	}
	var wg sync.WaitGroup
	var answers atomic.Int64
	errs := make(chan error, l.Connections)
	start := time.Now()
	for i, c := range conns {
		s := stream{conn: c, work: w, deadline: start.Add(l.Duration)}
		s.prepare(i * 1000)
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := s.serve(l.Flight / l.Connections); err != nil {
				errs <- err
			}
			answers.Add(s.answers)
		}()
	}
	wg.Wait()
	elapsed := time.Since(start)
	select {
	case err := <-errs:
		return 0, 0, err
	default:
	}
	return answers.Load(), elapsed, nil
}

// prepared is how many requests are made beforehand, to be sent over and over.
const prepared = 1024

// stream is one connection under load.
type stream struct {
	conn     net.Conn
	work     work
	deadline time.Time
	frames   []byte // of the same size each
	size     int
	next     int // frame to send
	answers  int64
}

func (s *stream) prepare(seed int) {
	for i := range prepared {
		f := s.work.frame(seed + i*37)
		s.size = len(f)
		s.frames = append(s.frames, f...)
	}
}

func (s *stream) send(n int) error {
	for n > 0 {
		part := min(n, prepared-s.next)
		if _, err := s.conn.Write(s.frames[s.next*s.size : (s.next+part)*s.size]); err != nil {
			return err
		}
		s.next = (s.next + part) % prepared
		n -= part
	}
	return nil
}

// serve keeps flight requests in the air until the deadline.
func (s *stream) serve(flight int) error {
	if err := s.send(flight); err != nil {
		return err
	}
	buf := make([]byte, 1<<16)
	have := 0
	for {
		n, err := s.conn.Read(buf[have:])
		if err != nil {
			return err
		}
		have += n
		rest, got, err := s.check(buf[:have])
		if err != nil {
			return err
		}
		have = copy(buf, rest)
		s.answers += int64(got)
		if time.Now().After(s.deadline) {
			return nil
		}
		if err := s.send(got); err != nil {
			return err
		}
	}
}

// check counts whole answers, and returns what is left behind them.
func (s *stream) check(data []byte) (rest []byte, got int, err error) {
	for {
		f, used, err := iproto.NextFrame(data)
		if err != nil {
			return data, got, nil
		}
		// The code stands behind the map's head, the key and the lead byte.
		if code := binary.BigEndian.Uint32(f[3:]); code != 0 {
			var r iproto.Reply
			if err := r.Decode(f); err == nil && r.Err != nil {
				return nil, 0, fmt.Errorf("the instance answers: %s", r.Err.Message)
			}
			return nil, 0, fmt.Errorf("the instance answers with code %#x", code)
		}
		if s.work.failed != nil && s.work.failed(f) {
			return nil, 0, fmt.Errorf("the call fails: % x", f)
		}
		data = data[used:]
		got++
	}
}
