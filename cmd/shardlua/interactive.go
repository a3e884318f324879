package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"shardlua/console"
	"shardlua/runtime"
	"shardlua/runtime/sched"
)

// talk runs the console c of an instance on the standard streams; uri names the instance to talk to instead of this one.
// It returns the exit code.
func talk(host *runtime.Host, src console.Source, uri string) int {
	defer src.Close()
	c := console.Of(host)
	ended := make(chan error, 1)
	go func() {
		ended <- host.Sched().Do("interactive", func(f *sched.Fiber) error {
			if uri != "" {
				return c.RunConnected(f, src, uri)
			}
			return c.Run(f, src)
		})
	}()
	select {
	case <-host.Done():
		return host.ExitCode()
	case err := <-ended:
		if err != nil && !errors.Is(err, sched.ErrClosed) {
			host.Stop(exitFailed)
			return fail(exitFailed, "%v", err)
		}
	}
	host.Stop(exitOK)
	return host.ExitCode()
}

// greet is what a person sees first.
func greet() {
	fmt.Fprintf(os.Stderr, "Tarantool %s\ntype 'help' for interactive help\n", runtime.Version)
}

// parseConsole parses the flags of a command that has only --help.
func parseConsole(name, args, text string, given []string) (rest []string, code int, done bool) {
	flags, help := newFlags(name)
	if err := flags.Parse(given); err != nil {
		return nil, fail(exitUsage, "%s: %v; see shardlua %s --help", name, err, name), true
	}
	if *help {
		fmt.Printf("Usage: shardlua %s %s\n\n%s\n\n%s", name, args, strings.TrimSpace(text), flags.FlagUsages())
		return nil, exitOK, true
	}
	return flags.Args(), exitOK, false
}

func runConsole(args []string) int {
	rest, code, done := parseConsole("console", "[script.lua [args…]]", `
An interactive console on a fresh instance, after running the script if there is one. In a pipe it reads chunks line by
line and prints the answers.

Example:
  echo '1 + 1' | shardlua console`, args)
	if done {
		return code
	}
	i := &instance{rest: rest, interactive: true, plain: true}
	script := ""
	if len(rest) > 0 {
		script = rest[0]
	}
	return i.run("shardlua", script)
}

func runConnect(args []string) int {
	rest, code, done := parseConsole("connect", "URI|SOCKET", `
The console of a running instance: host:port, user:password@host:port, or the path of a unix socket. In a pipe it reads
chunks line by line and prints the answers.

Example:
  shardlua connect /var/run/tarantool/storage_1_a.control`, args)
	switch {
	case done:
		return code
	case len(rest) != 1:
		return fail(exitUsage, "connect: give one URI or socket; see shardlua connect --help")
	}
	host, err := runtime.New(runtime.Options{Args: []string{"shardlua"}})
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	defer host.Leave()
	src, err := console.NewSource(os.Stdin, os.Stdout)
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	defer endOnSignals(host, !term.IsTerminal(int(os.Stdin.Fd())))()
	return talk(host, src, address(rest[0]))
}

// address is what a user gives for an instance, as a uri: the path of a socket needs no prefix.
func address(text string) string {
	info, err := os.Stat(text)
	switch {
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "."):
		return "unix/:" + text
	case err == nil && info.Mode()&os.ModeSocket != 0:
		return "unix/:./" + text
	}
	return text
}
