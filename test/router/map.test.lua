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

map = vshard.router.map_callrw
_, err = map("echo", {1})
err.name, err.not_discovered_cnt
vshard.router.bootstrap()
function values(res) local r = {} for uuid, v in pairs(res) do table.insert(r, v) end return r end
values(map("echo", {1}, {timeout = 10}))
values(map("echo", {1, 2}))
values(map("echo"))
_, err, uuid = map("raise_client_error", {}, {timeout = 10})
err.message, uuid ~= nil
util.check_error(map)
util.check_error(map, "echo", 1)
util.check_error(map, "echo", {}, 1)
-- A part of the cluster, by buckets.
res = map("echo", {7}, {timeout = 10, bucket_ids = {1, 2}})
res[vshard.router.route(1).uuid], values(res)
values(map("echo", {7}, {timeout = 10, bucket_ids = {1, 3000}}))
util.check_error(map, "echo", {}, {bucket_ids = {1, 5000}})

-- A reference keeps the buckets in their places, a transfer keeps references off.
master = vshard.router.route(1).master
other = vshard.router.route(1).uuid == replicaset1_uuid and replicaset2_uuid or replicaset1_uuid
here = vshard.router.route(1).uuid
function on_master(expression) return test_run:eval(here == replicaset1_uuid and "storage_1_a" or "storage_2_a", expression)[1] end
on_master("rawget(_G, 'NAME') ~= nil")
_ = on_master("rawset(package.loaded['vshard.consts'], 'DEFAULT_BUCKET_SEND_TIMEOUT', 0.05)")
master.conn:call("vshard.storage._call", {"storage_ref", 100, 10})
_, err = master.conn:call("vshard.storage.bucket_send", {1, other})
err.name
_, err = master.conn:call("vshard.storage._call", {"storage_ref", 100, 1})
err.name, err.message
master.conn:call("vshard.storage._call", {"storage_map", 100, "echo", {5}})
_, err = master.conn:call("vshard.storage._call", {"storage_map", 100, "echo", {5}})
err.name
_, err = master.conn:call("vshard.storage._call", {"storage_unref", 100})
err.name
master.conn:call("vshard.storage._call", {"storage_ref", 101, 0.01})
fiber.sleep(0.05)
-- One that was forgotten has expired.
master.conn:call("vshard.storage.bucket_send", {1, other})
-- One dies with its session.
conn = require("net.box").connect(master.uri)
conn:call("vshard.storage._call", {"storage_ref", 1, 1000})
conn:close()
util.wait_until(function() return on_master("vshard.storage.internal.storage_refs.count") == 0 end)
master.conn:call("vshard.storage.bucket_send", {2, other})
-- The router's knowledge of the buckets is old: they are looked for.
res = map("echo", {7}, {timeout = 10, bucket_ids = {1, 2}})
res[other], res[here]
values(map("echo", {8}, {timeout = 10}))
-- A bucket between two storages: nobody can have all.
_ = on_master("vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = true")
_ = on_master("fiber.create(vshard.storage.bucket_send, 3, '" .. other .. "')")
_, err = map("echo", {8}, {timeout = 0.1})
err.message
_ = on_master("vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = nil")
util.wait_until(function() return (map("echo", {8}, {timeout = 1})) ~= nil end)
util.wait_until(function() return on_master("vshard.storage.internal.storage_refs.count") == 0 end)
on_master("vshard.storage.internal.sched.refs")

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
