package golden

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"shardlua/test/process"
)

// defaultServer is the name of the instance that every test starts with.
const defaultServer = "default"

// session is one running test: its servers, the connections to them, the
// delimiter, the transcript. The statement loop and the inspector work on it
// side by side, because a statement may steer the runner while it executes.
type session struct {
	suite   *Suite
	variant Variant
	run     *run
	lane    *lane
	dir     string
	out     *transcript
	inspect *inspector

	ctx  context.Context
	fail context.CancelCauseFunc

	mu          sync.Mutex
	delimiter   string
	env         []string
	servers     map[string]*server
	connections map[string]*connection
	current     []*connection
	// restarts holds, for an instance that is being restarted, a channel
	// that closes when it is back.
	restarts map[string]chan struct{}
	culprit  *server
}

// connection is a named console session; it comes into being with its first
// statement, and anew after its instance was restarted.
type connection struct {
	server  *server
	mu      sync.Mutex
	console *console
}

// diedError is the end of an instance that nobody asked for.
type diedError struct {
	name, reason string
}

func (e diedError) Error() string { return fmt.Sprintf("instance %q %s", e.name, e.reason) }

func newSession(ctx context.Context, r *run, test testcase, lane *lane, layout int) (*session, error) {
	s := &session{
		suite: test.suite, variant: test.variant, run: r, lane: lane,
		dir:         lane.dir(r, test),
		out:         newTranscript(layout),
		inspect:     lane.inspect,
		servers:     map[string]*server{},
		connections: map[string]*connection{},
		restarts:    map[string]chan struct{}{},
	}
	if lane.kept == nil {
		if err := os.RemoveAll(s.dir); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	if s.inspect == nil {
		var err error
		// The inspector may outlive the test's own context.
		if s.inspect, err = openInspector(context.WithoutCancel(ctx)); err != nil {
			return nil, fmt.Errorf("inspector: %w", err)
		}
	}
	s.ctx, s.fail = context.WithCancelCause(ctx)
	s.inspect.attach(s.command)
	return s, nil
}

var errTestOver = errors.New("the test is over")

// close ends the test: the lane keeps the default instance if its suite wants
// that and it is fit for another test; all else is killed.
func (s *session) close(fit bool) {
	s.inspect.attach(nil)
	s.fail(errTestOver)
	for _, c := range s.allConnections() {
		c.drop()
	}
	keep := s.servers[defaultServer]
	if !fit || !s.suite.PretestClean || keep == nil || !keep.isRunning() {
		keep = nil
	}
	s.kill(keep)
	s.lane.kept = keep
	if keep != nil {
		s.lane.inspect = s.inspect
		s.inspect.drain()
	} else {
		s.lane.inspect = nil
		s.inspect.close()
	}
	// A command under way may have started one more.
	s.kill(keep)
	if fit && keep == nil {
		os.RemoveAll(s.dir)
	}
}

func (s *session) allConnections() []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.connections))
}

// kill ends all servers but one.
func (s *session) kill(except *server) {
	s.mu.Lock()
	servers := slices.Collect(maps.Values(s.servers))
	s.mu.Unlock()
	for _, server := range servers {
		if server != except {
			server.kill()
		}
	}
}

// addServer makes a server known; it does not start it.
func (s *session) addServer(name, source string, master *server, libs []string) (*server, error) {
	instance := &server{
		name: name, source: source, dir: s.dir, master: master, libs: libs,
		log:          filepath.Join(s.dir, name+".log"),
		executable:   s.run.cfg.Executable,
		env:          s.environment(),
		startTimeout: s.run.cfg.StartTimeout,
		died:         s.serverDied,
	}
	base := "default.lua"
	if source != "" {
		base = filepath.Base(source)
	}
	instance.script = filepath.Join(s.dir, base)
	var err error
	if instance.admin, err = s.endpoint(s.suite.UnixAdmin, name+".admin"); err != nil {
		return nil, err
	}
	if instance.listen, err = s.endpoint(s.suite.UnixIproto, name+".iproto"); err != nil {
		return nil, err
	}
	if err := instance.install(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.servers[name] = instance
	return instance, nil
}

func (s *session) endpoint(unix bool, name string) (endpoint, error) {
	if unix {
		return s.run.work.unixEndpoint(s.dir, name)
	}
	return s.run.work.tcpEndpoint()
}

func (s *session) environment() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	env := append(s.run.environment(), "INSPECTOR="+s.inspect.port())
	return append(env, s.env...)
}

// serverDied ends the test: an instance that exits with success may be what
// the script wanted, any other end is a crash.
func (s *session) serverDied(dead *server, err error) {
	if dead.name != defaultServer && process.ExitedCleanly(err) {
		return
	}
	s.blame(dead, diedError{dead.name, process.ExitReason(err) + " in mid-test"})
}

// blame fails the test because of a server, whose log will be shown.
func (s *session) blame(culprit *server, err error) {
	s.mu.Lock()
	if s.culprit == nil {
		s.culprit = culprit
	}
	s.mu.Unlock()
	s.fail(err)
}

// suspect is the server whose log explains a failure best.
func (s *session) suspect() *server {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.culprit != nil {
		return s.culprit
	}
	if len(s.current) > 0 {
		return s.current[0].server
	}
	return s.servers[defaultServer]
}

// begin has the default instance ready: the one that the lane kept, cleaned,
// or a fresh one.
func (s *session) begin() error {
	if kept := s.lane.kept; kept != nil {
		if err := clean(s.ctx, kept); err == nil {
			kept.watch(s.serverDied)
			s.useDefault(kept)
			return nil
		}
		kept.kill()
		s.lane.kept = nil
		if err := os.RemoveAll(s.dir); err != nil {
			return err
		}
		if err := os.MkdirAll(s.dir, 0o755); err != nil {
			return err
		}
	}
	instance, err := s.addServer(defaultServer, s.suite.Script, nil, s.suite.Libs)
	if err != nil {
		return err
	}
	err = instance.start(s.ctx, startOptions{Wait: true, WaitLoad: true})
	if err == nil && s.suite.PretestClean {
		err = clean(s.ctx, instance)
	}
	if err != nil {
		s.blame(instance, err)
		return err
	}
	s.useDefault(instance)
	return nil
}

func (s *session) useDefault(instance *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.servers[defaultServer] = instance
	s.connections[defaultServer] = &connection{server: instance}
	s.current = []*connection{s.connections[defaultServer]}
}

// clean brings an instance back to what it was before its first test.
func clean(ctx context.Context, instance *server) error {
	answer, err := evaluate(ctx, instance.admin, "return require('pretest_clean').run()")
	if err == nil && answer != "---\n- true\n...\n" {
		err = fmt.Errorf("clean-up of instance %q: %s", instance.name, answer)
	}
	return err
}

// play executes a test script; the transcript is complete up to an error.
func (s *session) play(text string) error {
	reader := newScriptReader(text, s.out.layout)
	for {
		s.mu.Lock()
		delimiter := s.delimiter
		s.mu.Unlock()
		step, more := reader.next(delimiter)
		if !more {
			break
		}
		s.out.echo(step.Echo)
		if step.Statement == "" {
			continue
		}
		answer, err := s.execute(step.Statement)
		if err != nil {
			return fmt.Errorf("%w, at: %s", err, strings.TrimSpace(step.Statement))
		}
		s.out.answer(answer)
	}
	if rest := reader.unfinished(); rest != "" {
		s.out.echo(rest)
		return fmt.Errorf("the script ends in an unfinished statement (delimiter %q): %s", s.delimiter, strings.TrimSpace(rest))
	}
	return context.Cause(s.ctx)
}

// execute sends a statement to all current connections; the first one's
// answer counts.
func (s *session) execute(statement string) (string, error) {
	s.mu.Lock()
	current := slices.Clone(s.current)
	s.mu.Unlock()
	answer, err := s.ask(current[0], statement)
	if err != nil {
		return "", err
	}
	for _, other := range current[1:] {
		if _, err := s.ask(other, statement); err != nil {
			return "", err
		}
	}
	return answer, nil
}

func (s *session) ask(c *connection, statement string) (string, error) {
	before := c.server.current()
	answer, err := c.execute(s.ctx, statement)
	if err == nil {
		return answer, nil
	}
	c.drop()
	if s.ctx.Err() != nil {
		return "", context.Cause(s.ctx)
	}
	s.mu.Lock()
	back := s.restarts[c.server.name]
	s.mu.Unlock()
	if back != nil {
		// The statement restarted its own instance: it has no answer.
		select {
		case <-back:
			return "", s.ctx.Err()
		case <-s.ctx.Done():
			return "", context.Cause(s.ctx)
		}
	}
	if c.server.current() != before {
		return "", nil
	}
	if before != nil {
		return s.askAfterLoss(c, before)
	}
	return "", fmt.Errorf("instance %q: %w", c.server.name, err)
}

// askAfterLoss decides what a lost connection means: the instance crashed,
// exited by the script's wish, was stopped by it, or hung up on us.
func (s *session) askAfterLoss(c *connection, p *process.Process) (string, error) {
	select {
	case <-p.Done():
	case <-s.ctx.Done():
		return "", context.Cause(s.ctx)
	case <-afterLossPatience():
		return "", fmt.Errorf("instance %q closed its console", c.server.name)
	}
	if !p.ExitExpected() && (c.server.name == defaultServer || !process.ExitedCleanly(p.Result())) {
		err := diedError{c.server.name, process.ExitReason(p.Result()) + " in mid-test"}
		s.blame(c.server, err)
		return "", err
	}
	return "[Lost current connection]\n", nil
}

func (c *connection) execute(ctx context.Context, statement string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.console == nil {
		console, err := dialConsole(ctx, c.server.admin)
		if err != nil {
			return "", err
		}
		c.console = console
	}
	return c.console.execute(ctx, statement)
}

// drop ends the console session, if there is one. A session that a statement
// occupies is cut without waiting for it.
func (c *connection) drop() {
	if !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	if c.console != nil {
		c.console.close()
		c.console = nil
	}
}

// server finds a server by name; what is the verb for the error message.
func (s *session) server(name, what string) (*server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.servers[name]
	if !ok {
		return nil, commandErrorf("Can't %s nonexistent server '%s'", what, name)
	}
	return found, nil
}

// findScript looks for an instance's script, named relative to the suite or
// to a directory above it, usually the one that holds all suites.
func (s *session) findScript(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	places := []string{s.suite.Dir}
	for range 3 {
		places = append(places, filepath.Dir(places[len(places)-1]))
	}
	// Scripts that a test itself wrote lie in its directory.
	places = append(places, s.dir, s.run.sourceDir)
	// "suite/x.lua" means the tests' directory even if the suite has a
	// directory of its own name in it.
	places[0], places[1] = places[1], places[0]
	for _, dir := range places {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
	}
	return "", commandErrorf("Can't find script '%s'", name)
}

// stopSignal reads the option signal of "stop server".
func stopSignal(options map[string]string) (syscall.Signal, error) {
	name, given := options["signal"]
	if !given {
		return syscall.SIGTERM, nil
	}
	return signalByName(name)
}
