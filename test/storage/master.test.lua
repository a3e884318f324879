test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- The master is switched by configuration; every instance gets the new one.
test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 10)
events = {}
on_enable = function() table.insert(events, "enable") end
on_disable = function() table.insert(events, "disable") end
vshard.storage.on_master_enable(on_enable) == on_enable
vshard.storage.on_master_disable(on_disable) == on_disable
broken = vshard.storage.on_master_disable(function() error("broken trigger") end)
#vshard.storage.on_master_disable()
util.check_error(vshard.storage.on_master_enable, 1)
util.check_error(vshard.storage.on_master_enable, nil, function() end)
vshard.storage.is_master()
function switch_master(config) config.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].master = false config.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].master = true return config end
vshard.storage.cfg(switch_master(cfg), uuids[NAME])
events
vshard.storage.on_master_disable(nil, broken)
vshard.storage.is_master(), box.info.ro
_, err = vshard.storage.call(1, "write", "do_replace", {{1, 1}})
err.name, err.master == uuids.storage_1_b
vshard.storage.call(1, "read", "echo", {1})
util.wait_until(function() return vshard.storage.info().replication.status == "follow" end)

test_run:switch("storage_1_b")
events = {}
_ = vshard.storage.on_master_enable(function() table.insert(events, {"enable", box.info.ro}) end)
function switch_master(config) config.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].master = false config.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].master = true return config end
vshard.storage.cfg(switch_master(cfg), uuids[NAME])
events
vshard.storage.call(1, "write", "do_replace", {{1, 1}})
vshard.storage.info().replication.status

-- The other replica set follows the change, and buckets go to the new master.
test_run:switch("storage_2_a")
vshard.storage.rebalancer_disable()
vshard.storage.bucket_force_create(11, 1)
_, err = vshard.storage.bucket_send(11, replicaset1_uuid)
err.name
vshard.storage.recovery_wakeup()
function switch_master(config) config.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].master = false config.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].master = true return config end
vshard.storage.cfg(switch_master(cfg), uuids[NAME])
util.wait_until(function() vshard.storage.recovery_wakeup() return box.space._bucket:get{11}.status == "active" end)
vshard.storage.bucket_send(11, replicaset1_uuid)
test_run:switch("storage_1_b")
box.space._bucket:get{11}

-- A master that cannot synchronize says so, and resigns all the same.
test_run:cmd("stop server storage_1_a")
cfg.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].master = true
cfg.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].master = false
cfg.sync_timeout = 0.01
vshard.storage.call(1, "write", "do_replace", {{2, 1}})
vshard.storage.cfg(cfg, uuids[NAME])
test_run:grep_log(NAME, "The replicas do not have all of what this master has written: .*Timeout exceeded") ~= nil
vshard.storage.is_master(), box.info.ro
_, err = vshard.storage.call(1, "write", "do_replace", {{3, 1}})
err.name
_, err = vshard.storage.sync(0.01)
err.message

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
