test_run = require('test_run').new()
log = require('log')
fiber = require('fiber')

count = 0
test_run:wait_cond(function() count = count + 1 return count == 3, 'more' end)
count
test_run:wait_cond(function() return false, 'why' end, 0.01)

log.info('needle %d in the log', 17)
test_run:grep_log('default', 'needle %d+')
test_run:grep_log('default', 'needle (%d+)')
test_run:grep_log('default', 'no such ' .. 'thing')
log.info(string.rep('x', 2000))
test_run:grep_log('default', 'needle %d+', 1000)
f = fiber.create(function() fiber.sleep(0.01) log.info('late ' .. 'news') end)
test_run:wait_log('default', 'late news')
test_run:wait_log('default', 'never ' .. 'comes', nil, 0.01)
test_run:grep_log('default', 'x', 10, {filename = '/no/such/file'})

test_run:eval('default', '1, {a = 2}')
test_run:eval('default', 'return "quoted", \'both\'')
test_run:eval('default', 'x = 1')
test_run:eval('default', 'error("inside")')
test_run:eval('nobody', '1')
test_run:get_server_cfg('default', 'read_only')
test_run:get_param('default', 'status')
test_run:get_server_id('default')
test_run:get_vclock('default')[0]
test_run:get_lsn('default', 1) == box.info.lsn
