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

-- All buckets leave the first replica set, whose master is killed meanwhile.
test_run:switch("storage_1_a")
apply({0, 1})
test_run:switch("storage_2_a")
apply({0, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active > 1700 end)
test_run:cmd("stop server storage_1_a with signal=KILL")
test_run:cmd("start server storage_1_a")
test_run:switch("storage_1_a")
apply({0, 1})
test_run:switch("storage_2_a")
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active > 2200 end)

-- The receiver, where the rebalancer lives, is killed, too.
test_run:switch("storage_1_b")
test_run:cmd("stop server storage_2_a with signal=KILL")
test_run:cmd("start server storage_2_a")
test_run:switch("storage_2_a")
apply({0, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 3000 end)
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return vshard.storage.buckets_count() == 0 end)

-- Buckets go back while both storages are reloaded over and over.
function reload() package.loaded["vshard.storage"] = nil vshard.storage = require("vshard.storage") end
apply({1, 1})
test_run:switch("storage_2_a")
function reload() package.loaded["vshard.storage"] = nil vshard.storage = require("vshard.storage") end
apply({1, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active < 3000 end)
for i = 1, 5 do reload() test_run:eval("storage_1_a", "reload()") fiber.sleep(0.02) end
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1500 end)

-- Writes that were under way when an instance was killed may have failed;
-- what was acknowledged is there, and every bucket is somewhere.
test_run:switch("router_1")
stop_load()
#failures < 30
count_lost()
count_wrong()
next(written) ~= nil

test_run:switch("default")
test_run:drop_cluster({"router_1"})
test_run:drop_cluster(REPLICASET_1)
test_run:drop_cluster(REPLICASET_2)
