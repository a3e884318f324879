package crossversion

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Check is what to check.
type Check struct {
	Repository Repository
	// Old and New name revisions; an empty Old stands for all that a cluster may still run, an empty New for the working
	// tree.
	Old, New string
	// Executable runs the instances.
	Executable string
	// Begin and End, when given, are told of each run, and Say what it is doing.
	Begin func(pair Pair, order Order)
	Say   func(text string)
	End   func(run Run)
}

// Pair is an old and a new revision, and how clusters have got from one to the other.
type Pair struct {
	Old  Revision `json:"old"`
	New  Revision `json:"new"`
	Runs []Run    `json:"runs"`
}

// OK tells whether all runs went well.
func (p Pair) OK() bool {
	for _, r := range p.Runs {
		if !r.OK() {
			return false
		}
	}
	return true
}

// Do checks all pairs. What an instance refuses, and what calls and buckets suffer, is in the pairs; the error says why
// the check itself could not be done.
func (c Check) Do(ctx context.Context) ([]Pair, error) {
	pairs, err := c.pairs(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "shardlua-revisions-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for n := range pairs {
		if err := c.pair(ctx, &pairs[n], filepath.Join(dir, fmt.Sprint(n))); err != nil {
			return pairs[:n+1], err
		}
	}
	return pairs, nil
}

func (c Check) pairs(ctx context.Context) ([]Pair, error) {
	name := c.New
	if name == "" {
		name = WorkingTree
	}
	newer, err := c.Repository.Resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	var older []Revision
	if c.Old == "" {
		older, err = c.Repository.Older(ctx)
	} else {
		var one Revision
		one, err = c.Repository.Resolve(ctx, c.Old)
		older = []Revision{one}
	}
	var pairs []Pair
	for _, old := range older {
		pairs = append(pairs, Pair{Old: old, New: newer})
	}
	return pairs, err
}

func (c Check) pair(ctx context.Context, p *Pair, dir string) error {
	old, newer := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	if err := c.Repository.Extract(ctx, p.Old, old); err != nil {
		return err
	}
	if err := c.Repository.Extract(ctx, p.New, newer); err != nil {
		return err
	}
	modules, err := c.modules(old, newer)
	if err != nil {
		return err
	}
	for _, order := range []Order{StoragesFirst, RouterFirst} {
		if c.Begin != nil {
			c.Begin(*p, order)
		}
		say := c.Say
		if say == nil {
			say = func(string) {}
		}
		t := &trial{executable: c.Executable, old: old, new: newer, modules: modules, say: say}
		run, err := t.run(ctx, order)
		if err != nil {
			return err
		}
		p.Runs = append(p.Runs, run)
		if c.End != nil {
			c.End(run)
		}
	}
	return nil
}

// modules are what is reloaded: what both versions have of vshard, and what was asked for.
func (c Check) modules(dirs ...string) ([]string, error) {
	var modules []string
	for _, m := range []struct{ name, file string }{{storageModule, "storage"}, {routerModule, "router"}} {
		everywhere := true
		for _, dir := range dirs {
			_, err := os.Stat(filepath.Join(dir, "vshard", m.file, "init.lua"))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			everywhere = everywhere && err == nil
		}
		if everywhere {
			modules = append(modules, m.name)
		}
	}
	return append(modules, c.Repository.Modules...), nil
}
