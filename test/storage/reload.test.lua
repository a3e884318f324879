test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_2_a")
vshard.storage.bucket_force_create(1501, 1500)
test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 1500)
test_run:switch("storage_2_a")
wait_rebalancer_state("The cluster is balanced ok", test_run)
internal = vshard.storage.internal
internal.module_version
old_storage = vshard.storage
old_code = package.loaded["vshard.storage.call"]
old_replicaset = internal.replicasets[replicaset1_uuid]
conn = old_replicaset.master.conn
fibers = {}
for key, record in pairs(internal.services) do fibers[key] = record.fiber end

-- A call in flight ends on the code that it began with.
result = false
f = fiber.create(function() result = {vshard.storage.call(2000, "write", "sleep", {0.1})} end)
f:set_joinable(true)
vshard.storage.buckets_info(2000)[2000].ref_rw
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage ~= old_storage, vshard.storage.internal == internal
package.loaded["vshard.storage.call"] ~= old_code
internal.module_version
vshard.storage.buckets_info(2000)[2000].ref_rw
f:join()
result
vshard.storage.buckets_info(2000)[2000].ref_rw

-- Fibers are handed over, one of a kind at any time.
util.wait_until(function() for key, old in pairs(fibers) do if old:status() ~= "dead" then return false end end return true end)
for key, record in pairs(internal.services) do assert(record.fiber ~= fibers[key] and record.fiber:status() ~= "dead") end
-- Connections live on, the old objects do not.
internal.replicasets[replicaset1_uuid].master.conn == conn, conn.state
_, err = old_replicaset:callrw("echo", {1})
err.name
-- It works: buckets go away, the rebalancer does its rounds.
vshard.storage.call(2000, "read", "echo", {1})
wait_rebalancer_state("The cluster is balanced ok", test_run)
vshard.storage.bucket_send(3000, replicaset1_uuid)
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{3000} == nil end)

-- Reloads under load, one after another.
stop, calls, failures = false, 0, {}
function load() while not stop do local ok, err = vshard.storage.call(2000, "write", "sleep", {0.001}) calls = calls + 1 if not ok then table.insert(failures, err) end end end
workers = {}
for i = 1, 10 do workers[i] = fiber.create(load) workers[i]:set_joinable(true) end
for i = 1, 20 do package.loaded["vshard.storage"] = nil vshard.storage = require("vshard.storage") fiber.sleep(0.005) end
stop = true
for i = 1, 10 do workers[i]:join() end
calls > 0, failures
internal.module_version
vshard.storage.buckets_info(2000)[2000]
function count_fibers(pattern) local n = 0 for _, f in pairs(fiber.info()) do if f.name:find(pattern) then n = n + 1 end end return n end
util.wait_until(function() return count_fibers("^vshard%.rebalancer$") == 1 end)
count_fibers("^vshard%.gc$"), count_fibers("^vshard%.recovery$")

-- Routes that are being applied pass to the new code.
test_run:switch("storage_1_a")
internal = vshard.storage.internal
vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = true
vshard.storage.rebalancer_apply_routes({[replicaset2_uuid] = 20})
_, err = vshard.storage.rebalancer_apply_routes({[replicaset2_uuid] = 20})
err.message
vshard.storage.rebalancing_is_in_progress()
util.wait_until(function() return box.space._bucket.index.status:count("sending") == 1 end)
applier = internal.applier.fiber
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage.rebalancing_is_in_progress(), applier:status() ~= "dead"
vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = nil
util.wait_until(function() return not vshard.storage.rebalancing_is_in_progress() end)
applier:status(), internal.applier.round
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return vshard.storage.buckets_count() == 1481 end)

-- A transfer in the middle of its data survives a reload and a new configuration.
internal.errinj.ERRINJ_SEND_DELAY = true
result = false
f = fiber.create(function() result = {vshard.storage.bucket_send(1000, replicaset2_uuid)} end)
f:set_joinable(true)
util.wait_until(function() return box.space._bucket:get{1000}.status == "sending" end)
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage.cfg(cfg, uuids[NAME])
internal.errinj.ERRINJ_SEND_DELAY = nil
f:join()
result

-- Before cfg() there is nothing to apply, and nothing breaks.
test_run:switch("default")
vshard = {storage = require("vshard.storage")}
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage.internal.module_version
err = util.check_error(vshard.storage.call, 1, "read", "echo", {})
err.name, err.message
for _, name in ipairs({"bucket_stat", "info", "buckets_count", "buckets_info", "garbage_collector_wakeup", "rebalancer_wakeup", "_call", "is_locked"}) do assert(util.check_error(vshard.storage[name], 1).name == "STORAGE_IS_DISABLED") end

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
