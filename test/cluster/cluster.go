package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

//go:embed instance.lua
var instanceScript []byte

// Options are how a cluster is to be.
type Options struct {
	// Dir is an existing, empty directory for everything; its path has to be short enough for sockets in it.
	Dir string
	// Executable behaves like Tarantool.
	Executable string
	Topology   Topology
	// Code is the directory with the modules that instances load first; empty when they need none besides the
	// executable's own.
	Code string
	// App is a Lua chunk that every storage runs when it is configured; RouterApp is that of the router.
	App, RouterApp string
	// Lasting instances live on when this process ends.
	Lasting bool
	// StartTimeout bounds the start; 0 means a minute.
	StartTimeout time.Duration
}

// Cluster is a running cluster: storages and one router.
type Cluster struct {
	Dir      string
	Topology Topology
	// Storages are in the order of the topology.
	Storages []*Instance
	Router   *Instance

	alive context.Context // ends with the first instance that ends unasked
	died  context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
}

// maxPath is how long the path of a unix socket may be on every system, with the name of a file in the directory.
const maxPath = 104 - len("/storage_99_z.control") - 1

// TempDir makes a directory for a cluster, whose path is short enough.
func TempDir(pattern string) (string, error) {
	base := os.TempDir()
	if len(filepath.Join(base, pattern))+12 > maxPath {
		base = "/tmp"
	}
	return os.MkdirTemp(base, pattern)
}

// Start starts the storages and the router and waits until all answer and the replicas follow. Whatever it started is
// ended when it returns an error.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	if len(opts.Dir) > maxPath {
		return nil, fmt.Errorf("the path %s is too long for sockets in it (%d bytes, %d are possible)", opts.Dir, len(opts.Dir), maxPath)
	}
	if opts.StartTimeout == 0 {
		opts.StartTimeout = time.Minute
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opts.StartTimeout, fmt.Errorf("the cluster has not started within %v", opts.StartTimeout))
	defer cancel()
	c := &Cluster{Dir: opts.Dir, Topology: opts.Topology}
	c.alive, c.died = context.WithCancelCause(context.Background())
	if err := c.prepare(opts); err != nil {
		return nil, err
	}
	ctx, forget := c.WhileAlive(ctx)
	defer forget()
	if err := c.bringUp(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// prepare writes the files that instances read.
func (c *Cluster) prepare(opts Options) error {
	if err := c.Topology.write(c.Dir); err != nil {
		return err
	}
	files := map[string][]byte{"instance.lua": instanceScript}
	if opts.App != "" {
		files["app.lua"] = []byte(opts.App)
	}
	if opts.RouterApp != "" {
		files["router.lua"] = []byte(opts.RouterApp)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), text, 0o644); err != nil {
			return err
		}
	}
	add := func(name, uuid string) *Instance {
		return &Instance{Name: name, UUID: uuid, dir: c.Dir, executable: opts.Executable, lasting: opts.Lasting, died: c.died}
	}
	for _, set := range c.Topology.ReplicaSets {
		for _, m := range set.Instances {
			c.Storages = append(c.Storages, add(m.Name, m.UUID))
		}
	}
	c.Router = add("router", "")
	if opts.Code == "" {
		return nil
	}
	for _, i := range c.All() {
		if err := i.UseCode(opts.Code); err != nil {
			return err
		}
	}
	return nil
}

// bringUp starts the storages and then the router, which finds them there.
func (c *Cluster) bringUp(ctx context.Context) error {
	for _, group := range [][]*Instance{c.Storages, {c.Router}} {
		for _, i := range group {
			if err := i.start(); err != nil {
				return err
			}
		}
		if err := Each(group, func(i *Instance) error { return i.await(ctx) }); err != nil {
			return err
		}
	}
	if err := Each(c.Replicas(), func(i *Instance) error { return c.awaitReplica(ctx, i) }); err != nil {
		return err
	}
	return Each(c.Storages, func(i *Instance) error { return i.Eval(ctx, nil, "instance.settle()") })
}

// awaitReplica waits until a replica follows every other instance of its set.
func (c *Cluster) awaitReplica(ctx context.Context, i *Instance) error {
	const follows = `
		for _, r in pairs(box.info.replication) do
		    if r.uuid ~= box.info.uuid and (r.upstream == nil or r.upstream.status ~= 'follow') then
		        return false
		    end
		end
		return true`
	return c.until(ctx, func() (bool, error) {
		var ok bool
		err := i.Eval(ctx, &ok, follows)
		return ok, err
	})
}

// until waits for a condition.
func (c *Cluster) until(ctx context.Context, reached func() (bool, error)) error {
	for {
		ok, err := reached()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil || ok:
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// WhileAlive is ctx, cancelled when an instance ends without having been asked to; the cause is the *Error that says so.
func (c *Cluster) WhileAlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.alive, func() { cancel(context.Cause(c.alive)) })
	return ctx, func() { stop(); cancel(nil) }
}

// All are the storages and the router.
func (c *Cluster) All() []*Instance { return append(append([]*Instance{}, c.Storages...), c.Router) }

// Masters are the masters of the replica sets, in the order of the topology.
func (c *Cluster) Masters() []*Instance { return c.members(func(n int) bool { return n == 0 }) }

// Replicas are the storages that are no masters.
func (c *Cluster) Replicas() []*Instance { return c.members(func(n int) bool { return n > 0 }) }

func (c *Cluster) members(wanted func(n int) bool) []*Instance {
	var found []*Instance
	next := 0
	for _, set := range c.Topology.ReplicaSets {
		for n := range set.Instances {
			if wanted(n) {
				found = append(found, c.Storages[next])
			}
			next++
		}
	}
	return found
}

// Each does something with all instances at the same time and returns the first error, in the order of the instances.
func Each(instances []*Instance, do func(*Instance) error) error {
	errs := make([]error, len(instances))
	var wg sync.WaitGroup
	for n, i := range instances {
		wg.Go(func() { errs[n] = do(i) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Bootstrap gives every replica set its share of the buckets.
func (c *Cluster) Bootstrap(ctx context.Context) error {
	return c.Router.Eval(ctx, nil, `
		local ok, err = vshard.router.bootstrap({timeout = 30})
		if not ok then
		    error(err)
		end`)
}

// Reweigh changes the weights of the replica sets, in their order, on all instances.
func (c *Cluster) Reweigh(ctx context.Context, weights ...float64) error {
	if len(weights) != len(c.Topology.ReplicaSets) {
		return errors.New("one weight for each replica set is needed")
	}
	for n, w := range weights {
		c.Topology.ReplicaSets[n].Weight = w
	}
	if err := c.Topology.write(c.Dir); err != nil {
		return err
	}
	return Each(c.All(), func(i *Instance) error { return i.Eval(ctx, nil, "return instance.configure()") })
}

// Close ends all instances. Their files stay.
func (c *Cluster) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	defer c.died(nil)
	_ = Each(c.All(), func(i *Instance) error { i.Stop(); return nil })
}

// Release leaves a lasting cluster to itself.
func (c *Cluster) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, i := range c.All() {
		i.release()
	}
}
