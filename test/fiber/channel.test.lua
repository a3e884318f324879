-- Channels and conditions.
fiber = require('fiber')
test_run = require('test_run').new()
got = {}
test_run:cmd("setopt delimiter ';'")
function note(name, ...)
    local words = {name}
    for i = 1, select('#', ...) do table.insert(words, tostring((select(i, ...)))) end
    table.insert(got, table.concat(words, ' '))
end;
function run() local all = got got = {} return all end;
ch = fiber.channel(1);
tostring(ch), type(ch), getmetatable(ch);
ch:size(), ch:count(), ch:is_empty(), ch:is_full(), ch:has_readers(), ch:has_writers(), ch:is_closed();
ch:put({1}), ch:put(2, 0), ch:put(2, 0.001);
tostring(ch), ch:count(), ch:is_empty(), ch:is_full();
f = fiber.create(function() note('put', ch:put(3)) end);
ch:has_writers(), ch:count();
ch:get();
ch:has_writers(), ch:count();
fiber.yield();
run();
ch:get(), ch:get(0), ch:get(0.001);
ch:put(nil), ch:count();
ch:get(), ch:count();
-- In the order in which they came.
for i = 1, 3 do fiber.create(function() note('reader', i, ch:get()) end) end;
ch:has_readers(), ch:put('a'), ch:put('b'), ch:has_readers(), ch:put('c'), ch:has_readers(), ch:count();
fiber.yield();
run();
ch = fiber.channel();
for i = 1, 3 do fiber.create(function() note('writer', i, ch:put(i)) end) end note('got', ch:get(), ch:get(), ch:get()) fiber.yield();
run();
-- A wakeup by mistake does not end the wait.
f = fiber.create(function() note('got', ch:get(10)) end) f:wakeup() fiber.yield();
ch:has_readers(), ch:put('x', 0);
fiber.yield();
run();
-- Close ends the waits and drops what lies in the channel.
ch = fiber.channel(1);
ch:put('left');
f = fiber.create(function() note('put', ch:put('no room')) end) ch:close() fiber.yield();
run();
tostring(ch), ch:is_closed(), ch:count(), ch:size(), ch:has_writers();
ch:get(), ch:put(1), ch:close();
ch = fiber.channel();
f = fiber.create(function() note('get', ch:get()) end) ch:close() fiber.yield();
run();
-- Bad arguments.
fiber.channel(-1);
fiber.channel('x');
fiber.channel({});
fiber.channel('2'):size(), fiber.channel(1.9):size(), fiber.channel(nil):size();
ch = fiber.channel(1);
ch.put();
ch:put();
ch:put(1, 'x');
ch:put(1, -1);
ch.get();
ch:get('x');
ch:get(-1);
ch:get(box.NULL);
ch.get({});
ch.count();
ch.is_empty(1);
ch.close();
ch.nothing, pcall(function() ch.x = 1 end);
-- Conditions.
c = fiber.cond();
tostring(c), type(c), getmetatable(c);
c:signal(), c:broadcast(), c:wait(0), c:wait(0.001);
for i = 1, 4 do fiber.create(function() note('woke', i, c:wait()) end) end c:signal() fiber.yield();
run();
c:broadcast() fiber.yield();
run();
f = fiber.create(function() note('woke', c:wait(100)) end) f:wakeup() fiber.yield();
run();
c.wait();
c:wait('x');
c:wait(-1);
c:wait(box.NULL);
c.wait({});
c.signal();
c.broadcast();
c.signal(1);
c.nothing;
-- Last errors.
box.error.clear() fiber.channel():get(0) err = box.error.last();
err.type, err.message;
box.error.clear() ch:close() ch:get() err = box.error.last();
err.type, err.message;
box.error.clear() c:wait(0.001) err = box.error.last();
err.type, err.message;
