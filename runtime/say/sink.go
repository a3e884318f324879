package say

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"shardlua/runtime/boxerr"
)

// closeTimeout is how long Close waits for the program at the end of a pipe, and for a queue to drain.
const closeTimeout = 3 * time.Second

// open opens the target. Errors are SystemError.
func (t *Target) open() (io.WriteCloser, error) {
	switch t.Kind {
	case File:
		return t.openFile()
	case Pipe:
		return t.openPipe()
	case Syslog:
		return t.openSyslog()
	}
	return nil, nil
}

func systemError(err error, format string, args ...any) error {
	var n syscall.Errno
	if !errors.As(err, &n) {
		n = syscall.EIO
	}
	return boxerr.NewSystem(boxerr.ClassSystemError, int(n), "%s", fmt.Sprintf(format, args...))
}

func (t *Target) openFile() (io.WriteCloser, error) {
	f, err := os.OpenFile(t.Path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, systemError(err, "can't open log file: %s", t.Path)
	}
	return f, nil
}

// absolute makes the path of a file independent of later changes of the working directory.
func (t *Target) absolute() {
	if t.Kind != File || filepath.IsAbs(t.Path) {
		return
	}
	if dir, err := os.Getwd(); err == nil {
		t.Path = strings.TrimSuffix(dir, "/") + "/" + t.Path
	}
}

// pipe is a program that reads the log.
type pipe struct {
	io.WriteCloser
	cmd *exec.Cmd
}

func (t *Target) openPipe() (io.WriteCloser, error) {
	cmd := exec.Command("/bin/sh", "-c", t.Path)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// A signal from the terminal must not end the reader before the log has been written to its end.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, systemError(err, "failed to start logger: %s", t.Path)
	}
	return &pipe{in, cmd}, nil
}

// Close lets the program read to the end and waits for it, a while.
func (p *pipe) Close() error {
	err := p.WriteCloser.Close()
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // how the reader ended is not the log's business
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(closeTimeout):
	}
	return err
}

func (t *Target) openSyslog() (io.WriteCloser, error) {
	var conn net.Conn
	var err error
	if path, ok := strings.CutPrefix(t.Server, "unix:"); ok {
		conn, err = dialUnix(path)
	} else if t.Server == "" {
		for _, path := range []string{"/dev/log", "/var/run/syslog"} {
			if conn, err = dialUnix(path); err == nil {
				break
			}
		}
	} else {
		server := t.Server
		if _, _, e := net.SplitHostPort(server); e != nil {
			server = net.JoinHostPort(server, "514")
		}
		conn, err = net.DialTimeout("udp", server, closeTimeout)
	}
	if err != nil {
		var n syscall.Errno
		if !errors.As(err, &n) {
			n = syscall.EIO
		}
		text := n.Error()
		return nil, systemError(n, "syslog logger: %s", strings.ToUpper(text[:1])+text[1:])
	}
	return conn, nil
}

func dialUnix(path string) (net.Conn, error) {
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		return net.Dial("unix", path)
	}
	return conn, nil
}

// queueLength is how many lines a nonblocking target may be behind.
const queueLength = 4096

// queued writes to a slow target on its own goroutine. A line that finds the queue full is lost, which is what
// log_nonblock asks for.
type queued struct {
	to    io.WriteCloser
	lines chan []byte
	done  chan struct{}
	once  sync.Once
}

func newQueued(to io.WriteCloser) *queued {
	q := &queued{to: to, lines: make(chan []byte, queueLength), done: make(chan struct{})}
	go func() {
		defer close(q.done)
		for line := range q.lines {
			_, _ = q.to.Write(line) // there is nowhere to report it
		}
	}()
	return q
}

func (q *queued) Write(line []byte) (int, error) {
	select {
	case q.lines <- append([]byte(nil), line...):
	default:
	}
	return len(line), nil
}

func (q *queued) Close() error {
	q.once.Do(func() { close(q.lines) })
	select {
	case <-q.done:
	case <-time.After(closeTimeout):
	}
	return q.to.Close()
}

// PipePID is the number of the process that the log is piped into, 0 when the target is no pipe.
func (l *Logger) PipePID() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.out
	if q, ok := out.(*queued); ok {
		out = q.to
	}
	if p, ok := out.(*pipe); ok {
		return p.cmd.Process.Pid
	}
	return 0
}
