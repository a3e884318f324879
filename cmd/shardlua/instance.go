package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"shardlua/console"
	"shardlua/runtime"
	"shardlua/runtime/sched"
)

// chunkFlag collects -e and -l in the order in which they stand.
type chunkFlag struct {
	chunks *[]runtime.Chunk
	make   func(text string) runtime.Chunk
	typ    string
}

func (f chunkFlag) String() string { return "" }
func (f chunkFlag) Type() string   { return f.typ }
func (f chunkFlag) Set(text string) error {
	*f.chunks = append(*f.chunks, f.make(text))
	return nil
}

// instance is the command line of an instance.
type instance struct {
	chunks      []runtime.Chunk
	interactive bool
	version     bool
	help        bool
	rest        []string // script and its arguments
}

func parseInstance(args []string) (*instance, *pflag.FlagSet, error) {
	i := &instance{}
	flags := pflag.NewFlagSet("shardlua", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SetInterspersed(false)
	flags.VarP(chunkFlag{&i.chunks, func(text string) runtime.Chunk {
		return runtime.Chunk{Source: text, Name: "=(command line)"}
	}, "EXPR"}, "execute", "e", "execute a string")
	flags.VarP(chunkFlag{&i.chunks, func(name string) runtime.Chunk {
		return runtime.Chunk{Module: name}
	}, "NAME"}, "library", "l", "require a library into a global variable of its name")
	flags.BoolVarP(&i.interactive, "interactive", "i", false, "enter interactive mode after the script")
	flags.BoolVarP(&i.version, "version", "v", false, "print the version and exit")
	flags.BoolVarP(&i.version, "Version", "V", false, "the same")
	_ = flags.MarkHidden("Version")
	flags.BoolVarP(&i.help, "help", "h", false, "print this help and exit")
	err := flags.Parse(args)
	i.rest = flags.Args()
	return i, flags, err
}

func usage(out io.Writer, flags *pflag.FlagSet) {
	fmt.Fprintf(out, `shardlua runs sharded storage logic written in Lua, as Tarantool would.

Usage: shardlua [flags] [script.lua [args…]]

%s
Without a script it reads one from the standard input, or starts a console when that is a terminal.

Commands:
`, flags.FlagUsages())
	for _, c := range commands() {
		fmt.Fprintf(out, "  shardlua %-24s %s\n", c.name+" "+c.args, c.summary)
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
		code := exitUsage
		if filepath.Base(args[0]) == "tarantool" {
			code = runtime.ExitUsage
		}
		return fail(code, "%v; see shardlua --help", err)
	case i.help:
		usage(os.Stdout, flags)
		return exitOK
	case i.version:
		fmt.Printf("Tarantool %s\nTarget: %s\nBuild options: %s\n", runtime.Version, runtime.Target(), runtime.BuildOptions())
		return exitOK
	}
	script := ""
	stdinIsTerminal := term.IsTerminal(int(os.Stdin.Fd()))
	if len(i.rest) > 0 {
		script = i.rest[0]
	} else if len(i.chunks) == 0 && !stdinIsTerminal {
		script = "-"
	}
	interactive := i.interactive && stdinIsTerminal || script == "" && len(i.chunks) == 0
	return i.run(args[0], script, interactive)
}

func (i *instance) run(program, script string, interactive bool) int {
	argv := []string{program}
	var scriptArgs []string
	if script != "" {
		argv = append(argv, script)
		i.chunks = append(i.chunks, runtime.Chunk{File: script})
		if len(i.rest) > 1 {
			scriptArgs = i.rest[1:]
			argv = append(argv, scriptArgs...)
		}
	}
	host, err := runtime.New(runtime.Options{Args: argv})
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	stop := endOnSignals(host, !interactive)
	defer stop()
	var code int
	if interactive {
		code = runInteractive(host, i.chunks, scriptArgs, "")
	} else {
		code = host.Run(i.chunks, scriptArgs...)
	}
	if err := host.Close(); err != nil {
		return fail(max(code, exitFailed), "%v", err)
	}
	return code
}

// endOnSignals ends the instance cleanly on SIGTERM and, where asked, SIGINT; SIGHUP rotates the log.
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
					host.RotateLog()
					continue
				}
				go host.StopBySignal(s)
			}
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}

// runInteractive runs the chunks, then a console on the standard streams; uri names the instance to talk to instead of
// this one.
func runInteractive(host *runtime.Host, chunks []runtime.Chunk, args []string, uri string) int {
	if code := host.RunChunks(chunks, args...); code != exitOK {
		return code
	}
	c := console.Of(host)
	src, err := console.NewSource(os.Stdin, os.Stdout, c.CompleteLine)
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	defer src.Close()
	if term.IsTerminal(int(os.Stdin.Fd())) && uri == "" {
		fmt.Printf("Tarantool %s\ntype 'help' for interactive help\n", runtime.Version)
	}
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
			return fail(exitFailed, "%v", err)
		}
	}
	host.Stop(exitOK)
	return host.ExitCode()
}

// consoleUsage parses the flags of a command that has only --help.
func consoleUsage(name, args, text string, given []string) (rest []string, code int, done bool) {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.SetInterspersed(false)
	help := flags.BoolP("help", "h", false, "print this help and exit")
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
	rest, code, done := consoleUsage("console", "[script.lua [args…]]", `
An interactive console on a fresh instance, after running the script if there is one. In a pipe it reads chunks line by
line and prints the answers.

Example:
  echo '1 + 1' | shardlua console`, args)
	if done {
		return code
	}
	i := &instance{rest: rest}
	script := ""
	if len(rest) > 0 {
		script = rest[0]
	}
	return i.run("shardlua", script, true)
}

func runConnect(args []string) int {
	rest, code, done := consoleUsage("connect", "URI|SOCKET", `
The console of a running instance: host:port, user:password@host:port, or the path of a unix socket.

Example:
  shardlua connect /var/run/tarantool/storage_1_a.control`, args)
	switch {
	case done:
		return code
	case len(rest) != 1:
		return fail(exitUsage, "connect: give one URI or socket; see shardlua connect --help")
	}
	uri := rest[0]
	if strings.HasPrefix(uri, "/") || strings.HasPrefix(uri, "./") {
		uri = "unix/:" + uri
	}
	host, err := runtime.New(runtime.Options{Args: []string{"shardlua"}})
	if err != nil {
		return fail(exitFailed, "%v", err)
	}
	defer host.Close()
	return runInteractive(host, nil, nil, uri)
}
