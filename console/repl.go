package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/sched"
	"shardlua/runtime/session"
	"shardlua/runtime/vm"
)

// ErrInterrupt is what a Source returns when the person gave up the line.
var ErrInterrupt = errors.New("interrupted")

// Source is where an interactive console gets its lines from. Its methods are called off the baton, one at a time.
type Source interface {
	// ReadLine returns a line without its end, io.EOF after the last, or ErrInterrupt. It may ask complete for what the
	// word under the cursor may become.
	ReadLine(prompt string, complete Complete) (string, error)
	// Show prints an answer.
	Show(answer string)
	// Interrupted gets a value each time the person wants the running chunk to stop.
	Interrupted() <-chan struct{}
	Close() error
}

// Run is an interactive console on the calling fiber. It returns at the end of the Source, after \quit, and when the
// fiber is cancelled.
func (c *Console) Run(f *sched.Fiber, src Source) error {
	return c.run(f, src, nil)
}

// RunConnected is Run on the console of another instance.
func (c *Console) RunConnected(f *sched.Fiber, src Source, uri string) error {
	return c.run(f, src, func(s *Session) error {
		if err := s.Connect(c.host.Thread(f), uri, sched.Forever); err != nil {
			return fmt.Errorf("cannot connect to %s: %s; is an instance listening there?", strings.TrimPrefix(uri, "unix/:"), reason(err))
		}
		return nil
	})
}

func (c *Console) run(f *sched.Fiber, src Source, begin func(*Session) error) error {
	s := c.NewSession(f)
	defer s.Close(f)
	s.Patient = true
	who := &session.Session{Kind: session.REPL, FD: 0, UserID: session.AdminID}
	if err := c.host.Sessions().Open(f, who); err != nil {
		return err
	}
	defer c.host.Sessions().Close(who)
	if begin != nil {
		if err := begin(s); err != nil {
			return err
		}
	}
	s.Print = src.Show
	s.notify(c.host.Thread(f), c.onStart)
	for !s.Ended() {
		line, err := c.readLine(f, src, s)
		switch {
		case errors.Is(err, ErrInterrupt):
			s.Discard()
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if answer := c.feed(f, src, s, strings.TrimSuffix(line, "\r")); answer != "" {
			src.Show(answer)
		}
	}
	return nil
}

func (c *Console) readLine(f *sched.Fiber, src Source, s *Session) (string, error) {
	prompt, complete := s.prompt(), s.completer()
	var line string
	var readErr error
	err := f.AwaitUntil(sched.Forever, func(done func()) {
		go func() {
			line, readErr = src.ReadLine(prompt, complete)
			done()
		}()
	})
	if err != nil {
		src.Close()
		return "", err
	}
	return line, readErr
}

// feed evaluates a line on a fiber of its own, which an interrupt ends without ending the console.
func (c *Console) feed(f *sched.Fiber, src Source, s *Session, line string) string {
	var answer string
	finished := make(chan struct{})
	worker := c.host.Sched().Go(f.Name(), func(w *sched.Fiber) {
		defer close(finished)
		w.Session = f.Session
		c.sessions[w] = s
		defer delete(c.sessions, w)
		answer = s.Feed(c.host.Thread(w), line)
	})
	if worker == nil {
		return ""
	}
	worker.Keep()
	go func() {
		for {
			select {
			case <-finished:
				return
			case <-src.Interrupted():
				if c.host.Sched().Current() == worker {
					c.host.VM().Interrupt(ErrInterrupt)
				}
				worker.Cancel()
			}
		}
	}()
	if err := f.Join(worker); err != nil {
		worker.Cancel()
	}
	c.host.VM().ClearInterrupt()
	return answer
}

// prompt is what stands in front of the next line.
func (s *Session) prompt() string {
	prompt := "tarantool> "
	if s.remote != nil {
		prompt = s.remote.name + "> "
	}
	if s.Waiting() {
		return strings.Repeat(" ", len(prompt)-2) + "> "
	}
	return prompt
}

// luaStart is console.start(): an interactive console on the instance's standard streams. It returns at their end.
func (c *Console) luaStart(L *lua.LState) int {
	if c.current() != nil {
		vm.RaiseString(L, 1, "console is already started")
	}
	src, err := c.standardSource()
	if err == nil {
		defer src.Close()
		err = c.Run(c.host.Sched().Current(), src)
	}
	if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	return 0
}

// standardSource reads the instance's standard streams.
func (c *Console) standardSource() (Source, error) {
	in, ok := c.host.Stdin().(*os.File)
	if !ok {
		return &pipe{in: bufio.NewReader(c.host.Stdin()), out: c.host.Stdout(), echo: true}, nil
	}
	return NewEchoingSource(in, c.host.Stdout())
}

// completer finds candidates on the side where the session's chunks run. It may be called without the baton.
func (s *Session) completer() Complete {
	if s.mute {
		return nil
	}
	return func(word string) (found []string) {
		_ = s.console.host.Sched().Do("completion", func(f *sched.Fiber) error {
			if s.remote != nil {
				found = s.remote.complete(f, s.console.host.Thread(f), word)
			} else {
				found = s.console.Candidates(s.console.host.Thread(f), word)
			}
			return nil
		})
		return found
	}
}
