test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- Where the rebalancer lives is chosen by the configuration.
test_run:switch("storage_1_a")
function configure(change) local c = table.deepcopy(cfg) change(c) vshard.storage.cfg(c, uuids[NAME]) end
function rounds() local log = test_run:grep_log(NAME, "Total active bucket count is not equal to total") return log ~= nil end
vshard.storage.rebalancer_wakeup()
fiber.sleep(0.05)
rounds()
configure(function(c) c.sharding[replicaset1_uuid].rebalancer = true end)
util.wait_until(rounds)

test_run:switch("storage_1_b")
function configure(change) local c = table.deepcopy(cfg) change(c) vshard.storage.cfg(c, uuids[NAME]) end
function rounds() local log = test_run:grep_log(NAME, "Total active bucket count is not equal to total") return log ~= nil end
-- A replica may be chosen, too.
configure(function(c) c.sharding[replicaset1_uuid].replicas[uuids.storage_1_b].rebalancer = true end)
util.wait_until(rounds)

test_run:switch("storage_2_a")
function configure(change) local c = table.deepcopy(cfg) change(c) vshard.storage.cfg(c, uuids[NAME]) end
function settle() fiber.sleep(0.05) log = require("log") log.info(string.rep("-", 4096)) vshard.storage.rebalancer_wakeup() fiber.sleep(0.05) return test_run:grep_log(NAME, "Total active bucket count", 4096) ~= nil end
log = false
settle()
configure(function(c) c.rebalancer_mode = "off" end)
settle()
configure(function(c) c.rebalancer_mode = "manual" end)
settle()
configure(function(c) c.rebalancer_mode = "manual" c.sharding[replicaset2_uuid].replicas[uuids.storage_2_a].rebalancer = true end)
settle()
configure(function(c) c.sharding[replicaset2_uuid].rebalancer = false end)
settle()
configure(function(c) c.sharding[replicaset1_uuid].replicas[uuids.storage_1_a].rebalancer = false end)
settle()
configure(function(c) c.sharding[replicaset1_uuid].rebalancer = true end)
settle()

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
