test_run = require("test_run").new()
util = require("lua_libs.util")
REPLICASET_1 = {"storage_1_a", "storage_1_b"}
REPLICASET_2 = {"storage_2_a", "storage_2_b"}
test_run:create_cluster(REPLICASET_1, "storage")
test_run:create_cluster(REPLICASET_2, "storage")
util.wait_master(test_run, REPLICASET_1, "storage_1_a")
util.wait_master(test_run, REPLICASET_2, "storage_2_a")
test_run:cmd("create server router_1 with script='router/router_1.lua'")
test_run:cmd("start server router_1")
test_run:switch("router_1")

-- Before the bootstrap no bucket is anywhere.
util.wait_until(function() return vshard.router.info().status == 1 end)
_, err = vshard.router.callrw(1, "echo", {1}, {timeout = 0.5})
err.name, err.message
vshard.router.bootstrap()
_, err = vshard.router.bootstrap()
err.name, err.message
vshard.router.bootstrap({if_not_bootstrapped = true})
util.check_error(vshard.router.bootstrap, 1)

-- All ways of calling.
vshard.router.callrw(1, "do_replace", {{1, 1}})
vshard.router.callrw(3000, "do_replace", {{3000, 3000}})
vshard.router.callro(1, "do_select", {1})
vshard.router.callbro(1, "echo", {1, nil, 3})
vshard.router.callre(3000, "echo", {})
vshard.router.callbre(3000, "echo", {"x"})
vshard.router.call(1, "read", "do_select", {1})
vshard.router.call(1, "write", "do_replace", {{2, 1}})
vshard.router.call(1, {mode = "read", prefer_replica = true}, "echo", {1})
vshard.router.call(1, {mode = "read", balance = true}, "echo", {1})
vshard.router.call(1, {mode = "read", prefer_replica = true, balance = true}, "echo", {1})
vshard.router.callrw(1, "echo")

-- Wrong arguments.
util.check_error(vshard.router.call, 1, "peek", "echo")
util.check_error(vshard.router.call, 1, 5, "echo")
util.check_error(vshard.router.callrw, 1, "echo", {1}, {return_raw = true})
util.check_error(vshard.router.static.callrw, 1, "echo")
util.check_error(vshard.router.route(1).callrw, "echo")
vshard.router.call(1, {mode = "write", balance = true}, "echo", {1})
vshard.router.call(1, {}, "do_replace", {{2, 1}})
vshard.router.call(1, nil, "do_replace", {{2, 1}})
util.check_error(vshard.router.callrw, "1", "echo")
util.check_error(vshard.router.callrw, 0, "echo")
util.check_error(vshard.router.callrw, 3001, "echo")
util.check_error(vshard.router.callrw, 1.5, "echo")
util.check_error(vshard.router.callrw, 1, "echo", {1}, 5)
util.check_error(vshard.router.callro, 1, "echo", {1}, {request_timeout = 2, timeout = 1})
util.check_error(vshard.router.callro, 1, "echo", {1}, {request_timeout = -1})

-- What the function raises, returns as an error, or takes too long for.
_, err = vshard.router.callrw(1, "raise_client_error")
err.type, err.code, err.message
_, err = vshard.router.callrw(1, "raise_luajit_error")
err.type, err.message:match("assertion failed!")
_, err = vshard.router.callrw(1, "no_such_function")
err.code, err.message
vshard.router.callrw(1, "echo", {nil, "an error"})
_, err = vshard.router.callrw(1, "sleep", {10}, {timeout = 0.01})
err.code == box.error.TIMEOUT, err.message
_, err = vshard.router.callro(1, "sleep", {10}, {timeout = 0.1, request_timeout = 0.01})
err.code == box.error.TIMEOUT
vshard.router.callro(1, "echo", {1}, {timeout = 1, request_timeout = 1})

-- Asynchronous requests.
future = vshard.router.callrw(1, "echo", {1, 2}, {is_async = true})
future:wait_result(10)
future:is_ready(), future:result()
tostring(future)
for i, value in future:pairs() do print(i) assert(i == 1 and value[1] == 1 and #value == 1) end
future = vshard.router.callrw(1, "echo", {nil, {message = "an error"}}, {is_async = true})
_, err = future:wait_result(10)
err.message
future = vshard.router.callro(1, "raise_client_error", {}, {is_async = true})
_, err = future:wait_result(10)
err.message
future = vshard.router.callro(1, "sleep", {100}, {is_async = true})
_, err = future:wait_result(0.01)
err.message
future:discard()

-- Routes.
vshard.router.route(1).uuid == vshard.router.bucket_discovery(1).uuid
vshard.router.route(1):callrw("echo", {1})
vshard.router.route(1):callro("echo", {1}, {timeout = 10})
_, err = vshard.router.route(1):callrw("raise_client_error")
err.message
util.check_error(vshard.router.route(1).callrw, vshard.router.route(1), "echo", {1}, 1)
util.check_error(vshard.router.route, 5000)
util.check_error(vshard.router.route)
replicasets = vshard.router.routeall()
count = 0
for uuid, replicaset in pairs(replicasets) do count = count + (replicaset:callrw("vshard.storage.buckets_count")) end
count

-- Buckets of keys.
vshard.router.bucket_count()
vshard.router.bucket_id(1), vshard.router.bucket_id_strcrc32("1"), vshard.router.bucket_id_mpcrc32(1)
vshard.router.bucket_id_strcrc32({1, "a"}), vshard.router.bucket_id_mpcrc32({1, "a"})
vshard.router.bucket_id_mpcrc32(1ULL) == vshard.router.bucket_id_mpcrc32(1)
vshard.router.bucket_id_strcrc32(1ULL) == vshard.router.bucket_id_strcrc32(1)
util.check_error(vshard.router.bucket_id)
util.check_error(vshard.router.bucket_id_mpcrc32)
test_run:grep_log(NAME, "router.bucket_id.. is deprecated") ~= nil

vshard.router.sync(10)
util.check_error(vshard.router.sync, "x")
vshard.router.disable()
err = util.check_error(vshard.router.callrw, 1, "echo")
err.name, err.message
for _, name in ipairs({"info", "route", "bucket_id", "map_callrw", "sync"}) do assert(util.check_error(vshard.router[name], 1).name == "ROUTER_IS_DISABLED") end
vshard.router.enable()
vshard.router.callrw(1, "echo", {1})

test_run:switch("default")
test_run:cmd("stop server router_1")
test_run:cmd("cleanup server router_1")
test_run:cmd("delete server router_1")
test_run:drop_cluster(REPLICASET_2)
test_run:drop_cluster(REPLICASET_1)
