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
for i = 1, 10 do box.space.test:insert{i, i} end

-- A failed transfer leaves the bucket in between; the recovery gives it back.
internal = vshard.storage.internal
internal.errinj.ERRINJ_NO_RECOVERY = true
internal.errinj.ERRINJ_SEND_FAILURE = true
_, err = vshard.storage.bucket_send(1, replicaset2_uuid)
err.message
box.space._bucket:get{1}.status
vshard.storage.call(1, "read", "do_select", {1})
internal.errinj.ERRINJ_SEND_FAILURE = nil
internal.errinj.ERRINJ_NO_RECOVERY = nil
vshard.storage.recovery_wakeup()
util.wait_until(function() return box.space._bucket:get{1}.status == "active" end)

-- The receiver gets a part and refuses the rest.
test_run:switch("storage_2_a")
vshard.storage.internal.errinj.ERRINJ_RECEIVE_PARTIALLY = true
test_run:switch("storage_1_a")
_, err = vshard.storage.bucket_send(1, replicaset2_uuid)
err.type, err.message
util.wait_until(function() return box.space._bucket:get{1}.status == "active" end)
test_run:switch("storage_2_a")
vshard.storage.internal.errinj.ERRINJ_RECEIVE_PARTIALLY = nil
util.wait_until(function() return box.space._bucket:get{1} == nil end)
test_run:switch("storage_1_a")
vshard.storage.bucket_send(1, replicaset2_uuid)

-- The receiver dies before the last message: here the bucket is sent, there it
-- becomes active after the restart.
test_run:switch("storage_2_a")
vshard.storage.internal.errinj.ERRINJ_LAST_RECEIVE_DELAY = true
test_run:switch("storage_1_a")
result, err = false, false
f = fiber.create(function() result, err = vshard.storage.bucket_send(2, replicaset2_uuid, {timeout = 100}) end)
f:set_joinable(true)
util.wait_until(function() return box.space._bucket:get{2}.status == "sent" end)
_, err = vshard.storage.bucket_send(2, replicaset2_uuid)
err.name
test_run:cmd("stop server storage_2_a with signal=KILL")
f:join()
result, err ~= nil
test_run:cmd("start server storage_2_a")
test_run:switch("storage_2_a")
vshard.storage.rebalancer_disable()
vshard.storage.recovery_wakeup()
util.wait_until(function() return box.space._bucket:get{2} ~= nil and box.space._bucket:get{2}.status == "active" end)
box.space.test:get{2}
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return box.space._bucket:get{2} == nil end)

-- The sender dies in the middle of the data.
internal.errinj.ERRINJ_SEND_DELAY = true
_ = fiber.create(function() vshard.storage.bucket_send(3, replicaset2_uuid) end)
util.wait_until(function() return box.space._bucket:get{3}.status == "sending" end)
_, err = vshard.storage.call(3, "write", "echo", {1})
err.name
test_run:switch("default")
test_run:cmd("stop server storage_1_a with signal=KILL")
test_run:cmd("start server storage_1_a")
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{3}.status == "active" end)
vshard.storage.bucket_send(3, replicaset2_uuid)

-- The other side has sent it, but to somebody else.
test_run:switch("storage_2_a")
vshard.storage.internal.errinj.ERRINJ_BUCKET_GC_PAUSE = true
box.space._bucket:replace{100, "sent", "third"}
test_run:switch("storage_1_a")
box.space._bucket:replace{100, "receiving", replicaset2_uuid}
vshard.storage.recovery_wakeup()
util.wait_until(function() return box.space._bucket:get{100} == nil end)

-- The bucket came from the other side, which has refused to take it back
-- before it has cleaned up: nobody but this one has it.
test_run:switch("storage_2_a")
box.space._bucket:replace{102, "sent", replicaset1_uuid}
test_run:switch("storage_1_a")
box.space._bucket:replace{102, "active"}
_, err = vshard.storage.bucket_send(102, replicaset2_uuid)
err.name
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{102}.status ~= "sending" end)
box.space._bucket:get{102}.status

-- The same, but the other side has sent it to somebody else an earlier time.
test_run:switch("storage_2_a")
_ = box.space._bucket:replace{103, "sent", "third"}
test_run:switch("storage_1_a")
_ = box.space._bucket:replace{103, "sending", replicaset2_uuid}
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{103}.status ~= "sending" end)
box.space._bucket:get{103}.status

-- A storage of public vshard does not say where it has sent a bucket to, but its
-- bucket_stat does.
test_run:switch("storage_2_a")
internal = vshard.storage.internal
_ = box.space._bucket:replace{104, "sent", replicaset1_uuid}
_ = box.space._bucket:replace{105, "sent", "third"}
our_call = vshard.storage._call
function public_stat(id) local b = box.space._bucket:get{id} return b and {id = id, status = b.status, is_transfering = internal.rebalancer_transfering_buckets[id]} end
vshard.storage._call = function(name, ...) if name == "recovery_bucket_stat" then return public_stat(...) end return our_call(name, ...) end
test_run:switch("storage_1_a")
_ = box.space._bucket:replace{104, "receiving", replicaset2_uuid}
_ = box.space._bucket:replace{105, "receiving", replicaset2_uuid}
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{104}.status ~= "receiving" end)
util.wait_until(function() return box.space._bucket:get{105} == nil end)
box.space._bucket:get{104}.status

-- The other side is not known.
box.space._bucket:replace{101, "receiving", "nobody"}
vshard.storage.recovery_wakeup()
test_run:wait_log("storage_1_a", "Can not find for bucket 101 its peer nobody") ~= nil

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
