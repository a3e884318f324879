package reload

import (
	"slices"
	"testing"
	"time"
)

// The bounds are many times what a quiet machine shows (test/bench/reload measures that): they are to hold on a busy one
// with the race detector, and still catch a reload that compiles, or waits, with the baton.
const (
	stallBound      = 5 * time.Second
	medianBound     = 50 * time.Millisecond
	medianBoundRace = 500 * time.Millisecond
)

// Eight callers notice little of twenty reloads, and of as many versions that are refused.
func TestReloadsDoNotStallCalls(t *testing.T) {
	const buckets = 500
	c := newCluster(t, Topology{Shards: 1, Replicas: 1, Buckets: buckets})
	m := c.host("storage_1_a", Storage)
	m.eval(`assert(vshard.storage.bucket_force_create(1, cfg.bucket_count))
		for id = 1, cfg.bucket_count do put(id, id, 'value') end`)
	for name, reload := range map[string]func(){
		"accepted": func() { m.reload("vshard.storage") },
		"refused":  func() { m.refused("vshard.storage", throwing) },
	} {
		var worst []time.Duration
		for range 20 {
			stop := m.load(8, calls("get", "read", buckets))
			reload()
			worst = append(worst, stop().Worst())
		}
		slices.Sort(worst)
		t.Logf("%s: worst call of a reload: median %v, of all %v", name, worst[len(worst)/2], worst[len(worst)-1])
		median := medianBound
		if raceEnabled {
			median = medianBoundRace
		}
		if got := worst[len(worst)/2]; got > median {
			t.Errorf("%s: half of the reloads let a call wait for %v or longer, more than %v", name, got, median)
		}
		if got := worst[len(worst)-1]; got > stallBound {
			t.Errorf("%s: a call waited for %v, more than %v", name, got, stallBound)
		}
	}
}
