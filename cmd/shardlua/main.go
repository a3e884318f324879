// Command shardlua runs instances that behave like Tarantool, talks to them, and tests them. See `shardlua --help`.
package main

import (
	"fmt"
	"os"
)

// Exit codes of the commands.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// command is one of the words that may follow `shardlua`.
type command struct {
	name    string
	args    string
	summary string
	run     func(args []string) int
}

func commands() []command {
	return []command{
		{"console", "[script.lua]", "an interactive console on a fresh instance", runConsole},
		{"connect", "URI|SOCKET", "the console of a running instance", runConnect},
		{"reload", "URI|SOCKET MODULE…", "reload modules of a running instance, all or none", runReload},
		{"test", "[PATH…]", "run golden suites", runTest},
		{"demo", "[--keep]", "a 2x2 cluster on this machine, reloaded and rebalanced while you watch", runDemo},
		{"bench", "[NAME…]", "the benchmarks, beside stock Tarantool where that is installed", runBench},
		{"cat", "FILE…", "print .snap and .xlog files", runCat},
		{"evolution", "list|plan|check", "the migrations that this binary knows, and a cross-version reload over git revisions", runEvolution},
	}
}

func main() {
	os.Exit(run(os.Args))
}

func run(args []string) int {
	if len(args) > 1 && !actsAsTarantool(args[0]) {
		for _, c := range commands() {
			if c.name == args[1] {
				return c.run(args[2:])
			}
		}
	}
	return runInstance(args)
}

// fail reports what kept a command from doing its work, in one line.
func fail(code int, format string, args ...any) int {
	failAs("shardlua", format, args...)
	return code
}

// failAs is fail in the name of the program as it was called.
func failAs(program, format string, args ...any) {
	fmt.Fprintf(os.Stderr, program+": "+format+"\n", args...)
}
