test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_2_a")
vshard.storage.rebalancer_disable()
test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 10)
for i = 1, 3000 do box.space.test:insert{i, 1} end
format = {{"a", "unsigned"}, {"b", "string"}, {"shard", "unsigned"}}
pairs_space = box.schema.space.create("pairs", {format = format})
_ = pairs_space:create_index("pk", {parts = {{"b"}, {"a"}}})
_ = pairs_space:create_index("bucket_id", {parts = {{"shard"}}, unique = false})
for i = 1, 5 do pairs_space:insert{i, "x" .. i, 1} end
loose = box.schema.space.create("loose")
_ = loose:create_index("pk")
loose:insert{1}
test_run:switch("storage_2_a")
format = {{"a", "unsigned"}, {"b", "string"}, {"shard", "unsigned"}}
pairs_space = box.schema.space.create("pairs", {format = format})
_ = pairs_space:create_index("pk", {parts = {{"b"}, {"a"}}})
_ = pairs_space:create_index("bucket_id", {parts = {{"shard"}}, unique = false})
test_run:switch("storage_1_a")

-- A reader here keeps the data.
vshard.storage.bucket_refro(1)
vshard.storage.bucket_send(1, replicaset2_uuid)
vshard.storage.garbage_collector_wakeup()
test_run:wait_lsn("storage_1_b", "storage_1_a")
box.space._bucket:get{1}.status, box.space.test:count(), pairs_space:count()
_, err = vshard.storage.call(1, "read", "echo", {1})
err.name, err.destination == replicaset2_uuid
vshard.storage.bucket_unrefro(1)
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{1} == nil end)
box.space.test:count(), pairs_space:count(), loose:count()
test_run:switch("storage_2_a")
box.space.test:count(), pairs_space:select()

-- A reader on a replica does, too.
test_run:switch("storage_1_b")
vshard.storage.bucket_refro(2)
test_run:switch("storage_1_a")
vshard.storage.bucket_send(2, replicaset2_uuid)
test_run:wait_lsn("storage_1_b", "storage_1_a")
test_run:switch("storage_1_b")
box.space._bucket:get{2}.status
vshard.storage._call("bucket_test_gc", {2, 3, 100})
vshard.storage.bucket_unrefro(2)
vshard.storage._call("bucket_test_gc", {2, 3, 100})
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{2} == nil end)

-- While a replica does not answer, nobody knows its readers.
test_run:cmd("stop server storage_1_b")
vshard.consts.GC_MAP_CALL_TIMEOUT = 0.1
vshard.storage.bucket_send(3, replicaset2_uuid)
vshard.storage.garbage_collector_wakeup()
test_run:wait_log("storage_1_a", "replicas can not be asked") ~= nil
box.space._bucket:get{3}.status
test_run:cmd("start server storage_1_b")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{3} == nil end)

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
