package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tarantool/go-tarantool/v2"

	"shardlua/test/process"
)

// Instance is one process of a cluster.
type Instance struct {
	// Name is how the instance and its files are called; UUID is empty for the router.
	Name, UUID string
	dir        string
	executable string
	lasting    bool
	// died is told when the process ends without having been asked to.
	died func(error)

	mu      sync.Mutex
	process *process.Process
	conn    *tarantool.Connection
}

// Log is the path of the instance's log.
func (i *Instance) Log() string { return filepath.Join(i.dir, i.Name+".log") }

// Control is the path of the socket of the instance's console.
func (i *Instance) Control() string { return filepath.Join(i.dir, i.Name+".control") }

// socket is where the instance answers the binary protocol.
func (i *Instance) socket() string { return filepath.Join(i.dir, i.Name+".sock") }

// ready is the file that the instance makes when its script has run to its end.
func (i *Instance) ready() string { return filepath.Join(i.dir, i.Name+".ready") }

// PIDFile is where the number of the instance's process stands.
func (i *Instance) PIDFile() string { return filepath.Join(i.dir, i.Name+".pid") }

// Error is a failure of one instance.
type Error struct {
	Instance *Instance
	Err      error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Instance.Name, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

func (i *Instance) failed(err error) error {
	if err == nil {
		return nil
	}
	return &Error{i, err}
}

// start starts the process; await waits until it answers.
func (i *Instance) start() error {
	log, err := os.OpenFile(i.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return i.failed(err)
	}
	defer log.Close()
	for _, stale := range []string{i.ready(), i.socket(), i.Control()} {
		os.Remove(stale)
	}
	args := []string{"instance.lua", i.Name}
	if i.UUID != "" {
		args = append(args, i.UUID)
	}
	cmd := exec.Command(i.executable, args...)
	cmd.Dir = i.dir
	cmd.Stdout, cmd.Stderr = log, log
	begin := process.Start
	if i.lasting {
		begin = process.StartLasting
	}
	p, err := begin(cmd, func(err error) {
		i.died(i.failed(fmt.Errorf("it %s%s", process.ExitReason(err), i.lastWords())))
	})
	if err != nil {
		return i.failed(err)
	}
	i.mu.Lock()
	i.process = p
	i.mu.Unlock()
	return i.failed(os.WriteFile(i.PIDFile(), fmt.Appendln(nil, p.PID()), 0o644))
}

// await waits until the instance's script has run to its end, and connects.
func (i *Instance) await(ctx context.Context) error {
	for {
		if _, err := os.Stat(i.ready()); err == nil {
			// Rights are looked at when a session begins, and a replica may get them a moment after its script has ended.
			if err := i.Eval(ctx, nil, "return true"); err == nil {
				return nil
			}
			i.disconnect()
		}
		select {
		case <-ctx.Done():
			var dead *Error
			if errors.As(context.Cause(ctx), &dead) {
				return dead
			}
			return i.failed(fmt.Errorf("it does not answer: %w", context.Cause(ctx)))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// complaint finds the lines of a log that tell of an error: what is written in no format, and what is logged as one.
var complaint = regexp.MustCompile(`Error|error| [EF]> `)

// lastWords is the last complaint in the log, or its end, to be put behind a message.
func (i *Instance) lastWords() string {
	text, _ := os.ReadFile(i.Log())
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range slices.Backward(lines) {
		if complaint.MatchString(line) && !strings.HasSuffix(line, "fatal error, exiting the event loop") {
			return ": " + line
		}
	}
	return ": " + lines[len(lines)-1]
}

func (i *Instance) current() *process.Process {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.process
}

// silent keeps the connector from writing to the standard error.
type silent struct{}

func (silent) Report(tarantool.ConnLogKind, *tarantool.Connection, ...any) {}

// requestTimeout bounds each request to an instance.
const requestTimeout = 60 * time.Second

// Dial opens a connection of the caller's own.
func (i *Instance) Dial(ctx context.Context) (*tarantool.Connection, error) {
	conn, err := tarantool.Connect(ctx, tarantool.NetDialer{Address: i.socket()},
		tarantool.Opts{Timeout: requestTimeout, SkipSchema: true, Logger: silent{}})
	return conn, i.failed(err)
}

func (i *Instance) connect(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn != nil && !i.conn.ClosedNow() {
		return nil
	}
	conn, err := i.Dial(ctx)
	i.conn = conn
	return err
}

func (i *Instance) disconnect() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn != nil {
		_ = i.conn.Close()
		i.conn = nil
	}
}

// Eval runs a chunk of Lua on the instance, with args as its `...`, and decodes its first result into what out points
// to; nil takes none. An error that the chunk raises is a *Error that wraps it.
func (i *Instance) Eval(ctx context.Context, out any, chunk string, args ...any) error {
	if err := i.connect(ctx); err != nil {
		return err
	}
	i.mu.Lock()
	conn := i.conn
	i.mu.Unlock()
	if conn == nil {
		return i.failed(errors.New("the connection was closed"))
	}
	if args == nil {
		args = []any{}
	}
	future := conn.Do(tarantool.NewEvalRequest(chunk).Args(args).Context(ctx))
	var err error
	if out == nil {
		_, err = future.Get()
	} else {
		err = future.GetTyped(&[]any{out})
	}
	var dead *Error
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &dead):
		return cause
	case err != nil && cause != nil:
		return i.failed(cause)
	}
	return i.failed(plain(err))
}

// plain takes the connector's decoration off an instance's error.
func plain(err error) error {
	var raised tarantool.Error
	if errors.As(err, &raised) {
		return errors.New(raised.Msg)
	}
	return err
}

// UseCode points the instance's modules at a directory. What is loaded stays as it is until it is reloaded.
func (i *Instance) UseCode(dir string) error {
	link := filepath.Join(i.dir, "code", i.Name)
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return i.failed(err)
	}
	next := link + ".next"
	os.Remove(next)
	if err := os.Symlink(dir, next); err != nil {
		return i.failed(err)
	}
	return i.failed(os.Rename(next, link))
}

// stopPatience is how long an instance may take to end by itself.
const stopPatience = 5 * time.Second

// Stop ends the process.
func (i *Instance) Stop() {
	i.disconnect()
	if p := i.current(); p != nil {
		p.Stop(syscall.SIGTERM, stopPatience)
	}
	os.Remove(i.PIDFile())
}

// release leaves the process to itself.
func (i *Instance) release() { i.disconnect() }

// Running tells whether the process has not ended.
func (i *Instance) Running() bool {
	p := i.current()
	return p != nil && p.Running()
}

// Grep returns the lines of the instance's log that hold a text.
func (i *Instance) Grep(text string) ([]string, error) {
	file, err := os.Open(i.Log())
	if err != nil {
		return nil, i.failed(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, i.failed(err)
	}
	var found []string
	for line := range strings.SplitSeq(string(content), "\n") {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found, nil
}
