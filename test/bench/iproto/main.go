// Command iproto compares how many requests of the binary protocol a second executables answer (package wire does the
// work). It starts them one after another with the same script, round after round, and prints medians and ratios.
//
//	go run ./test/bench/iproto --rounds 5 --seconds 1 ./shardlua /usr/bin/tarantool
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"shardlua/test/bench/wire"
)

func main() {
	options := pflag.NewFlagSet("iproto", pflag.ContinueOnError)
	rounds := options.Int("rounds", 5, "how often each executable is measured")
	seconds := options.Float64("seconds", 1, "how long each measurement takes")
	connections := options.Int("connections", 4, "connections")
	flight := options.Int("flight", 64, "requests in flight, over all connections")
	mode := options.String("wal", "none", "wal_mode of the instances")
	works := options.StringSlice("work", wire.Works(), "what to measure")
	if err := options.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	l := wire.Load{Connections: max(1, *connections), Flight: max(1, *flight), Duration: time.Duration(*seconds * float64(time.Second))}
	if options.NArg() == 0 || l.Duration <= 0 || l.Duration > time.Minute || *rounds > 100 {
		fmt.Fprintln(os.Stderr, "usage: iproto [flags] EXECUTABLE…\n"+options.FlagUsages())
		os.Exit(2)
	}
	if err := compare(l, options.Args(), *works, *rounds, *mode); err != nil {
		fmt.Fprintln(os.Stderr, "iproto:", err)
		os.Exit(1)
	}
}

// compare measures all executables and prints a line for each kind of work.
func compare(l wire.Load, executables, works []string, rounds int, mode string) error {
	rates := map[string]map[string][]float64{}
	for range rounds {
		for _, executable := range executables {
			measured, err := l.Measure(context.Background(), executable, works, mode)
			if err != nil {
				return fmt.Errorf("%s: %w", executable, err)
			}
			for i, work := range works {
				if rates[work] == nil {
					rates[work] = map[string][]float64{}
				}
				rates[work][executable] = append(rates[work][executable], measured[i])
			}
		}
	}
	for _, work := range works {
		line := fmt.Sprintf("%-8s", work)
		for _, executable := range executables {
			line += fmt.Sprintf("  %s %8.0f/s", filepath.Base(executable), median(rates[work][executable]))
		}
		if len(executables) == 2 {
			line += fmt.Sprintf("  %.2fx", median(rates[work][executables[0]])/median(rates[work][executables[1]]))
		}
		fmt.Println(line)
	}
	return nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
