test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_1_a")
-- Creating and dropping by hand.
vshard.storage.bucket_force_create(1, 5)
_, err = vshard.storage.bucket_force_create(5, 2)
err.type, err.code
vshard.storage.buckets_count()
vshard.storage.bucket_force_drop(5)
vshard.storage.bucket_force_drop(100)
vshard.storage.buckets_count()
util.check_error(vshard.storage.bucket_force_create)
util.check_error(vshard.storage.bucket_force_create, 1, 1.5)
util.check_error(vshard.storage.bucket_force_drop, "x")

-- Data of a bucket.
box.space.test:replace{1, 1}
box.space.test:replace{2, 1}
vshard.storage.bucket_collect(1)
_, err = vshard.storage.bucket_collect(100)
err.name

vshard.storage.bucket_stat(1)
_, err = vshard.storage.bucket_stat(100)
err.name, err.message
util.check_error(vshard.storage.bucket_stat, "x")
vshard.storage.bucket_pin(2)
vshard.storage.buckets_info()
vshard.storage.buckets_discovery()
vshard.storage.buckets_discovery({from = 2})
vshard.consts.BUCKET_CHUNK_SIZE = 2
vshard.storage.buckets_discovery({from = 1})
vshard.storage.buckets_discovery({from = 3})
vshard.storage.buckets_discovery({from = 5})
vshard.consts.BUCKET_CHUNK_SIZE = 1000

-- What sending refuses.
send = vshard.storage.bucket_send
util.check_error(send, 1)
util.check_error(send, 1, replicaset2_uuid, 1)
_, err = send(100, replicaset2_uuid)
err.name
_, err = send(1, "nowhere")
err.name, err.message
_, err = send(1, replicaset1_uuid)
err.name, err.message == "Cannot move: bucket 1 is already on replicaset " .. replicaset1_uuid
_, err = send(2, replicaset2_uuid)
err.name

-- What receiving refuses.
internal = vshard.storage.internal
internal.errinj.ERRINJ_NO_RECOVERY = true
recv = vshard.storage.bucket_recv
util.check_error(recv, 1)
_, err = recv(100, "nowhere", {})
err.name
_, err = recv(1, replicaset2_uuid, {})
err.name, err.message
_, err = recv(3001, replicaset2_uuid, {})
err.name, err.message
_, err = recv(0, replicaset2_uuid, {})
err.message
_, err = recv(10, replicaset2_uuid, {}, {is_last = true})
err.name, err.message, err.destination == replicaset2_uuid
_, err = recv(10, replicaset2_uuid, {{"no_such_space", {{1, 1}}}})
err.type, err.code, err.message
_, err = recv(11, replicaset2_uuid, {{"test", {{100, 11}, {1, 11}}}})
err.name, err.space, err.tuple, err.reason
box.space.test:get(100)
-- What came in part waits for the recovery, as the one that comes does.
box.space._bucket:get{10}, box.space._bucket:get{11}
_, err = recv(11, "nowhere", {})
err.message
_, err = recv(11, replicaset2_uuid, {}, {is_first = true})
err.message
internal.rebalancer_transfering_buckets[11] = {direction = "receive", since = 0}
_, err = recv(11, replicaset2_uuid, {})
err.message
_, err = send(11, replicaset2_uuid)
err.message
internal.rebalancer_transfering_buckets[11] = nil
_ = box.space._bucket:delete{10}, box.space._bucket:delete{11}
-- Too many at once.
cfg.rebalancer_max_receiving = 2
vshard.storage.cfg(cfg, uuids[NAME])
recv(10, replicaset2_uuid, {}), recv(11, replicaset2_uuid, {})
_, err = recv(12, replicaset2_uuid, {})
err.name
recv(10, replicaset2_uuid, {{box.space.test.id, {{100, 10}}}})
recv(10, replicaset2_uuid, {}, {is_last = true})
box.space._bucket:get{10}, box.space.test:get{100}
_, err = recv(10, replicaset2_uuid, {})
err.message
-- Recovery: the other side has none of it, so it is all here.
vshard.storage.internal.errinj.ERRINJ_NO_RECOVERY = nil
vshard.storage.recovery_wakeup()
util.wait_until(function() return box.space._bucket:get{11}.status == "active" end)

-- A bucket that is garbage can be deleted at once.
util.check_error(vshard.storage.bucket_delete_garbage)
util.check_error(vshard.storage.bucket_delete_garbage, 11, true)
util.check_error(vshard.storage.bucket_delete_garbage, 11)
_ = box.space.test:insert{11, 11}
vshard.storage.bucket_delete_garbage(11, {force = true})
box.space._bucket:get{11}, box.space.test:get{11}

-- A replica refuses what is for masters.
test_run:switch("storage_1_b")
_, err = vshard.storage.bucket_force_create(20)
err
util.check_error(vshard.storage.bucket_force_drop, 20)
_, err = vshard.storage.bucket_send(1, replicaset2_uuid)
err.name, err.master == uuids.storage_1_a
_, err = vshard.storage.bucket_recv(1, replicaset2_uuid, {})
err.name
_, err = vshard.storage.bucket_pin(1)
err.name
_, err = vshard.storage.rebalancer_request_state()
err.name
_, err = vshard.storage.rebalancer_apply_routes({})
err.name
vshard.storage._call("info")
util.check_error(vshard.storage._call, "no_such_service")

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
