-- Transactions and triggers.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
fiber = require('fiber')
s = box.schema.space.create('test')
pk = s:create_index('pk')
sk = s:create_index('sk', {parts = {2, 'unsigned'}, unique = false})
box.begin()
box.begin()
box.is_in_txn()
box.commit()
box.rollback()
box.begin() box.begin()
box.is_in_txn()
box.rollback()
box.savepoint()
box.rollback_to_savepoint()
box.rollback_to_savepoint(1)
box.rollback_to_savepoint({})
box.begin(1)
box.rollback()
box.begin() s:insert{1, 1} box.commit()
box.begin() s:insert{2, 2} box.rollback()
s:select()
box.begin() s:insert{2, 2} sp = box.savepoint() s:insert{3, 3} box.rollback_to_savepoint(sp) s:insert{4, 4} box.commit()
s:select()
box.begin() box.rollback_to_savepoint(sp)
box.rollback()
box.begin() sp1 = box.savepoint() s:insert{5, 5} sp2 = box.savepoint() s:insert{6, 6} box.rollback_to_savepoint(sp1) box.rollback_to_savepoint(sp2)
box.rollback()
box.begin() s:insert{10, 1} pcall(s.insert, s, {1, 1}) s:insert{11, 1} box.commit()
s:select({10}, {iterator = 'GE'})
box.begin() s:insert{20, 1} fiber.sleep(0) s:insert{21, 1}
box.is_in_txn()
box.commit()
box.rollback()
box.begin() s:insert{20, 1} fiber.yield() box.commit()
box.error.last() and box.error.last().code
s:get(20)
box.begin() fiber.yield() box.commit()
box.begin() s:insert{20, 1} box.rollback() fiber.yield() s:insert{22, 1}
box.atomic
ok, err = pcall(function() box.begin() s:insert{30, 1} error('oops') end)
err
box.is_in_txn()
box.rollback()
s:get(30)
f = fiber.new(function() box.begin() s:insert{31, 1} end) f:set_joinable(true) f:join()
s:get(31)
f = fiber.new(function() box.begin() s:insert{32, 1} error('x') end) f:set_joinable(true) f:join()
s:get(32)
-- on_commit, on_rollback
log = {}
function note(name) return function(it) local n = 0 if it then for i, old, new, id in it() do n = n + 1 table.insert(log, name .. ' ' .. tostring(i) .. ' ' .. tostring(old) .. ' ' .. tostring(new) .. ' ' .. tostring(id == s.id)) end end table.insert(log, name .. ' rows ' .. n) end end
box.on_commit(note('c'))
box.on_rollback(note('r'))
box.begin() box.on_commit(note('c')) box.on_rollback(note('r')) s:insert{40, 1} s:replace{40, 2} s:delete(40) box.commit()
log
log = {}
box.begin() box.on_commit(note('c')) box.on_rollback(note('r')) s:insert{40, 1} s:replace{40, 2} box.rollback()
log
log = {}
box.begin() box.on_commit(note('c')) box.on_commit(note('c2')) box.commit()
log
log = {}
log
log = {}
box.begin() box.on_commit(5)
box.rollback()
box.begin() box.on_commit()
box.rollback()
log
-- on_replace
log = {}
function trace(old, new, name, op) table.insert(log, tostring(old) .. ' ' .. tostring(new) .. ' ' .. tostring(name) .. ' ' .. tostring(op)) end
s:truncate()
s:on_replace() 
s:on_replace(5)
s:on_replace(trace) == trace
#s:on_replace()
s:insert{1, 1}
s:replace{1, 2}
s:update(1, {{'=', 2, 3}})
s:update(1, {{'=', 2, 3}})
s:upsert({1, 1}, {{'+', 2, 1}})
s:upsert({2, 1}, {{'+', 2, 1}})
s:delete(1)
s:delete(1)
s:delete(100)
pcall(s.insert, s, {2, 2})
s:truncate()
log
log = {}
function bad() error('no way') end
s:on_replace(bad)
s:insert{5, 5}
s:get(5)
log
s:on_replace(nil, bad)
s:on_replace(nil, bad)
function box_error() box.error(box.error.PROC_LUA, 'refused') end
s:on_replace(box_error)
s:insert{5, 5}
s:on_replace(trace, box_error) == trace
#s:on_replace()
s:on_replace(nil, trace) s:on_replace(nil, trace)
#s:on_replace()
s:on_replace(function(old, new) if new and new[1] < 8 then s:insert{new[1] + 1, 0} end end)
s:insert{1, 1}
s:select()
s:truncate()
s:insert{-100, 1}
function deep(old, new) s:insert{new[1] + 1, 0} end
s:on_replace(deep, s:on_replace()[1])
s:insert{1, 1}
s:select()
s:on_replace(nil, deep)
-- before_replace
s:before_replace(5)
f = s:before_replace(function(old, new) return new end)
s:insert{1, 1}
s:before_replace(function(old, new) return nil end, f) ~= nil
s:insert{2, 1}
s:get(2)
s:replace{1, 5}
s:delete(1)
s:get(1)
s:before_replace(function(old, new) return old end, s:before_replace()[1]) ~= nil
s:insert{2, 1}
s:replace{1, 5}
s:delete(1)
s:update(1, {{'=', 2, 100}})
s:upsert({1, 0}, {{'+', 2, 7}})
s:select()
s:before_replace(function(old, new) if new then return new:update{{'+', 2, 100}} end end, s:before_replace()[1]) ~= nil
s:insert{2, 1}
s:replace{1, 5}
s:update(1, {{'=', 2, 7}})
s:upsert({1, 0}, {{'+', 2, 7}}) do end
s:select()
s:delete(1)
s:select()
s:before_replace(function(old, new) return {1, 2} end, s:before_replace()[1]) ~= nil
s:insert{2, 1}
s:before_replace(function(old, new) return box.tuple.new{77, 1} end, s:before_replace()[1]) ~= nil
s:insert{3, 1}
s:delete(2)
s:before_replace(function(old, new) return 5 end, s:before_replace()[1]) ~= nil
s:insert{3, 1}
s:before_replace(function(old, new) return box.tuple.new{'bad'} end, s:before_replace()[1]) ~= nil
s:insert{3, 1}
s:before_replace(function(old, new) end, s:before_replace()[1]) ~= nil
s:insert{4, 1}
s:before_replace(function(old, new) error('before') end, s:before_replace()[1]) ~= nil
s:insert{4, 1}
s:before_replace(nil, s:before_replace()[1])
s:before_replace(function(old, new) table.insert(log, 'b1') return new:update{{'+', 2, 1}} end) ~= nil
s:before_replace(function(old, new) table.insert(log, 'b2') return new:update{{'*', 2, 2}} end) ~= nil
log = {}
s:insert{9, 1}
log
for _, f in pairs(s:before_replace()) do s:before_replace(nil, f) end
s:before_replace(function(old, new) table.insert(log, 'b1') return new:update{{'+', 2, 1}} end) ~= nil
s:before_replace(function(old, new) table.insert(log, 'b2') return new:update{{'+', 2, 20}} end) ~= nil
log = {}
s:insert{9, 1}
log
s:run_triggers(false)
s:insert{10, 1}
s:run_triggers(true)
s:insert{11, 1}
s:run_triggers()
s:run_triggers('x')
for _, f in pairs(s:before_replace()) do s:before_replace(nil, f) end
for _, f in pairs(s:on_replace()) do s:on_replace(nil, f) end
for _, f in pairs(s:on_replace()) do s:on_replace(nil, f) end
for _, f in pairs(s:on_replace()) do s:on_replace(nil, f) end
s:on_replace(function(old, new) box.begin() end) ~= nil
s:insert{14, 1}
s:drop()
-- iterators while rows change
s = box.schema.space.create('test')
pk = s:create_index('pk')
for i = 1, 10 do s:insert{i} end
t = {} for _, r in s:pairs() do table.insert(t, r[1]) s:delete(r[1] + 1) end
t
t = {} for _, r in s:pairs(nil, {iterator = 'LE'}) do table.insert(t, r[1]) s:replace{r[1] + 0, 'x'} end
t
t = {} for _, r in s:pairs() do table.insert(t, r[1]) if #t < 20 then s:replace{r[1] + 100} end end
#t
s:truncate()
for i = 1, 5 do s:insert{i} end
gen, param, state = s:pairs()
state, r = gen(param, state)
r
s:truncate()
state, r = gen(param, state)
r
s:drop()
gen(param, state)
box.space.test
