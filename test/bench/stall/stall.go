// Package stall measures what a reload of the storage costs the calls that are under way.
//
// The one idea: callers repeat vshard.storage.call with no pause, first for a while without, then for as long with
// reloads of vshard.storage at equal intervals, then with reloads of a version that does not work. What a reload costs is
// the longest call of the second time against the longest of the first. All executables load the same sources, one after
// another, round after round.
package stall

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"shardlua/lua"
	"shardlua/test/reload"
)

// Settings are how the calls and reloads are.
type Settings struct {
	// Reloads happen in each phase, Pause apart.
	Reloads int
	Pause   time.Duration
	// Callers have one call in flight each.
	Callers, Buckets int
	// Source holds the sharding module.
	Source fs.FS
	// Function is what the calls do, echo, get or put; Mode is read or write.
	Function, Mode string
}

// Usual are the settings that figures are compared with.
func Usual() Settings {
	return Settings{
		Reloads: 20, Pause: 50 * time.Millisecond, Callers: 8, Buckets: 3000, Source: lua.Files, Function: "get", Mode: "read",
	}
}

// Phase is what was measured in one stretch of time.
type Phase struct {
	// Name is without, reloads or refused.
	Name string
	reload.Result
	// Took are how long the reloads took for who asked for them.
	Took []time.Duration
}

// Measure runs one instance of an executable through all phases. The end of ctx is looked at between them.
func (s Settings) Measure(ctx context.Context, executable string) ([]Phase, error) {
	dir, err := os.MkdirTemp("", "reload")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, s.Source); err != nil {
		return nil, err
	}
	cluster, err := reload.NewCluster(dir, source, reload.Topology{Shards: 1, Replicas: 1, Buckets: s.Buckets})
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
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	reloads, err := s.phase(instance, s.Reloads, func() error { return instance.Reload("vshard.storage") })
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := breakModule(filepath.Join(source, "vshard", "storage", "init.lua")); err != nil {
		return nil, err
	}
	refused, err := s.phase(instance, s.Reloads, func() error {
		if err := instance.Reload("vshard.storage"); err == nil {
			return fmt.Errorf("a version that throws was taken")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	without.Name, reloads.Name, refused.Name = "without", "reloads", "refused"
	return []Phase{without, reloads, refused}, nil
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
func (s Settings) phase(instance *reload.Instance, reloads int, again func() error) (Phase, error) {
	load, err := reload.StartLoad(instance.Socket, s.Callers, func(caller, n int) (reload.Request, error) {
		id := (caller*367+n*41)%s.Buckets + 1
		return reload.CallRequest("vshard.storage.call", id, s.Mode, s.Function, []any{id, id, "another value"})
	})
	if err != nil {
		return Phase{}, err
	}
	var p Phase
	for range reloads {
		time.Sleep(s.Pause)
		began := time.Now()
		if err = again(); err != nil {
			break
		}
		p.Took = append(p.Took, time.Since(began))
	}
	if reloads == 0 {
		time.Sleep(time.Duration(s.Reloads) * s.Pause)
	}
	time.Sleep(s.Pause)
	p.Result = load.Stop()
	return p, err
}
