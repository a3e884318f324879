test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "rebalancer")
test_run:create_cluster(REPLICASET_2, "rebalancer")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")
test_run:cmd("create server router_1 with script='rebalancer/router_1.lua'")
test_run:cmd("start server router_1")
test_run:switch("router_1")
vshard.router.bootstrap()
start_load()

-- Buckets leave the first replica set while its master is switched there and
-- back, under load.
test_run:switch("storage_1_a")
apply({0, 1})
test_run:switch("storage_2_a")
apply({0, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active > 1600 end)
test_run:switch("default")
all = {"storage_1_a", "storage_1_b", "storage_2_a", "storage_2_b", "router_1"}
function make_master(name, weights) for _, server in ipairs(all) do test_run:eval(server, "make_master('" .. name .. "', " .. weights .. ")") end end
make_master("storage_1_b", "{0, 1}")
test_run:switch("storage_1_b")
vshard.storage.is_master()
test_run:switch("storage_2_a")
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active > 2200 end)
test_run:switch("default")
make_master("storage_1_a", "{0, 1}")
test_run:switch("storage_2_a")
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 3000 end)

-- And back while nothing else goes on.
test_run:switch("default")
make_master("storage_1_a", "{1, 1}")
test_run:switch("storage_2_a")
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1500 end)

-- Calls that ran when the old master became read-only may have failed for that
-- reason only; nothing is lost, nothing is doubled.
test_run:switch("router_1")
stop_load()
unexpected = {}
for _, failure in ipairs(failures) do if failure[2] == nil or failure[2].code ~= box.error.READONLY then table.insert(unexpected, failure) end end
unexpected
count_lost()
count_wrong()
next(written) ~= nil
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return vshard.storage.buckets_count() == 1500 end)

test_run:switch("default")
test_run:drop_cluster({"router_1"})
test_run:drop_cluster(REPLICASET_1)
test_run:drop_cluster(REPLICASET_2)
