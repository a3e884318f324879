--- Bootstrap: give every replica set its share of the buckets, once in the
-- life of a cluster.
-- @module vshard.router.bootstrap

local balance = require('vshard.balance')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')

-- @return results of the call; or nil and the error
local function call_master(replicaset, func, args, deadline)
    local ok, result, err = replicaset:request('callrw', func, args,
                                               {timeout = math.max(deadline - fiber.clock(), 0)})
    if not ok then
        return nil, result
    end
    if result == nil then
        return nil, lerror.make(err)
    end
    return result
end

-- One replica set that has buckets tells enough. When that would be fine, those
-- that do not answer may be asked by somebody else.
-- @return true or false; or nil and the error
local function is_bootstrapped(router, is_welcome, deadline)
    local last_error
    for _, replicaset in pairs(router.replicasets) do
        local count, err = call_master(replicaset, 'vshard.storage.buckets_count', {}, deadline)
        if count == nil then
            if not is_welcome then
                return nil, err
            end
            last_error = err
        elseif count > 0 then
            return true
        end
    end
    if last_error ~= nil then
        return nil, last_error
    end
    return false
end

-- Shares of the replica sets of an empty cluster.
local function shares(router)
    local states = {}
    for uuid, replicaset in pairs(router.replicasets) do
        if not replicaset.lock then
            states[uuid] = {uuid = uuid, count = 0, pinned = 0, weight = replicaset.weight}
        end
    end
    if next(states) == nil then
        return nil, lerror.vshard(lerror.code.REPLICASET_IS_LOCKED)
    end
    balance.set_etalons(states, router.total_bucket_count)
    return states
end

--- Distribute all buckets over the replica sets.
-- @param opts timeout in seconds; if_not_bootstrapped: true makes a cluster
--   that has buckets already a success
-- @return true; or nil and the error
local function bootstrap(router, opts)
    opts = opts or {}
    if type(opts) ~= 'table' or opts.timeout ~= nil and type(opts.timeout) ~= 'number' then
        error('Usage: vshard.router.bootstrap({<options>})', 0)
    end
    local deadline = fiber.clock() + (opts.timeout or consts.CALL_TIMEOUT_MAX)
    local has_buckets, err = is_bootstrapped(router, opts.if_not_bootstrapped, deadline)
    if has_buckets == nil then
        return nil, err
    end
    if has_buckets then
        if opts.if_not_bootstrapped then
            return true
        end
        return nil, lerror.vshard(lerror.code.NON_EMPTY)
    end
    local states
    states, err = shares(router)
    if states == nil then
        return nil, err
    end
    local uuids = {}
    for uuid in pairs(states) do
        table.insert(uuids, uuid)
    end
    table.sort(uuids)
    local first = 1
    for _, uuid in ipairs(uuids) do
        local share = states[uuid].etalon
        if share > 0 then
            local ok
            ok, err = call_master(router.replicasets[uuid], 'vshard.storage.bucket_force_create',
                                  {first, share}, deadline)
            if not ok then
                return nil, err
            end
            log.info('Buckets from %d to %d are bootstrapped on "%s"', first, first + share - 1, uuid)
            first = first + share
        end
    end
    return true
end

return {bootstrap = bootstrap}
