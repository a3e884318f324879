test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_1_a")
call = vshard.storage.call
vshard.storage.bucket_force_create(1, 10)
call(1, "write", "do_replace", {{1, 1}})
call(1, "read", "do_select", {{1}})
vshard.storage.callro(1, "echo", {1, nil, 3})
vshard.storage.callrw(1, "echo", {})
call(1, "read", "echo")
-- Names with parts, methods, stored functions.
call(1, "read", "box.space.test:get", {1})
call(1, "read", "math.max", {1, 5, 3})
box.schema.func.create("stored", {body = "function(a) return a + 1 end"})
call(1, "read", "stored", {1})
-- What the function raises comes as the error of a call that was made.
ok, err = call(1, "read", "raise_client_error")
ok, err.type, err.code, err.message
ok, err = call(1, "read", "raise_luajit_error")
ok, err.type, err.code, err.message:match("assertion failed!")
ok, err = call(1, "read", "no_such_function")
ok, err.type, err.code, err.message
ok, err = call(1, "read", "no.such.function")
ok, err.code, err.message
-- A transaction that the function left open is rolled back.
function fail_in_txn() box.begin() box.space.test:replace{2, 1} error("oops", 0) end
ok, err = call(1, "write", "fail_in_txn")
ok, err.message, box.is_in_txn(), box.space.test:get(2)
-- What forbids the call.
ok, err = call(11, "read", "echo", {1})
ok, err.type, err.name, err.code, err.message
ok, err = call(11, "write", "echo", {1})
ok, err.name
-- States and what they forbid.
for _, status in ipairs({"sending", "receiving", "sent", "garbage"}) do box.space._bucket:replace{20, status, replicaset2_uuid} end
internal = vshard.storage.internal
internal.errinj.ERRINJ_RECOVERY_PAUSE = true
internal.errinj.ERRINJ_BUCKET_GC_PAUSE = true
vshard.storage.recovery_wakeup() vshard.storage.garbage_collector_wakeup()
util.wait_until(function() return internal.errinj.ERRINJ_RECOVERY_PAUSE == 1 and internal.errinj.ERRINJ_BUCKET_GC_PAUSE == 1 end)
test_run:cmd("setopt delimiter ';'")
function verdict(status, mode)
    box.space._bucket:replace{20, status, replicaset2_uuid}
    local ok, err = call(20, mode, "echo", {1})
    return ok and "ok" or err.name .. ": " .. err.message
end;
function verdicts(mode)
    local result = {}
    for _, status in ipairs({"active", "pinned", "sending", "receiving", "sent", "garbage"}) do
        table.insert(result, status .. " - " .. verdict(status, mode))
    end
    return result
end;
test_run:cmd("setopt delimiter ''");
verdicts("read")
verdicts("write")
_ = box.space._bucket:replace{20, "garbage", replicaset2_uuid}
vshard.storage.bucket_stat(20)
_ = box.space._bucket:delete{20}
internal.errinj.ERRINJ_RECOVERY_PAUSE = false
internal.errinj.ERRINJ_BUCKET_GC_PAUSE = false
util.check_error(call, "x", "read", "echo")
util.check_error(call, 1, "peek", "echo")

-- References are counted.
vshard.storage.bucket_refro(1)
vshard.storage.bucket_refrw(1)
vshard.storage.bucket_ref(1, "read")
vshard.storage.buckets_info(1)[1].ref_ro, vshard.storage.buckets_info(1)[1].ref_rw
vshard.storage.bucket_unref(1, "read")
vshard.storage.bucket_unrefro(1)
vshard.storage.bucket_unrefrw(1)
_, err = vshard.storage.bucket_unrefro(1)
err.name, err.message
_, err = vshard.storage.bucket_unrefrw(1)
err.name, err.message
_, err = vshard.storage.bucket_refro(100)
err.name
util.check_error(vshard.storage.bucket_ref, 1, "peek")
vshard.storage.buckets_info(1)

-- Calls hold references while they run.
f = fiber.create(function() call(2, "write", "sleep", {1000}) end)
f:set_joinable(true)
vshard.storage.buckets_info(2)[2].ref_rw
_, err = vshard.storage.bucket_send(2, replicaset2_uuid, {timeout = 0.01})
err.type, err.message
box.space._bucket:get{2}
f:cancel()
f:join()
vshard.storage.buckets_info(2)[2]

-- A disabled storage refuses.
vshard.storage.disable()
err = util.check_error(call, 1, "read", "echo", {1})
err.name, err.message
for _, name in ipairs({"callro", "callrw", "bucket_refro", "bucket_refrw", "bucket_stat", "info", "sync", "_call"}) do assert(util.check_error(vshard.storage[name], 1, "write").name == "STORAGE_IS_DISABLED") end
vshard.storage.enable()
call(1, "read", "echo", {1})

-- A change of the bucket's row is seen at once, a rolled back one too.
box.space._bucket:update({3}, {{"=", 2, "sending"}, {"=", 3, replicaset2_uuid}})
call(3, "read", "echo", {1})
_, err = call(3, "write", "echo", {1})
err.name, err.destination == replicaset2_uuid
box.space._bucket:replace{3, "active"}
call(3, "write", "echo", {1})
box.begin() box.space._bucket:delete{3} in_txn = call(3, "read", "echo", {1}) box.rollback()
in_txn
call(3, "read", "echo", {1})
box.space._bucket:truncate()
_, err = call(1, "read", "echo", {1})
err.name

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
