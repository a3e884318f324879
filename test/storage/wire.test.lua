test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- What instances of public vshard find in the database, and what they say to
-- ours and hear from it over the wire.
test_run:switch("storage_2_a")
vshard.storage.rebalancer_disable()
test_run:switch("storage_1_a")
vshard.storage.rebalancer_disable()
box.space._schema:get{"vshard_version"}
box.space._bucket:format()
test_run:cmd("setopt delimiter ';'")
indexes = {};
for id, index in pairs(box.space._bucket.index) do
    if type(id) == "number" then
        table.insert(indexes, {index.name, index.type, index.unique, index.parts[1].fieldno, index.parts[1].type, #index.parts})
    end
end;
functions = {};
for _, f in box.space._func:pairs() do
    if f.name:startswith("vshard.") then
        table.insert(functions, f.name .. (f.setuid == 1 and "" or " without setuid"))
    end
end;
privileges = {};
for _, p in ipairs(box.schema.user.info("storage")) do
    table.insert(privileges, table.concat(p, " "))
end;
test_run:cmd("setopt delimiter ''");
table.sort(indexes, function(a, b) return a[1] < b[1] end)
indexes
table.sort(functions)
functions
table.sort(privileges)
privileges

-- The schema of the first release: a row of box.once, and no _call.
_ = box.space._schema:delete{"vshard_version"}
_ = box.space._schema:insert{"oncevshard:storage:1"}
box.schema.func.drop("vshard.storage._call")
vshard.storage.cfg(cfg, uuids[NAME])
box.space._schema:get{"vshard_version"}, box.space._schema:get{"oncevshard:storage:1"}
box.schema.func.exists("vshard.storage._call")
test_run:grep_log(NAME, "Successful vshard schema upgrade to {0.1.16.0}") ~= nil
-- One of the future stays.
_ = box.space._schema:replace{"vshard_version", 0, 1, 41, 0}
vshard.storage.cfg(cfg, uuids[NAME])
box.space._schema:get{"vshard_version"}

-- A storage of the public module sends: data in two messages, then the end.
conn = require("net.box").connect(cfg.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].uri)
function remote(...) return conn:call(...) end
remote("vshard.storage.bucket_recv", {5, replicaset2_uuid, {{"test", {{1, 5}, {2, 5}}}}})
remote("vshard.storage._call", {"recovery_bucket_stat", 5})
remote("vshard.storage.bucket_recv", {5, replicaset2_uuid, {{"test", {{3, 5}}}, {"test", {}}}})
remote("vshard.storage.bucket_recv", {5, replicaset2_uuid, {}, {is_last = true}})
box.space._bucket:get{5}, box.space.test:count()
remote("vshard.storage._call", {"recovery_bucket_stat", 5})
remote("vshard.storage._call", {"recovery_bucket_stat", 6})
remote("vshard.storage._call", {"bucket_recv", 6, replicaset2_uuid, {}})
remote("vshard.storage._call", {"bucket_recv", 6, replicaset2_uuid, {}, {is_last = true}})
_, err = remote("vshard.storage.bucket_recv", {6, replicaset2_uuid, {}})
err

-- Its router.
remote("vshard.storage.call", {5, "read", "echo", {1, 2}})
remote("vshard.storage.call", {5, "write", "echo", {}})
ok, err = remote("vshard.storage.call", {5, "write", "raise_client_error", {}})
ok, err.type, err.message
remote("vshard.storage.call", {7, "read", "echo", {1}})
remote("vshard.storage.bucket_stat", {5})
remote("vshard.storage.bucket_stat", {7})
remote("vshard.storage.buckets_discovery", {{from = 1}})
remote("vshard.storage.buckets_discovery", {})
remote("vshard.storage.buckets_count", {})
remote("vshard.storage.sync", {10})
remote("vshard.storage._call", {"info"})
-- Map-reduce.
remote("vshard.storage._call", {"storage_map", 1, "echo", {7}})
remote("vshard.storage._call", {"storage_unref", 1})
remote("vshard.storage._call", {"storage_ref", 1, 10})
remote("vshard.storage._call", {"storage_ref", 1, 10})
remote("vshard.storage._call", {"storage_map", 1, "echo", {7}})
remote("vshard.storage._call", {"storage_map", 1, "echo", {7}})
remote("vshard.storage._call", {"storage_unref", 1})
remote("vshard.storage._call", {"storage_ref", 2, 10})
remote("vshard.storage._call", {"storage_map", 2, "echo", {}})
remote("vshard.storage._call", {"storage_ref", 3, 10})
remote("vshard.storage._call", {"storage_unref", 3})
remote("vshard.storage._call", {"storage_ref_make_with_buckets", 4, 10, {5, 7}})
remote("vshard.storage._call", {"storage_ref_check_with_buckets", 4, {5, 6, 8}})
remote("vshard.storage._call", {"storage_unref", 4})
remote("vshard.storage._call", {"storage_ref_make_with_buckets", 5, 10, {7}})

-- Its rebalancer.
remote("vshard.storage.rebalancer_request_state", {})
vshard.storage.rebalancer_enable()
remote("vshard.storage.rebalancer_request_state", {})
remote("vshard.storage._call", {"rebalancer_request_state"})
-- Its collector, on a replica.
_ = box.space._bucket:replace{8, "pinned"}
remote("vshard.storage._call", {"bucket_test_gc", {5, 7, 8}})

-- The errors that are raised travel as text.
vshard.storage.disable()
_, err = pcall(remote, "vshard.storage.call", {5, "read", "echo", {1}})
e = vshard.error.from_string(err.message)
e.type, e.name, e.code, e.message
vshard.error.from_string("no error")
vshard.storage.enable()

-- What ours sends: an empty message that begins, the data, the end.
test_run:switch("storage_2_a")
sent = {}
recv = vshard.storage.bucket_recv
vshard.storage.bucket_recv = function(...) table.insert(sent, {...}) return recv(...) end
test_run:switch("storage_1_a")
vshard.storage.bucket_send(5, replicaset2_uuid)
test_run:switch("storage_2_a")
sent
-- An error of the public module's receiver ends it.
vshard.storage.bucket_recv = function() return nil, vshard.error.vshard(vshard.error.code.TOO_MANY_RECEIVING) end
test_run:switch("storage_1_a")
_ = box.space._bucket:replace{8, "active"}
_, err = vshard.storage.bucket_send(8, replicaset2_uuid)
err.name
test_run:switch("storage_2_a")
vshard.storage.bucket_recv = function() error(vshard.error.vshard(vshard.error.code.STORAGE_IS_DISABLED, "storage is disabled explicitly")) end
test_run:switch("storage_1_a")
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{8}.status == "active" end)
_, err = vshard.storage.bucket_send(8, replicaset2_uuid)
err.name
test_run:switch("storage_2_a")
vshard.storage.bucket_recv = recv

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
