package golden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"shardlua/test/process"
)

// server is an instance that a test works with. It may be started and stopped
// many times; its name, directories and addresses stay.
type server struct {
	name string
	// source is the script as the suite has it; script its copy beside the
	// instance's data.
	source, script string
	dir, log       string
	admin, listen  endpoint
	master         *server
	executable     string
	env            []string
	startTimeout   time.Duration
	libs           []string
	// died is told when the instance ends without having been asked to.
	died func(*server, error)

	mu      sync.Mutex
	process *process.Process
}

// dataDir is where the instance keeps snapshots and logs of its own.
func (s *server) dataDir() string { return filepath.Join(s.dir, s.name) }

// install puts the script and the libraries in their places.
func (s *server) install() error {
	if err := os.MkdirAll(s.dataDir(), 0o755); err != nil {
		return err
	}
	text := []byte(nil)
	var err error
	if s.source == "" {
		text, err = luaFiles.ReadFile("lua/default.lua")
	} else {
		text, err = scriptText(s.source)
	}
	if err != nil {
		return fmt.Errorf("script of server %s: %w", s.name, err)
	}
	if err := os.WriteFile(s.script, text, 0o755); err != nil {
		return err
	}
	for _, lib := range s.libs {
		if err := copyFileOrTree(lib, filepath.Join(s.dir, filepath.Base(lib))); err != nil {
			return fmt.Errorf("lua_libs of server %s: %w", s.name, err)
		}
	}
	return nil
}

// cleanup removes the instance's data; its log stays for the report.
func (s *server) cleanup() error {
	if err := os.RemoveAll(s.dataDir()); err != nil {
		return err
	}
	return os.MkdirAll(s.dataDir(), 0o755)
}

// startOptions are what "start server NAME with ..." may say.
type startOptions struct {
	// Wait waits until the console answers, WaitLoad until the script has
	// run to its end or to its event loop.
	Wait, WaitLoad bool
	Args           []string
	CrashExpected  bool
}

// startError says that an instance did not come up.
type startError struct {
	server *server
	reason string
}

func (e startError) Error() string {
	return fmt.Sprintf("instance %q failed to start: %s", e.server.name, e.reason)
}

var errAlreadyRunning = errors.New("already running")

// start runs the instance and waits as far as the options ask.
func (s *server) start(ctx context.Context, opts startOptions) error {
	s.mu.Lock()
	if s.process != nil && s.process.Running() {
		s.mu.Unlock()
		return errAlreadyRunning
	}
	s.removeSockets()
	logFile, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	// grep_log looks at what came after the last line of this kind.
	fmt.Fprintf(logFile, "Starting instance %s...\n", s.name)
	offset, _ := logFile.Seek(0, io.SeekEnd)
	cmd := exec.Command(s.executable, append([]string{"-l", "golden_instance", s.script}, opts.Args...)...)
	cmd.Dir, cmd.Env = s.dir, s.environment()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	started, err := process.Start(cmd, func(err error) {
		s.mu.Lock()
		died := s.died
		s.mu.Unlock()
		if !opts.CrashExpected {
			died(s, err)
		}
	})
	logFile.Close()
	if err == nil {
		s.process = started
	}
	s.mu.Unlock()
	if err != nil {
		return startError{s, err.Error()}
	}
	return s.awaitStart(ctx, started, offset, opts)
}

func (s *server) environment() []string {
	env := append([]string(nil), s.env...)
	env = append(env,
		"PWD="+s.dir,
		"LISTEN="+s.listen.URI(),
		"ADMIN="+s.admin.URI(),
		"GOLDEN_NAME="+s.name,
		"GOLDEN_DATA="+s.dataDir(),
		"GOLDEN_LOG="+s.log,
	)
	if s.master != nil {
		env = append(env, "MASTER="+s.master.listen.URI())
	}
	return env
}

// awaitStart polls until the console answers and, with WaitLoad, until the
// script is done. A script whose end cannot be seen from the console announces
// it by the event loop's line in its log.
func (s *server) awaitStart(ctx context.Context, p *process.Process, logOffset int64, opts startOptions) error {
	deadline, cancel := context.WithTimeout(ctx, s.startTimeout)
	defer cancel()
	pause := 2 * time.Millisecond
	for {
		ready, err := s.ready(deadline, logOffset, opts)
		if ready {
			return nil
		}
		select {
		case <-p.Done():
			return startError{s, "it " + process.ExitReason(p.Result())}
		case <-deadline.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			reason := fmt.Sprintf("not ready within %s", s.startTimeout)
			if err != nil {
				reason += ": " + err.Error()
			}
			return startError{s, reason}
		case <-time.After(pause):
			pause = min(pause*3/2, 20*time.Millisecond)
		}
	}
}

// ready tells whether the start is complete. The error says what is missing.
func (s *server) ready(ctx context.Context, logOffset int64, opts startOptions) (bool, error) {
	if !opts.Wait && !opts.WaitLoad {
		answers, err := evaluateBool(ctx, s.admin, "return true")
		return answers, err
	}
	loaded, err := evaluateBool(ctx, s.admin, "return require('golden_instance').loaded()")
	if err != nil {
		return false, err
	}
	if !loaded && opts.WaitLoad {
		if !strings.Contains(s.logSince(logOffset), "entering the event loop") {
			return false, errors.New("its script is still running")
		}
	}
	return true, nil
}

func (s *server) logSince(offset int64) string {
	file, err := os.Open(s.log)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, _ := io.ReadAll(io.NewSectionReader(file, offset, 1<<30))
	return string(text)
}

// watch has the end of the instance told to another test.
func (s *server) watch(died func(*server, error)) {
	s.mu.Lock()
	s.died = died
	s.mu.Unlock()
}

// isRunning tells whether the instance's process is alive.
func (s *server) isRunning() bool {
	p := s.current()
	return p != nil && p.Running()
}

func (s *server) current() *process.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// stopPatience is how long an instance may take to end by itself.
const stopPatience = 5 * time.Second

func (s *server) stop(sig syscall.Signal) {
	if p := s.current(); p != nil {
		p.Stop(sig, stopPatience)
	}
	s.removeSockets()
}

func (s *server) kill() {
	if p := s.current(); p != nil {
		p.Kill()
	}
	s.removeSockets()
}

func (s *server) removeSockets() {
	for _, at := range []endpoint{s.admin, s.listen} {
		if at.Network == "unix" {
			os.Remove(at.Address)
		}
	}
}

// logTail is the end of the instance's log, at most so many lines.
func (s *server) logTail(lines int) string { return tail(s.log, lines) }

func tail(file string, lines int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return strings.Join(all, "\n")
}
