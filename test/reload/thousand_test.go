package reload

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// holdings is what an instance in this process has, by name.
type holdings map[string]float64

func (m *member) holdings() holdings {
	m.t.Helper()
	values := m.eval(`
		collectgarbage()
		local fields = 0
		local seen = {}
		local function count(t)
			if type(t) ~= 'table' or seen[t] then return end
			seen[t] = true
			for k, v in pairs(t) do fields = fields + 1 count(k) count(v) end
		end
		count(vshard.storage.internal)
		count(vshard.router.internal)
		local loaded = 0
		for _ in pairs(package.loaded) do loaded = loaded + 1 end
		return #box.space._bucket:on_replace(), #box.space._truncate:on_replace(), #box.session.on_disconnect(),
			#box.session.on_connect(), #box.space.test:on_replace(), fields, loaded, #vshard.storage.on_master_enable()`)
	h := holdings{}
	for i, name := range []string{"triggers of _bucket", "triggers of _truncate", "on_disconnect", "on_connect", "triggers of test",
		"fields of the internals", "loaded modules", "on_master_enable"} {
		h[name] = number(values[i])
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	h["memory"] = float64(memory.HeapAlloc)
	h["goroutines"] = float64(runtime.NumGoroutine())
	h["fibers"] = float64(m.Host.Sched().Count())
	h["sockets"] = 0
	files, _ := filepath.Glob("/proc/self/fd/*")
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil && strings.HasPrefix(target, "socket:") {
			h["sockets"]++
		}
	}
	return h
}

func number(v any) float64 {
	var n float64
	_, _ = fmt.Sscan(fmt.Sprint(v), &n)
	return n
}

// memoryGrowth is what the heap may differ by between two looks at an instance that does the same, in bytes. A thousand
// versions of the modules take a hundred times as much.
const memoryGrowth = 4 << 20

// A thousand reloads in a row, every tenth of them refused, leave nothing behind.
func TestThousandReloadsLeaveNothing(t *testing.T) {
	m, _ := newPair(t, 20)
	count := 1000
	if raceEnabled || testing.Short() {
		count = 200
	}
	again := func(n int) {
		for i := range n {
			module := "vshard.storage"
			if i%4 == 3 {
				module = "vshard.router"
			}
			if i%10 == 9 {
				m.refused(module, throwing)
				continue
			}
			m.reload(module)
		}
		m.eval(`fiber.sleep(0.05)`)
		m.await(`return count_fibers('^vshard%.gc$') == 1 and count_fibers('^vshard%.discovery%.') == 1 and count_fibers('^vshard%.failover%.') == 1`)
	}
	again(40)
	before := m.holdings()
	began := time.Now()
	again(count)
	took := time.Since(began)
	var after holdings
	// Timers and workers of the pools end a little later.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		after = m.holdings()
		if after["goroutines"] <= before["goroutines"] && after["fibers"] <= before["fibers"] &&
			after["memory"] <= before["memory"]+memoryGrowth || time.Now().After(deadline) {
			break
		}
	}
	t.Logf("%d reloads in %v; before %v, after %v", count, took.Round(time.Millisecond), before, after)
	for name, was := range before {
		limit := was
		if name == "memory" {
			limit += memoryGrowth
		}
		if name == "goroutines" || name == "fibers" {
			limit += 2 // workers that wait for calls come and go
		}
		if after[name] > limit {
			t.Errorf("%s: %v before, %v after %d reloads", name, was, after[name], count)
		}
	}
	m.want(`return vshard.router.callrw(1, 'echo', {5}, {timeout = 60})`, "5")
}
