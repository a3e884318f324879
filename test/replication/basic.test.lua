test_run = require('test_run').new()

-- What was there before comes with JOIN, what changes later with SUBSCRIBE.
space = box.schema.space.create('test')
_ = space:create_index('pk')
_ = space:create_index('by_name', {parts = {2, 'string'}, unique = false})
for i = 1, 10 do space:insert{i, 'before'} end
mine = box.schema.space.create('mine', {is_local = true})
_ = mine:create_index('pk')
mine:insert{1}
temp = box.schema.space.create('temp', {temporary = true})
_ = temp:create_index('pk')
temp:insert{1}
test_run:cmd("create server replica with rpl_master=default, script='replication/replica.lua'")
test_run:cmd("start server replica")
space:update({1}, {{'=', 2, 'updated'}})
space:upsert({2, 'x'}, {{'=', 2, 'upserted'}})
space:upsert({11, 'new'}, {{'=', 2, 'no'}})
space:delete{3}
test_run:cmd("setopt delimiter ';'")
box.begin()
for i = 20, 25 do space:insert{i, 'transaction'} end
mine:insert{2}
box.commit();
test_run:cmd("setopt delimiter ''");
test_run:wait_lsn('replica', 'default')

test_run:switch('replica')
box.space.test:select()
box.space.test.index.by_name:count('transaction')
box.space.mine:select()
box.space.temp:select()
box.info.id, box.info.ro, box.info.status
box.info.replication[1].upstream.status
box.info.replication[1].downstream
box.info.replication[2].upstream
box.info.lsn
-- Its own local rows are nobody else's business.
box.space.mine:insert{3}
-- A trigger sees where changes come from, and can have its say.
types = {}
_ = box.space.test:on_replace(function() table.insert(types, box.session.type()) end)
_ = box.space.test:before_replace(function(old, new) if new and new[2] == 'bad' then return old end return new end)
test_run:switch('default')
space:replace{30, 'bad'}
space:replace{31, 'good'}
test_run:wait_lsn('replica', 'default')
test_run:switch('replica')
box.space.test:get(30), box.space.test:get(31)
types

-- The replica dies and comes back.
test_run:switch('default')
test_run:cmd("stop server replica with signal=KILL")
for i = 40, 49 do space:insert{i, 'meanwhile'} end
test_run:wait_cond(function() return box.info.replication[2].downstream.status == 'stopped' end)
box.info.replication[2].downstream.message ~= nil
#box.info.gc().consumers
test_run:cmd("start server replica")
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.space.test:len()")
test_run:eval('replica', "return box.space.mine:select()")

-- The schema follows, too.
space:truncate()
space:drop()
box.schema.user.create('somebody')
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.space.test == nil, box.schema.user.exists('somebody')")

-- The master dies and comes back.
test_run:cmd("restart server default")
test_run = require('test_run').new()
_ = box.schema.space.create('after'):create_index('pk')
box.space.after:insert{1}
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', "return box.space.after:select()")
test_run:wait_downstream('default', 2)

-- A replica can write, and who does not follow it does not see that.
test_run:eval('replica', "return box.space.after:insert{2}")
box.space.after:select()

test_run:cmd("stop server replica")
test_run:cmd("cleanup server replica")
test_run:cmd("delete server replica")
_ = box.space._cluster:delete{2}
box.info.gc().consumers
box.space.after:drop()
box.space.mine:drop()
box.schema.user.drop('somebody')
