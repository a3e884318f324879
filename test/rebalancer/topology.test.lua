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

-- A replica set is added under load.
test_run:cmd("create server storage_3_a with script='rebalancer/storage_3_a.lua'")
test_run:cmd("start server storage_3_a")
apply({1, 1, 1})
test_run:switch("storage_1_a")
apply({1, 1, 1})
test_run:switch("storage_2_a")
apply({1, 1, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1000 end)
wait_rebalancer_state("The cluster is balanced ok", test_run)
test_run:switch("storage_3_a")
vshard.storage.info().bucket.active

-- Another one is emptied and removed.
apply({0, 1, 1})
test_run:switch("storage_1_a")
apply({0, 1, 1})
test_run:switch("storage_2_a")
apply({0, 1, 1})
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1500 end)
wait_rebalancer_state("The cluster is balanced ok", test_run)
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return vshard.storage.buckets_count() == 0 end)
box.space.test:count()
test_run:switch("router_1")
cfg.sharding[replicaset1_uuid] = nil
cfg.sharding[replicaset3_uuid] = third
vshard.router.cfg(cfg)
test_run:switch("default")
test_run:drop_cluster(REPLICASET_1)

-- Nothing failed, nothing is lost, nothing is doubled.
test_run:switch("router_1")
fiber.sleep(0.1)
stop_load()
failures
count_lost()
count_wrong()
next(written) ~= nil

test_run:switch("default")
test_run:drop_cluster({"router_1", "storage_3_a"})
test_run:drop_cluster(REPLICASET_2)
