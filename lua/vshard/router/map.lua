--- Map-reduce: one function on all masters at once, while no bucket moves.
--
-- First every storage is referenced, which stops the moves; when together they
-- have all buckets, the function is called everywhere. The end of a call ends
-- its reference.
-- @module vshard.router.map

local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local M = require('vshard.router.state')
local route = require('vshard.router.route')

local code = lerror.code
local PAUSE = 0.01

local function new_ref_id()
    M.ref_id = M.ref_id + 1
    return M.ref_id
end

-- Call a service of each storage at once.
-- @param masters table by uuid
-- @param arguments function of the uuid, returns the arguments
-- @return table of result arrays by uuid; or nil, the error, and the uuid
local function call_all(masters, arguments, deadline)
    local futures, results = {}, {}
    for uuid, replicaset in pairs(masters) do
        local left = math.max(deadline - fiber.clock(), 0)
        local ok, future = replicaset:request('callrw', 'vshard.storage._call', arguments(uuid),
                                              {timeout = left, is_async = true})
        if not ok then
            return nil, future, uuid
        end
        futures[uuid] = future
    end
    local failure, culprit
    for uuid, future in pairs(futures) do
        local left = math.max(deadline - fiber.clock(), 0)
        local result, err = future:wait_result(left)
        if result == nil then
            failure, culprit = lerror.make(err), uuid
        elseif result[1] == nil then
            failure, culprit = lerror.make(result[2] ~= nil and result[2] or 'no result'), uuid
        else
            results[uuid] = result
        end
    end
    if failure ~= nil then
        return nil, failure, culprit
    end
    return results
end

-- Give references back without waiting whether that worked: they have a
-- deadline of their own.
local function unref_all(masters, rid)
    for _, replicaset in pairs(masters) do
        if replicaset.master ~= nil and replicaset.master:is_connected() then
            replicaset:request('callrw', 'vshard.storage._call', {'storage_unref', rid},
                               {timeout = consts.CALL_TIMEOUT_MIN, is_async = true})
        end
    end
end

-- Reference all storages.
-- @return table of the replica sets; or nil, the error and the uuid
local function ref_all(router, rid, deadline)
    local masters = table.copy(router.replicasets)
    local results, err, uuid = call_all(masters, function()
        return {'storage_ref', rid, math.max(deadline - fiber.clock(), 0)}
    end, deadline)
    if results == nil then
        unref_all(masters, rid)
        return nil, err, uuid
    end
    local total = 0
    for _, result in pairs(results) do
        total = total + result[1]
    end
    if total ~= router.total_bucket_count then
        unref_all(masters, rid)
        return nil, lerror.vshard(code.UNKNOWN_BUCKETS, router.total_bucket_count - total)
    end
    return masters
end

-- Buckets by the replica set that has them.
local function group_buckets(router, bucket_ids, deadline)
    local groups = {}
    for _, bucket_id in ipairs(bucket_ids) do
        local left = math.max(deadline - fiber.clock(), 0)
        local replicaset, err = route.discover(router, bucket_id, left)
        if replicaset == nil then
            return nil, err
        end
        groups[replicaset.uuid] = groups[replicaset.uuid] or {}
        table.insert(groups[replicaset.uuid], bucket_id)
    end
    return groups
end

-- What a storage does not have is looked for again.
local function forget_moved(router, moved)
    for _, bucket in ipairs(moved) do
        route.reset(router, bucket.id)
        if bucket.dst ~= nil and router.replicasets[bucket.dst] ~= nil then
            route.set(router, bucket.id, bucket.dst)
        end
    end
end

-- Reference the storages that have some buckets, until all are covered.
-- @return table of the replica sets, id of the references; or nil, the error
--   and the uuid
local function ref_some(router, rid, bucket_ids, deadline)
    while fiber.clock() < deadline do
        local groups, err = group_buckets(router, bucket_ids, deadline)
        if groups == nil then
            return nil, err
        end
        local masters = {}
        for uuid in pairs(groups) do
            masters[uuid] = router.replicasets[uuid]
        end
        local results, uuid
        results, err, uuid = call_all(masters, function(id)
            return {'storage_ref_make_with_buckets', rid,
                    math.max(deadline - fiber.clock(), 0), groups[id]}
        end, deadline)
        if results == nil then
            unref_all(masters, rid)
            return nil, err, uuid
        end
        local is_complete = true
        for _, result in pairs(results) do
            if #result[1].moved > 0 then
                is_complete = false
                forget_moved(router, result[1].moved)
            end
        end
        if is_complete then
            return masters, rid
        end
        unref_all(masters, rid)
        rid = new_ref_id()
        fiber.sleep(PAUSE)
    end
    return nil, lerror.timeout()
end

--- Call a function on the masters of all replica sets, or of those that have
-- given buckets, with no bucket moving meanwhile.
-- @param func name of the function
-- @param args array of its arguments
-- @param opts timeout in seconds for all of it; bucket_ids, an array
-- @return table: uuid of the replica set -> array of the function's result;
--   or nil, the error, and the uuid of the replica set that it came from
local function map_callrw(router, func, args, opts)
    if type(func) ~= 'string' or args ~= nil and type(args) ~= 'table' or
       opts ~= nil and (type(opts) ~= 'table' or
                        opts.timeout ~= nil and type(opts.timeout) ~= 'number' or
                        opts.bucket_ids ~= nil and type(opts.bucket_ids) ~= 'table') then
        error('Usage: map_callrw(func, args, {timeout = number, bucket_ids = table})', 0)
    end
    opts = opts or {}
    if opts.return_raw then
        error('Msgpack object feature is not supported by current Tarantool version', 0)
    end
    local deadline = fiber.clock() + (opts.timeout or consts.CALL_TIMEOUT_MIN)
    local rid = new_ref_id()
    local masters, err, uuid
    if opts.bucket_ids ~= nil then
        for _, bucket_id in ipairs(opts.bucket_ids) do
            route.check_id(router, bucket_id)
        end
        masters, err, uuid = ref_some(router, rid, opts.bucket_ids, deadline)
        if masters ~= nil then
            rid = err
        end
    else
        masters, err, uuid = ref_all(router, rid, deadline)
    end
    if masters == nil then
        return nil, err, uuid
    end
    local results
    results, err, uuid = call_all(masters, function()
        return {'storage_map', rid, func, args or {}}
    end, deadline)
    if results == nil then
        unref_all(masters, rid)
        return nil, err, uuid
    end
    local map = {}
    for id, result in pairs(results) do
        if result[2] ~= nil then
            map[id] = {result[2]}
        end
    end
    return map
end

return {map_callrw = map_callrw}
