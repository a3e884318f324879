#!/usr/bin/env tarantool
-- What box.cfg makes of directories, files and the checkpoint daemon, and that it may be called by two fibers at once.
local tap, fio, fiber = require('tap'), require('fio'), require('fiber')

local base = fio.tempdir()
local work = fio.pathjoin(base, 'work')
for _, dir in ipairs({'work', 'work/snaps', 'work/logs'}) do
    fio.mkdir(fio.pathjoin(base, dir))
end

local test = tap.test('options')
test:plan(25)

local function wait(condition)
    local deadline = fiber.time() + 20
    while not condition() and fiber.time() < deadline do
        fiber.sleep(0.005)
    end
    return condition()
end

-- Two fibers call it at the same time; one waits for the other.
local done, failed = 0, nil
for _ = 1, 2 do
    fiber.create(function()
        local ok, err = pcall(box.cfg, {
            work_dir = work, memtx_dir = 'snaps', wal_dir = 'logs', pid_file = 'my.pid', log = 'my.log', log_level = 1,
            wal_max_size = 4096, checkpoint_count = 2, checkpoint_interval = 0, wal_dir_rescan_delay = 0.01,
        })
        done = done + 1
        failed = failed or not ok and tostring(err) or nil
    end)
end
test:ok(wait(function() return done == 2 end), 'both calls end')
test:is(failed, nil, 'without an error')

test:is(fio.cwd(), work, 'work_dir')
local file = fio.open('my.pid')
test:is(tonumber(file:read(100)), require('tarantool').pid(), 'pid_file')
file:close()
test:ok(fio.path.exists('my.log'), 'log is relative to work_dir')
test:is(#fio.glob('snaps/*.snap'), 1, 'memtx_dir')
test:is(#fio.glob('*.snap') + #fio.glob('*.xlog') + #fio.glob('logs/*.snap'), 0, 'nothing elsewhere')

local space = box.schema.space.create('t')
space:create_index('pk')
for i = 1, 200 do
    space:replace({i, ('x'):rep(100)})
end
test:ok(#fio.glob('logs/*.xlog') > 3, 'wal_dir and wal_max_size')

for _, options in ipairs({
    {work_dir = '.'}, {memtx_dir = '.'}, {wal_dir = '.'}, {pid_file = 'x'}, {username = 'x'}, {wal_max_size = 1}, {hot_standby = true},
    {wal_mode = 'none'}, {background = true},
}) do
    local name = next(options)
    local _, err = pcall(box.cfg, options)
    test:is(tostring(err), ("Can't set option '%s' dynamically"):format(name), name .. ' is for the start only')
end
test:ok(pcall(box.cfg, {wal_dir_rescan_delay = 1, force_recovery = true}), 'others are not')

-- Checkpoints: by hand, by the daemon, and not when nothing has changed.
local function snapshot(signature)
    return fio.path.exists(('snaps/%020d.snap'):format(signature))
end
box.snapshot()
test:ok(snapshot(box.info.signature), 'a checkpoint')
box.snapshot()
space:replace({1000})
local signature = box.info.signature
test:ok(not snapshot(signature), 'no daemon while the interval is 0')
box.cfg({checkpoint_interval = 0.05})
test:ok(wait(function() return snapshot(signature) end), 'the daemon makes one after the interval')
-- The oldest goes once the new one is there.
wait(function() return #fio.glob('snaps/*.snap') == 2 end)
local made = fio.glob('snaps/*.snap')
fiber.sleep(0.2)
test:is_deeply(fio.glob('snaps/*.snap'), made, 'and no other while nothing changes')
space:replace({1001})
signature = box.info.signature
test:ok(wait(function() return snapshot(signature) and #fio.glob('snaps/*.snap') == 2 end), 'checkpoint_count')

-- Fibers that change options at the same time.
done = 0
for i = 1, 10 do
    fiber.create(function()
        box.cfg({too_long_threshold = i, replication_timeout = i})
        done = done + 1
    end)
end
wait(function() return done == 10 end)
test:is_deeply({box.cfg.too_long_threshold, box.cfg.replication_timeout}, {10, 10}, 'the last one wins')
test:is(space:count(), 202, 'the data is there')

test:check()
os.exit(test.failed == 0 and 0 or 1)
