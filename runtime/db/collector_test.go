package db

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

func collectorPercent() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func TestCollectorKeepsPaceWithTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	before := collectorPercent()
	stop := PaceCollector()
	defer stop()
	// until collects garbage until the percentage is as wanted.
	until := func(what string, wanted func(percent int) bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !wanted(collectorPercent()); runtime.GC() {
			if time.Now().After(deadline) {
				t.Fatalf("%s: the percentage is %d", what, collectorPercent())
			}
		}
	}
	until("a small heap", func(percent int) bool { return percent > 60 })
	large := make([]byte, 256<<20)
	until("a large heap", func(percent int) bool { return percent < 60 })
	runtime.KeepAlive(large)
	large = nil
	until("a small heap again", func(percent int) bool { return percent > 60 })
	stop()
	if now := collectorPercent(); now != before {
		t.Errorf("%d percent before, %d after", before, now)
	}
	runtime.GC()
	runtime.GC()
	if now := collectorPercent(); now != before {
		t.Errorf("it goes on after its end: %d percent before, %d after", before, now)
	}
}

func TestCollectorObeysTheEnvironment(t *testing.T) {
	t.Setenv("GOGC", "77")
	before := collectorPercent()
	defer PaceCollector()()
	if now := collectorPercent(); now != before {
		t.Errorf("%d percent before, %d after", before, now)
	}
}

func TestRoomForTheHeap(t *testing.T) {
	for live, percent := range map[uint64]int{0: 400, 8 << 20: 200, 32 << 20: 50, 80 << 20: 50, 8 << 30: 50} {
		if got := percentFor(live); got != percent {
			t.Errorf("%d bytes: %d percent, want %d", live, got, percent)
		}
	}
}
