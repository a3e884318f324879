package xlog

import (
	"errors"
	"io/fs"
	"slices"
	"sync"

	"shardlua/runtime/xlog/vclock"
)

// Collector removes the snapshots and logs that nobody needs. A log is needed by the oldest checkpoint that is kept
// and by everything newer, and by pins. All methods may be called from any goroutine.
type Collector struct {
	snaps, logs Dir
	events      Events

	mu          sync.Mutex
	keep        int
	checkpoints []vclock.VClock
	pins        []*Pin
	oldest      vclock.VClock
}

// Pin keeps files from being removed.
type Pin struct {
	// Name says whose it is: "backup", or a replica's uuid.
	Name string

	collector  *Collector
	vclock     vclock.VClock
	checkpoint bool
}

// NewCollector makes a collector that keeps the newest keep checkpoints (checkpoint_count, at least 1). The
// checkpoints are the snapshots that exist.
func NewCollector(snaps, logs Dir, keep int, events Events) (*Collector, error) {
	files, err := snaps.List(true, events)
	if err != nil {
		return nil, err
	}
	c := &Collector{snaps: snaps, logs: logs, events: events, keep: max(keep, 1)}
	for _, file := range files {
		c.checkpoints = append(c.checkpoints, file.Meta.VClock)
		c.oldest = file.Meta.VClock
	}
	list, err := logs.List(true, nil)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		c.oldest = list[0].Meta.VClock
	}
	return c, nil
}

// Oldest is where the oldest log begins: rows after it can still be read (box.info.gc().vclock).
func (c *Collector) Oldest() vclock.VClock {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.oldest
}

// SetKeep changes the number of checkpoints to keep. Collect acts on it.
func (c *Collector) SetKeep(keep int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = max(keep, 1)
}

// AddCheckpoint notes that a snapshot was made. It must be newer than the others, or the same as the newest.
func (c *Collector) AddCheckpoint(v vclock.VClock) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.checkpoints); n == 0 || c.checkpoints[n-1] != v {
		c.checkpoints = append(c.checkpoints, v)
	}
}

// Checkpoint is a snapshot that is kept.
type Checkpoint struct {
	VClock vclock.VClock
	// Pins are the names of the pins that hold it.
	Pins []string
}

// Checkpoints lists what is kept, the oldest first.
func (c *Collector) Checkpoints() []Checkpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Checkpoint, len(c.checkpoints))
	for i, v := range c.checkpoints {
		list[i].VClock = v
		for _, pin := range c.pins {
			if pin.checkpoint && pin.vclock == v {
				list[i].Pins = append(list[i].Pins, pin.Name)
			}
		}
	}
	return list
}

// Pins lists the pins on logs, as box.info.gc().consumers does.
func (c *Collector) Pins() map[string]vclock.VClock {
	c.mu.Lock()
	defer c.mu.Unlock()
	pins := map[string]vclock.VClock{}
	for _, pin := range c.pins {
		if !pin.checkpoint {
			pins[pin.Name] = pin.vclock
		}
	}
	return pins
}

// PinCheckpoint keeps a checkpoint and its logs; age 0 is the newest, 1 the one before. It returns false if there is
// no such checkpoint.
func (c *Collector) PinCheckpoint(name string, age int) (*Pin, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := len(c.checkpoints) - 1 - age
	if age < 0 || i < 0 {
		return nil, false
	}
	return c.pin(&Pin{Name: name, collector: c, vclock: c.checkpoints[i], checkpoint: true}), true
}

// PinLogs keeps the logs with rows after v, for somebody who reads them.
func (c *Collector) PinLogs(name string, v vclock.VClock) *Pin {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pin(&Pin{Name: name, collector: c, vclock: v})
}

func (c *Collector) pin(p *Pin) *Pin {
	c.pins = append(c.pins, p)
	return p
}

// VClock is what is pinned.
func (p *Pin) VClock() vclock.VClock {
	p.collector.mu.Lock()
	defer p.collector.mu.Unlock()
	return p.vclock
}

// Advance moves a pin of logs forward. Collect acts on it.
func (p *Pin) Advance(v vclock.VClock) {
	p.collector.mu.Lock()
	defer p.collector.mu.Unlock()
	p.vclock.Merge(&v)
}

// Release ends the pin, if there is one. Collect acts on it.
func (p *Pin) Release() {
	if p == nil {
		return
	}
	p.collector.mu.Lock()
	defer p.collector.mu.Unlock()
	p.collector.pins = slices.DeleteFunc(p.collector.pins, func(other *Pin) bool { return other == p })
}

// Files lists what a backup of a pinned checkpoint copies: its snapshot.
func (p *Pin) Files() ([]string, error) {
	snaps, err := p.collector.snaps.List(true, nil)
	if err != nil {
		return nil, err
	}
	v := p.VClock()
	var paths []string
	for _, file := range snaps {
		if file.Meta.VClock == v {
			paths = append(paths, file.Path)
		}
	}
	return paths, nil
}

// Collect removes what is not needed and returns the paths that it removed. It goes on after a failure, and returns
// all failures together.
func (c *Collector) Collect() ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	snaps, err := c.snaps.List(true, nil)
	if err != nil {
		return nil, err
	}
	logs, err := c.logs.List(true, nil)
	if err != nil {
		return nil, err
	}
	var failures []error
	var removed []string
	remove := func(dir Dir, path string) {
		err := dir.Disk.Remove(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			failures = append(failures, err)
			c.events.Tell(Error, err, "error while removing %s: %v", path, err)
		default:
			removed = append(removed, path)
			c.events.Tell(Info, nil, "removed %s", path)
		}
	}
	c.dropCheckpoints()
	for _, file := range snaps {
		old := len(c.checkpoints) > 0 && file.Meta.VClock.Signature() < c.checkpoints[len(c.checkpoints)-1].Signature()
		if old && !slices.Contains(c.checkpoints, file.Meta.VClock) {
			remove(c.snaps, file.Path)
		}
	}
	for i := 0; i+1 < len(logs); i++ {
		// A log ends where the next one begins.
		if c.logNeeded(&logs[i+1].Meta.VClock) {
			break
		}
		remove(c.logs, logs[i].Path)
		c.oldest = logs[i+1].Meta.VClock
	}
	return removed, errors.Join(failures...)
}

func (c *Collector) dropCheckpoints() {
	kept := c.checkpoints[:0]
	for i, v := range c.checkpoints {
		pinned := slices.ContainsFunc(c.pins, func(p *Pin) bool { return p.checkpoint && p.vclock == v })
		if pinned || len(c.checkpoints)-i <= c.keep {
			kept = append(kept, v)
		}
	}
	c.checkpoints = kept
}

// logNeeded says whether somebody needs rows before end.
func (c *Collector) logNeeded(end *vclock.VClock) bool {
	behind := func(v *vclock.VClock) bool {
		order := v.CompareReplicated(end)
		return order == vclock.Before || order == vclock.Concurrent
	}
	if len(c.checkpoints) == 0 {
		return true
	}
	if order := c.checkpoints[0].Compare(end); order == vclock.Before || order == vclock.Concurrent {
		return true
	}
	return slices.ContainsFunc(c.pins, func(p *Pin) bool { return behind(&p.vclock) })
}
