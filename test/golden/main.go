package golden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

const usageText = `Run golden suites: directories of .test.lua scripts and their .result files.

Usage:
  shardlua test [flags] [PATH|PATTERN...]

A PATH is a suite, a directory above suites, or one test file; a PATTERN is a
part of a test's name. Without either, the suites below ./test are run.

Examples:
  shardlua test
  shardlua test test/unit --strict
  shardlua test test/box/select.test.lua --update
  shardlua test -j 4 --executable /usr/bin/tarantool --junit report.xml

Flags:
`

// Main is the command "test": it parses the arguments (less the command's
// name), runs the suites and returns the exit code. SIGINT, SIGTERM and SIGHUP
// end the run and everything that it started.
func Main(args []string, stdout, stderr io.Writer) int {
	var cfg Config
	var list bool
	var junit, color string
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVarP(&cfg.Jobs, "jobs", "j", 0, "tests to run at the same time (default: one for each CPU)")
	flags.BoolVar(&cfg.Update, "update", false, "write the output of differing tests into their result files")
	flags.BoolVar(&cfg.Strict, "strict", false, "compare bytes; else the order of keys in YAML mappings is free")
	flags.StringVar(&cfg.Executable, "executable", "", "the program under test (default: this one)")
	flags.StringVar(&cfg.VarDir, "vardir", "", "directory for the instances' files (default: SOURCEDIR/test/var)")
	flags.StringVar(&cfg.SourceDir, "sourcedir", "", "SOURCEDIR of the tests (default: the directory above them, or this checkout)")
	flags.StringVar(&cfg.BuildDir, "builddir", "", "BUILDDIR of the tests (default: the directory that has test/var in it)")
	flags.StringVar(&cfg.Conf, "conf", "", "run only this configuration of the suites' configuration files")
	flags.BoolVar(&cfg.Long, "long", false, "run the tests listed in long_run, too")
	flags.BoolVar(&list, "list", false, "name the tests and do not run them")
	flags.StringVar(&junit, "junit", "", "write a JUnit report to this file")
	flags.DurationVar(&cfg.Timeout, "test-timeout", 0, "time that a test may take (default 110s)")
	flags.DurationVar(&cfg.StartTimeout, "server-start-timeout", 0, "time that an instance may take to start (default 90s)")
	flags.StringArrayVar(&cfg.Env, "env", nil, "further variable of the instances' environment, KEY=VALUE")
	flags.StringVar(&color, "color", "auto", "colour the output: auto, always or never")
	flags.BoolVarP(&cfg.Verbose, "verbose", "v", false, "say why tests were skipped")
	help := flags.BoolP("help", "h", false, "show this text")
	if err := flags.Parse(args); err != nil {
		fmt.Fprintf(stderr, "shardlua test: %v; see shardlua test --help\n", err)
		return 2
	}
	if *help {
		fmt.Fprint(stdout, usageText, flags.FlagUsages())
		return 0
	}
	cfg.Paths, cfg.Output = flags.Args(), stdout
	switch color {
	case "auto":
		cfg.Color = isTerminal(stdout)
	case "always":
		cfg.Color = true
	case "never":
	default:
		fmt.Fprintf(stderr, "shardlua test: --color must be auto, always or never, got %q\n", color)
		return 2
	}
	if list {
		return listTests(cfg, stdout, stderr)
	}
	return runTests(cfg, junit, stdout, stderr)
}

func listTests(cfg Config, stdout, stderr io.Writer) int {
	names, err := List(cfg)
	if err != nil {
		fmt.Fprintf(stderr, "shardlua test: %v\n", err)
		return exitCode(Report{}, err)
	}
	for _, name := range names {
		fmt.Fprintln(stdout, name)
	}
	return 0
}

func runTests(cfg Config, junit string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	report, err := Run(ctx, cfg)
	if err != nil {
		fmt.Fprintf(stderr, "shardlua test: %v\n", err)
		return exitCode(report, err)
	}
	report.WriteSummary(stdout)
	if junit != "" {
		if err := report.writeJUnit(junit); err != nil {
			fmt.Fprintf(stderr, "shardlua test: JUnit report: %v\n", unwrapPath(err))
			return 1
		}
	}
	return exitCode(report, nil)
}

func unwrapPath(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path
	}
	return err
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
