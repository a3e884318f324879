test_run = require('test_run').new()
test_run:cmd("create server other with script='servers/other.lua'")
test_run:cmd("create server other with script='servers/other.lua'")
test_run:cmd("start server other with args='one two'")
test_run:cmd("start server other")
test_run:cmd("switch other")
NAME, ARGUMENTS
env ~= nil, test_run ~= nil
box.space._schema:replace{'mark', 1}
test_run:switch('default')
NAME
test_run:eval('other', 'NAME')
test_run:grep_log('other', 'set .listen. configuration option')  ~= nil

-- A restart keeps the data, and what the log said before is out of sight.
test_run:eval('other', "require('log').info('before the ' .. 'restart')")
test_run:grep_log('other', 'before the restart')
test_run:cmd("restart server other")
test_run:grep_log('other', 'before the restart')
test_run:grep_log('other', 'before the restart', nil, {noreset = true})
test_run:eval('other', "box.space._schema:get('mark')")
test_run:cmd("restart server other with cleanup=1, args='three'")
test_run:eval('other', "box.space._schema:get('mark')")
test_run:eval('other', 'ARGUMENTS')

test_run:cmd("stop server other with signal=SIGKILL")
test_run:cmd("stop server other")
test_run:cmd("start server other with wait_load=False, wait=False")
test_run:cmd("stop server other")
test_run:cmd("deploy server other")
test_run:cmd("cleanup server other")
test_run:cmd("delete server other")
test_run:cmd("start server other")

-- A crash that is expected is an answer.
test_run:cmd("create server crash with script='servers/crash.lua'")
test_run:cmd("start server crash with crash_expected=True")
test_run:grep_log('default', 'last words')

-- An instance that ends by its own wish leaves its console silent.
test_run:cmd("create server third with script='servers/third.lua'")
test_run:cmd("start server third")
test_run:switch('third')
NAME
os.exit(0)
