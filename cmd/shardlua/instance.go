package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"shardlua/console"
	"shardlua/runtime"
	"shardlua/runtime/db"
)

// instance is the command line of an instance.
type instance struct {
	chunks      []runtime.Chunk
	interactive bool
	hangup      bool // reload what has changed on SIGHUP
	plain       bool // the console prints neither prompts nor what it reads when it has no terminal
	version     bool
	help        bool
	rest        []string // script and its arguments
}

func usage(out io.Writer, flags *pflag.FlagSet) {
	fmt.Fprintf(out, `shardlua runs sharded storage logic written in Lua, as Tarantool would.

Usage: shardlua [flags] [script.lua [args…]]

%s
Without a script it reads one from the standard input, or starts a console when that is a terminal.

Commands:
`, flags.FlagUsages())
	for _, c := range commands() {
		fmt.Fprintf(out, "  shardlua %-26s %s\n", c.name+" "+c.args, c.summary)
	}
	fmt.Fprint(out, `
Example:
  shardlua -e 'box.cfg{}' -e 'print(box.info.status)' -e 'os.exit()'
`)
}

// runInstance runs `shardlua [flags] script.lua [args…]`.
func runInstance(args []string) int {
	i, flags, err := parseInstance(args[1:])
	switch {
	case err != nil:
		return refuseFlags(args[0], err)
	case i.help:
		usage(os.Stdout, flags)
		return exitOK
	case i.version:
		fmt.Printf("Tarantool %s\nTarget: %s\nBuild options: %s\n", runtime.Version, runtime.Target(), runtime.BuildOptions())
		return exitOK
	}
	script, given := "", len(i.rest) > 0
	if given {
		script = i.rest[0]
	} else if !i.interactive && !term.IsTerminal(int(os.Stdin.Fd())) {
		script = stdinScript
	}
	i.interactive = i.interactive || script == "" && len(i.chunks) == 0 && !given
	return i.run(args[0], script)
}

// stdinScript names the standard input as the script.
const stdinScript = "-"

// run runs the script, unless it is empty and no word of the command line, and then a console when one is wanted.
func (i *instance) run(program, script string) int {
	argv := []string{program}
	var scriptArgs []string
	if len(i.rest) > 0 {
		argv, scriptArgs = append(argv, i.rest...), i.rest[1:]
	}
	if script != "" || len(i.rest) > 0 {
		i.chunks = append(i.chunks, runtime.Chunk{File: script, Script: true})
	}
	defer db.PaceCollector()()
	host, err := runtime.New(runtime.Options{Args: argv, ReloadOnHangup: i.hangup})
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	onTerminal := term.IsTerminal(int(os.Stdin.Fd()))
	defer endOnSignals(host, !i.interactive || !onTerminal)()
	var code int
	if i.interactive {
		code = i.interact(host, scriptArgs, onTerminal)
	} else {
		code = host.Run(i.chunks, scriptArgs...)
	}
	if err := host.Leave(); err != nil {
		return fail(max(code, exitFailed), "%v", err)
	}
	return code
}

func (i *instance) interact(host *runtime.Host, scriptArgs []string, onTerminal bool) int {
	if onTerminal || !i.plain {
		greet()
	}
	if code := host.RunChunks(i.chunks, scriptArgs...); code != exitOK {
		return code
	}
	select {
	case <-host.Done():
		return host.ExitCode()
	default:
	}
	newSource := console.NewEchoingSource
	if i.plain {
		newSource = console.NewSource
	}
	src, err := newSource(os.Stdin, os.Stdout)
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	return talk(host, src, "")
}

// endOnSignals ends the instance cleanly on SIGTERM and, where asked, SIGINT; SIGHUP rotates the log, and
// reloads modules where that was asked for.
func endOnSignals(host *runtime.Host, interrupt bool) (stop func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	if interrupt {
		signal.Notify(signals, os.Interrupt)
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case s := <-signals:
				if s == syscall.SIGHUP {
					go host.Hangup()
					continue
				}
				go host.StopBySignal(s)
			}
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}
