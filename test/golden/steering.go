package golden

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// command executes a command of a script, as the inspector got it. The value
// is nil for "done".
func (s *session) command(ctx context.Context, text string) (any, error) {
	cmd, err := parseCommand(text)
	if err != nil {
		return nil, err
	}
	switch cmd.Verb {
	case "setopt":
		return nil, s.setOption(cmd)
	case "switch":
		return nil, s.switchTo(ctx, cmd.Names[0])
	case "config":
		values := s.variant.Values
		if values == nil {
			values = map[string]any{}
		}
		return values, nil
	case "eval":
		return s.evaluate(ctx, cmd)
	case "env":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.env = append(s.env, cmd.Names[0]+"="+cmd.Value)
		for _, server := range s.servers {
			server.addEnv(cmd.Names[0] + "=" + cmd.Value)
		}
		return nil, nil
	}
	switch cmd.Object {
	case "server":
		return s.steerServer(ctx, cmd)
	case "connection":
		return nil, s.steerConnection(cmd)
	case "filter":
		return nil, s.steerFilter(cmd)
	}
	return nil, s.setVariable(ctx, cmd)
}

func (s *server) addEnv(variable string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.env = append(s.env, variable)
}

func (s *session) setOption(cmd command) error {
	if cmd.Object != "delimiter" {
		return commandErrorf("Wrong option: '%s'", cmd.Object)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delimiter = cmd.Value
	return nil
}

// switchTo makes a server the one that statements go to, and gives it the
// global test_run.
func (s *session) switchTo(ctx context.Context, name string) error {
	target, err := s.server(name, "switch to")
	if err != nil {
		return err
	}
	if err := introduce(ctx, target); err != nil {
		return err
	}
	return s.steerConnection(command{Verb: "set", Names: []string{name}})
}

// introduce defines env and test_run in an instance.
func introduce(ctx context.Context, target *server) error {
	answer, err := evaluate(ctx, target.admin, "env = require('test_run') test_run = env.new()")
	if err != nil {
		return commandErrorf("Can't reach server '%s': %s", target.name, err)
	}
	if strings.Contains(answer, "- error:") {
		return commandErrorf("Can't give server '%s' test_run: %s", target.name, answer)
	}
	return nil
}

// evaluate runs an expression on a server; the value is the console's answer,
// which the Lua side decodes. Of an answer with pushes the last document
// counts.
func (s *session) evaluate(ctx context.Context, cmd command) (any, error) {
	target, err := s.server(cmd.Names[0], "evaluate a command on")
	if err != nil {
		return nil, err
	}
	answer, err := evaluate(ctx, target.admin, cmd.Value)
	if err != nil {
		return nil, commandErrorf("Can't evaluate on server '%s': %s", target.name, err)
	}
	if start := strings.LastIndex(answer, "\n---\n"); start >= 0 {
		answer = answer[start+1:]
	}
	return answer, nil
}

func (s *session) steerConnection(cmd command) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := cmd.Names[0]
	switch cmd.Verb {
	case "create":
		target, ok := s.servers[cmd.Value]
		if !ok {
			return commandErrorf("Can't create connection to nonexistent server '%s'", cmd.Value)
		}
		if _, exists := s.connections[name]; exists {
			return commandErrorf("Connection '%s' already exists", name)
		}
		s.connections[name] = &connection{server: target}
	case "drop":
		dropped, ok := s.connections[name]
		if !ok {
			return commandErrorf("Can't drop nonexistent connection '%s'", name)
		}
		dropped.drop()
		delete(s.connections, name)
	case "set":
		var chosen []*connection
		for _, name := range cmd.Names {
			c, ok := s.connections[name]
			if !ok {
				return commandErrorf("Can't set nonexistent connection '%s'", name)
			}
			chosen = append(chosen, c)
		}
		s.current = chosen
	default:
		return commandErrorf("Unknown command for connection: '%s'", cmd.Verb)
	}
	return nil
}

func (s *session) steerFilter(cmd command) error {
	switch cmd.Verb {
	case "push":
		if err := s.out.pushFilter(cmd.Names[0], cmd.Value); err != nil {
			return commandError{err.Error()}
		}
		return nil
	case "pop":
		if err := s.out.popFilter(); err != nil {
			return commandError{err.Error()}
		}
		return nil
	case "clear":
		s.out.clearFilters()
		return nil
	}
	return commandErrorf("Wrong command for filters: '%s'", cmd.Verb)
}

// setVariable assigns an address of a server to a global of the current
// instance.
func (s *session) setVariable(ctx context.Context, cmd command) error {
	if cmd.Verb != "set" {
		return commandErrorf("Wrong command for variables: '%s'", cmd.Verb)
	}
	name, what, _ := strings.Cut(cmd.Value, ".")
	target, err := s.server(name, "set a variable from")
	if err != nil {
		return err
	}
	var uri string
	switch {
	case what == "admin":
		uri = target.admin.URI()
	case what == "listen":
		uri = target.listen.URI()
	case what == "master" && target.master != nil:
		uri = target.master.listen.URI()
	case what == "master":
		return commandErrorf("Server '%s' has no rpl_master", name)
	default:
		return commandErrorf("Can't set a variable to '%s': expected SERVER.admin, SERVER.listen or SERVER.master", cmd.Value)
	}
	s.mu.Lock()
	current := s.current[0].server
	s.mu.Unlock()
	answer, err := evaluate(ctx, current.admin, fmt.Sprintf("%s = %q", cmd.Names[0], uri))
	if err != nil {
		return commandErrorf("Can't set '%s': %s", cmd.Names[0], err)
	}
	if strings.Contains(answer, "- error:") {
		return commandErrorf("Can't set '%s': %s", cmd.Names[0], answer)
	}
	return nil
}

// serverOptions are the options that each command on a server takes.
var serverOptions = map[string]string{
	"create":         " script rpl_master lua_libs workdir return_listen_uri need_init args wait wait_load ",
	"start":          " wait wait_load args crash_expected ",
	"stop":           " signal ",
	"restart":        " wait wait_load args crash_expected signal cleanup ",
	"deploy":         " wait wait_load args ",
	"cleanup":        " ",
	"delete":         " ",
	"get_iproto_uri": " ",
}

func (s *session) steerServer(ctx context.Context, cmd command) (any, error) {
	known, ok := serverOptions[cmd.Verb]
	if !ok {
		return nil, commandErrorf("Unknown command for server: %s", cmd.Verb)
	}
	for option := range cmd.Options {
		if !strings.Contains(known, " "+option+" ") {
			return nil, commandErrorf("Unknown option for %s server: '%s'", cmd.Verb, option)
		}
	}
	name := cmd.Names[0]
	if cmd.Verb == "create" {
		return s.createServer(name, cmd.Options)
	}
	target, err := s.server(name, cmd.Verb)
	if err != nil {
		return nil, err
	}
	switch cmd.Verb {
	case "start":
		return s.startServer(ctx, target, cmd.Options)
	case "stop":
		return nil, s.stopServer(target, cmd.Options)
	case "restart":
		return s.restartServer(ctx, target, cmd.Options)
	case "deploy":
		return nil, target.install()
	case "cleanup":
		return nil, target.cleanup()
	case "delete":
		return nil, s.deleteServer(target)
	}
	return target.listen.URI(), nil
}

func (s *session) createServer(name string, options map[string]string) (any, error) {
	s.mu.Lock()
	_, exists := s.servers[name]
	s.mu.Unlock()
	if exists {
		return nil, commandErrorf("Server '%s' already exists", name)
	}
	source := s.suite.Script
	if script := options["script"]; script != "" {
		var err error
		if source, err = s.findScript(script); err != nil {
			return nil, err
		}
	}
	var master *server
	if of := options["rpl_master"]; of != "" {
		var err error
		if master, err = s.server(of, "replicate"); err != nil {
			return nil, err
		}
	}
	libs := s.suite.Libs
	for _, lib := range strings.Fields(options["lua_libs"]) {
		path := filepath.Join(s.suite.Dir, lib)
		libs = append(libs[:len(libs):len(libs)], path)
	}
	created, err := s.addServer(name, source, master, libs)
	if err != nil {
		return nil, commandError{err.Error()}
	}
	if from := options["workdir"]; from != "" {
		path := from
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(s.suite.Dir), from)
		}
		if err := copyFileOrTree(path, created.dataDir()); err != nil {
			return nil, commandErrorf("Can't copy workdir '%s': %s", from, err)
		}
	}
	if isTrue(options["return_listen_uri"]) {
		return created.listen.URI(), nil
	}
	return nil, nil
}

// startServer answers false for an expected crash, and otherwise fails the
// test if the server does not come up: nothing that follows makes sense then.
func (s *session) startServer(ctx context.Context, target *server, options map[string]string) (any, error) {
	opts := startOptions{
		Wait:          !isFalse(options["wait"]),
		WaitLoad:      !isFalse(options["wait_load"]),
		Args:          strings.Fields(options["args"]),
		CrashExpected: isTrue(options["crash_expected"]),
	}
	if !opts.Wait {
		opts.WaitLoad = false
	}
	err := target.start(ctx, opts)
	var failed startError
	switch {
	case errors.Is(err, errAlreadyRunning):
		// Suites rely on that being no mistake.
		return nil, nil
	case errors.As(err, &failed) && opts.CrashExpected:
		return false, nil
	case err != nil:
		s.blame(target, err)
		return nil, commandError{err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.connections[target.name]; c == nil {
		s.connections[target.name] = &connection{server: target}
	}
	if opts.CrashExpected {
		return true, nil
	}
	return nil, nil
}

func (s *session) stopServer(target *server, options map[string]string) error {
	sig, err := stopSignal(options)
	if err != nil {
		return err
	}
	if !target.isRunning() {
		return commandErrorf("Attempt to stop already stopped server '%s'", target.name)
	}
	s.mu.Lock()
	c := s.connections[target.name]
	delete(s.connections, target.name)
	s.mu.Unlock()
	if c != nil {
		c.drop()
	}
	target.stop(sig)
	return nil
}

func (s *session) restartServer(ctx context.Context, target *server, options map[string]string) (any, error) {
	sig, err := stopSignal(options)
	if err != nil {
		return nil, err
	}
	back := make(chan struct{})
	s.mu.Lock()
	s.restarts[target.name] = back
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.restarts, target.name)
		s.mu.Unlock()
		close(back)
	}()
	target.stop(sig)
	if option, given := options["cleanup"]; given && option != "0" && !isFalse(option) {
		if err := target.cleanup(); err != nil {
			return nil, err
		}
		if err := target.install(); err != nil {
			return nil, err
		}
	}
	// The inspector's client was the instance itself, more often than not;
	// nobody may be left to take the value.
	value, err := s.startServer(ctx, target, options)
	if err != nil || value == false {
		return value, err
	}
	return value, introduce(ctx, target)
}

// deleteServer ends and forgets a server, so that its name is free again.
func (s *session) deleteServer(target *server) error {
	if target.name == defaultServer {
		return commandErrorf("Can't delete server '%s'", defaultServer)
	}
	target.kill()
	if err := target.cleanup(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.servers, target.name)
	delete(s.connections, target.name)
	return nil
}

func isTrue(option string) bool  { return strings.EqualFold(option, "true") || option == "1" }
func isFalse(option string) bool { return strings.EqualFold(option, "false") || option == "0" }

// afterLossPatience is how long a dying instance may keep its process after
// its console is gone.
func afterLossPatience() <-chan time.Time { return time.After(stopPatience) }
