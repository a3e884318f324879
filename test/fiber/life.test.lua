-- How fibers start, in which order they run, and how they end.
fiber = require('fiber')
test_run = require('test_run').new()
order = {}
-- create runs the fiber at once, up to its first wait.
test_run:cmd("setopt delimiter ';'")
f = fiber.create(function(a, b)
    table.insert(order, ('in %s %s %s'):format(a, b, fiber.status()))
    fiber.yield()
    table.insert(order, 'in again')
end, 1, nil) table.insert(order, 'out') status = f:status() fiber.yield() fiber.yield();
order, status, f:status();
-- new leaves it for later.
order = {};
f = fiber.new(function(...) table.insert(order, select('#', ...)) end, nil, nil) table.insert(order, 'out') status = f:status() fiber.yield();
order, status, f:status();
order = {};
for i = 1, 3 do fiber.create(function() for j = 1, 2 do fiber.yield() table.insert(order, i .. '.' .. j) end end) end fiber.yield() fiber.yield() fiber.yield();
table.concat(order, ' ');
-- A dead fiber keeps its id and its status, and refuses the rest.
f:id() > 103, f:status();
for _, name in ipairs({'name', 'wakeup', 'cancel', 'join'}) do order[name] = {pcall(f[name], f)} end;
order.name, order.wakeup, order.cancel, order.join;
tostring(f);
f.storage;
f.nothing;
f:set_joinable(true);
f;
test_run:cmd("setopt delimiter ''");
-- Names.
fiber.create(function() order = {fiber.name()} fiber.name('one') order[2] = fiber.self():name() end)
order[1], order[2]
f = fiber.new(function() fiber.sleep(100) end)
f:name()
f:name('two')
f:name(), fiber.name(f)
f:name(('x'):rep(255))
#f:name()
f:name(('y'):rep(256))
f:name(('y'):rep(256), {truncate = 1})
f:name(('z'):rep(300), {truncate = true})
f:name() == ('z'):rep(255)
f:name('a\0b')
f:name()
f:name('')
f:name()
f:name(42)
f:name()
f:name({})
fiber.name(true)
-- Handles.
fiber.find(f:id()) == f
rawequal(fiber.find(f:id()), f)
f == fiber.self()
f == 1
fiber.self() == fiber.find(fiber.id())
type(f), getmetatable(f)
tostring(f) == 'fiber: ' .. f:id()
fiber.find(tostring(f:id())) == f
fiber.find(0), fiber.find('x'), fiber.find(1000000)
fiber.find()
fiber.find(1, 2)
f.x = 1
shown = require('json').decode(require('json').encode(f))
shown.status, shown.name, shown.id == f:id()
-- Storage is the fiber's own.
f.storage.key = 'value'
f.storage == fiber.find(f:id()).storage, f.storage.key, fiber.self().storage.key
f.storage = 1
f:cancel()
fiber.yield()
f:status()
-- Bad arguments.
fiber.create()
fiber.create('x')
fiber.create(setmetatable({}, {__call = print}))
fiber.new()
fiber.new(1)
fiber.id('x')
fiber.id(f) == f:id()
fiber.status({})
fiber.status(1)
fiber.status(nil)
pcall(fiber.wakeup)
pcall(fiber.wakeup, {})
pcall(fiber.wakeup, 1000000)
pcall(fiber.wakeup, '103')
fiber.kill('x')
fiber.cancel(1000000)
