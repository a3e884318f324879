--- Requests: to the replica set of a bucket, and on to where it has gone.
--
-- A bucket may move and a master may change while a request is under way. The
-- storages then say so before they run anything, so the request is sent again,
-- until its time is up.
-- @module vshard.router.call

local access = require('vshard.router.access')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local lfuture = require('vshard.router.future')
local route = require('vshard.router.route')

local code = lerror.code
local clock = fiber.clock
local make_error = lerror.make
-- Rest before a request is sent again, when nothing says where to.
local PAUSE = 0.01
-- Time that an answer takes at least. With less left, what a storage has said
-- before tells more than that the time is up.
local ROUND_TRIP = 0.02

local attempt

-- Rest, but no longer than the request may take.
local function pause(request)
    local left = request.deadline - clock()
    if left > 0 then
        fiber.sleep(math.min(left, PAUSE))
    end
end

-- What to do about the reasons for which a storage did not run the function.
-- Each returns true if the request may be sent again.
local remedies = {}

local function moved(request, replicaset, err)
    local router, bucket_id = request.router, request.bucket_id
    if router.route_map[bucket_id] == replicaset then
        route.reset(router, bucket_id)
    end
    local destination = err.destination
    if destination ~= nil and destination ~= replicaset.uuid and
       router.replicasets[destination] ~= nil then
        route.set(router, bucket_id, destination)
        -- Two storages may point at each other for a moment.
        request.hops = (request.hops or 0) + 1
        if request.hops % 2 == 0 then
            pause(request)
        end
        return true
    end
    if destination == nil and request.way ~= 'callrw' then
        -- A replica that lags behind does not know a bucket that came just now.
        request.way = 'callrw'
    end
    pause(request)
    return true
end

remedies[code.WRONG_BUCKET] = moved

remedies[code.TRANSFER_IS_IN_PROGRESS] = function(request, replicaset)
    if request.router.route_map[request.bucket_id] == replicaset then
        route.reset(request.router, request.bucket_id)
    end
    pause(request)
    return true
end

remedies[code.BUCKET_IS_LOCKED] = function(request)
    pause(request)
    return true
end

remedies[code.NON_MASTER] = function(request, replicaset, err)
    if replicaset.is_master_auto or not request.has_warned then
        request.has_warned = true
        replicaset:update_master(err.replica, err.master ~= nil and err.master or nil)
    end
    pause(request)
    return true
end

remedies[code.STORAGE_IS_DISABLED] = function(request, replicaset, err)
    if request.way == 'callrw' and replicaset.master ~= nil then
        replicaset.master:back_off(err, 'vshard.storage.call')
    end
    pause(request)
    return true
end

-- The function did not run because the storage says so.
local function refused(request, replicaset, err)
    err = make_error(err)
    local remedy = err.type == 'ShardingError' and remedies[err.code]
    request.last_error = err
    if not remedy or not remedy(request, replicaset, err) then
        return nil, err
    end
    return attempt(request)
end

local did_not_run = {
    [code.REPLICASET_IN_BACKOFF] = true,
    [code.OBJECT_IS_OUTDATED] = true,
    [code.MISSING_MASTER] = true,
    [code.STORAGE_IS_DISABLED] = true,
}

-- The function did not run, or nobody knows, because of the network.
local function failed(request, err)
    request.last_error = err
    if err.type == 'ShardingError' and did_not_run[err.code] then
        if clock() < request.deadline then
            pause(request)
            if err.code == code.OBJECT_IS_OUTDATED then
                route.reset(request.router, request.bucket_id)
            end
            return attempt(request)
        end
    end
    return nil, err
end

-- A caller gets the first value of the function, or what came with its absence.
local function answer(first, second)
    if first == nil and second ~= nil then
        return first, second
    end
    return first
end

local function finish(request, replicaset, ok, status, ...)
    if ok then
        if status == true then
            return answer(...)
        end
        if status == false then
            return nil, make_error((...))
        end
        return refused(request, replicaset, (...))
    end
    return failed(request, status)
end

-- One try; the results of the last one are the results of the call.
attempt = function(request)
    local left = request.deadline - clock()
    if left <= 0 or left < ROUND_TRIP and request.last_error ~= nil then
        return nil, request.last_error or lerror.timeout()
    end
    local router = request.router
    local replicaset = router.route_map[request.bucket_id]
    if replicaset == nil then
        local err
        replicaset, err = route.discover(router, request.bucket_id, left)
        if replicaset == nil then
            if request.last_error == nil or not lerror.is_timeout(err) then
                request.last_error = err
            end
            pause(request)
            return attempt(request)
        end
        left = math.max(request.deadline - clock(), 0)
    end
    local opts = {timeout = left}
    if request.has_options then
        for key, value in pairs(request.opts) do
            if key ~= 'timeout' then
                opts[key] = value
            end
        end
    end
    return finish(request, replicaset, replicaset:request(request.way, 'vshard.storage.call',
                                                          request.args, opts,
                                                          not request.has_options))
end

-- Asynchronous requests ---------------------------------------------------------

-- Nobody waits, so nothing can be sent again: one try where the route leads.
local function send_async(request)
    local replicaset, err = route.discover(request.router, request.bucket_id,
                                           request.deadline - clock())
    if replicaset == nil then
        return nil, err
    end
    local ok, future = replicaset:request(request.way, 'vshard.storage.call', request.args,
                                          request.opts)
    if not ok then
        return nil, future
    end
    return lfuture.new(future)
end

-- Public ------------------------------------------------------------------------

local function check_options(opts)
    if type(opts) ~= 'table' or opts.timeout and type(opts.timeout) ~= 'number' then
        error('Usage: call(bucket_id, mode, func, args, opts)', 0)
    end
    if opts.return_raw then
        error('Msgpack object feature is not supported by current Tarantool version', 0)
    end
    local request_timeout = opts.request_timeout
    if request_timeout ~= nil then
        if type(request_timeout) ~= 'number' or request_timeout <= 0 then
            error('Usage: request_timeout must be a positive number', 0)
        end
        if request_timeout > (opts.timeout or consts.CALL_TIMEOUT_MIN) then
            error('request_timeout must be not greater than timeout', 0)
        end
    end
end

local function perform(router, bucket_id, way, mode, func, args, opts)
    access.check(router)
    route.check_id(router, bucket_id)
    local timeout = consts.CALL_TIMEOUT_MIN
    local has_options = false
    if opts ~= nil then
        check_options(opts)
        timeout = opts.timeout or timeout
        local key = next(opts)
        has_options = key ~= nil and (key ~= 'timeout' or next(opts, key) ~= nil)
    end
    local request = {
        router = router,
        bucket_id = bucket_id,
        way = way,
        args = {bucket_id, mode, func, args or {}},
        opts = opts,
        has_options = has_options,
        deadline = clock() + timeout,
    }
    if has_options and opts.is_async then
        return send_async(request)
    end
    return attempt(request)
end

--- Call a function where a bucket is, for writing.
-- @param opts timeout in seconds, and options of net.box
-- @return results of the function; or nil and the error
local function callrw(router, bucket_id, func, args, opts)
    return perform(router, bucket_id, 'callrw', 'write', func, args, opts)
end

--- The same for reading, on the nearest replica.
local function callro(router, bucket_id, func, args, opts)
    return perform(router, bucket_id, 'callro', 'read', func, args, opts)
end

--- For reading, on all replicas in turn.
local function callbro(router, bucket_id, func, args, opts)
    return perform(router, bucket_id, 'callbro', 'read', func, args, opts)
end

--- For reading, on a replica rather than the master.
local function callre(router, bucket_id, func, args, opts)
    return perform(router, bucket_id, 'callre', 'read', func, args, opts)
end

--- For reading, on the replicas in turn, the master last.
local function callbre(router, bucket_id, func, args, opts)
    return perform(router, bucket_id, 'callbre', 'read', func, args, opts)
end

--- Call a function where a bucket is, in a mode that is chosen at run time.
-- @param mode 'read', 'write', or a table with mode, prefer_replica, balance,
--   which are for reading; without it the call is a write
local function call(router, bucket_id, mode, func, args, opts)
    local prefer_replica, balance = false, false
    if type(mode) == 'table' then
        prefer_replica, balance = mode.prefer_replica, mode.balance
        mode = mode.mode
    elseif mode ~= nil and type(mode) ~= 'string' then
        error('Usage: router.call(bucket_id, shard_opts, func, args, opts)', 0)
    end
    if mode == nil or mode == 'write' then
        return callrw(router, bucket_id, func, args, opts)
    elseif mode ~= 'read' then
        error('Unknown mode', 0)
    end
    if prefer_replica then
        return (balance and callbre or callre)(router, bucket_id, func, args, opts)
    end
    return (balance and callbro or callro)(router, bucket_id, func, args, opts)
end

return {
    call = call,
    callrw = callrw,
    callro = callro,
    callbro = callbro,
    callre = callre,
    callbre = callbre,
}
