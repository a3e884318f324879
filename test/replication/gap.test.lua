test_run = require('test_run').new()
test_run:cmd("push filter 'between LSN [0-9]+ .* and [0-9]+ .*' to 'between LSN <from> and <to>'")

-- The master keeps the logs that a replica has not read.
_ = box.schema.space.create('test'):create_index('pk')
test_run:cmd("create server replica with rpl_master=default, script='replication/replica.lua'")
test_run:cmd("start server replica")
test_run:eval('replica', "uri = box.cfg.replication box.cfg{replication = {}}")
box.cfg{checkpoint_count = 1}
box.space.test:insert{1}
box.snapshot()
box.space.test:insert{2}
box.snapshot()
test_run:eval('replica', "box.cfg{replication = uri}")
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.space.test:select()")

-- Not so when it was restarted meanwhile, and did not hear of the replica.
test_run:eval('replica', "box.cfg{replication = {}}")
test_run:cmd("restart server default")
test_run = require('test_run').new()
fio = require('fio')
box.cfg{checkpoint_count = 1}
box.space.test:insert{3}
box.snapshot()
box.space.test:insert{4}
box.snapshot()
test_run:wait_cond(function() return #fio.glob(fio.pathjoin(box.cfg.wal_dir, '*.xlog')) <= 1 end)
test_run:eval('replica', "box.cfg{replication_sync_timeout = 0.1} box.cfg{replication = uri}")
box.space.test:insert{5}
test_run:eval('replica', "return wait_upstream('stopped')")
test_run:eval('replica', "return box.info.replication[1].upstream.message")

-- The replica fetches everything anew at its next start.
test_run:cmd("restart server replica")
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.info.id, box.info.status, box.space.test:select()")
test_run:grep_log('replica', 'replica is too old, initiating rebootstrap')
test_run:cmd("restart server replica")
box.space.test:insert{6}
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.space.test:count()")

test_run:cmd("stop server replica")
test_run:cmd("cleanup server replica")
test_run:cmd("delete server replica")
_ = box.space._cluster:delete{2}
box.space.test:drop()
test_run:cmd("clear filter")
