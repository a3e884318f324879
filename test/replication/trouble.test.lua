test_run = require('test_run').new()
test_run:cmd("push filter '[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+' to '<uuid>'")

space = box.schema.space.create('test')
_ = space:create_index('pk')
test_run:cmd("create server replica with rpl_master=default, script='replication/replica.lua'")
test_run:cmd("start server replica")

-- Wrong options.
test_run:switch('replica')
box.cfg{replication = '=:'}
box.cfg{replication = {1, 'no'}}
box.cfg{replication_timeout = 0}
box.cfg{replication_timeout = -1}
box.cfg{replication_connect_timeout = 0}
box.cfg{replication_connect_quorum = -1}
box.cfg{replication_sync_lag = 0}
box.cfg{replication_sync_timeout = -1}
box.cfg{replication_skip_conflict = 1}
box.cfg{replication_anon = true}
box.cfg{instance_uuid = '5a5a5a5a-5a5a-4a5a-8a5a-5a5a5a5a5a5a'}
box.cfg{replicaset_uuid = '5a5a5a5a-5a5a-4a5a-8a5a-5a5a5a5a5a5a'}
box.info.replication[1].upstream.status

-- A key that is there already stops the replica.
box.space.test:insert{1, 'replica'}
test_run:switch('default')
space:insert{1, 'master'}
space:insert{2}
test_run:switch('replica')
wait_upstream('stopped', 'Duplicate key')
box.info.replication[1].upstream.message
box.space.test:select()
-- Unless it is to be passed over.
uri = box.cfg.replication
box.cfg{replication_skip_conflict = true, replication = {}}
box.info.replication[1].upstream
box.cfg{replication = uri}
wait_upstream('follow')
test_run:wait_cond(function() return box.space.test:get{2} ~= nil end)
box.space.test:select()
box.cfg{replication_skip_conflict = false}

-- A login that does not do.
box.cfg{replication_sync_timeout = 0.1}
box.cfg{replication = 'nobody:x@' .. uri[1]}
wait_upstream('loading', 'nobody')
box.info.replication[1].upstream.message
box.info.replication[1].upstream.peer:match('^nobody@')
box.info.status
box.cfg{replication = uri}
box.info.status

box.cfg{replication_sync_timeout = 10}
test_run:switch('default')

-- Removed, it has to go.
_ = box.space._cluster:delete{2}
test_run:eval('replica', "return wait_upstream('stopped', 'read-only')")
test_run:eval('replica', "return box.info.replication[1].upstream.message")
test_run:eval('replica', "box.cfg{replication_sync_timeout = 0.1} uri = box.cfg.replication box.cfg{replication = {}} box.cfg{replication = uri}")
test_run:eval('replica', "return wait_upstream(nil, 'not registered')")
test_run:eval('replica', "return box.info.replication[1].upstream.message")
-- With nothing left of its files it may come back.
test_run:cmd("stop server replica")
test_run:cmd("cleanup server replica")
test_run:cmd("start server replica")
test_run:eval('replica', "return wait_upstream('follow')")
test_run:eval('replica', "return box.info.id, box.space.test:select()")

-- _cluster takes what makes sense.
box.space._cluster:insert{0, require('uuid').str()}
box.space._cluster:insert{32, require('uuid').str()}
box.space._cluster:insert{5, 'no uuid'}
box.space._cluster:delete{1}
box.space._cluster:update({2}, {{'=', 2, require('uuid').str()}})

test_run:cmd("stop server replica")
test_run:cmd("cleanup server replica")
test_run:cmd("delete server replica")
_ = box.space._cluster:delete{2}
box.space.test:drop()
test_run:cmd("clear filter")
