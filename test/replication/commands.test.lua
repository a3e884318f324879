-- The commands that steer the instances of a test.
test_run = require('test_run').new()
fio = require('fio')

-- Create, start with arguments, restart with others.
test_run:cmd("create server tool with script='replication/tool.lua'")
test_run:cmd("create server tool with script='replication/tool.lua'")
test_run:cmd("create server other with script='replication/none.lua'")
test_run:cmd("start server tool with args='one two'")
test_run:eval('tool', "return arg[1], arg[2], loaded")
test_run:cmd("restart server tool with args='three'")
test_run:eval('tool', "return arg[1], arg[2], loaded")
test_run:cmd("restart server tool")
test_run:eval('tool', "return arg[1]")

-- What was written stays through a stop, and goes with a cleanup.
_ = test_run:eval('tool', "box.schema.space.create('kept'):create_index('pk') box.space.kept:insert{1}")
test_run:cmd("stop server tool")
test_run:cmd("start server tool")
test_run:eval('tool', "return box.space.kept:select()")
test_run:cmd("stop server tool with signal=KILL")
test_run:cmd("start server tool")
test_run:eval('tool', "return box.space.kept:select()")
test_run:cmd("restart server tool with cleanup=1")
test_run:eval('tool', "return box.space.kept")
test_run:cmd("stop server tool")
test_run:cmd("cleanup server tool")
test_run:cmd("deploy server tool")
test_run:cmd("start server tool")
test_run:eval('tool', "return loaded, box.space.kept")
test_run:cmd("stop server tool")

-- An instance that dies at once.
test_run:cmd("start server tool with args='crash', crash_expected=True")
test_run:cmd("start server tool with crash_expected=True")
test_run:eval('tool', "return loaded")
test_run:cmd("stop server tool")

-- Not waiting for it.
test_run:cmd("start server tool with args='slow', wait=False, wait_load=False")
test_run:wait_cond(function() local ok, r = pcall(test_run.eval, test_run, 'tool', "return loaded") return ok and r[1] == true end)
test_run:cmd("stop server tool")
test_run:cmd("start server tool with args='slow', wait_load=True")
test_run:eval('tool', "return loaded")

-- Its log, also from before a restart.
_ = test_run:eval('tool', "require('log').info('first words')")
test_run:wait_log('tool', 'first words', nil, 10)
test_run:cmd("restart server tool")
test_run:grep_log('tool', 'first words', nil, {noreset = true}) ~= nil
test_run:grep_log('tool', 'nobody said so')
_ = test_run:eval('tool', "require('log').info('number %d', 42)")
test_run:wait_log('tool', 'number (%d+)', nil, 10)

-- Switching, connections and variables.
test_run:cmd("switch tool")
x = 'of the tool'
box.cfg.read_only, arg[1]
test_run = require('test_run').new()
test_run:cmd("switch default")
x
test_run:eval('tool', 'return x')
test_run:cmd("create connection second to tool")
test_run:cmd("set connection second")
x
test_run:cmd("switch default")
test_run:cmd("drop connection second")
test_run:cmd("set connection second")
test_run:cmd("set variable uri to 'tool.listen'")
require('net.box').connect(uri):eval('return x')
test_run:cmd("set variable master to 'tool.master'")

-- Numbers, clocks and parameters.
test_run:get_server_id('tool')
test_run:get_lsn('tool', 1) == test_run:get_vclock('tool')[1]
test_run:get_param('tool', 'wal_mode')
test_run:get_param('tool', 'nothing')
test_run:wait_vclock('tool', test_run:get_vclock('tool'))
n = 0
test_run:wait_cond(function() n = n + 1 return n == 3 end, 10, 0.001), n
test_run:wait_cond(function() return false end, 0.01, 0.001)

-- Mistakes.
test_run:cmd("stop server nobody")
test_run:cmd("switch nobody")
test_run:cmd("start server nobody")
test_run:cmd("do what you want")
test_run:cmd("stop server tool with signal=NOTHING")

-- The end.
test_run:cmd("stop server tool")
test_run:cmd("stop server tool")
test_run:cmd("cleanup server tool")
test_run:cmd("delete server tool")
test_run:cmd("start server tool")
