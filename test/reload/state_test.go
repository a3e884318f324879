package reload

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// reloads are the two ends that a reload can have.
var reloads = map[string]func(m *member, module string){
	"accepted":          func(m *member, module string) { m.reload(module) },
	"refused":           func(m *member, module string) { m.refused(module, throwing) },
	"refused by fiber":  func(m *member, module string) { m.refused(module, stillborn) },
	"refused, accepted": func(m *member, module string) { m.refused(module, throwing); m.reload(module) },
}

// eachReload runs a test for each way that a reload can end.
func eachReload(t *testing.T, test func(t *testing.T, reload func(m *member, module string))) {
	for name, reload := range reloads {
		t.Run(name, func(t *testing.T) { test(t, reload) })
	}
}

func TestSessionsAndTheirStorageOutliveAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, _ := newPair(t, 20)
		other, err := Dial(m.Socket)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		before, err := other.Eval("box.session.storage.mark = {5} return box.session.id()")
		if err != nil {
			t.Fatal(err)
		}
		reload(m, "vshard.storage")
		reload(m, "vshard.router")
		after, err := other.Eval("return box.session.id(), box.session.storage.mark[1]")
		if err != nil || text(after) != text(before)+" 5" {
			t.Errorf("session %v, after the reload %v %v", before, after, err)
		}
	})
}

func TestConnectionsOutliveAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, peer := newPair(t, 20)
		for module, replicaset := range map[string]string{
			"vshard.storage": "vshard.storage.internal.replicasets",
			"vshard.router":  "vshard.router.static.replicasets",
		} {
			conn := fmt.Sprintf("%s['%s'].master.conn", replicaset, ReplicasetUUID(2))
			m.eval(fmt.Sprintf("local r = %s['%s'] assert(r:callrw('echo', {1}, {timeout = 60}) == 1) kept = %s", replicaset, ReplicasetUUID(2), conn))
			sessions := text(peer.eval("return box.stat.net and box.stat.net().CONNECTIONS.current or 0"))
			reload(m, module)
			m.want("return "+conn+" == kept, kept.state, kept:ping({timeout = 60})", "true active true")
			m.want(fmt.Sprintf("return (%s['%s']:callrw('echo', {2}, {timeout = 60}))", replicaset, ReplicasetUUID(2)), "2")
			peer.want("return box.stat.net and box.stat.net().CONNECTIONS.current or 0", sessions)
		}
	})
}

// A connection that breaks after the reload is made again by the fiber that has kept it since before.
func TestConnectionsReconnectAfterAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, peer := newPair(t, 20)
		sets := map[string]string{
			"kept_by_storage": fmt.Sprintf("vshard.storage.internal.replicasets['%s']", ReplicasetUUID(2)),
			"kept_by_router":  fmt.Sprintf("vshard.router.static.replicasets['%s']", ReplicasetUUID(2)),
		}
		for kept, set := range sets {
			m.eval(fmt.Sprintf("assert(%s:callrw('echo', {1}, {timeout = 60}) == 1) %s = %s.master.conn", set, kept, set))
		}
		reload(m, "vshard.storage")
		reload(m, "vshard.router")
		peer.stop()
		for kept := range sets {
			m.await("return " + kept + ".state ~= 'active'")
		}
		m.c.host("storage_2_a", Storage)
		for kept, set := range sets {
			m.await("return " + kept + ".state == 'active'")
			m.want(fmt.Sprintf("return (%s:callrw('echo', {2}, {timeout = 60})), %s.master.conn == %s", set, set, kept), "2 true")
		}
	})
}

func TestTriggersAreReplacedNeverDoubled(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, _ := newPair(t, 20)
		const count = `return #box.space._bucket:on_replace(), #box.space._truncate:on_replace(),
			#box.session.on_disconnect(), #box.session.on_connect(), #box.space.test:on_replace()`
		m.eval(`seen = 0
			own = function() seen = seen + 1 end
			box.space.test:on_replace(own)
			masters = 0
			vshard.storage.on_master_enable(function() masters = masters + 1 end)
			masters = 0 -- of a master, the first call is at once`)
		before := text(m.eval(count))
		if before != "1 1 1 0 1" {
			t.Fatalf("triggers before: %s", before)
		}
		for range 3 {
			reload(m, "vshard.storage")
			reload(m, "vshard.router")
		}
		m.want(count, before)
		m.want("return box.space.test:on_replace()[1] == own, #vshard.storage.on_master_enable(), masters", "true 1 0")
		m.want("seen = 0 put(1, 1, 'again') return seen", "1")
		// The trigger that hangs on _bucket is the one of the code that serves: what calls know of a bucket follows.
		m.want(`assert(vshard.storage.call(1, 'write', 'echo', {1}))
			box.space._bucket:replace({1, 'sent', '`+ReplicasetUUID(2)+`'})
			local ok, err = vshard.storage.call(1, 'write', 'echo', {1})
			box.space._bucket:replace({1, 'active'})
			return ok == nil, err.name, (vshard.storage.call(1, 'write', 'echo', {1}))`, "true WRONG_BUCKET true")
	})
}

func TestReferencesOutliveAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, _ := newPair(t, 20)
		m.eval(`assert(vshard.storage.bucket_refrw(1)) assert(vshard.storage.bucket_refro(1)) assert(vshard.storage.bucket_refro(2))
			old_unref = vshard.storage.bucket_unrefro`)
		reload(m, "vshard.storage")
		m.want(`local info = vshard.storage.buckets_info() return info[1].ref_rw, info[1].ref_ro, info[2].ref_ro`, "1 1 1")
		// A bucket that is referenced is not sent away by the new code either.
		m.want(`local ok, err = vshard.storage.bucket_send(1, '`+ReplicasetUUID(2)+`', {timeout = 0.01}) return ok == nil, err.message`, "true Timeout exceeded")
		m.eval(`assert(vshard.storage.bucket_unrefrw(1)) assert(vshard.storage.bucket_unrefro(1)) assert(old_unref(2))`)
		m.want(`local info = vshard.storage.buckets_info() return info[1].ref_rw, info[1].ref_ro, info[2].ref_ro`, "<nil> <nil> <nil>")
		m.want(`return vshard.storage.bucket_send(1, '`+ReplicasetUUID(2)+`', {timeout = 60})`, "true")
	})
}

// Calls that wait in the old code end there, with their results, and take their references back, whether the new code
// has come to stay or not.
func TestWaitingCallsEndOnTheirCode(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, _ := newPair(t, 20)
		m.eval(`
			gate = fiber.cond()
			function wait_at_gate(x) gate:wait() return x end
			waiting = {}
			for i = 1, 10 do
				waiting[i] = fiber.new(function()
					local mode = i % 2 == 0 and 'read' or 'write'
					return vshard.storage.call(i, mode, 'wait_at_gate', {i})
				end)
				waiting[i]:set_joinable(true)
			end
			through_router = fiber.new(function() return vshard.router.callrw(3, 'wait_at_gate', {3}, {timeout = 60}) end)
			through_router:set_joinable(true)`)
		const references = `local rw, ro = 0, 0
			for _, b in pairs(vshard.storage.buckets_info()) do rw, ro = rw + (b.ref_rw or 0), ro + (b.ref_ro or 0) end
			return rw, ro`
		m.await(`local rw, ro = (function() ` + references + ` end)() return rw == 6 and ro == 5`)
		reload(m, "vshard.storage")
		reload(m, "vshard.router")
		m.eval(`gate:broadcast()`)
		m.want(`local sum = 0
			for i = 1, 10 do
				local joined, ok, x = waiting[i]:join()
				assert(joined and ok == true, tostring(x))
				sum = sum + x
			end
			return sum`, "55")
		m.want(`local joined, x = through_router:join() return joined, x`, "true 3")
		m.want(references, "0 0")
	})
}

// counting is a module with a counter in its internals. It waits while it is loaded, so that others work meanwhile.
const counting = `
local M = require('shardlua').internals('counting', function() return {calls = 0, recent = {}} end)
function count(id)
	M.calls = M.calls + 1
	M.recent[id] = M.calls
	return true
end
for _ = 1, 5 do require('fiber').sleep(0.001) end
return {calls = function() return M.calls end}
`

// What calls count while a reload runs stays counted, also when the reload is refused and all that it has changed itself
// is taken back.
func TestCountersLoseNothing(t *testing.T) {
	m, _ := newPair(t, 20)
	if err := os.WriteFile(filepath.Join(m.c.Source, "counting.lua"), []byte(counting), 0o600); err != nil {
		t.Fatal(err)
	}
	m.reload("counting")
	stop := m.load(4, calls("count", "write", 10)) // half of the buckets are there
	for range 5 {
		m.reload("counting")
		m.refused("counting", func(text string) string {
			return text[:strings.LastIndex(text, "return {")] + "M.recent = {} M.calls = M.calls + 1000000 error('this version does not work')"
		})
		m.refused("vshard.storage", throwing)
		m.refused("vshard.storage", stillborn)
	}
	r := stop()
	m.want("return vshard.counting.calls()", fmt.Sprint(r.Calls))
	m.want(`for id, b in pairs(vshard.storage.buckets_info()) do assert(not b.ref_rw and not b.ref_ro, id) end return true`, "true")
}

func TestStatisticsOutliveAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, peer := newPair(t, 20)
		m.eval(`assert(vshard.storage.bucket_send(1, '` + ReplicasetUUID(2) + `', {timeout = 60}))`)
		const statistics = `local s = vshard.storage.info({with_services = true}).transfer_statistics return s.sent, s.received, s.failed`
		before := text(m.eval(statistics))
		if before != "1 0 0" {
			t.Fatalf("statistics before: %s", before)
		}
		calls := m.eval("return box.stat.CALL.total or box.stat().CALL.total")[0]
		reload(m, "vshard.storage")
		m.want(statistics, before)
		if after := m.eval("return box.stat().CALL.total")[0]; fmt.Sprint(after) < fmt.Sprint(calls) && len(fmt.Sprint(after)) <= len(fmt.Sprint(calls)) {
			t.Errorf("%v calls were counted before the reload, %v after", calls, after)
		}
		m.eval(`assert(vshard.storage.bucket_send(2, '` + ReplicasetUUID(2) + `', {timeout = 60}))`)
		m.want(statistics, "2 0 0")
		reload(peer, "vshard.storage")
		peer.want(statistics, "0 2 0")
	})
}

func TestTransferInFlightOutlivesAReload(t *testing.T) {
	eachReload(t, func(t *testing.T, reload func(*member, string)) {
		m, peer := newPair(t, 20)
		// Reloads of the sender while a message is held, and of the receiver while it takes one.
		for bucket, delay := range map[int]struct {
			at   *member
			name string
		}{1: {m, "ERRINJ_SEND_DELAY"}, 2: {m, "ERRINJ_LAST_SEND_DELAY"}, 3: {peer, "ERRINJ_LAST_RECEIVE_DELAY"}} {
			delay.at.eval("vshard.storage.internal.errinj." + delay.name + " = true")
			m.eval(fmt.Sprintf(`sending = fiber.new(function() return vshard.storage.bucket_send(%d, '%s', {timeout = 60}) end)
				sending:set_joinable(true)`, bucket, ReplicasetUUID(2)))
			m.await(fmt.Sprintf(`return box.space._bucket:get(%d).status ~= 'active'`, bucket))
			if delay.at == peer {
				peer.await(fmt.Sprintf(`return box.space._bucket:get(%d) ~= nil`, bucket))
			}
			reload(m, "vshard.storage")
			reload(peer, "vshard.storage")
			delay.at.eval("vshard.storage.internal.errinj." + delay.name + " = nil")
			m.want(`return select(2, sending:join())`, "true")
			peer.want(fmt.Sprintf(`return box.space._bucket:get(%d).status, get(%d).value`, bucket, bucket), "active value")
			m.await(fmt.Sprintf(`vshard.storage.garbage_collector_wakeup() return box.space._bucket:get(%d) == nil and get(%d) == nil`, bucket, bucket))
			m.want(fmt.Sprintf(`return vshard.router.callro(%d, 'get', {%d}, {timeout = 60})[3]`, bucket, bucket), "value")
		}
		for _, side := range []*member{m, peer} {
			side.want("return next(vshard.storage.internal.rebalancer_transfering_buckets)", "<nil>")
		}
	})
}

// A rebalancing of half of the buckets goes on while both sides are reloaded, with versions that work and others.
func TestRebalancingInFlightOutlivesReloads(t *testing.T) {
	const buckets = 60
	c := newCluster(t, Topology{Shards: 2, Replicas: 1, Buckets: buckets})
	peer := c.host("storage_2_a", Storage)
	m := c.host("storage_1_a", Both)
	m.eval(`assert(vshard.storage.bucket_force_create(1, cfg.bucket_count))
		for id = 1, cfg.bucket_count do put(id, id, 'value') end`)
	since := map[*member]string{m: m.LogText(), peer: peer.LogText()}
	stop := m.load(4, func(caller, n int) (Request, error) {
		id := (caller*17+n)%buckets + 1
		return CallRequest("vshard.router.callrw", id, "put", []any{id, id, "value"}, map[string]any{"timeout": 60})
	})
	m.eval(`vshard.storage.rebalancer_wakeup()`)
	began := time.Now()
	for round := 0; ; round++ {
		active := text(m.eval(`vshard.storage.rebalancer_wakeup() vshard.storage.garbage_collector_wakeup()
			return box.space._bucket.index.status:count('active'), vshard.storage.rebalancing_is_in_progress()`))
		if active == fmt.Sprintf("%d false", buckets/2) && round >= 6 {
			break
		}
		if time.Since(began) > patience {
			t.Fatalf("the cluster does not become balanced: %s", active)
		}
		switch round % 3 {
		case 0:
			m.reload("vshard.storage")
		case 1:
			peer.reload("vshard.storage")
		case 2:
			m.refused("vshard.storage", throwing)
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	m.await(`vshard.storage.garbage_collector_wakeup() return vshard.storage.buckets_count() == ` + fmt.Sprint(buckets/2))
	peer.want(`return box.space._bucket.index.status:count('active'), box.space.test:len()`, fmt.Sprintf("%d %d", buckets/2, buckets/2))
	m.want(`local n = 0 for id = 1, cfg.bucket_count do
		local row, err = vshard.router.callro(id, 'get', {id}, {timeout = 60})
		assert(row ~= nil, err) if row[3] == 'value' then n = n + 1 end end return n`, fmt.Sprint(buckets))
	for side, log := range since {
		side.noErrors(log, "this version does not work", "Total active bucket count is not equal")
		if strings.Contains(strings.TrimPrefix(side.LogText(), log), "fiber is cancelled") {
			t.Errorf("%s has cancelled fibers in its log", side.Name)
		}
	}
}
