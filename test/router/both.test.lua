test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")

-- A router in the instance of a storage: each is configured and reloaded
-- without disturbing the other.
test_run:switch("storage_1_a")
listen = box.cfg.listen
vshard.router.cfg(cfg)
box.cfg.listen == listen, box.info.ro
vshard.router.bootstrap()
vshard.router.callrw(1, "do_replace", {{1, 1}}, {timeout = 10})
vshard.router.callrw(3000, "do_replace", {{3000, 3000}}, {timeout = 10})
stop, calls, failures = false, 0, {}
function load() while not stop do local r, err = vshard.router.callrw(math.random(3000), "echo", {1}, {timeout = 10}) calls = calls + 1 if r ~= 1 then table.insert(failures, err) end end end
workers = {}
for i = 1, 5 do workers[i] = fiber.create(load) workers[i]:set_joinable(true) end
reload = function(name) package.loaded["vshard." .. name] = nil vshard[name] = require("vshard." .. name) end
for i = 1, 5 do reload("storage") fiber.sleep(0.01) reload("router") fiber.sleep(0.01) end
package.loaded["vshard"] = nil
vshard = require("vshard")
vshard.storage.cfg(cfg, uuids[NAME])
vshard.router.cfg(cfg)
fiber.sleep(0.01)
stop = true
for i = 1, 5 do workers[i]:join() end
calls > 0, failures
vshard.storage.internal.module_version, vshard.router.internal.module_version
vshard.router.callrw(1, "do_select", {1}, {timeout = 10})
vshard.storage.info().status <= 1, vshard.router.info().replicasets[replicaset1_uuid].master.status

-- A configuration of the router that says something to the box is applied.
c = table.deepcopy(cfg)
c.replication_timeout = 0.7
vshard.router.cfg(c)
box.cfg.replication_timeout, box.cfg.listen == listen
c.box_cfg_mode = "manual"
c.replication_timeout = 0.9
vshard.router.cfg(c)
box.cfg.replication_timeout

test_run:switch("default")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
