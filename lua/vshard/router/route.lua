--- Routes: which replica set has a bucket, as far as a router knows.
-- @module vshard.router.route

local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')

local code = lerror.code
local is_readable = {
    [consts.BUCKET.ACTIVE] = true,
    [consts.BUCKET.PINNED] = true,
    [consts.BUCKET.SENDING] = true,
}

--- Note where a bucket is.
-- @param uuid of the replica set
-- @return its object; or nil and the error, if the configuration lacks it
local function set(router, bucket_id, uuid)
    local replicaset = router.replicasets[uuid]
    if replicaset == nil then
        return nil, lerror.vshard(code.NO_ROUTE_TO_BUCKET, bucket_id)
    end
    local old = router.route_map[bucket_id]
    if old == nil then
        router.known_bucket_count = router.known_bucket_count + 1
    else
        old.bucket_count = old.bucket_count - 1
    end
    replicaset.bucket_count = replicaset.bucket_count + 1
    router.route_map[bucket_id] = replicaset
    return replicaset
end

--- Forget where a bucket is.
local function reset(router, bucket_id)
    local old = router.route_map[bucket_id]
    if old ~= nil then
        old.bucket_count = old.bucket_count - 1
        router.known_bucket_count = router.known_bucket_count - 1
        router.route_map[bucket_id] = nil
    end
end

--- Forget all routes.
local function clear(router)
    router.route_map = {}
    router.known_bucket_count = 0
    for _, replicaset in pairs(router.replicasets) do
        replicaset.bucket_count = 0
    end
end

-- Ask one replica set for a bucket.
-- @return true if it is there; false, and the error if nobody could say
local function ask(replicaset, way, bucket_id, timeout)
    local ok, stat, err = replicaset:request(way, 'vshard.storage.bucket_stat', {bucket_id},
                                             {timeout = timeout})
    if not ok then
        return false, stat
    end
    if stat == nil then
        err = err ~= nil and lerror.make(err) or nil
        if err ~= nil and err.code == code.WRONG_BUCKET and err.type == 'ShardingError' then
            return false
        end
        return false, err
    end
    return is_readable[stat.status] or false
end

--- Ask all replica sets for a bucket.
--
-- Any replica may answer at first; a bucket that came just now is known to the
-- masters only.
-- @param timeout seconds for all of it
-- @return the replica set; or nil and the error
local function discover(router, bucket_id, timeout)
    local known = router.route_map[bucket_id]
    if known ~= nil then
        return known
    end
    local deadline = fiber.clock() + (timeout or consts.CALL_TIMEOUT_MIN * 2)
    local last_error, unreachable
    for _, way in ipairs({'callro', 'callrw'}) do
        for uuid, replicaset in pairs(router.replicasets) do
            local left = math.min(deadline - fiber.clock(), consts.CALL_TIMEOUT_MIN)
            if left <= 0 then
                return nil, last_error or lerror.timeout()
            end
            local found, err = ask(replicaset, way, bucket_id, left)
            -- The topology may have been replaced meanwhile.
            if found and router.replicasets[uuid] ~= nil then
                return set(router, bucket_id, uuid)
            end
            if err ~= nil then
                last_error, unreachable = err, uuid
            end
        end
    end
    if last_error ~= nil then
        if last_error.type == 'ShardingError' then
            return nil, last_error
        end
        return nil, lerror.vshard(code.UNREACHABLE_REPLICASET, unreachable, bucket_id)
    end
    return nil, lerror.vshard(code.NO_ROUTE_TO_BUCKET, bucket_id)
end

local function check_id(router, bucket_id)
    if type(bucket_id) ~= 'number' then
        error('Usage: call(bucket_id, mode, func, args, opts)', 0)
    end
    if bucket_id < 1 or bucket_id > router.total_bucket_count or bucket_id % 1 ~= 0 then
        error('Bucket is unreachable: bucket id is out of range', 0)
    end
end

--- The replica set of a bucket, asked for if it is not known.
-- @return replica set; or nil and the error
local function route(router, bucket_id)
    if type(bucket_id) ~= 'number' then
        error('Usage: router.route(bucket_id)', 0)
    end
    check_id(router, bucket_id)
    return discover(router, bucket_id)
end

--- All replica sets by uuid.
local function route_all(router)
    return router.replicasets
end

return {
    set = set,
    reset = reset,
    clear = clear,
    discover = discover,
    check_id = check_id,
    route = route,
    route_all = route_all,
}
