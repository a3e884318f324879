// Command reload measures what a reload of the storage costs the calls that are under way.
//
// The one idea: callers repeat vshard.storage.call with no pause, first for a while without, then for as long with
// reloads of vshard.storage at equal intervals, then with reloads of a version that does not work. What a reload costs is
// the longest call of the second time against the longest of the first. All executables load the same sources, one after
// another, round after round.
//
//	go run ./test/bench/reload -rounds 3 ./shardlua /usr/bin/tarantool
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"shardlua/test/reload"
)

type settings struct {
	rounds, reloads, callers, buckets int
	pause                             time.Duration
	source, function, mode            string
}

func main() {
	options := pflag.NewFlagSet("reload", pflag.ContinueOnError)
	var s settings
	options.IntVar(&s.rounds, "rounds", 3, "how often each executable is measured")
	options.IntVar(&s.reloads, "reloads", 20, "reloads in a round")
	options.IntVar(&s.callers, "callers", 8, "callers, each with one call in flight")
	options.IntVar(&s.buckets, "buckets", 3000, "buckets of the storage")
	options.DurationVar(&s.pause, "pause", 50*time.Millisecond, "time between two reloads")
	options.StringVar(&s.source, "source", "lua", "directory with the sharding module")
	options.StringVar(&s.function, "function", "get", "what the calls do: echo, get or put")
	options.StringVar(&s.mode, "mode", "read", "mode of the calls: read or write")
	if err := options.Parse(os.Args[1:]); err != nil {
		os.Exit(2)
	}
	if options.NArg() == 0 || s.rounds < 1 || s.reloads < 1 || s.callers < 1 {
		fmt.Fprintln(os.Stderr, "usage: reload [flags] EXECUTABLE…\n"+options.FlagUsages())
		os.Exit(2)
	}
	// The collector of the callers must not be taken for a stall of the instance.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(1 << 30)
	if err := compare(s, options.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "reload:", err)
		os.Exit(1)
	}
}

// phase is what was measured in one stretch of time.
type phase struct {
	reload.Result
	// took are how long the reloads took for who asked for them.
	took []time.Duration
}

func compare(s settings, executables []string) error {
	for round := range s.rounds {
		for _, executable := range executables {
			phases, err := measure(s, executable)
			if err != nil {
				return fmt.Errorf("%s: %w", executable, err)
			}
			for i, name := range []string{"without", "reloads", "refused"} {
				p := phases[i]
				fmt.Printf("%d %-10s %-8s calls %7d  failed %d  p50 %8v  p99.9 %8v  worst %8v", round+1,
					filepath.Base(executable), name, p.Calls, len(p.Failures), short(p.Quantile(0.5)), short(p.Quantile(0.999)), short(p.Worst()))
				if len(p.took) > 0 {
					slices.Sort(p.took)
					fmt.Printf("  a reload takes %v, worst %v", short(p.took[len(p.took)/2]), short(p.took[len(p.took)-1]))
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

// measure runs one instance through all phases.
func measure(s settings, executable string) ([]phase, error) {
	dir, err := os.MkdirTemp("", "reload")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(dir, "source")
	if out, err := exec.Command("cp", "-r", s.source, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cp: %w: %s", err, out)
	}
	cluster, err := reload.NewCluster(dir, source, reload.Topology{Shards: 1, Replicas: 1, Buckets: s.buckets})
	if err != nil {
		return nil, err
	}
	instance, err := cluster.StartProcess(executable, "storage_1_a", reload.Storage)
	if err != nil {
		return nil, err
	}
	defer instance.Stop()
	if _, err := instance.Eval(`
		vshard.storage.bucket_force_create(1, cfg.bucket_count)
		for i = 1, cfg.bucket_count do put(i, i, 'value ' .. i) end`); err != nil {
		return nil, err
	}
	if _, err := s.phase(instance, 0, nil); err != nil { // to warm up
		return nil, err
	}
	without, err := s.phase(instance, 0, nil)
	if err != nil {
		return nil, err
	}
	reloads, err := s.phase(instance, s.reloads, func() error { return instance.Reload("vshard.storage") })
	if err != nil {
		return nil, err
	}
	if err := breakModule(filepath.Join(source, "vshard", "storage", "init.lua")); err != nil {
		return nil, err
	}
	refused, err := s.phase(instance, s.reloads, func() error {
		if err := instance.Reload("vshard.storage"); err == nil {
			return fmt.Errorf("a version that throws was taken")
		}
		return nil
	})
	return []phase{without, reloads, refused}, err
}

// breakModule lets a module fail at its very end, when all of its work is done.
func breakModule(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	broken := append([]byte("local function load_module(...) "), text...)
	broken = append(broken, " end\nload_module(...)\nerror('this version does not work')\n"...)
	return os.WriteFile(file, broken, 0o600)
}

// phase lets the callers work while reloads happen, or for as long as they would take.
func (s settings) phase(instance *reload.Instance, reloads int, again func() error) (phase, error) {
	load, err := reload.StartLoad(instance.Socket, s.callers, func(caller, n int) (reload.Request, error) {
		id := (caller*367+n*41)%s.buckets + 1
		return reload.CallRequest("vshard.storage.call", id, s.mode, s.function, []any{id, id, "another value"})
	})
	if err != nil {
		return phase{}, err
	}
	var p phase
	for range reloads {
		time.Sleep(s.pause)
		began := time.Now()
		if err = again(); err != nil {
			break
		}
		p.took = append(p.took, time.Since(began))
	}
	if reloads == 0 {
		time.Sleep(time.Duration(s.reloads) * s.pause)
	}
	time.Sleep(s.pause)
	p.Result = load.Stop()
	return p, err
}
