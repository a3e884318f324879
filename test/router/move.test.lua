test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")
test_run:cmd("create server router_1 with script='router/router_1.lua'")
test_run:cmd("start server router_1")
test_run:switch("router_1")

-- Buckets that move are followed.
vshard.router.bootstrap()
vshard.router.discovery_set("off")
here = vshard.router.route(1).uuid
there = here == replicaset1_uuid and replicaset2_uuid or replicaset1_uuid
vshard.router.routeall()[here]:callrw("vshard.storage.bucket_send", {1, there}, {timeout = 10})
vshard.router.internal.static_router.route_map[1].uuid == here
vshard.router.callrw(1, "echo", {1})
vshard.router.internal.static_router.route_map[1].uuid == there

-- A bucket being sent can be read; writes wait for the end.
function on(uuid, expression) return test_run:eval(uuid == replicaset1_uuid and "storage_1_a" or "storage_2_a", expression)[1] end
_ = on(there, "util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{1}.status == 'active' end)")
_ = on(here, "util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{1} == nil end)")
_ = on(there, "vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = true")
_ = on(there, "fiber.create(vshard.storage.bucket_send, 1, '" .. here .. "')")
vshard.router.callro(1, "echo", {1})
_, err = vshard.router.callrw(1, "echo", {1}, {timeout = 0.5})
err.name
result = false
f = fiber.create(function() result = {vshard.router.callrw(1, "echo", {2}, {timeout = 10})} end)
f:set_joinable(true)
_ = on(there, "vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = nil")
f:join()
result
vshard.router.internal.static_router.route_map[1].uuid == here

-- A locked bucket lets writes wait, too.
_ = on(here, "vshard.storage.internal.bucket_refs[1].rw_lock = true vshard.storage.internal.bucket_refs[1].writable = false")
_, err = vshard.router.callrw(1, "echo", {1}, {timeout = 0.5})
err.name
_ = on(here, "vshard.storage.internal.bucket_refs[1].rw_lock = false")
vshard.router.callrw(1, "echo", {1})

-- The whole load moves while requests run: none fails.
stop, calls, failures = false, 0, {}
function load(n) while not stop do local bucket_id = math.random(3000) local r, err = vshard.router.callrw(bucket_id, "echo", {bucket_id}, {timeout = 10}) calls = calls + 1 if r ~= bucket_id then table.insert(failures, err) end end end
workers = {}
for i = 1, 10 do workers[i] = fiber.create(load, i) workers[i]:set_joinable(true) end
test_run:switch("storage_1_a")
cfg.sharding[replicaset1_uuid].weight = 0
cfg.rebalancer_max_sending = 5
vshard.storage.cfg(cfg, uuids[NAME])
test_run:switch("storage_2_a")
cfg.sharding[replicaset1_uuid].weight = 0
cfg.rebalancer_max_receiving = 1000
vshard.storage.cfg(cfg, uuids[NAME])
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 3000 end)
test_run:switch("router_1")
stop = true
for i = 1, 10 do workers[i]:join() end
calls > 0, failures
vshard.router.discovery_set("on")
util.wait_until(function() vshard.router.discovery_wakeup() return vshard.router.info().bucket.unknown == 0 end)
vshard.router.info().bucket

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
