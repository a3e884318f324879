test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

test_run:switch("storage_1_a")
c = table.deepcopy(cfg)
function try(change) local c = table.deepcopy(cfg) change(c) return util.check_error(vshard.storage.cfg, c, uuids[NAME]) end
rs1, rs2, s1a, s1b = replicaset1_uuid, replicaset2_uuid, uuids.storage_1_a, uuids.storage_1_b
util.check_error(vshard.storage.cfg)
util.check_error(vshard.storage.cfg, {}, uuids[NAME])
util.check_error(vshard.storage.cfg, cfg, "somebody")
try(function(c) c.bucket_count = 0 end)
try(function(c) c.bucket_count = 4000 end)
try(function(c) c.shard_index = "other" end)
try(function(c) c.shard_index = -1 end)
try(function(c) c.rebalancer_disbalance_threshold = -1 end)
try(function(c) c.rebalancer_max_receiving = 1.5 end)
try(function(c) c.rebalancer_max_sending = 16 end)
try(function(c) c.rebalancer_mode = "sometimes" end)
try(function(c) c.collect_lua_garbage = 1 end)
try(function(c) c.collect_bucket_garbage_interval = 0 end)
try(function(c) c.sync_timeout = "long" end)
try(function(c) c.failover_ping_timeout = 0 end)
try(function(c) c.discovery_mode = "maybe" end)
try(function(c) c.connection_outdate_delay = -1 end)
try(function(c) c.sched_ref_quota = -1 end)
try(function(c) c.sched_move_quota = 0/0 end)
try(function(c) c.zone = {} end)
try(function(c) c.zone = 1 end)
try(function(c) c.failover_interval = 0 end)
try(function(c) c.failover_sequential_fail_count = 0.5 end)
try(function(c) c.weights = 1 end)
try(function(c) c.weights = {[1] = 2} end)
try(function(c) c.weights = {[1] = {[1] = 5}} end)
try(function(c) c.weights = {[1] = {[2] = -5}} end)
try(function(c) c.weights = {[1] = {[{}] = 5}} end)
try(function(c) c.weights = {[true] = {}} end)
try(function(c) c.sharding[rs1].weight = -1 end)
try(function(c) c.sharding[rs1].weight = math.huge end)
try(function(c) c.sharding[rs1].weight = 0 c.sharding[rs2].weight = 0 end)
try(function(c) c.sharding[rs1].lock = "yes" end)
try(function(c) c.sharding[rs1].replicas = nil end)
try(function(c) c.sharding[rs1].replicas[s1b].uri = ":" end)
try(function(c) c.sharding[rs1].replicas[s1b].uri = nil end)
try(function(c) c.sharding[rs1].replicas[s1b].uri = c.sharding[rs1].replicas[s1a].uri end)
try(function(c) c.sharding[rs1].replicas[s1b].uri = {} end)
try(function(c) c.sharding[rs1].replicas[s1b].listen = {} end)
try(function(c) c.sharding[rs1].replicas[s1b].uuid = "x" end)
try(function(c) c.sharding[rs1].replicas[s1b].name = "storage_1_a" end)
test_run:grep_log(NAME, "Duplicate replica.name is found: storage_1_a") ~= nil
try(function(c) c.sharding[rs2].replicas[s1b] = {uri = "a:b@localhost:1"} end)
try(function(c) c.sharding[rs1].replicas[s1b].master = true end)
try(function(c) c.sharding[rs1].master = "auto" end)
try(function(c) c.sharding[rs1].replicas[s1b].zone = {} end)
try(function(c) c.sharding[rs1].replicas[s1b] = 1 end)
try(function(c) c.sharding[rs1] = 1 end)
try(function(c) c.sharding[1] = {replicas = {}} end)
try(function(c) c.sharding[rs1].replicas[1] = {uri = "a:b@localhost:1"} end)
try(function(c) c.sharding[rs1].rebalancer = true c.sharding[rs2].rebalancer = true end):match("Found 2 rebalancer flags")
try(function(c) c.rebalancer_mode = "off" c.sharding[rs1].rebalancer = true end)
try(function(c) c.sharding[rs1].rebalancer = false c.sharding[rs1].replicas[s1a].rebalancer = true end)
try(function(c) c.identification_mode = "name_as_key" end)
try(function(c) c.schema_management_mode = "none" end)
try(function(c) c.memtx_memory = "much" end)
-- Nothing of that was applied.
vshard.storage.bucket_force_create(1)
vshard.storage.call(1, "read", "echo", {1})
vshard.storage.internal.current_cfg.bucket_count
-- Options of the box go to the box, dynamic ones are applied.
c.replication_timeout = 0.5
c.sync_timeout = 7
vshard.storage.cfg(c, uuids[NAME])
box.cfg.replication_timeout
-- Those of an instance go before.
c.sharding[rs1].replicas[s1a].replication_timeout = 0.6
c.collect_lua_garbage = false
vshard.storage.cfg(c, uuids[NAME])
box.cfg.replication_timeout
test_run:grep_log(NAME, 'Option "Garbage Lua collect necessity" is deprecated') ~= nil
-- An instance is what it was made as.
util.check_error(vshard.storage.cfg, cfg, uuids.storage_1_b)
vshard.storage.internal.sync_timeout
-- One configuration at a time; a failed one leaves the storage as it was.
vshard.storage.internal.errinj.ERRINJ_CFG = true
util.check_error(vshard.storage.cfg, cfg, uuids[NAME])
vshard.storage.internal.errinj.ERRINJ_CFG = nil
vshard.storage.internal.sync_timeout
vshard.storage.internal.is_configuring = true
util.check_error(vshard.storage.cfg, cfg, uuids[NAME]).name
vshard.storage.internal.is_configuring = false

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
