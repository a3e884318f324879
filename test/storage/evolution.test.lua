test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("default")
evolution = require("vshard.storage.reload_evolution")
log = require("log")
evolution.version
-- Without the host nothing but the same version goes.
package.loaded.shardlua = nil
package.preload.shardlua = function() error("there is no host") end
evolution.upgrade({reload_version = evolution.version})
test_run:grep_log("default", "vshard.storage.reload_evolution")
util.check_error(evolution.upgrade, {reload_version = evolution.version + 1})
test_run:grep_log("default", "E> vshard.storage.reload_evolution: auto%-downgrade is not implemented; loaded version is 2, upgrade script version is 1") ~= nil
internals = {}
util.check_error(evolution.upgrade, internals)
test_run:grep_log("default", "E> vshard.storage.reload_evolution: error during upgrade to 1 version: the migration needs the shardlua host") ~= nil
internals.reload_version
-- With the host it is the host's work.
package.loaded.shardlua = {upgrade = function(...) asked = {...} end}
asked = false
evolution.upgrade({reload_version = evolution.version})
asked
evolution.upgrade(internals)
asked[1], asked[2] == internals, asked[3]
evolution.upgrade({reload_version = evolution.version + 1})
asked[2].reload_version

-- Fresh internals are the newest.
test_run:switch("storage_2_a")
vshard.storage.bucket_force_create(1501, 1500)
test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 1500)
internal = vshard.storage.internal
internal.reload_version
-- Old internals: without the host the old code stays.
old_storage, old_modules = vshard.storage, {}
for name, loaded in pairs(package.loaded) do if name:find("^vshard%.") then old_modules[name] = loaded end end
old_modules["vshard.storage"] = nil
_ = rawset(_G, "__module_vshard_storage", internal) -- where they are without the host
package.loaded.shardlua = nil
package.preload.shardlua = function() error("there is no host") end
internal.reload_version = nil
internal.transfer_statistics = nil
internal.rebalancer_transfering_buckets[3] = true
package.loaded["vshard.storage"] = nil
util.check_error(require, "vshard.storage")
for name, loaded in pairs(old_modules) do assert(package.loaded[name] == loaded) end
internal.module_version, internal.reload_version
vshard.storage.call(1, "write", "echo", {1})
-- With a host that knows the way they become new.
function migrate(M) for id in pairs(M.rebalancer_transfering_buckets) do M.rebalancer_transfering_buckets[id] = {direction = "unknown", since = fiber.clock()} end M.transfer_statistics = {sent = 0, received = 0, failed = 0} M.reload_version = 1 end
package.loaded.shardlua = {internals = function() return internal end, upgrade = function(_, M) migrate(M) end}
package.loaded["vshard.storage"] = nil
vshard.storage = require("vshard.storage")
vshard.storage ~= old_storage, vshard.storage.internal == internal
internal.reload_version, internal.module_version
transfers = vshard.storage.info({with_services = true}).transfers
#transfers, transfers[1].direction, transfers[1].bucket_id
_, err = vshard.storage.bucket_send(3, replicaset2_uuid)
err.name
internal.rebalancer_transfering_buckets[3] = nil
vshard.storage.bucket_send(3, replicaset2_uuid)
vshard.storage.info({with_services = true}).transfer_statistics
-- Newer internals: no way back.
package.loaded.shardlua = nil
internal.reload_version = 100
package.loaded["vshard.storage"] = nil
util.check_error(require, "vshard.storage")
internal.reload_version = 1
package.preload.shardlua = nil

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
