-- Fills the cluster of sharding.lua, sends buckets both ways, and reads every row after each step. It ends with an error
-- when a call failed, a row is lost, or a bucket is not active exactly once.

local cfg = require('sharding')
local fiber = require('fiber')
local net_box = require('net.box')
local vshard = require('vshard')

local buckets = cfg.bucket_count
local deadline = fiber.time() + 60

local function wait(what, condition)
    while not condition() do
        if fiber.time() > deadline then
            error('time is up: ' .. what)
        end
        fiber.sleep(0.01)
    end
end

vshard.router.cfg(cfg)
wait('bootstrap', function() return vshard.router.bootstrap({if_not_bootstrapped = true}) end)

local function read_all(step)
    for id = 1, buckets do
        local text, err = vshard.router.callro(id, 'word', {id}, {timeout = 10})
        if text ~= 'word ' .. id then
            error(('%s: row %d is %s: %s'):format(step, id, text, err and err.message))
        end
    end
end

for id = 1, buckets do
    local _, err = vshard.router.callrw(id, 'put', {id, id, 'word ' .. id}, {timeout = 10})
    if err then
        error(('put %d: %s'):format(id, err.message))
    end
end
read_all('filled')

local conns, active = {}, {}
for uuid, replicaset in pairs(cfg.sharding) do
    conns[uuid] = net_box.connect(select(2, next(replicaset.replicas)).uri)
end

local function states(conn)
    local found = {}
    for _, bucket in ipairs(conn.space._bucket:select()) do
        found[bucket[1]] = bucket[2]
    end
    return found
end

-- Each storage sends half of what it has to the other one.
local moves = {}
for uuid, conn in pairs(conns) do
    local other = next(conns) == uuid and next(conns, uuid) or next(conns)
    for bucket_id in pairs(states(conn)) do
        if bucket_id % 2 == 0 then
            table.insert(moves, {conn, bucket_id, other})
        end
    end
end
for _, move in ipairs(moves) do
    local conn, bucket_id, to = unpack(move)
    local sent, err = conn:call('vshard.storage.bucket_send', {bucket_id, to, {timeout = 10}})
    if not sent then
        error(('bucket %d: %s'):format(bucket_id, err and err.message))
    end
end
read_all('moved')

wait('garbage', function()
    active = {}
    for _, conn in pairs(conns) do
        for bucket_id, state in pairs(states(conn)) do
            if state ~= 'active' or active[bucket_id] then
                return false
            end
            active[bucket_id] = true
        end
    end
    return #active == buckets
end)
print(('%d buckets, %d sent'):format(buckets, #moves))
os.exit(0)
