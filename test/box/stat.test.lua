-- What box.stat counts, and what bounds the memory of tuples.
test_run = require('test_run').new()
s = box.schema.space.create('stat')
x = s:create_index('pk')
_ = s:create_index('name', {parts = {2, 'string', is_nullable = true}, unique = false})
test_run:cmd("setopt delimiter ';'")
function count(f, ...)
    box.stat.reset()
    pcall(f, ...)
    local counted = {}
    for name, counter in pairs(box.stat()) do
        if counter.total > 0 then
            table.insert(counted, name .. ' ' .. counter.total)
        end
    end
    table.sort(counted)
    return unpack(counted)
end;
test_run:cmd("setopt delimiter ''");
count(s.insert, s, {1, 'one'})
count(s.insert, s, {1, 'one'})
count(s.insert, s)
count(s.replace, s, {1, 'two'})
count(s.put, s, {'x'})
count(s.update, s, 1, {{'=', 2, 'three'}})
count(s.update, s, 100, {{'=', 2, 'three'}})
count(s.upsert, s, {1, 'x'}, {{'=', 2, 'four'}})
count(s.delete, s, 100)
count(s.get, s, 1)
count(s.get, s, {})
count(s.select, s)
count(function() for _, t in s:pairs() do end end)
count(s.count, s)
count(s.len, s)
count(x.min, x)
count(x.random, x, 1)
count(function() box.begin() s:replace{2, 'x'} s:replace{3, 'x'} box.rollback() end)
count(s.truncate, s)
count(box.error.new, 1, 'x')
count(box.error, {code = 1, reason = 'x'})
count(error, 'no box error')
s:select{}

--
-- A tuple has 14 bytes beside its data, and 4 for each index that cannot know where its field is.
--
limit = box.cfg.memtx_max_tuple_size
box.cfg{memtx_max_tuple_size = 100}
s:insert{1, string.rep('x', 78)}
s:insert{2, string.rep('x', 79)}
s:insert{3, string.rep('x', 80)}
s:insert{4, string.rep('x', 81)}
s:update(1, {{'=', 3, string.rep('x', 30)}})
s:upsert({1, 'x'}, {{'=', 3, string.rep('x', 30)}})
box.tuple.new{string.rep('x', 100)}:bsize()
box.cfg{memtx_max_tuple_size = limit}
s:update(1, {{'=', 2, 'short'}})

--
-- No memory is left.
--
box.cfg{memtx_memory = box.cfg.memtx_memory - 1}
big = string.rep('x', 1000000)
test_run:cmd("setopt delimiter ';'")
for i = 10, 1000 do
    ok, err = pcall(s.insert, s, {i, big})
    if not ok then break end
end;
test_run:cmd("setopt delimiter ''");
ok, err
err.type, err.code
#s:select({10}, {iterator = 'ge'}) > 2
box.slab.info().items_used > 2 * 1000000
box.cfg{memtx_memory = box.cfg.memtx_memory * 2}
s:insert{5001, big}[1]
s:drop()
