test_run = require("test_run").new()
util = require("lua_libs.util")
first = {"trio_1_a", "trio_1_b", "trio_1_c"}
second = {"trio_2_a", "trio_2_b", "trio_2_c"}
all = {}
for _, set in ipairs({first, second}) do for _, name in ipairs(set) do table.insert(all, name) end end

-- All instances of both replica sets begin with nothing, at once.
test_run:cmd("setopt delimiter ';'")
for _, name in ipairs(all) do
    assert(test_run:cmd(("create server %s with script='rebalancer/%s.lua'"):format(name, name)))
end;
for _, name in ipairs(all) do
    assert(test_run:cmd(("start server %s with wait=False, wait_load=False"):format(name)))
end;
test_run:cmd("setopt delimiter ''");
util.wait_master(test_run, first, "trio_1_c")
util.wait_master(test_run, second, "trio_2_c")
util.eval_on(test_run, all, "return box.info.cluster.uuid")
util.eval_on(test_run, all, "return vshard.storage.is_master()")
util.eval_on(test_run, all, "util.wait_until(function() return #box.info.replication == 3 end) return #box.info.replication")
util.eval_on(test_run, all, "util.wait_until(function() return box.space._bucket ~= nil end) return box.space._bucket ~= nil")

test_run:switch("trio_2_c")
vshard.storage.rebalancer_disable()
test_run:switch("trio_1_c")
vshard.storage.rebalancer_disable()
vshard.storage.bucket_force_create(1, 30)
for i = 1, 30 do box.space.test:insert{i, i} end

-- Every instance in turn is killed in the middle of a transfer, which stops
-- before its data, and comes back. Then either side has the bucket, and the
-- other has nothing.
test_run:switch("default")
test_run:cmd("setopt delimiter ';'")
function transfer(bucket_id, victim)
    test_run:eval("trio_1_c", "vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = true")
    test_run:eval("trio_1_c", ("fiber.create(function() result = {vshard.storage.bucket_send(%d, replicaset_uuids[2])} end)"):format(bucket_id))
    assert(test_run:wait_cond(function() return test_run:eval("trio_1_c", ("return box.space._bucket:get{%d}.status"):format(bucket_id))[1] == "sending" end))
    assert(test_run:cmd(("stop server %s with signal=KILL"):format(victim)))
    assert(test_run:cmd(("start server %s with wait_load=False"):format(victim)))
    if victim == "trio_1_c" then
        util.wait_master(test_run, first, "trio_1_c")
    elseif victim == "trio_2_c" then
        util.wait_master(test_run, second, "trio_2_c")
    end
    test_run:eval("trio_1_c", "vshard.storage.rebalancer_disable()")
    test_run:eval("trio_2_c", "vshard.storage.rebalancer_disable()")
    test_run:eval("trio_1_c", "vshard.storage.internal.errinj.ERRINJ_SEND_DELAY = false")
    local function status(name)
        return test_run:eval(name, ("vshard.storage.recovery_wakeup() vshard.storage.garbage_collector_wakeup() local b = box.space._bucket:get{%d} return b ~= nil and b.status or 'none'"):format(bucket_id))[1]
    end
    assert(test_run:wait_cond(function()
        local a, b = status("trio_1_c"), status("trio_2_c")
        return a == "active" and b == "none" or a == "none" and b == "active"
    end), status("trio_1_c") .. " " .. status("trio_2_c"))
end;
for i, name in ipairs(all) do transfer(i, name) end;
test_run:cmd("setopt delimiter ''");

-- The rest is balanced, and nothing is lost.
test_run:switch("trio_1_c")
util.wait_master(test_run, {"trio_1_a", "trio_1_b", "trio_1_c"}, "trio_1_c")
vshard.storage.rebalancer_enable()
test_run:switch("trio_2_c")
vshard.storage.rebalancer_enable()
test_run:switch("trio_1_c")
util.wait_until(function() vshard.storage.rebalancer_wakeup() return vshard.storage.info().bucket.active == 15 and vshard.storage.buckets_count() == 15 end)
box.space.test:count()
test_run:switch("trio_2_c")
util.wait_until(function() vshard.storage.garbage_collector_wakeup() return vshard.storage.info().bucket.active == 15 and vshard.storage.buckets_count() == 15 end)
box.space.test:count()
vshard.storage.sync(30)
test_run:switch("default")
ids = {}
for _, name in ipairs({"trio_1_c", "trio_2_c"}) do for _, row in ipairs(test_run:eval(name, "return box.space.test:select()")[1]) do ids[row[1]] = (ids[row[1]] or 0) + 1 end end
wrong = {}
for id = 1, 30 do if ids[id] ~= 1 then table.insert(wrong, id) end end
wrong
-- The replicas have what their masters have.
util.eval_on(test_run, all, "util.wait_until(function() return box.space._bucket.index.status:count('active') == 15 and box.space._bucket:count() == 15 and box.space.test:count() == 15 end) return box.space.test:count()")

test_run:drop_cluster(all)
