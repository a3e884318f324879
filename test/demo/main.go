// Package demo is the command that shows, within seconds, what this project is for: a cluster on this machine whose logic
// is replaced, and whose buckets move, while it serves.
//
// The one idea: nothing is staged. The instances are processes like any others, the module orders and its versions are
// the files in this folder, the load is real calls through a router, and every number in the report was counted.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"shardlua/test/cluster"
	"shardlua/test/progress"
)

const usageText = `Show a 2x2 cluster on this machine: start it, drive load, roll out a new version with a migration while the load
runs, refuse a broken one, rebalance, and count what became of every call, bucket and tuple. It takes some seconds, and
leaves nothing behind unless --keep says so.

Usage:
  shardlua demo [flags]

Examples:
  shardlua demo
  shardlua demo --keep

Flags:
`

// Main is the command "demo": it parses the arguments (less the command's name) and returns the exit code. SIGINT,
// SIGTERM and SIGHUP end the cluster and remove its files at any moment.
func Main(args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	keep := flags.Bool("keep", false, "leave the cluster up, and say how to look around and how to stop it")
	help := flags.BoolP("help", "h", false, "print this help and exit")
	err := flags.Parse(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "shardlua: demo: %v; see shardlua demo --help\n", err)
		return 2
	case *help:
		fmt.Fprint(stdout, usageText, flags.FlagUsages())
		return 0
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "shardlua: demo: takes no arguments, got %q; see shardlua demo --help\n", flags.Arg(0))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	return present(ctx, *keep, stdout, stderr)
}

// present runs the demo in a directory of its own.
func present(ctx context.Context, keep bool, stdout, stderr io.Writer) int {
	executable, err := os.Executable()
	if err != nil {
		fmt.Fprintf(stderr, "shardlua: demo: cannot find this program: %v\n", err)
		return 1
	}
	dir, err := cluster.TempDir("shardlua-demo-")
	if err != nil {
		fmt.Fprintf(stderr, "shardlua: demo: %v\n", err)
		return 1
	}
	file, isFile := stdout.(*os.File)
	s := &show{
		dir: dir, executable: executable, program: programName(executable), out: stdout, keep: keep,
		steps: progress.New(stdout, isFile && progress.IsTerminal(file)),
	}
	err = s.run(ctx)
	switch {
	case err == nil && keep:
		s.cluster.Release()
		return 0
	case s.cluster != nil:
		s.cluster.Close()
	}
	if err == nil {
		err = os.RemoveAll(dir)
	}
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		s.steps.Drop()
		os.RemoveAll(dir)
		fmt.Fprintln(stderr, "shardlua: demo: interrupted; nothing is left running, and the files are removed")
	default:
		var at *stepError
		if errors.As(err, &at) {
			s.steps.Failed("failed")
		}
		fmt.Fprintf(stderr, "shardlua: demo: %s; the logs are in %s\n", oneLine(err), dir)
	}
	return 1
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// programName is what a person types to run this program again.
func programName(executable string) string {
	if strings.Contains(executable, string(filepath.Separator)+"go-build") {
		return "go run ./cmd/shardlua"
	}
	return os.Args[0]
}
