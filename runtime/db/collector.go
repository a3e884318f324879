package db

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Room that the garbage collector lets the heap grow by before it runs again:
// half of what lives, and never less than minRoom, in bytes. Go's own rule, as
// much as what lives, would double the memory of a large database; and it
// makes the collector run all the time in a small one.
const (
	roomShare = 0.5
	minRoom   = 16 << 20
)

// pacer sets the collector's percentage anew whenever it has run.
type pacer struct {
	mu      sync.Mutex
	before  int
	current int
	stopped bool
}

// PaceCollector ties the pace of Go's garbage collector to the size of the
// heap, as suits a process that is mainly a database. That concerns the whole
// process: it is for programs to call, once, and not for libraries. It does
// nothing if the environment has GOGC. The result undoes it.
func PaceCollector() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	p := &pacer{current: -1}
	p.before = debug.SetGCPercent(100)
	p.set(percentFor(liveHeap()))
	p.await()
	return p.stop
}

// await has the pacer called after the next run of the collector: that finds
// the sentinel out of use.
func (p *pacer) await() {
	type sentinel struct{ _ [16]byte }
	runtime.SetFinalizer(new(sentinel), func(*sentinel) {
		if p.set(percentFor(liveHeap())) {
			p.await()
		}
	})
}

// set changes the percentage, unless that is not worth the pause it costs. It
// reports whether the pacer is still in force.
func (p *pacer) set(percent int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	if math.Abs(float64(percent-p.current)) > 0.1*float64(p.current) || p.current < 0 {
		debug.SetGCPercent(percent)
		p.current = percent
	}
	return true
}

func (p *pacer) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.stopped = true
		debug.SetGCPercent(p.before)
	}
}

// percentFor returns what makes the collector leave the room that a heap with
// so many living bytes shall have.
func percentFor(live uint64) int {
	// Go itself never collects below 4 MiB.
	size := max(float64(live), 4<<20)
	return int(math.Round(100 * max(roomShare*size, minRoom) / size))
}

// liveHeap returns the bytes that the last run of the collector found alive.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
