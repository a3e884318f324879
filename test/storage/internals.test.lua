test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- Fibers of the master are the master's, under the names that scripts look for.
test_run:switch("storage_1_a")
internal = vshard.storage.internal
function status(name) local f = internal[name] return f and (f:status() == "dead" and "dead" or "alive") end
function count_fibers(name) local n = 0 for _, f in pairs(fiber.info()) do if f.name == name then n = n + 1 end end return n end
status("collect_bucket_garbage_fiber"), status("recovery_fiber"), status("rebalancer_fiber"), status("rebalancer_applier_fiber")
count_fibers("vshard.gc"), count_fibers("vshard.recovery"), count_fibers("vshard.rebalancer")
vshard.storage.rebalancer_wakeup()
test_run:switch("storage_1_b")
internal = vshard.storage.internal
internal.collect_bucket_garbage_fiber, internal.recovery_fiber, internal.rebalancer_fiber
vshard.storage.garbage_collector_wakeup()
vshard.storage.recovery_wakeup()
test_run:switch("storage_2_a")
internal = vshard.storage.internal
vshard.storage.module_version(), internal.is_configured
internal.rebalancer_fiber:name()
-- A configuration leaves them alone.
f = internal.recovery_fiber
vshard.storage.cfg(cfg, uuids[NAME])
internal.recovery_fiber == f, f:status() ~= "dead"
test_run:grep_log(NAME, "Starting reconfiguration of replica 1e02ae8a") ~= nil
test_run:grep_log(NAME, "Wakeup the rebalancer") ~= nil
c = table.deepcopy(cfg)
c.rebalancer_mode = "off"
f = internal.rebalancer_fiber
vshard.storage.cfg(c, uuids[NAME])
internal.rebalancer_fiber
util.wait_until(function() return f:status() == "dead" end)
test_run:grep_log(NAME, "Stopping the rebalancer") ~= nil
vshard.storage.cfg(cfg, uuids[NAME])
internal.rebalancer_fiber ~= nil
vshard.storage.rebalancer_disable()

-- Services and counters.
services = vshard.storage.info({with_services = true}).services
services.gc.name, services.gc.status, services.recovery.name, services.rebalancer.name, services.routes_applier
vshard.storage.bucket_force_create(1, 10)
count = internal.bucket_gc_count or 0
_ = box.space._bucket:replace{10, "garbage", replicaset1_uuid}
util.wait_until(function() return box.space._bucket:get{10} == nil end)
util.wait_until(function() return internal.bucket_gc_count > count end)

-- A bucket that is written and collected tells who listens, in the transaction.
test_run:switch("storage_1_a")
events = {}
on_event = vshard.storage.on_bucket_event(function(event, bucket_id, data) table.insert(events, {event, bucket_id, data.spaces[1], box.is_in_txn()}) end)
util.check_error(vshard.storage.on_bucket_event, 1)
#vshard.storage.on_bucket_event()
test_run:switch("storage_2_a")
for i = 1, 1500 do box.space.test:insert{i, 1} end
events = {}
_ = vshard.storage.on_bucket_event(function(event, bucket_id, data) table.insert(events, {event, bucket_id, data.spaces[1], box.is_in_txn()}) end)
vshard.storage.bucket_send(1, replicaset1_uuid)
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{1} == nil end)
events
test_run:switch("storage_1_a")
events
-- One that raises refuses the data.
_ = vshard.storage.on_bucket_event(function() error("not today") end, on_event)
test_run:switch("storage_2_a")
_ = box.space.test:insert{3000, 2}
_, err = vshard.storage.bucket_send(2, replicaset1_uuid)
err.name, err.reason:match("not today")
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{2}.status == "active" end)
test_run:switch("storage_1_a")
_ = vshard.storage.on_bucket_event(nil, vshard.storage.on_bucket_event()[1])

-- Failures that scripts ask for.
errinj = vshard.storage.internal.errinj
errinj.ERRINJ_LONG_RECEIVE = true
test_run:switch("storage_2_a")
util.wait_until(function() return test_run:eval("storage_1_a", "return box.space._bucket:get{2} == nil")[1] end)
_, err = vshard.storage.bucket_send(2, replicaset1_uuid)
err.message
box.space._bucket:get{2}.status
test_run:switch("storage_1_a")
box.space._bucket:get{2}.status
errinj.ERRINJ_LONG_RECEIVE = false
errinj.ERRINJ_DISCOVERY = 2
vshard.storage.buckets_discovery({from = 1})
vshard.storage.buckets_discovery({from = 1}).buckets, errinj.ERRINJ_DISCOVERY
vshard.storage.buckets_discovery({from = 1}).buckets, errinj.ERRINJ_DISCOVERY
errinj.ERRINJ_CFG_DELAY = true
is_done = false
_ = fiber.create(function() vshard.storage.cfg(cfg, uuids[NAME]) is_done = true end)
is_done, util.check_error(vshard.storage.cfg, cfg, uuids[NAME]).message
errinj.ERRINJ_CFG_DELAY = false
util.wait_until(function() return is_done end)
errinj.ERRINJ_RELOAD = true
old = vshard.storage
package.loaded["vshard.storage"] = nil
util.check_error(require, "vshard.storage")
errinj.ERRINJ_RELOAD = false
old.call(2, "read", "echo", {1})
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage.call(2, "read", "echo", {1})

-- The role goes, and the fibers with it.
internal = vshard.storage.internal
gc_fiber, recovery_fiber = internal.collect_bucket_garbage_fiber, internal.recovery_fiber
replicas = cfg.sharding[replicaset1_uuid].replicas
replicas[uuids.storage_1_a].master = false
replicas[uuids.storage_1_b].master = true
vshard.storage.cfg(cfg, uuids[NAME])
internal.collect_bucket_garbage_fiber, internal.recovery_fiber
util.wait_until(function() return gc_fiber:status() == "dead" and recovery_fiber:status() == "dead" end)
for _, words in ipairs({"Disabling master via config", "Stepping down from the master role", "GC stopped", "Recovery stopped"}) do assert(test_run:grep_log(NAME, words) ~= nil) end
is_told = false
_ = vshard.storage.on_master_disable(function() is_told = true end)
is_told
-- Not the role, but the box is read-only: the option of the user goes before.
replicas[uuids.storage_1_a].master = true
replicas[uuids.storage_1_b].master = false
cfg.read_only = true
vshard.storage.cfg(cfg, uuids[NAME])
box.info.ro, vshard.storage.is_master()

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
