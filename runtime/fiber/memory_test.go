package fiber_test

import (
	goruntime "runtime"
	"testing"
)

// TestSleepingFibersAreSmall holds a fiber that sleeps to a stack of 4 KiB: with twice that, 10,000 of them take more
// than 100 MiB. What grows a stack is the frames between the coroutine's beginning and the wait, the VM's loop above all.
func TestSleepingFibersAreSmall(t *testing.T) {
	if underRace {
		t.Skip("the race detector makes frames larger")
	}
	h := newHost(t)
	const fibers = 4000
	stacks := func() int64 {
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		return int64(m.StackInuse)
	}
	before := stacks()
	if got := eval(t, h, `local fiber = require('fiber')
		for i = 1, 4000 do fiber.create(function() fiber.sleep(1000) end) end
		return true`); got != "true" {
		t.Fatal(got)
	}
	if each := (stacks() - before) / fibers; each > 5<<10 {
		t.Errorf("a sleeping fiber has %d bytes of stack", each)
	}
}
