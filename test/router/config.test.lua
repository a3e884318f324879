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

vshard.router.bootstrap()
-- Several routers in an instance.
other = vshard.router.new("other", cfg)
other:callrw(1, "echo", {1})
_, err = vshard.router.new("other", cfg)
err.name, err.message
util.check_error(vshard.router.new)
util.check_error(vshard.router.new, "broken", {})
vshard.router.internal.routers.broken
other:bucket_count(), other:bucket_id("x") == vshard.router.bucket_id("x")
vshard.router.static:callrw(1, "echo", {1})
vshard.router.static == vshard.router.internal.static_router
util.wait_until(function() other:discovery_wakeup() return other:info().bucket.unknown == 0 end)
util.wait_until(function() return other:info().status == 0 end)
other:info().bucket
services = other:info({with_services = true}).services
services.failover, services.discovery.name

-- Discovery.
util.wait_until(function() vshard.router.discovery_wakeup() return vshard.router.info().bucket.unknown == 0 end)
util.wait_until(function() return vshard.router.info().status == 0 end)
info = vshard.router.info()
info.bucket, info.status, info.alerts
info.replicasets[replicaset1_uuid].bucket
info.replicasets[replicaset1_uuid].master.status
info.replicasets[replicaset1_uuid].master.uri
buckets = vshard.router.buckets_info()
#buckets, buckets[1].status
count = 0
for id in pairs(vshard.router.buckets_info(2990)) do assert(id > 2990) count = count + 1 end
count
count = 0
for id in pairs(vshard.router.buckets_info(10, 5)) do assert(id > 10 and id <= 15) count = count + 1 end
count
util.check_error(vshard.router.buckets_info, "x")
util.check_error(vshard.router.discovery_set, "maybe")
vshard.router.discovery_set("off")
vshard.router._route_map_clear()
vshard.router.info().bucket.unknown
vshard.router.info().alerts
vshard.router.callrw(1, "echo", {1})
vshard.router.info().bucket.unknown
vshard.router.discovery_set("once")
util.wait_until(function() return vshard.router.info().bucket.unknown == 0 end)

-- A new configuration keeps routes and connections.
old = vshard.router.route(1)
conn = old.master.conn
vshard.router.cfg(cfg)
vshard.router.route(1) ~= old, vshard.router.route(1).uuid == old.uuid, vshard.router.route(1).master.conn == conn
_, err = old:callrw("echo", {1})
err.name
vshard.router.info().bucket.unknown
-- With a delay the old objects go on for a while.
delayed = table.deepcopy(cfg)
delayed.connection_outdate_delay = 0.2
old = vshard.router.route(1)
vshard.router.cfg(delayed)
old:callrw("echo", {1})
util.wait_until(function() return old.is_outdated end)
_, err = old:callrw("echo", {1})
err.name
-- A replica set leaves: its buckets have no route.
less = table.deepcopy(cfg)
less.sharding[vshard.router.route(1).uuid] = nil
vshard.router.cfg(less)
_, err = vshard.router.callrw(1, "echo", {1}, {timeout = 0.1})
err.name
vshard.router.cfg(cfg)
vshard.router.callrw(1, "echo", {1}, {timeout = 10})
util.check_error(vshard.router.cfg, {})
util.check_error(vshard.router.cfg, {sharding = {}, bucket_count = 5})

-- Reload.
old_router, routers = vshard.router, vshard.router.internal.routers
package.loaded["vshard.router"] = nil
vshard.router = require("vshard.router")
vshard.router ~= old_router, vshard.router.internal.routers == routers
vshard.router.internal.module_version
vshard.router.callrw(1, "echo", {1})
other:callrw(1, "echo", {1})
-- The table of the old code goes on.
old_router.callrw(1, "echo", {1})
-- Under load.
stop, calls, failures = false, 0, {}
function load() while not stop do local r, err = vshard.router.callrw(math.random(3000), "echo", {1}, {timeout = 10}) calls = calls + 1 if r ~= 1 then table.insert(failures, err) end end end
workers = {}
for i = 1, 10 do workers[i] = fiber.create(load) workers[i]:set_joinable(true) end
for i = 1, 10 do package.loaded["vshard.router"] = nil vshard.router = require("vshard.router") fiber.sleep(0.01) end
stop = true
for i = 1, 10 do workers[i]:join() end
calls > 0, failures
function count_fibers(pattern) local n = 0 for _, f in pairs(fiber.info()) do if f.name:find(pattern) then n = n + 1 end end return n end
util.wait_until(function() return count_fibers("^vshard%.failover%.other$") == 1 end)

-- Before the first configuration.
test_run:switch("default")
router = require("vshard.router")
util.check_error(router.callrw, 1, "echo").name
router.static

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
