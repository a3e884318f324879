test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_1_a")
vshard.storage.bucket_force_create(1, 3)
vshard.storage.bucket_pin(3)
function plain(info) info.replicasets = nil info.identification_mode = nil return info end
replicasets = vshard.storage.info().replicasets
replicasets[replicaset1_uuid]
vshard.storage.internal.replicasets[replicaset2_uuid]:wait_connected(10) > 0
master = vshard.storage.info().replicasets[replicaset2_uuid].master
master.uuid == uuids.storage_2_a, master.state
test_run:wait_downstream("storage_1_a", test_run:get_server_id("storage_1_b"))
util.wait_until(function() return vshard.storage.info().status == 0 end)
plain(vshard.storage.info())
services = vshard.storage.info({with_services = true}).services
services.gc, services.recovery.name, services.rebalancer

test_run:cmd("stop server storage_1_b")
util.wait_until(function() return #vshard.storage.info().alerts > 0 end)
info = vshard.storage.info()
info.status
info.alerts

test_run:switch("storage_2_b")
vshard.storage.info().replication.status, vshard.storage.info().status
test_run:cmd("stop server storage_2_a")
util.wait_until(function() return vshard.storage.info().status > 0 end)
info = vshard.storage.info()
info.alerts[1][1]

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
