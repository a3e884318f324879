package crossversion

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/spf13/pflag"

	"shardlua/test/progress"
)

const usageText = `Check that a running cluster can be taken from one git revision of a module tree to another: start a 2x2 cluster on
the old one, drive load, move buckets, and reload every instance, storages before the router and then, in a second
cluster, the router before the storages. No call may fail, and every bucket and tuple has to be there once.

Usage:
  shardlua evolution check [flags] [OLD [NEW]]

OLD and NEW are git revisions. Without NEW it is the working tree; without OLD each revision that a cluster may still run
is checked: those with a tag, and the last ones before each change of the version of the storage's internals.

Examples:
  shardlua evolution check
  shardlua evolution check v1.0 HEAD
  shardlua evolution check --repo ../shop --module orders --json v1

Flags:
`

// Main is the command "evolution check": it parses the arguments (less the command's name) and returns the exit code.
// SIGINT, SIGTERM and SIGHUP end it and everything that it started.
func Main(args []string, stdout, stderr io.Writer) int {
	var check Check
	flags := pflag.NewFlagSet("check", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&check.Repository.Dir, "repo", ".", "directory in the git checkout")
	flags.StringVar(&check.Repository.Tree, "tree", "", "folder in it that modules are required from (default: the one that has vshard, or the modules, in it)")
	flags.StringArrayVar(&check.Repository.Modules, "module", nil, "further module of the tree that storages load and reload; may be repeated. The tree need not hold vshard then")
	asJSON := flags.Bool("json", false, "print the result as JSON")
	help := flags.BoolP("help", "h", false, "print this help and exit")
	err := flags.Parse(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "shardlua: evolution check: %v; see shardlua evolution check --help\n", err)
		return 2
	case *help:
		fmt.Fprint(stdout, usageText, flags.FlagUsages())
		return 0
	case flags.NArg() > 2:
		fmt.Fprintln(stderr, "shardlua: evolution check: give at most two revisions; see shardlua evolution check --help")
		return 2
	}
	check.Old, check.New = flags.Arg(0), flags.Arg(1)
	if check.Executable, err = os.Executable(); err != nil {
		fmt.Fprintf(stderr, "shardlua: evolution check: cannot find this program: %v\n", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	pairs, err := check.watched(ctx, stderr)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "shardlua: evolution check: interrupted; nothing is left running")
		return 1
	case err != nil:
		fmt.Fprintf(stderr, "shardlua: evolution check: %s\n", oneLine(err))
		return 1
	}
	write := WriteTable
	if *asJSON {
		write = WriteJSON
	}
	if err := write(stdout, pairs); err != nil {
		fmt.Fprintf(stderr, "shardlua: evolution check: %v\n", err)
		return 1
	}
	for _, p := range pairs {
		if !p.OK() {
			return 1
		}
	}
	return 0
}

// watched does the check and shows on the standard error how far it is.
func (c Check) watched(ctx context.Context, stderr io.Writer) ([]Pair, error) {
	file, isFile := stderr.(*os.File)
	steps := progress.New(stderr, isFile && progress.IsTerminal(file))
	var now atomic.Value
	now.Store("")
	var title string
	c.Begin = func(p Pair, order Order) {
		now.Store("")
		title = fmt.Sprintf("%s -> %s, %s", p.Old.Name, p.New.Name, order)
		about := title
		steps.Begin("check", func() string { return about + ": " + now.Load().(string) })
	}
	c.Say = func(text string) { now.Store(text) }
	c.End = func(run Run) {
		if run.OK() {
			steps.Done("%s: ok", title)
		} else {
			steps.Failed("%s: failed", title)
		}
	}
	pairs, err := c.Do(ctx)
	if err != nil {
		steps.Drop()
	}
	return pairs, err
}
