--- A replica set, seen from an instance that calls it: its replicas by
-- distance, its master, and the ways to choose who gets a request.
-- @module vshard.replicaset

local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local lreplica = require('vshard.replica')

local methods = {}
local metatable = {__index = methods}

function metatable.__tostring(self)
    return ('replicaset(id="%s", master=%s)'):format(self.id, tostring(self.master or 'missing'))
end

-- After a reconfiguration the object that a user kept answers with an error: it
-- stands for a topology that is gone. What the module itself has under way
-- with it is brought to its end.
local outdated = {}
for _, name in ipairs({'callrw', 'callro', 'callbro', 'callre', 'callbre', 'call',
                       'connect', 'connect_all', 'connect_master', 'wait_connected',
                       'wait_connected_all', 'map_call'}) do
    outdated[name] = function()
        return nil, lerror.vshard(lerror.code.OBJECT_IS_OUTDATED)
    end
end
local outdated_metatable = {
    __index = function(self, key)
        if outdated[key] == nil and methods[key] ~= nil then
            return methods[key]
        end
        return outdated[key]
    end,
    __tostring = metatable.__tostring,
}

-- Building ----------------------------------------------------------------

-- Distance of a zone; without weights all replicas are equally far.
local function weight_of(zone, distances, own_zone)
    if own_zone ~= nil and zone == own_zone then
        return 0
    end
    if distances == nil or zone == nil then
        return math.huge
    end
    return distances[zone] or math.huge
end

-- The nearest first; the master first among the equally near, so that without
-- weights it serves the reads.
local function by_priority(master)
    return function(a, b)
        if a.weight ~= b.weight then
            return a.weight < b.weight
        end
        if a == master or b == master then
            return a == master and b ~= master
        end
        return a.uuid < b.uuid
    end
end

local function sort_replicas(self)
    local list = {}
    for _, replica in pairs(self.replicas) do
        table.insert(list, replica)
    end
    table.sort(list, by_priority(self.master))
    for i, replica in ipairs(list) do
        replica.next_by_priority = list[i + 1]
    end
    self.priority_list = list
end

local function build(uuid, config, distances, own_zone)
    local self = setmetatable({
        id = uuid,
        uuid = uuid,
        replicas = {},
        weight = config.weight,
        lock = config.lock,
        rebalancer = config.rebalancer,
        is_master_auto = config.master == 'auto',
        bucket_count = 0,
        balance_i = 0,
    }, metatable)
    for replica_uuid, replica_config in pairs(config.replicas) do
        local weight = weight_of(replica_config.zone, distances, own_zone)
        local replica = lreplica.new(replica_uuid, replica_config, weight)
        replica.rebalancer = replica_config.rebalancer
        self.replicas[replica_uuid] = replica
        if replica_config.master then
            self.master = replica
        end
    end
    sort_replicas(self)
    self.replica = self.priority_list[1]
    return self
end

--- Make the objects of all replica sets of a configuration.
-- @param config complete configuration
-- @return table of replica sets by uuid
local function build_all(config)
    local distances = config.weights and config.zone and config.weights[config.zone]
    local all = {}
    for uuid, replicaset_config in pairs(config.sharding) do
        all[uuid] = build(uuid, replicaset_config, distances, config.zone)
    end
    return all
end

--- Hand the connections of objects that are replaced to those that replace
-- them. What is left with nobody is closed once nobody can use it any more.
-- @param all new replica sets by uuid
-- @param old replica sets by uuid
-- @param outdate_delay seconds until the old objects refuse requests, or nil
--   for at once
local function rebind(all, old, outdate_delay)
    local heirs = {}
    for _, replicaset in pairs(all) do
        for _, replica in pairs(replicaset.replicas) do
            heirs[replica.uuid] = replica
        end
    end
    local abandoned = {}
    for _, replicaset in pairs(old) do
        for _, replica in pairs(replicaset.replicas) do
            local heir = heirs[replica.uuid]
            if heir == nil or not heir:inherit(replica) then
                table.insert(abandoned, replica)
            end
        end
        local successor = all[replicaset.uuid]
        if successor ~= nil and successor.is_master_auto and successor.master == nil and
           replicaset.master ~= nil then
            successor:set_master(replicaset.master.uuid)
        end
    end
    local function outdate()
        for _, replicaset in pairs(old) do
            replicaset.is_outdated = true
            setmetatable(replicaset, outdated_metatable)
        end
        for _, replica in ipairs(abandoned) do
            replica:abandon()
        end
    end
    if outdate_delay == nil or outdate_delay == 0 then
        outdate()
        return
    end
    fiber.create(function()
        fiber.name('vshard.outdate', {truncate = true})
        fiber.sleep(outdate_delay)
        outdate()
    end)
end

-- Connections --------------------------------------------------------------

--- Open the connections to all replicas, without waiting for them.
function methods.connect_all(self)
    for _, replica in pairs(self.replicas) do
        replica:connect()
    end
end

--- Open the connection to the master.
-- @return net.box connection; or nil and the error
function methods.connect_master(self)
    if self.master == nil then
        return nil, lerror.vshard(lerror.code.MISSING_MASTER, self.uuid)
    end
    return self.master:connect()
end
methods.connect = methods.connect_master

--- Wait until the master is known and connected.
-- @param timeout seconds
-- @return seconds that are left; or nil and the error
function methods.wait_connected(self, timeout)
    local deadline = fiber.clock() + (timeout or consts.CALL_TIMEOUT_MIN)
    local master, err = self:wait_master(deadline - fiber.clock())
    if master == nil then
        return nil, err
    end
    local conn
    conn, err = master:wait_connected(math.max(deadline - fiber.clock(), 0))
    if conn == nil then
        return nil, err
    end
    return math.max(deadline - fiber.clock(), 0)
end

--- Wait until all replicas are connected.
-- @param opts timeout in seconds; except, the uuid of one that need not be
-- @return seconds that are left; or nil, the error and the uuid of the replica
function methods.wait_connected_all(self, opts)
    local deadline = fiber.clock() + opts.timeout
    for uuid, replica in pairs(self.replicas) do
        if uuid ~= opts.except then
            local conn, err = replica:wait_connected(math.max(deadline - fiber.clock(), 0))
            if conn == nil then
                return nil, err, uuid
            end
        end
    end
    return math.max(deadline - fiber.clock(), 0)
end

--- Call a function on all replicas at once.
-- @param opts timeout in seconds; except, the uuid of one that is not called
-- @return table by uuid of arrays of the results; or nil, the error and the
--   uuid of the replica that it came from
function methods.map_call(self, func, args, opts)
    opts = opts or {}
    local timeout = opts.timeout or consts.CALL_TIMEOUT_MIN
    local deadline = fiber.clock() + timeout
    local ok, err, culprit = self:wait_connected_all({timeout = timeout, except = opts.except})
    if not ok then
        return nil, err, culprit
    end
    local futures, results = {}, {}
    for uuid, replica in pairs(self.replicas) do
        if uuid ~= opts.except then
            local future
            ok, future = replica:request(func, args, {timeout = timeout, is_async = true})
            if not ok then
                return nil, future, uuid
            end
            futures[uuid] = future
        end
    end
    for uuid, future in pairs(futures) do
        results[uuid], err = future:wait_result(math.max(deadline - fiber.clock(), 0))
        if results[uuid] == nil then
            return nil, lerror.make(err), uuid
        end
    end
    return results
end

-- Master -------------------------------------------------------------------

--- Make a replica the master, as far as this instance knows.
-- @return true if that is news
function methods.set_master(self, uuid)
    local replica = self.replicas[uuid]
    if replica == nil or replica == self.master then
        return false
    end
    self.master = replica
    sort_replicas(self)
    return true
end

--- Take the hint of an instance that was asked and is not the master.
-- @param uuid of the instance
-- @param hint uuid of the master that it knows, or nil
-- @return true if a request may be sent again: the master is another one now,
--   or will be found
function methods.update_master(self, uuid, hint)
    local master = self.master
    if uuid == hint then
        log.warn('Replica %s in replicaset %s reports self as both master and not master', uuid,
                 self.id)
        return self.is_master_auto
    end
    if master ~= nil and master.uuid ~= uuid then
        return true
    end
    if not self.is_master_auto then
        if master ~= nil then
            log.warn('Replica %s is not master for replicaset %s anymore, please update ' ..
                     'configuration', master.uuid, self.id)
        end
        return false
    end
    if hint == nil then
        if master ~= nil then
            log.warn('Replica %s is not a master anymore for replicaset %s, no candidate was ' ..
                     'reported', uuid, self.id)
        end
        self.master = nil
    elseif self:set_master(hint) then
        log.info('Replica %s becomes a master as reported by %s for replicaset %s', hint, uuid,
                 self.id)
    else
        log.warn('Replica %s is not a master anymore for replicaset %s, new master %s could not ' ..
                 'be found in the config', uuid, self.id, hint)
        self.master = nil
    end
    return true
end

--- Ask the replicas which of them is the master.
-- @return true if one is known now
function methods.locate_master(self)
    if not self.is_master_auto then
        return self.master ~= nil
    end
    local found
    for _, replica in ipairs(self.priority_list) do
        if replica:connect().state == 'active' then
            local ok, info = replica:request('vshard.storage._call', {'info'},
                                             {timeout = consts.MASTER_SEARCH_TIMEOUT})
            if ok and type(info) == 'table' and info.is_master then
                if found ~= nil then
                    log.error('Error during master search: %s', tostring(lerror.vshard(
                              lerror.code.MULTIPLE_MASTERS_FOUND, self.uuid, found.uuid,
                              replica.uuid)))
                    return false
                end
                found = replica
            end
        end
    end
    if found == nil then
        return false
    end
    if self:set_master(found.uuid) then
        log.info('Found master for replicaset %s: %s', self.uuid, found.uuid)
    end
    return true
end

-- Until a master is found or the time is up.
-- @return replica; or nil and the error
function methods.wait_master(self, timeout)
    local deadline = fiber.clock() + timeout
    while self.master == nil do
        if not self.is_master_auto or fiber.clock() >= deadline then
            return nil, lerror.vshard(lerror.code.MISSING_MASTER, self.uuid)
        end
        self:connect_all()
        if not self:locate_master() then
            fiber.sleep(0.01)
        end
    end
    return self.master
end

-- Requests -----------------------------------------------------------------

-- Options of net.box that a caller may hand through.
local function net_options(opts, timeout)
    local result = {}
    for key, value in pairs(opts) do
        if key ~= 'request_timeout' and key ~= 'mode' and key ~= 'balance' and
           key ~= 'prefer_replica' and key ~= 'return_raw' then
            result[key] = value
        end
    end
    result.timeout = timeout
    return result
end

local empty = {}

local function request_rw(self, func, args, opts, is_clean)
    local timeout = opts.timeout or (self.master and self.master.net_timeout) or
                    consts.CALL_TIMEOUT_MIN
    local master = self.master
    if master == nil then
        local started = fiber.clock()
        local err
        master, err = self:wait_master(timeout)
        if master == nil then
            return false, err
        end
        timeout = math.max(timeout - (fiber.clock() - started), 0)
    end
    local backoff = master.backoff_ts and master:backoff()
    if backoff ~= nil then
        return false, lerror.vshard(lerror.code.REPLICASET_IN_BACKOFF, self.uuid, backoff)
    end
    if not is_clean or opts.timeout ~= timeout then
        opts = net_options(opts, timeout)
    end
    return master:request(func, args, opts)
end

local function is_usable(replica)
    return replica:is_connected() and not replica.is_stalled and
           (replica.backoff_ts == nil or replica:backoff() == nil)
end

-- The replica that reads go to: the one that failover chose, then the others
-- in the order of their distance.
local function nearest(self, tried)
    local current = self.replica
    if current ~= nil and not tried[current] and is_usable(current) then
        return current
    end
    for _, replica in ipairs(self.priority_list) do
        if not tried[replica] and is_usable(replica) then
            return replica
        end
    end
end

-- The next of all replicas in turn.
local function in_turn(self, tried)
    local count = #self.priority_list
    for _ = 1, count do
        self.balance_i = self.balance_i % count + 1
        local replica = self.priority_list[self.balance_i]
        if not tried[replica] and is_usable(replica) then
            return replica
        end
    end
end

-- The same among the replicas that are not the master, which comes last.
local function replicas_first(choose)
    return function(self, tried)
        local master = self.master
        if master == nil or tried[master] then
            return choose(self, tried)
        end
        tried[master] = true
        local replica = choose(self, tried)
        tried[master] = nil
        if replica == nil and is_usable(master) then
            return master
        end
        return replica
    end
end

local choices = {
    callro = nearest,
    callbro = in_turn,
    callre = replicas_first(nearest),
    callbre = replicas_first(in_turn),
}

-- What another replica may do better: it is not the function that failed.
local function is_retriable(err)
    if err.type == 'ShardingError' then
        return err.code == lerror.code.STORAGE_IS_DISABLED
    end
    return err.code == box.error.NO_CONNECTION or err.code == box.error.LOADING or
           err.code == box.error.INSTANCE_UUID_MISMATCH or lerror.is_timeout(err)
end

local function last_backoff(self)
    for _, replica in ipairs(self.priority_list) do
        local err = replica:backoff()
        if err ~= nil then
            return err
        end
    end
end

local function unreachable(self, last_error)
    if last_error ~= nil then
        return last_error
    end
    local backoff = last_backoff(self)
    if backoff ~= nil then
        return lerror.vshard(lerror.code.REPLICASET_IN_BACKOFF, self.uuid, backoff)
    end
    return lerror.vshard(lerror.code.UNREACHABLE_REPLICASET, self.uuid, nil)
end

-- The storage's own verdict rides in the first two results of a call that the
-- network has carried well.
local function is_disabled(ok, first, second)
    return ok and (first == nil or first == false) and type(second) == 'table' and
           second.type == 'ShardingError' and
           second.code == lerror.code.STORAGE_IS_DISABLED
end

local function pack(...)
    return {n = select('#', ...), ...}
end

local function request_ro(self, choose, func, args, opts)
    local timeout = opts.timeout or self.replica and self.replica.net_timeout or
                    consts.CALL_TIMEOUT_MIN
    local deadline = fiber.clock() + timeout
    local tried, last_error = {}, nil
    while true do
        local left = deadline - fiber.clock()
        local replica = choose(self, tried)
        if replica ~= nil then
            -- One slow replica must not eat the time of the others.
            local attempt = math.min(left, opts.request_timeout or left)
            local result = pack(replica:request(func, args, net_options(opts, attempt)))
            if result[1] and not is_disabled(result[1], result[2], result[3]) then
                return unpack(result, 1, result.n)
            end
            if result[1] then
                replica:back_off(result[3], func)
                last_error = result[3]
            else
                last_error = result[2]
                if not is_retriable(last_error) then
                    return false, last_error
                end
            end
            tried[replica] = true
        else
            if left <= 0 then
                return false, unreachable(self, last_error)
            end
            self:connect_all()
            tried = {}
            fiber.sleep(math.min(left, 0.01))
        end
        if fiber.clock() >= deadline then
            return false, unreachable(self, last_error)
        end
    end
end

--- Call a function, keeping the network's verdict apart from the results.
-- @param way callrw, callro, callbro, callre or callbre
-- @param is_clean opts has a timeout and nothing but options of net.box, and
--   is not used again
-- @return true and the results; or false and the error
function methods.request(self, way, func, args, opts, is_clean)
    opts = opts or empty
    if way == 'callrw' then
        return request_rw(self, func, args, opts, is_clean)
    end
    return request_ro(self, choices[way], func, args, opts)
end

--- Call a function on the master, whoever turns out to be it.
-- @param opts timeout in seconds is required
-- @return as request does; an answer that the instance is not the master comes
--   when nobody knows a better one or the time is up
function methods.request_master(self, func, args, opts)
    local deadline = fiber.clock() + opts.timeout
    while true do
        local left = math.max(deadline - fiber.clock(), 0)
        local ok, first, second = self:request('callrw', func, args, {timeout = left})
        local err = ok and first == nil and second
        if type(err) ~= 'table' or err.type ~= 'ShardingError' or
           err.code ~= lerror.code.NON_MASTER or fiber.clock() >= deadline or
           not self:update_master(err.replica, err.master) then
            return ok, first, second
        end
        fiber.sleep(0.001)
    end
end

local function plain(ok, first, ...)
    if ok then
        return first, ...
    end
    return nil, first
end

-- A method that was called with a dot says so, instead of failing inside.
local function with_self(name, func)
    return function(self, ...)
        local kind = getmetatable(self)
        if kind ~= metatable and kind ~= outdated_metatable then
            error(('Use replicaset:%s(...) instead of replicaset.%s(...)'):format(name, name), 2)
        end
        return func(self, ...)
    end
end

for _, way in ipairs({'callrw', 'callro', 'callbro', 'callre', 'callbre'}) do
    methods[way] = function(self, func, args, opts)
        if opts ~= nil and (type(opts) ~= 'table' or
                            opts.timeout ~= nil and type(opts.timeout) ~= 'number') then
            error('Usage: call(func, args, {timeout = number})')
        end
        return plain(self:request(way, func, args, opts))
    end
end
methods.call = methods.callrw
for _, name in ipairs({'call', 'callrw', 'callro', 'callbro', 'callre', 'callbre', 'connect',
                       'connect_all', 'connect_master', 'wait_connected', 'wait_connected_all',
                       'map_call'}) do
    methods[name] = with_self(name, methods[name])
end

-- Failover -----------------------------------------------------------------

--- Ask connected replicas for a sign of life. One that gives none in time is
-- avoided until it does.
-- @param timeout seconds
-- @param patience how many pings in a row may fail
function methods.ping_all(self, timeout, patience)
    for _, replica in pairs(self.replicas) do
        if replica:is_connected() and not replica.is_pinging then
            replica.is_pinging = true
            fiber.create(function()
                fiber.name('vshard.ping', {truncate = true})
                local conn = replica.conn
                local ok, alive = pcall(conn.ping, conn, {timeout = timeout})
                replica.is_pinging = false
                if ok and alive then
                    replica.failed_pings = 0
                else
                    replica.failed_pings = (replica.failed_pings or 0) + 1
                    replica:note_failure()
                    log.info('Ping error from %s: perhaps a connection is down', tostring(replica))
                end
                replica.is_stalled = replica.failed_pings >= patience
            end)
        end
    end
end

--- Look whether another replica should serve the reads.
--
-- A nearer one takes over once it is connected; a farther one once the
-- current has been down for a while.
-- @return true if the choice changed
function methods.fail_over(self, now)
    local current = self.replica
    for _, replica in ipairs(self.priority_list) do
        if replica:is_connected() and not replica.is_stalled then
            replica.down_ts = nil
        elseif replica.down_ts == nil then
            replica.down_ts = now
        end
    end
    local best
    for _, replica in ipairs(self.priority_list) do
        if is_usable(replica) then
            best = replica
            break
        end
    end
    if best == nil or best == current then
        return false
    end
    if current ~= nil and current.down_ts ~= nil and
       now - current.down_ts < consts.FAILOVER_DOWN_TIMEOUT then
        return false
    end
    self.replica = best
    return true
end

return {
    build_all = build_all,
    rebind = rebind,
}
