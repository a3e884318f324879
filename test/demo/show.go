package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"shardlua/test/cluster"
	"shardlua/test/progress"
)

// show is one run of the demo.
type show struct {
	dir, executable, program string
	keep                     bool
	out                      io.Writer
	steps                    *progress.Steps

	version  func(n int) string // the directory of a version of the module
	cluster  *cluster.Cluster
	load     *cluster.Running
	migrated int // how many migrations have run
	before   cluster.Account
	after    cluster.Account
}

// stepError says in which step the demo failed.
type stepError struct {
	step string
	err  error
}

func (e *stepError) Error() string { return e.step + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// The times that are there to be seen by a person.
const (
	loadAlone   = 1500 * time.Millisecond // before anything happens
	betweenSets = 400 * time.Millisecond  // between two instances of the roll-out
	afterwards  = time.Second             // after the refused version
)

// patience bounds each step.
const patience = 60 * time.Second

func (s *show) run(ctx context.Context) error {
	fmt.Fprintln(s.out, "shardlua demo: two replica sets of two instances, and a router, on this machine")
	fmt.Fprintln(s.out)
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"start", s.start},
		{"bootstrap", s.bootstrap},
		{"load", s.drive},
		{"roll out", s.rollOut},
		{"refuse", s.refuse},
		{"rebalance", s.rebalance},
		{"check", s.check},
	} {
		err := s.do(ctx, step.do)
		if err != nil {
			if s.load != nil {
				s.load.Abort()
			}
			return &stepError{step.name, err}
		}
	}
	s.invite()
	return nil
}

// do gives a step its time, as long as all instances live.
func (s *show) do(ctx context.Context, step func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not done within %v", patience))
	defer cancel()
	if s.cluster != nil {
		var forget context.CancelFunc
		ctx, forget = s.cluster.WhileAlive(ctx)
		defer forget()
	}
	return step(ctx)
}

const (
	buckets = 3000
	callers = 8
)

func (s *show) start(ctx context.Context) error {
	s.steps.Begin("start", nil)
	var err error
	if s.version, err = unpack(s.dir); err != nil {
		return err
	}
	app, err := files.ReadFile("app.lua")
	if err != nil {
		return err
	}
	topology := cluster.Grid(2, 2)
	topology.Buckets = buckets
	topology.Options = map[string]any{"rebalancer_max_sending": 5}
	s.cluster, err = cluster.Start(ctx, cluster.Options{
		Dir: s.dir, Executable: s.executable, Topology: topology, Code: s.version(1), App: string(app), Lasting: s.keep,
	})
	if err != nil {
		return err
	}
	s.steps.Done("4 storages, a router; version 1 of the module orders")
	return nil
}

func (s *show) bootstrap(ctx context.Context) error {
	s.steps.Begin("bootstrap", nil)
	if err := s.cluster.Bootstrap(ctx); err != nil {
		return err
	}
	var err error
	if s.before, err = s.cluster.Settle(ctx); err != nil {
		return err
	}
	s.steps.Done("%s buckets: %v", grouped(buckets), s.before)
	return nil
}

// items are what the callers order.
var items = [...]string{"apples", "bread", "cheese", "dates", "eggs"}

// order is the nth order of a caller.
func order(caller, n int) cluster.Request {
	id := uint64(n*callers + caller + 1)
	bucket := int(id*7919%buckets) + 1
	return cluster.Request{
		Write: true, Bucket: bucket, Function: "orders.put", ID: id,
		Args: []any{id, bucket, items[id%uint64(len(items))], 1 + id%90},
	}
}

func (s *show) drive(ctx context.Context) error {
	// The load outlives this step, so it does not end with the step's time.
	load, err := s.cluster.Drive(context.WithoutCancel(ctx), cluster.Load{Callers: callers, Pause: 2 * time.Millisecond}, order)
	if err != nil {
		return err
	}
	s.load = load
	s.steps.Begin("load", s.pulse)
	if err := rest(ctx, loadAlone); err != nil {
		return err
	}
	calls := load.Counters().Calls
	s.steps.Done("%d callers write orders through the router, %s calls a second", callers,
		grouped(int(float64(calls)/loadAlone.Seconds())))
	return nil
}

// pulse is what the load looks like at this moment.
func (s *show) pulse() string {
	c := s.load.Counters()
	return fmt.Sprintf("%s calls, %d failed, worst pause %s", grouped(c.Calls), c.Failures, short(c.Worst))
}

// rest lets the load run for a while.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// reloaded is what an instance tells of a reload.
type reloaded struct {
	Pause         float64  // seconds
	Before, After int      // versions of the state of orders
	Migrations    []string // names
}

// reload exchanges the code of the storage and of the application in one transaction.
const reload = `
	local report = require('shardlua').reload({'vshard.storage', 'orders'})
	for _, module in ipairs(report.modules) do
	    if module.name == 'orders' then
	        local names = {}
	        for _, step in ipairs(module.migrations) do
	            table.insert(names, step.name)
	        end
	        return {Pause = report.pause, Before = module.before or 0, After = module.after, Migrations = names}
	    end
	end`

// rollOut takes one instance after the other to version 2, replicas first.
func (s *show) rollOut(ctx context.Context) error {
	for _, i := range append(s.cluster.Replicas(), s.cluster.Masters()...) {
		s.steps.Begin("roll out", s.pulse)
		if err := rest(ctx, betweenSets); err != nil {
			return err
		}
		if err := i.UseCode(s.version(2)); err != nil {
			return err
		}
		s.load.Worst()
		var r reloaded
		if err := i.Eval(ctx, &r, reload); err != nil {
			return err
		}
		if len(r.Migrations) != 1 {
			return fmt.Errorf("%s: one migration should have run, but %d have", i.Name, len(r.Migrations))
		}
		s.migrated += len(r.Migrations)
		s.steps.Done("%s: orders %d -> %d in %s (%s)", i.Name, r.Before+1, r.After+1, short(seconds(r.Pause)), r.Migrations[0])
	}
	return nil
}

// errAccepted says that an instance took what it should have refused.
var errAccepted = errors.New("the broken version was not refused")

// refuse tries version 3 on a master; its migration stumbles after it has changed half of the state.
func (s *show) refuse(ctx context.Context) error {
	s.steps.Begin("refuse", s.pulse)
	i := s.cluster.Masters()[0]
	if err := i.UseCode(s.version(3)); err != nil {
		return err
	}
	refusal := i.Eval(ctx, nil, reload)
	if err := i.UseCode(s.version(2)); err != nil {
		return err
	}
	var broken *cluster.Error
	switch {
	case refusal == nil:
		return errAccepted
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(refusal, &broken):
		return refusal
	}
	// The half that the migration had changed is as it was, and version 2 serves.
	var state struct {
		Version int
		Intact  bool
	}
	err := i.Eval(ctx, &state, `
		local M = require('shardlua').internals('orders')
		local best, figures = orders.top()
		return {Version = M.reload_version, Intact = M.ranking == nil and best ~= nil and figures.count > 0}`)
	switch {
	case err != nil:
		return err
	case state.Version != 1 || !state.Intact:
		return fmt.Errorf("%s: the broken version left something behind", i.Name)
	}
	if err := rest(ctx, afterwards); err != nil {
		return err
	}
	s.steps.Done("%s refuses version 3 and serves on with version 2:\n%s", i.Name, lastPart(broken.Err.Error()))
	return nil
}

// lastPart is an error without the words before its position.
func lastPart(message string) string {
	if at := strings.Index(message, "orders.lua:"); at >= 0 {
		return message[at:]
	}
	return message
}

// rebalance doubles the share of the second replica set.
func (s *show) rebalance(ctx context.Context) error {
	var err error
	if s.before, err = s.cluster.Settle(ctx); err != nil {
		return err
	}
	accounts := make(chan cluster.Account, 1)
	last := s.before
	s.steps.Begin("rebalance", func() string {
		select {
		case last = <-accounts:
		default:
		}
		return fmt.Sprintf("%v; %s", last, s.pulse())
	})
	if err := s.cluster.Reweigh(ctx, 1, 2); err != nil {
		return err
	}
	s.after, err = s.cluster.Rebalanced(ctx, []int{buckets / 3, buckets - buckets/3}, func(a cluster.Account) {
		select {
		case accounts <- a:
		default:
		}
	})
	if err != nil {
		return err
	}
	s.steps.Done("the second replica set gets twice the weight of the first: %v -> %v", s.before, s.after)
	return nil
}
