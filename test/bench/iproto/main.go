// Command iproto measures how many requests of the binary protocol a second an instance answers.
//
// The one idea: a fixed number of requests is in flight on each connection; as many as were answered by one read are
// sent again by one write. It starts the executables that it compares one after another with the same script, round
// after round, and prints medians and ratios. It talks over unix sockets to what it started itself.
//
//	go run ./test/bench/iproto -rounds 5 -seconds 1 ./shardlua /usr/bin/tarantool
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/pflag"
)

// script is what both hosts run.
const script = `
local path, mode = ...
box.cfg{work_dir = path, wal_mode = mode, log = 'log', log_level = 4, memtx_memory = 128 * 2^20, checkpoint_interval = 0}
box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
local s = box.schema.space.create('bench', {id = 600, if_not_exists = true})
s:create_index('pk', {parts = {{1, 'unsigned'}}, if_not_exists = true})
for i = 1, 10000 do s:replace{i, 'value ' .. i} end
function echo(x) return x end
function get(id) return s:get{id} end
box.cfg{listen = path .. '/s.sock'}
`

func main() {
	options := pflag.NewFlagSet("iproto", pflag.ContinueOnError)
	rounds := options.Int("rounds", 5, "how often each executable is measured")
	seconds := options.Float64("seconds", 1, "how long each measurement takes")
	connections := options.Int("connections", 4, "connections")
	flight := options.Int("flight", 64, "requests in flight, over all connections")
	mode := options.String("wal", "none", "wal_mode of the instances")
	works := options.StringSlice("work", []string{"ping", "select", "call", "get", "replace"}, "what to measure")
	if err := options.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	l := load{connections: max(1, *connections), flight: max(1, *flight), duration: time.Duration(*seconds * float64(time.Second))}
	if options.NArg() == 0 || l.duration <= 0 || l.duration > time.Minute || *rounds > 100 {
		fmt.Fprintln(os.Stderr, "usage: iproto [flags] EXECUTABLE…\n"+options.FlagUsages())
		os.Exit(2)
	}
	if err := compare(l, options.Args(), *works, *rounds, *mode); err != nil {
		fmt.Fprintln(os.Stderr, "iproto:", err)
		os.Exit(1)
	}
}

// compare measures all executables and prints a line for each kind of work.
func compare(l load, executables, works []string, rounds int, mode string) error {
	rates := map[string]map[string][]float64{}
	for range rounds {
		for _, executable := range executables {
			if err := measure(l, executable, works, mode, rates); err != nil {
				return fmt.Errorf("%s: %w", executable, err)
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

// measure runs one instance and all kinds of work on it.
func measure(l load, executable string, works []string, mode string, rates map[string]map[string][]float64) error {
	dir, err := os.MkdirTemp("", "iproto")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bench.lua")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(executable, file, dir, mode)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	socket := filepath.Join(dir, "s.sock")
	if err := waitFor(socket); err != nil {
		return err
	}
	for _, work := range works {
		rate, err := l.run(socket, work)
		if err != nil {
			return fmt.Errorf("%s: %w", work, err)
		}
		if rates[work] == nil {
			rates[work] = map[string][]float64{}
		}
		rates[work][executable] = append(rates[work][executable], rate)
	}
	return nil
}

// startTimeout bounds the wait for an instance.
const startTimeout = 20 * time.Second

func waitFor(socket string) error {
	deadline := time.Now().Add(startTimeout)
	for {
		c, err := dial(socket)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the instance does not listen: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
