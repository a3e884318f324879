test_run = require('test_run').new()

_ = box.schema.space.create('test'):create_index('pk')
box.space.test:insert{1}
test_run:cmd("create server anon with rpl_master=default, script='replication/anon.lua'")
test_run:cmd("start server anon")
box.info.replication_anon.count
next(box.info.replication_anon()) == test_run:eval('anon', "return box.info.uuid")[1]
box.space._cluster:count()
box.info.gc().consumers
test_run:switch('anon')
box.info.id, box.info.ro
box.space.test:select()
box.info.replication[1].upstream.status
box.cfg{read_only = false}
box.space.test:insert{2}
test_run:switch('default')
box.space.test:insert{3}
test_run:wait_cond(function() return test_run:eval('anon', "return box.space.test:count()")[1] == 2 end)

-- It becomes a member.
test_run:switch('anon')
box.cfg{replication_anon = false}
box.cfg{read_only = false}
box.info.id, box.info.ro
box.space.test:insert{5}
box.cfg{replication_anon = true}
test_run:switch('default')
box.space._cluster:count()
#box.info.gc().consumers

-- Another one stays what it is through a restart.
test_run:cmd("create server other with rpl_master=default, script='replication/anon.lua'")
test_run:cmd("start server other")
test_run:cmd("restart server other")
box.space.test:insert{6}
test_run:wait_cond(function() return test_run:eval('other', "return box.space.test:get{6} ~= nil")[1] end)
test_run:eval('other', "return box.info.id, box.info.status")
test_run:cmd("stop server other")
test_run:cmd("cleanup server other")
test_run:cmd("delete server other")
test_run:cmd("stop server anon")
test_run:cmd("cleanup server anon")
test_run:cmd("delete server anon")
_ = box.space._cluster:delete{2}
box.space.test:drop()
