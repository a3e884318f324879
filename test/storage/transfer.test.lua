test_run = require('test_run').new()
util = require('lua_libs.util')
REPLICASET_1 = { 'storage_1_a', 'storage_1_b' }
REPLICASET_2 = { 'storage_2_a', 'storage_2_b' }
test_run:create_cluster(REPLICASET_1, 'storage')
test_run:create_cluster(REPLICASET_2, 'storage')
util.wait_master(test_run, REPLICASET_1, 'storage_1_a')
util.wait_master(test_run, REPLICASET_2, 'storage_2_a')

test_run:switch('storage_2_a')
vshard.storage.rebalancer_disable()
vshard.storage.bucket_force_create(1501, 1500)

test_run:switch('storage_1_a')
vshard.storage.bucket_force_create(1, 1500)
vshard.storage.buckets_count()
for i = 1, 2500 do box.space.test:insert{i, 1} end
box.space.test:insert{3000, 2}
vshard.storage.call(2, 'read', 'do_select', {3000})
vshard.storage.bucket_send(1, replicaset2_uuid)
vshard.storage.garbage_collector_wakeup()
util.wait_until(function() return box.space._bucket:get{1} == nil end)
box.space.test:count()
_, err = vshard.storage.call(1, 'read', 'do_select', {1})
err.name, err.destination == replicaset2_uuid

test_run:switch('storage_2_a')
vshard.storage.bucket_stat(1)
box.space.test:count()
vshard.storage.call(1, 'write', 'do_replace', {{1, 1}})
vshard.storage.sync()

test_run:switch('storage_2_b')
box.space.test:count()
_, err = vshard.storage.call(1, 'write', 'do_replace', {{1, 1}})
err.name
vshard.storage.callro(1, 'do_select', {1})

test_run:switch('default')
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
