-- Cancellation and wakeups.
fiber = require('fiber')
json = require('json')
test_run = require('test_run').new()
got = {}
test_run:cmd("setopt delimiter ';'")
function try(name, fn, ...)
    local ok, err = pcall(fn, ...)
    table.insert(got, ('%s %s %s %s'):format(name, ok, type(err), err))
    return err
end;
f = fiber.create(function()
    local err = try('sleep', fiber.sleep, 100)
    table.insert(got, err.type .. ' ' .. tostring(err.code) .. ' ' .. err.message)
    try('yield', fiber.yield)
    try('sleep 0', fiber.sleep, 0)
    try('testcancel', fiber.testcancel)
    local c = fiber.channel(1)
    try('put', c.put, c, 1)
    try('get', c.get, c)
    try('get from empty', c.get, c)
    try('get from empty at once', c.get, c, 0)
    local g = fiber.new(function() return 'x' end)
    g:set_joinable(true)
    try('join', g.join, g)
    try('wakeup', fiber.wakeup, fiber.self())
    table.insert(got, fiber.status())
end);
f:cancel() status = f:status() fiber.sleep(0.01);
got, status, f:status();
-- cond:wait returns, and does not raise.
got = {};
c = fiber.cond();
f = fiber.create(function() try('wait', c.wait, c) end) f:cancel() fiber.yield();
got, f:status();
-- A fiber that cancels itself stops right there.
got = {};
f = fiber.create(function() try('cancel', fiber.cancel, fiber.self()) try('testcancel', fiber.testcancel) end);
f = fiber.create(function() fiber.self():cancel() table.insert(got, 'went on') end);
got, f:status();
-- One that has not run yet runs until its first wait.
got = {};
f = fiber.new(function() table.insert(got, 'ran') fiber.testcancel() table.insert(got, 'went on') end) f:cancel() fiber.yield();
got, f:status();
-- kill is another name; an id will do.
f = fiber.create(function() fiber.sleep(100) end) fiber.kill(f:id()) fiber.yield();
f:status();
fiber.testcancel(), fiber.testcancel(fiber.self());
fiber.testcancel(1);
-- wakeup
got = {};
f = fiber.create(function() local t = fiber.clock() fiber.sleep(100) got = {fiber.clock() - t < 50} end) f:wakeup() f:wakeup() fiber.yield();
got, f:status();
-- One that is ready is not made ready twice.
got = {};
f = fiber.create(function() for i = 1, 3 do table.insert(got, i) fiber.yield() end end) f:wakeup() f:wakeup() fiber.yield() count = #got;
count;
fiber.sleep(0.01);
got;
-- The one that runs: its next wait is over at once.
got = nil;
fiber.create(function() fiber.self():wakeup() local t = fiber.clock() fiber.sleep(100) got = fiber.clock() - t < 50 end) fiber.yield();
got;
-- join
f = fiber.new(function(...) return ... end, 1, nil, 'x', nil) f:set_joinable(true);
select('#', f:join());
f = fiber.new(function(...) return ... end, 1, nil, 'x') f:set_joinable(true) fiber.yield();
f:status(), fiber.find(f:id()) == f, f:name();
f:wakeup(), f:cancel();
f:join();
f:status(), fiber.find(f:id());
f:join();
f = fiber.new(function() error('words') end) f:set_joinable(true);
ok, err = f:join();
ok, type(err), err.type, err.message;
f = fiber.new(function() error({code = 1}) end) f:set_joinable(true);
ok, err = f:join();
ok, type(err), err.type, err.message:match('^table: 0x') ~= nil;
f = fiber.new(function() error() end) f:set_joinable(true);
ok, err = f:join();
ok, type(err), err.type, err.message;
f = fiber.new(function() box.error(box.error.NO_SUCH_USER, 'joe') end) f:set_joinable(true);
ok, err = f:join();
ok, type(err), err.type, err.code, err.message;
f = fiber.create(function() fiber.sleep(100) end) f:set_joinable(true) f:cancel();
ok, err = f:join();
ok, err.type, err.message;
f = fiber.create(function() fiber.sleep(0.001) return 'late' end) f:set_joinable(true);
f:join();
f = fiber.new(function() end);
fiber.yield() f:join();
f:set_joinable();
f:set_joinable(true, 1);
fiber.set_joinable(1, true);
pcall(fiber.join);
fiber.join(1000000);
-- sleep
fiber.sleep();
fiber.sleep('x');
fiber.sleep(0, 0);
fiber.sleep(nil);
fiber.sleep(-1), fiber.sleep('0'), fiber.sleep(0.001);
-- Clocks.
math.abs(fiber.time() - os.time()) < 5, math.abs(tonumber(fiber.time64()) / 1e6 - fiber.time()) < 5;
math.abs(tonumber(fiber.clock64()) / 1e6 - fiber.clock()) < 5;
type(fiber.time64()), type(fiber.clock64()), type(fiber.time());
