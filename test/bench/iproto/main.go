// Command iproto compares how many requests of the binary protocol a second executables answer (package wire does the
// work). It starts them one after another with the same script, round after round, and prints medians and ratios.
//
//	go run ./test/bench/iproto --rounds 5 --seconds 1 ./shardlua /usr/bin/tarantool
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"shardlua/test/bench/wire"
)

func main() {
	options := pflag.NewFlagSet("iproto", pflag.ContinueOnError)
	options.SetOutput(os.Stderr)
	rounds := options.Int("rounds", 5, "how often each executable is measured")
	seconds := options.Float64("seconds", 1, "how long each measurement takes")
	connections := options.Int("connections", 4, "connections")
	flight := options.Int("flight", 64, "requests in flight, over all connections")
	mode := options.String("wal", "none", "wal_mode of instances that are alone")
	works := options.StringSlice("work", wire.Works(), "what to measure")
	asJSON := options.Bool("json", false, "print every figure as JSON")
	options.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: iproto [flags] EXECUTABLE…\n"+options.FlagUsages())
	}
	err := options.Parse(os.Args[1:])
	if errors.Is(err, pflag.ErrHelp) {
		return
	}
	l := wire.Load{Connections: *connections, Flight: *flight, Duration: time.Duration(*seconds * float64(time.Second))}
	switch {
	case err != nil:
	case options.NArg() == 0:
		err = errors.New("name the executables to measure")
	case l.Duration <= 0 || l.Duration > time.Minute:
		err = errors.New("--seconds is to be more than 0, and 60 at most")
	case *rounds < 1 || *rounds > 100:
		err = errors.New("--rounds is to be from 1 to 100")
	case l.Connections < 1 || l.Flight < l.Connections || l.Flight > 1<<16:
		err = errors.New("--connections is to be at least 1, --flight at least as much, and 65536 at most")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "iproto:", err)
		os.Exit(2)
	}
	r, err := compare(l, options.Args(), *works, *rounds, *mode)
	if err == nil && *asJSON {
		err = r.writeJSON(os.Stdout)
	} else if err == nil {
		err = r.writeTable(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "iproto:", err)
		os.Exit(1)
	}
}

// compare measures all executables, round after round.
func compare(l wire.Load, executables, works []string, rounds int, mode string) (*report, error) {
	r := newReport(executables, works)
	for range rounds {
		for i, executable := range executables {
			samples, err := l.Samples(context.Background(), executable, works, mode)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", executable, err)
			}
			for j, s := range samples {
				r.hosts[i].add(works[j], s)
			}
		}
	}
	return r, nil
}
