package fiber_test

import (
	goruntime "runtime"
	"strconv"
	"testing"

	"shardlua/runtime"
	"shardlua/runtime/fiber"
	"shardlua/runtime/module"
)

// newHost makes an instance that has the module fiber, and ends with the test.
func newHost(t testing.TB) *runtime.Host {
	t.Helper()
	h, err := runtime.New(runtime.Options{Modules: []module.Module{fiber.Module}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func eval(t testing.TB, h *runtime.Host, chunk string) string {
	t.Helper()
	values, err := h.Eval(chunk)
	if err != nil {
		t.Fatal(err)
	}
	if len(values) == 0 {
		return ""
	}
	return values[0].String()
}

func heap() uint64 {
	goruntime.GC()
	goruntime.GC()
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}

func TestTenThousandSleepersFitIn100MiB(t *testing.T) {
	h := newHost(t)
	before := heap()
	got := eval(t, h, `
		local fiber = require('fiber')
		sleepers = {}
		for i = 1, 10000 do
			sleepers[i] = fiber.create(function(x) local y = x fiber.sleep(1000) return y end, i)
		end
		return #sleepers`)
	used := heap() - before
	t.Logf("%s fibers take %.1f MiB, %d bytes each", got, float64(used)/(1<<20), used/10000)
	if got != "10000" || used > 100<<20 && !underRace {
		t.Errorf("%s fibers take %d bytes", got, used)
	}
	eval(t, h, `for _, f in ipairs(sleepers) do f:cancel() end require('fiber').sleep(0)`)
}

func BenchmarkYield(b *testing.B) {
	h := newHost(b)
	eval(b, h, `
		local fiber = require('fiber')
		other = fiber.create(function() while not stop do fiber.yield() end end)
		function run(n) for _ = 1, n do fiber.yield() end end`)
	b.ResetTimer()
	eval(b, h, "run("+strconv.Itoa(b.N)+")")
	b.StopTimer()
	eval(b, h, `stop = true require('fiber').yield()`)
}

func BenchmarkCreate(b *testing.B) {
	h := newHost(b)
	eval(b, h, `
		local fiber = require('fiber')
		local function nothing() end
		function run(n) for _ = 1, n do fiber.create(nothing) end end`)
	b.ResetTimer()
	eval(b, h, "run("+strconv.Itoa(b.N)+")")
}

func BenchmarkChannel(b *testing.B) {
	h := newHost(b)
	eval(b, h, `
		local fiber = require('fiber')
		ch = fiber.channel()
		fiber.create(function() while ch:get() do end end)
		function run(n) for i = 1, n do ch:put(i) end end`)
	b.ResetTimer()
	eval(b, h, "run("+strconv.Itoa(b.N)+")")
	b.StopTimer()
	eval(b, h, `ch:close()`)
}
