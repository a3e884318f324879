// Command reload measures what a reload of the storage costs the calls that are under way (package stall does the
// work), executable after executable, round after round.
//
//	go run ./test/bench/reload -rounds 3 ./shardlua /usr/bin/tarantool
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"shardlua/test/bench/stall"
)

func main() {
	options := pflag.NewFlagSet("reload", pflag.ContinueOnError)
	s := stall.Usual()
	rounds, source := 0, ""
	options.IntVar(&rounds, "rounds", 3, "how often each executable is measured")
	options.IntVar(&s.Reloads, "reloads", 20, "reloads in a round")
	options.IntVar(&s.Callers, "callers", 8, "callers, each with one call in flight")
	options.IntVar(&s.Buckets, "buckets", 3000, "buckets of the storage")
	options.DurationVar(&s.Pause, "pause", 50*time.Millisecond, "time between two reloads")
	options.StringVar(&source, "source", "", "directory with the sharding module (default: that of this source tree)")
	options.StringVar(&s.Function, "function", "get", "what the calls do: echo, get or put")
	options.StringVar(&s.Mode, "mode", "read", "mode of the calls: read or write")
	if err := options.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	if options.NArg() == 0 || rounds < 1 || s.Reloads < 1 || s.Callers < 1 {
		fmt.Fprintln(os.Stderr, "usage: reload [flags] EXECUTABLE…\n"+options.FlagUsages())
		os.Exit(2)
	}
	if source != "" {
		s.Source = os.DirFS(source)
	}
	// The collector of the callers must not be taken for a stall of the instance.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	if err := compare(s, rounds, options.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "reload:", err)
		os.Exit(1)
	}
}

func compare(s stall.Settings, rounds int, executables []string) error {
	for round := range rounds {
		for _, executable := range executables {
			phases, err := s.Measure(context.Background(), executable)
			if err != nil {
				return fmt.Errorf("%s: %w", executable, err)
			}
			for _, p := range phases {
				fmt.Printf("%d %-10s %-8s calls %7d  failed %d  p50 %8v  p99.9 %8v  worst %8v", round+1,
					filepath.Base(executable), p.Name, p.Calls, len(p.Failures), short(p.Quantile(0.5)), short(p.Quantile(0.999)), short(p.Worst()))
				if len(p.Took) > 0 {
					slices.Sort(p.Took)
					fmt.Printf("  a reload takes %v, worst %v", short(p.Took[len(p.Took)/2]), short(p.Took[len(p.Took)-1]))
				}
				if len(p.Failures) > 0 {
					fmt.Printf("  first failure: %s", p.Failures[0])
				}
				fmt.Println()
			}
		}
	}
	return nil
}

func short(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
