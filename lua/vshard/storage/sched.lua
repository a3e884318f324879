--- Peace between two kinds of work that exclude each other: references to the
-- whole storage (map-reduce) and transfers of buckets.
--
-- Either kind may run any number of times at once, but not while the other
-- does. When both want to run, each gives way after its quota in a row.
-- @module vshard.storage.sched

local fiber = require('fiber')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')

local sched = M.sched
local POLL = 0.005

local function is_ref_allowed()
    if sched.moves > 0 then
        return false
    end
    return sched.moves_waiting == 0 or sched.move_quota == 0 or
           sched.ref_strike < sched.ref_quota
end

local function is_move_allowed()
    if sched.refs > 0 then
        return false
    end
    return sched.refs_waiting == 0 or sched.ref_quota == 0 or
           sched.move_strike < sched.move_quota
end

-- Wait for a condition, being counted among those who wait.
local function wait(waiting, is_allowed, timeout)
    if is_allowed() then
        return true
    end
    sched[waiting] = sched[waiting] + 1
    local deadline = fiber.clock() + timeout
    local ok, err = pcall(function()
        while not is_allowed() and fiber.clock() < deadline do
            fiber.sleep(math.min(POLL, math.max(deadline - fiber.clock(), 0)))
        end
    end)
    sched[waiting] = sched[waiting] - 1
    if not ok then
        error(err, 0)
    end
    return is_allowed()
end

--- Begin to refer to the storage.
-- @return true; or nil and the error when transfers take too long
local function ref_start(timeout)
    if not wait('refs_waiting', is_ref_allowed, timeout) then
        return nil, lerror.timeout()
    end
    sched.refs = sched.refs + 1
    sched.ref_strike = sched.ref_strike + 1
    sched.move_strike = 0
    return true
end

local function ref_end(count)
    sched.refs = math.max(sched.refs - (count or 1), 0)
end

--- Begin to move a bucket.
-- @return true; or nil and the error when references stay too long
local function move_start(timeout)
    if not wait('moves_waiting', is_move_allowed, timeout) then
        if sched.refs > 0 then
            return nil, lerror.vshard(lerror.code.STORAGE_IS_REFERENCED)
        end
        return nil, lerror.timeout()
    end
    sched.moves = sched.moves + 1
    sched.move_strike = sched.move_strike + 1
    sched.ref_strike = 0
    return true
end

local function move_end()
    sched.moves = sched.moves - 1
end

--- Take the quotas of the configuration.
local function configure(config)
    sched.ref_quota = config.sched_ref_quota
    sched.move_quota = config.sched_move_quota
end

return {
    ref_start = ref_start,
    ref_end = ref_end,
    move_start = move_start,
    move_end = move_end,
    configure = configure,
}
