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
vshard.router.sync(10)
-- Reads prefer the nearest replica of the zone.
zoned = table.deepcopy(cfg)
for _, replicaset in pairs(zoned.sharding) do for _, replica in pairs(replicaset.replicas) do replica.zone = replica.name:sub(-1) end end
zoned.zone = "b"
zoned.weights = {b = {a = 2}}
vshard.router.cfg(zoned)
bucket_id = 1
if vshard.router.route(1).uuid ~= replicaset1_uuid then bucket_id = 3000 end
vshard.router.route(bucket_id).uuid == replicaset1_uuid
test_run:switch("storage_1_a")
function whoami() return NAME end
test_run:switch("storage_1_b")
function whoami() return NAME end
test_run:switch("router_1")
function who(way) return (vshard.router[way](bucket_id, "whoami", {}, {timeout = 10})) end
util.wait_until(function() return vshard.router.info().replicasets[replicaset1_uuid].replica.uuid == uuids.storage_1_b end)
who("callro"), who("callrw"), who("callre")
turns = {}
for i = 1, 10 do turns[who("callbro")] = true end
turns
turns = {}
for i = 1, 10 do turns[who("callbre")] = true end
turns

-- It goes down: the next serves.
test_run:cmd("stop server storage_1_b")
who("callro"), who("callre"), who("callbro"), who("callbre")
util.wait_until(function() return vshard.router.info().replicasets[replicaset1_uuid].replica.uuid == uuids.storage_1_a end)
util.wait_until(function() vshard.router.discovery_wakeup() return vshard.router.info().bucket.unknown == 0 end)
vshard.router.info().alerts[1][1], vshard.router.info().status

-- It comes back.
test_run:cmd("start server storage_1_b")
test_run:switch("storage_1_b")
function whoami() return NAME end
test_run:switch("router_1")
util.wait_until(function() return vshard.router.info().replicasets[replicaset1_uuid].replica.uuid == uuids.storage_1_b end)
who("callro")
vshard.router.info().status

-- The master goes down: reads go on, writes say why they cannot.
test_run:cmd("stop server storage_1_a")
who("callro")
_, err = vshard.router.callrw(bucket_id, "whoami", {}, {timeout = 0.1})
err.message
util.wait_until(function() return vshard.router.info().status == 2 end)
vshard.router.info().alerts[1][1]
vshard.router.info().bucket
vshard.router.buckets_info(bucket_id - 1, 1)[bucket_id]
-- All of it.
test_run:cmd("stop server storage_1_b")
util.wait_until(function() return vshard.router.info().status == 3 end)
vshard.router.info().alerts[1][1]
_, err = vshard.router.callro(bucket_id, "whoami", {}, {timeout = 0.1})
err.name
vshard.router.info().bucket
-- And up again.
test_run:start_cluster({"storage_1_a", "storage_1_b"})
vshard.router.callrw(bucket_id, "echo", {1}, {timeout = 10})
util.wait_master(test_run, {"storage_1_a", "storage_1_b"}, "storage_1_a")
util.wait_until(function() return vshard.router.info().replicasets[replicaset1_uuid].replica.uuid == uuids.storage_1_b end)

-- A disabled storage gets no requests for a while.
vshard.consts.REPLICA_BACKOFF_INTERVAL = 0.1
test_run:switch("storage_1_b")
vshard.storage.disable()
test_run:switch("storage_1_a")
function whoami() return NAME end
test_run:switch("router_1")
who("callro")
test_run:switch("storage_1_b")
vshard.storage.enable()
test_run:switch("router_1")

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
