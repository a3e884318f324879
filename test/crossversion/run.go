package crossversion

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shardlua/test/cluster"
)

//go:embed app.lua
var app string

// Order is which instances reload first.
type Order string

// The orders in which a cluster may be upgraded.
const (
	StoragesFirst Order = "storages first"
	RouterFirst   Order = "router first"
)

// Internals are the state of one instance's module at one moment.
type Internals struct {
	Version int      `json:"version"`
	Shape   []string `json:"shape"`
}

// State is what became of the internals of one module.
type State struct {
	Instance string    `json:"instance"`
	Module   string    `json:"module"`
	Before   Internals `json:"before"`
	After    Internals `json:"after"`
}

// Run is what one reload of a cluster has come to.
type Run struct {
	Order Order `json:"order"`
	// Error is why an instance refused the new version, or why the run could not be ended; empty when all went well.
	Error       string  `json:"error,omitempty"`
	Calls       int     `json:"calls"`
	Failures    int     `json:"failures"`
	LastFailure string  `json:"last_failure,omitempty"`
	WorstPause  float64 `json:"worst_pause"` // seconds
	Lost        int     `json:"buckets_lost"`
	Doubled     int     `json:"buckets_doubled"`
	TuplesLost  int     `json:"tuples_lost"`
	TuplesTwice int     `json:"tuples_doubled"`
	States      []State `json:"internals"`
	// Logs is the directory with the logs of a run that has not come to a good end.
	Logs string `json:"logs,omitempty"`
}

// OK tells whether nobody has noticed the reload.
func (r Run) OK() bool {
	return r.Error == "" && r.Failures == 0 && r.Lost+r.Doubled+r.TuplesLost+r.TuplesTwice == 0
}

// trial is a run under way.
type trial struct {
	executable string
	old, new   string // directories of the two versions
	modules    []string
	say        func(string)
	cluster    *cluster.Cluster
	load       *cluster.Running
}

// Sizes of the cluster: few buckets, so that they move all the time.
const (
	buckets    = 200
	callers    = 4
	warmUp     = 300 // calls before the reload
	runTimeout = 60 * time.Second
)

// run starts a cluster on the old version, reloads it in an order and counts. The error is that of ctx.
func (t *trial) run(ctx context.Context, order Order) (Run, error) {
	outer := ctx
	result := Run{Order: order}
	dir, err := cluster.TempDir("shardlua-check-")
	if err != nil {
		return result, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, runTimeout, fmt.Errorf("not done within %v", runTimeout))
	defer cancel()
	err = t.start(ctx, dir)
	if err == nil {
		err = t.upgrade(ctx, &result)
	}
	if t.cluster != nil {
		t.cluster.Close()
	}
	if outer.Err() != nil {
		os.RemoveAll(dir)
		return result, context.Cause(outer)
	}
	if err != nil {
		result.Error = oneLine(err)
	}
	if result.OK() {
		return result, os.RemoveAll(dir)
	}
	result.Logs = dir
	return result, nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func (t *trial) start(ctx context.Context, dir string) error {
	t.say("starts")
	topology := cluster.Grid(2, 2)
	topology.Buckets = buckets
	// Public option names only: an old version has to understand them.
	topology.Options = map[string]any{"rebalancer_disbalance_threshold": 0.01}
	script := app
	for _, m := range t.own() {
		script += fmt.Sprintf("\nrawset(_G, %q, require(%q))", m, m)
	}
	code := filepath.Join(dir, "old")
	if err := os.CopyFS(code, os.DirFS(t.old)); err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(dir, "new"), os.DirFS(t.new)); err != nil {
		return err
	}
	c, err := cluster.Start(ctx, cluster.Options{
		Dir: dir, Executable: t.executable, Topology: topology, Code: code, App: script,
	})
	if err != nil {
		return err
	}
	t.cluster = c
	return c.Bootstrap(ctx)
}

// own are the modules of the user's besides vshard.
func (t *trial) own() []string {
	return slices.DeleteFunc(slices.Clone(t.modules), func(m string) bool { return strings.HasPrefix(m, "vshard.") })
}

// work is the nth request of a caller: writes, and reads of any replica between them.
func work(caller, n int) cluster.Request {
	id := uint64(n*callers + caller + 1)
	bucket := int(id*7919%buckets) + 1
	if n%3 == 2 {
		return cluster.Request{Bucket: bucket, Function: "crossversion_count"}
	}
	return cluster.Request{Write: true, Bucket: bucket, Function: "crossversion_put", Args: []any{id, bucket}, ID: id}
}

// upgrade reloads every instance while callers call and buckets move.
func (t *trial) upgrade(ctx context.Context, result *Run) error {
	ctx, forget := t.cluster.WhileAlive(ctx)
	defer forget()
	var err error
	t.load, err = t.cluster.Drive(context.WithoutCancel(ctx), cluster.Load{Callers: callers, Pause: time.Millisecond}, work)
	if err != nil {
		return err
	}
	defer t.load.Abort()
	for t.load.Counters().Calls < warmUp {
		if err := rest(ctx); err != nil {
			return err
		}
	}
	if result.States, err = t.states(ctx); err != nil {
		return err
	}
	// Transfers are under way while the instances change over.
	if err := t.cluster.Reweigh(ctx, 1, 3); err != nil {
		return err
	}
	refused := t.reloadAll(ctx, result.Order)
	var dead *cluster.Error
	if cause := context.Cause(ctx); errors.As(cause, &dead) {
		return cause
	}
	// However that went, the cluster has to go on.
	return errors.Join(refused, t.account(ctx, result))
}

func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Millisecond):
		return nil
	}
}

// reloadAll takes the instances to the new version one by one, replicas before masters.
func (t *trial) reloadAll(ctx context.Context, order Order) error {
	storages := append(t.cluster.Replicas(), t.cluster.Masters()...)
	instances := append(storages, t.cluster.Router)
	if order == RouterFirst {
		instances = append([]*cluster.Instance{t.cluster.Router}, storages...)
	}
	for _, i := range instances {
		if err := i.UseCode(filepath.Join(t.cluster.Dir, "new")); err != nil {
			return err
		}
		if modules := t.modulesOf(i); len(modules) > 0 {
			t.say("reloads " + i.Name)
			if err := i.Eval(ctx, nil, "require('shardlua').reload(...)", modules); err != nil {
				return fmt.Errorf("reload refused by %w", err)
			}
		}
		// Each mixture of versions serves for a while.
		for until := t.load.Counters().Calls + warmUp/10; t.load.Counters().Calls < until; {
			if err := rest(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// modulesOf are the modules that an instance reloads: all of a storage, or the router's.
func (t *trial) modulesOf(i *cluster.Instance) []string {
	return slices.DeleteFunc(slices.Clone(t.modules), func(m string) bool {
		return (i == t.cluster.Router) != (m == routerModule)
	})
}

const (
	storageModule = "vshard.storage"
	routerModule  = "vshard.router"
)

// account lets the cluster balance itself, stops the load, and counts what became of everything.
func (t *trial) account(ctx context.Context, result *Run) error {
	t.say("moves buckets")
	_, err := t.cluster.Rebalanced(ctx, []int{buckets / 4, buckets - buckets/4}, nil)
	if err == nil {
		if err = t.cluster.Reweigh(ctx, 1, 1); err == nil {
			_, err = t.cluster.Rebalanced(ctx, []int{buckets / 2, buckets / 2}, nil)
		}
	}
	if err != nil {
		err = fmt.Errorf("after the reload the buckets do not get where they belong: %w", err)
	}
	if ctx.Err() != nil {
		// The time is up; what can be counted still is.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
	}
	t.say("counts")
	counters := t.load.Stop()
	result.Calls, result.Failures, result.WorstPause = counters.Calls, counters.Failures, counters.Worst.Seconds()
	if counters.LastFailure != nil {
		result.LastFailure = oneLine(counters.LastFailure)
	}
	account, failed := t.cluster.Buckets(ctx)
	if failed != nil {
		return errors.Join(err, failed)
	}
	result.Lost, result.Doubled = len(account.Lost), len(account.Doubled)
	losses, failed := t.cluster.Tuples(ctx, "crossversion", t.load.Written())
	if failed != nil {
		return errors.Join(err, failed)
	}
	result.TuplesLost, result.TuplesTwice = losses.Lost, losses.Doubled
	after, failed := t.states(ctx)
	for n := range after {
		result.States[n].After = after[n].Before
	}
	return errors.Join(err, failed)
}

// states are the internals as they are now: those of a master's modules, and those of the router.
func (t *trial) states(ctx context.Context) ([]State, error) {
	var states []State
	for _, i := range []*cluster.Instance{t.cluster.Masters()[0], t.cluster.Router} {
		for _, m := range t.modulesOf(i) {
			s := State{Instance: i.Name, Module: m}
			var found struct {
				Version int
				Shape   []string
			}
			err := i.Eval(ctx, &found, `
				local module = ...
				local loaded = require(module)
				local M = type(loaded) == 'table' and loaded.internal
				if type(M) ~= 'table' then
				    M = require('shardlua').internals(module)
				end
				return {Version = M.reload_version or 0, Shape = require('shardlua').shape(M)}`, m)
			if err != nil {
				return nil, err
			}
			s.Before = Internals{found.Version, found.Shape}
			states = append(states, s)
		}
	}
	return states, nil
}
