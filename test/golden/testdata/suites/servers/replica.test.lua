test_run = require('test_run').new()
box.schema.user.grant('guest', 'replication')
_ = box.schema.space.create('shared'):create_index('pk')
box.space.shared:insert{1}

test_run:cmd("create server replica with rpl_master=default, script='servers/other.lua'")
test_run:cmd("start server replica")
test_run:cmd("set variable uri to 'replica.master'")
uri == box.cfg.listen
box.space.shared:insert{2}
test_run:wait_lsn('replica', 'default')
test_run:eval('replica', 'box.space.shared:select()')
test_run:wait_upstream('replica', 1)
test_run:wait_downstream('default', 2, {status = 'follow'})
test_run:wait_upstream('replica', 7, {status = 'missing'})
vclock = test_run:get_vclock('default')
test_run:wait_vclock('replica', vclock)
test_run:get_cluster_vclock({'default', 'replica'})[1] == vclock[1]
test_run:get_server_id('replica')
test_run:cmd("stop server replica")
test_run:cleanup_cluster()
box.space._cluster:count()
