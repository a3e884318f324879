-- What a message looks like.
log = require('log')
fiber = require('fiber')
test_run = require('test_run').new()
function seen(what) return test_run:grep_log('default', what) end
log.info('%s and %d', 'words', 42)
seen('I> words and 42')
log.info('100%')
seen('I> 100%%')
log.info({key = 'in a table'})
seen('I> {"key":"in a table"}')
log.info({1, 2, {3}})
seen('I> %[1,2,%[3%]%]')
log.info(setmetatable({}, {__serialize = function() return {'serialized'} end}))
seen('I> %["serialized"%]')
log.info({level = 1, pid = 2, kept = 3})
seen('I> {"kept":3}')
log.info(nil)
seen('I> nil')
log.info(12.5)
seen('I> 12.5')
log.info(true)
seen('I> true')
log.info(box.NULL)
seen('I> cdata<void .>: NULL')
log.info('one', 'two')
seen('I> one')
log.info(77, 88)
seen('I> 77')
log.info('cut\0off')
seen('I> cut'), seen('cut.?off')
log.info(1ULL)
seen('I> 1ULL')
log.info('%d', 'x')
log.info({}, 1)
log.info('%s', nil)
-- The line begins with the time, the process, the fiber; a warning names its place.
log.warn('a warning')
line = seen('%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d%.%d%d%d %[%d+%] main/%d+/[^ ]+ .* W> a warning')
line ~= nil
_ = fiber.create(function() fiber.name('my fiber') loadstring('require("log").error("an error")', '@/some/where/chunk.lua')() end)
seen('main/%d+/my fiber chunk%.lua:1 E> an error') ~= nil
_ = fiber.create(function() loadstring('require("log").error("bad")', 'text')() end)
seen('%[string "text"%]:1 E> bad')
_ = pcall(log.warn, 'from C')
seen('%[C%]:%-1 W> from C')
-- json
log.log_format('json')
log.cfg.format, box.cfg.log_format
log.info('plain "words"\t/\\')
seen('"level": "INFO", "message": "plain \\"words\\"\\t\\/\\\\", "pid": %d+ , "cord_name": "main", "fiber_id": %d+, "fiber_name": "[^"]+", "file": "') ~= nil
log.warn({shard = 7})
seen('"level": "WARN", "shard":7, "pid": %d+ , "cord_name": "main"') ~= nil
log.warn({1, 2})
seen('"level": "WARN", 1,2, "pid"') ~= nil
_ = fiber.create(function() error('in a fiber', 0) end)
seen('"level": "ERROR", "message": "LuajitError", "error": "in a fiber", "pid"') ~= nil
box.cfg{log_format = 'plain'}
log.info('plain again')
seen('I> plain again')
log.cfg.format
log.rotate()
pcall(box.cfg, {log_format = 'x'})
pcall(box.cfg, {log_level = 'x'})
pcall(box.cfg, {log_nonblock = true})
pcall(box.cfg, {log = 'elsewhere.log'})
