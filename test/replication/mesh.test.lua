test_run = require('test_run').new()
SERVERS = {'mesh1', 'mesh2', 'mesh3'}

-- Three new instances make one replica set, led by the lowest uuid.
test_run:create_cluster(SERVERS, 'replication')
test_run:wait_fullmesh(SERVERS)
test_run:eval('mesh1', "return box.info.id")
cluster = test_run:eval('mesh1', "return box.info.cluster.uuid")[1]
test_run:eval('mesh2', "return box.info.cluster.uuid")[1] == cluster
test_run:eval('mesh3', "return box.info.cluster.uuid")[1] == cluster

-- All write at the same time, and all end up with the same.
test_run:cmd("setopt delimiter ';'")
write = [[
    for i = 1, 100 do
        box.space.test:replace{%d + i * 3 + NUMBER, NUMBER}
        if i %% 10 == 0 then require('fiber').sleep(0.001) end
    end
]];
function write_all(from)
    local fiber = require('fiber')
    local done = fiber.channel(3)
    for _, name in ipairs(SERVERS) do
        fiber.create(function()
            test_run:eval(name, write:format(from))
            done:put(true)
        end)
    end
    for _ = 1, 3 do done:get(60) end
end;
function counts()
    local vclock = test_run:get_cluster_vclock(SERVERS)
    test_run:wait_cluster_vclock(SERVERS, vclock)
    local result = {}
    for i, name in ipairs(SERVERS) do
        result[i] = test_run:eval(name, "return box.space.test:len()")[1]
    end
    return result
end;
test_run:cmd("setopt delimiter ''");
write_all(0)
counts()

-- One of them dies in the middle.
test_run:cmd("stop server mesh2 with signal=KILL")
_ = test_run:eval('mesh1', "for i = 1000, 1099 do box.space.test:replace{i, 1} end")
_ = test_run:eval('mesh3', "for i = 1100, 1199 do box.space.test:replace{i, 3} end")
test_run:cmd("start server mesh2")
test_run:wait_fullmesh(SERVERS)
counts()
write_all(10000)
counts()

-- So does the leader.
test_run:cmd("restart server mesh1")
test_run:wait_fullmesh(SERVERS)
counts()
test_run:eval('mesh1', "return box.info.status, box.info.ro")

-- A transaction arrives whole.
_ = test_run:eval('mesh1', "box.begin() for i = 1, 50 do box.space.test:replace{i + 50000, 'tx'} end box.commit()")
counts()

-- An instance without its quorum is an orphan.
test_run:cmd("stop server mesh2")
test_run:cmd("stop server mesh3")
_ = test_run:eval('mesh1', "box.cfg{replication_connect_timeout = 0.1, replication_sync_timeout = 0.1}")
_ = test_run:eval('mesh1', "uris = box.cfg.replication box.cfg{replication = {}} box.cfg{replication = uris}")
test_run:eval('mesh1', "return box.info.status, box.info.ro")
test_run:eval('mesh1', "return pcall(box.space.test.insert, box.space.test, {0})")
test_run:eval('mesh1', "return pcall(box.ctl.wait_rw, 0.01)")
test_run:cmd("start server mesh2")
test_run:cmd("start server mesh3")
test_run:eval('mesh1', "box.ctl.wait_rw() return box.info.status, box.info.ro")
test_run:wait_fullmesh(SERVERS)
counts()
test_run:drop_cluster(SERVERS)
