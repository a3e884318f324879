-- Speed and memory of a space with two indexes, filled and read from a Lua loop without a write-ahead log. It runs on
-- shardlua and on stock Tarantool alike:
--
--     shardlua test/bench/insert.lua [ROWS]
--     tarantool test/bench/insert.lua [ROWS]
--
-- Seconds are of the wall clock; MiB are what the process takes more than before the first row.
local clock = require('clock')
local fio = require('fio')

local rows = tonumber(arg[1]) or 1000000
local dir = fio.tempdir()
box.cfg{wal_mode = 'none', memtx_memory = 1024 * 1024 * 1024, memtx_dir = dir, wal_dir = dir, log = fio.pathjoin(dir, 'log')}

local function resident()
    for line in io.lines('/proc/self/status') do
        local kib = line:match('^VmRSS:%s+(%d+)')
        if kib then return tonumber(kib) / 1024 end
    end
end

local function measure(what, work)
    local wall, cpu = clock.monotonic(), clock.proc()
    work()
    print(('%-8s %6.2f s %6.2f s of cpu'):format(what, clock.monotonic() - wall, clock.proc() - cpu))
end

local space = box.schema.space.create('bench')
space:create_index('primary', {parts = {1, 'unsigned'}})
space:create_index('second', {parts = {2, 'unsigned'}, unique = false})
local before = resident()
measure('insert', function()
    for i = 1, rows do space:insert({i, i * 7919 % rows, 'some payload ' .. i % 100}) end
end)
collectgarbage()
collectgarbage()
print(('memory   %6.0f MiB'):format(resident() - before))
measure('get', function()
    for i = 1, rows do assert(space:get(i)) end
end)
measure('pairs', function()
    local n = 0
    for _ in space:pairs() do n = n + 1 end
    assert(n == rows)
end)
measure('select', function() assert(#space:select() == rows) end)
measure('replace', function()
    for i = 1, rows do space:replace({i, i, 'payload'}) end
end)
fio.rmtree(dir)
os.exit(0)
