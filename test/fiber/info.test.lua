-- fiber.info and fiber.top.
fiber = require('fiber')
f = fiber.create(function() fiber.name('sleeper') fiber.sleep(100) end)
info = fiber.info()[f:id()]
info.name, info.fid == f:id(), type(info.csw), type(info.memory.total), type(info.memory.used), type(info.backtrace)
require('json').encode(info.backtrace):match(' in =.C. at line .1"') ~= nil
fiber.info()[fiber.id()].name == fiber.name()
fiber.info({backtrace = false})[f:id()].backtrace, fiber.info({bt = false})[f:id()].backtrace
type(fiber.info({backtrace = true})[f:id()].backtrace)
csw = fiber.info()[f:id()].csw
f:wakeup()
fiber.yield()
f:status(), fiber.info()[f:id()]
fiber.top()
fiber.top_enable()
fiber.top_enable()
f = fiber.create(function() fiber.name('worker') local t = os.clock() while os.clock() - t < 0.02 do end fiber.sleep(100) end)
fiber.sleep(0.001)
row = fiber.top().cpu[f:id() .. '/worker']
type(row.instant), type(row.average), type(row.time), row.time >= 0
type(fiber.top().cpu['1/sched']), type(fiber.top().cpu_misses)
fiber.top_disable()
fiber.top()
f:cancel()
