test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- The rebalancer waits until all buckets exist.
test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 3000)
for i = 1, 3000 do box.space.test:insert{i, i} end

test_run:switch("storage_2_a")
wait_rebalancer_state("Rebalance routes are sent", test_run)
wait_rebalancer_state("The cluster is balanced ok", test_run)
vshard.storage.info().bucket
box.space.test:count()

test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:count() == 1500 end)
vshard.storage.info().bucket
box.space.test:count()

-- Weights, changed by configuration.
cfg.sharding[replicaset1_uuid].weight = 2
cfg.rebalancer_max_sending = 5
vshard.storage.cfg(cfg, uuids[NAME])
test_run:switch("storage_2_a")
cfg.sharding[replicaset1_uuid].weight = 2
cfg.rebalancer_max_sending = 5
vshard.storage.cfg(cfg, uuids[NAME])
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1000 end)
wait_rebalancer_state("The cluster is balanced ok", test_run)
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space.test:count() == 1000 end)

-- A disabled rebalancer says so.
vshard.storage.rebalancer_disable()
wait_rebalancer_state("Rebalancer is disabled", test_run)
vshard.storage.rebalancer_enable()

-- Disbalance below the threshold is none.
cfg.sharding[replicaset1_uuid].weight = 1.9
cfg.rebalancer_disbalance_threshold = 10
vshard.storage.cfg(cfg, uuids[NAME])
wait_rebalancer_state("The cluster is balanced ok", test_run)
vshard.storage.info().bucket.active

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
