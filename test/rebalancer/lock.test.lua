test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- A locked replica set neither gives nor takes.
test_run:switch("storage_1_a")
cfg.sharding[replicaset1_uuid].lock = true
vshard.storage.cfg(cfg, uuids[NAME])
vshard.storage.is_locked()
vshard.storage.bucket_force_create(1, 2000)
test_run:switch("storage_2_a")
cfg.sharding[replicaset1_uuid].lock = true
vshard.storage.cfg(cfg, uuids[NAME])
vshard.storage.is_locked()
vshard.storage.bucket_force_create(2001, 1000)
wait_rebalancer_state("The cluster is balanced ok", test_run)
_, err = vshard.storage.bucket_send(2001, replicaset1_uuid)
err.name
vshard.storage.recovery_wakeup()
util.wait_until(function() return box.space._bucket:get{2001}.status == "active" end)
box.space._bucket:get{2001}

-- Pinned buckets stay, the others share the rest.
test_run:switch("storage_1_a")
for i = 1, 1800 do assert(vshard.storage.bucket_pin(i)) end
vshard.storage.rebalancer_request_state()
vshard.storage.bucket_pin(1)
vshard.storage.info().bucket
_, err = vshard.storage.bucket_send(1, replicaset2_uuid)
err.name, err.message
_, err = vshard.storage.rebalancer_apply_routes({})
err.name
cfg.sharding[replicaset1_uuid].lock = nil
vshard.storage.cfg(cfg, uuids[NAME])
_, err = vshard.storage.bucket_send(1, replicaset2_uuid)
err.name, err.message
test_run:switch("storage_2_a")
cfg.sharding[replicaset1_uuid].lock = nil
vshard.storage.cfg(cfg, uuids[NAME])
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 1200 end)
wait_rebalancer_state("The cluster is balanced ok", test_run)
test_run:switch("storage_1_a")
box.space._bucket.index.status:count("pinned")
vshard.storage.bucket_unpin(1)
vshard.storage.bucket_unpin(1)
box.space._bucket:get{1}
_, err = vshard.storage.bucket_pin(3000)
err.name

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
