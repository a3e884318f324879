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
bucket_id = 1
if vshard.router.route(1).uuid ~= replicaset1_uuid then bucket_id = 3000 end
-- The master is switched at the storages first: the router says so, and works
-- as soon as it is told.
test_run:switch("storage_1_a")
function switch_master() local r = cfg.sharding[replicaset1_uuid].replicas r[uuids.storage_1_a].master = false r[uuids.storage_1_b].master = true vshard.storage.cfg(cfg, uuids[NAME]) end
switch_master()
test_run:switch("storage_1_b")
function switch_master() local r = cfg.sharding[replicaset1_uuid].replicas r[uuids.storage_1_a].master = false r[uuids.storage_1_b].master = true vshard.storage.cfg(cfg, uuids[NAME]) end
switch_master()
test_run:switch("router_1")
_, err = vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 0.5})
err.name
result = false
f = fiber.create(function() result = {vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 10})} end)
f:set_joinable(true)
switched = table.deepcopy(cfg)
switched.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].master = false
switched.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].master = true
vshard.router.cfg(switched)
f:join()
result

-- With master = 'auto' it finds out by itself.
auto = table.deepcopy(cfg)
auto.sharding[replicaset1_uuid].master = "auto"
for _, replica in pairs(auto.sharding[replicaset1_uuid].replicas) do replica.master = nil end
vshard.router.cfg(auto)
vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 10})
vshard.router.info().replicasets[replicaset1_uuid].master.uri
vshard.router.master_search_wakeup()
test_run:switch("storage_1_b")
function back() local r = cfg.sharding[replicaset1_uuid].replicas r[uuids.storage_1_a].master = true r[uuids.storage_1_b].master = false vshard.storage.cfg(cfg, uuids[NAME]) end
back()
test_run:switch("storage_1_a")
function back() local r = cfg.sharding[replicaset1_uuid].replicas r[uuids.storage_1_a].master = true r[uuids.storage_1_b].master = false vshard.storage.cfg(cfg, uuids[NAME]) end
back()
test_run:switch("router_1")
vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 10})
vshard.router.info().replicasets[replicaset1_uuid].master.uri

-- Storages find it, too.
test_run:switch("storage_2_a")
cfg.sharding[replicaset1_uuid].master = "auto"
for _, replica in pairs(cfg.sharding[replicaset1_uuid].replicas) do replica.master = nil end
vshard.storage.cfg(cfg, uuids[NAME])
util.wait_until(function() return vshard.storage.internal.replicasets[replicaset1_uuid].master ~= nil end)
vshard.storage.internal.replicasets[replicaset1_uuid].master.name
test_run:switch("storage_1_a")
cfg.sharding[replicaset1_uuid].master = "auto"
for _, replica in pairs(cfg.sharding[replicaset1_uuid].replicas) do replica.master = nil end
vshard.storage.cfg(cfg, uuids[NAME])
vshard.storage.is_master()
box.cfg{read_only = true}
util.wait_until(function() return not vshard.storage.is_master() end)
box.cfg{read_only = false}
util.wait_until(function() return vshard.storage.is_master() end)
test_run:switch("router_1")
vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 10})

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
