test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- The states of buckets are protected when the internals say so.
test_run:switch("storage_1_a")
internal = vshard.storage.internal
internal.errinj.ERRINJ_RECOVERY_PAUSE = true
internal.errinj.ERRINJ_BUCKET_GC_PAUSE = true
vshard.storage.recovery_wakeup() vshard.storage.garbage_collector_wakeup()
util.wait_until(function() return internal.errinj.ERRINJ_RECOVERY_PAUSE == 1 and internal.errinj.ERRINJ_BUCKET_GC_PAUSE == 1 end)
_bucket = box.space._bucket
internal.is_bucket_protected
states = {"active", "pinned", "sending", "sent", "receiving", "garbage"}
test_run:cmd("setopt delimiter ';'")
-- Which states can follow one, with which errors otherwise.
function followers(from)
    local result = {}
    for _, to in ipairs(states) do
        internal.is_bucket_protected = nil
        if from ~= nil then _bucket:replace{1, from} else _bucket:delete{1} end
        internal.is_bucket_protected = true
        local ok, err = pcall(_bucket.replace, _bucket, {1, to})
        if ok then
            table.insert(result, to)
        else
            assert(tostring(err):match("Bucket 1 update is invalid: transition '" .. (from or "nil") .. "' to '" .. to .. "' is not allowed"), err)
        end
    end
    internal.is_bucket_protected = nil
    if from ~= nil then
        _bucket:replace{1, from}
        internal.is_bucket_protected = true
        local ok, err = pcall(_bucket.delete, _bucket, {1})
        if ok then
            table.insert(result, "nothing")
        else
            assert(tostring(err):match("can't delete '" .. from .. "' bucket"), err)
        end
    end
    internal.is_bucket_protected = nil
    _bucket:delete{1}
    return (from or "nothing") .. " -> " .. table.concat(result, ", ")
end;
function refusal(func, ...)
    internal.is_bucket_protected = true
    local ok, err = pcall(func, ...)
    internal.is_bucket_protected = nil
    return not ok and tostring(err):match('"message":"([^"]+)"') or tostring(err)
end;
test_run:cmd("setopt delimiter ''");
followers(nil)
{followers("active"), followers("pinned"), followers("sending"), followers("sent"), followers("receiving"), followers("garbage")}
refusal(_bucket.replace, _bucket, {1, "lost"})
_ = _bucket:replace{1, "lost"}
refusal(_bucket.replace, _bucket, {1, "active"})
refusal(_bucket.delete, _bucket, {1})
_ = _bucket:replace{1, "active"}
refusal(_bucket.truncate, _bucket)
-- References hold the states.
vshard.storage.bucket_refrw(1)
refusal(_bucket.replace, _bucket, {1, "sending", replicaset2_uuid})
vshard.storage.bucket_unrefrw(1)
vshard.storage.bucket_refro(1)
_ = _bucket:replace{1, "sent", replicaset2_uuid}
refusal(_bucket.replace, _bucket, {1, "garbage", replicaset2_uuid})
_ = _bucket:replace{1, "garbage", replicaset2_uuid}
refusal(_bucket.delete, _bucket, {1})
vshard.storage.bucket_unrefro(1)
refusal(_bucket.delete, _bucket, {1})
-- What the module itself does keeps to the rules.
internal.is_bucket_protected = true
vshard.storage.bucket_force_create(1, 10)
vshard.storage.bucket_pin(1)
vshard.storage.bucket_unpin(1)
_ = box.space.test:insert{1, 1}
test_run:switch("storage_2_a")
vshard.storage.internal.is_bucket_protected = true
vshard.storage.rebalancer_disable()
test_run:switch("storage_1_a")
vshard.storage.bucket_send(1, replicaset2_uuid)
internal.errinj.ERRINJ_RECOVERY_PAUSE = false
internal.errinj.ERRINJ_BUCKET_GC_PAUSE = false
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return _bucket:get{1} == nil end)
internal.errinj.ERRINJ_SEND_FAILURE = true
_, err = vshard.storage.bucket_send(2, replicaset2_uuid)
internal.errinj.ERRINJ_SEND_FAILURE = nil
util.wait_until(function() vshard.storage.recovery_wakeup() return _bucket:get{2}.status == "active" end)
test_run:switch("storage_2_a")
box.space._bucket:get{1}, box.space.test:get{1}
-- Replicas take what their master has.
test_run:switch("storage_2_b")
vshard.storage.internal.is_bucket_protected = true
util.wait_until(function() return box.space._bucket:get{1} ~= nil and box.space._bucket:get{1}.status == "active" end)

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
