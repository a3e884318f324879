--- One instance of the cluster, seen from another: the connection to it, how
-- fast it answers, and whether it is left alone for a while.
-- @module vshard.replica

local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local luri = require('uri')
local netbox = require('net.box')

local methods = {}
local metatable = {__index = methods}

--- Address without the password, for people to read.
local function safe_uri(uri)
    local parts = luri.parse(uri)
    parts.password = nil
    return luri.format(parts)
end

--- Make the object; the connection comes with the first need of it.
-- @param uuid of the instance
-- @param config its options
-- @param weight distance from the zone of this instance, math.huge if unknown
local function new(uuid, config, weight)
    return setmetatable({
        id = uuid,
        uuid = uuid,
        uri = config.uri,
        name = config.name,
        zone = config.zone,
        weight = weight,
        net_timeout = consts.CALL_TIMEOUT_MIN,
        net_sequential_ok = 0,
        net_sequential_fail = 0,
        -- How many are under way.
        requests = 0,
    }, metatable)
end

function methods.safe_uri(self)
    if self.printed_uri == nil then
        self.printed_uri = safe_uri(self.uri)
    end
    return self.printed_uri
end

function metatable.__tostring(self)
    if self.name ~= nil then
        return ('%s(%s)'):format(self.name, self:safe_uri())
    end
    return self:safe_uri()
end

local function log_connect(conn)
    log.info('connected to %s:%s', conn.host, conn.port)
end

local function log_disconnect(conn)
    log.info('disconnected from %s:%s', conn.host, conn.port)
end

--- The connection, opened when there is none. It reconnects by itself.
-- @return net.box connection, in whatever state it is
function methods.connect(self)
    local conn = self.conn
    if self.heir ~= nil then
        self.conn = self.heir:connect()
        return self.conn
    elseif self.is_abandoned then
        return conn
    end
    if conn == nil or conn.state == 'closed' then
        conn = netbox.connect(self.uri, {
            wait_connected = false,
            reconnect_after = consts.RECONNECT_TIMEOUT,
        })
        conn:on_connect(log_connect)
        conn:on_disconnect(log_disconnect)
        self.conn = conn
        self.checked = nil
    end
    return conn
end

function methods.is_connected(self)
    return self.conn ~= nil and self.conn.state == 'active'
end

--- Take over the connection of an object that stands for the same instance.
-- Requests that the old one has still to make go by way of the new.
-- @return true unless the object stands for something else
function methods.inherit(self, old)
    if old == nil or old.uri ~= self.uri or old.uuid ~= self.uuid then
        return false
    end
    self.conn = old.conn
    self.checked = old.checked
    self.net_timeout = old.net_timeout
    self.down_ts = old.down_ts
    self.backoff_ts, self.backoff_err = old.backoff_ts, old.backoff_err
    old.heir = self
    return true
end

-- Requests under way have their answers first, unless they take too long.
local function close_when_idle(self)
    local deadline = fiber.clock() + consts.CALL_TIMEOUT_MAX
    while self.requests > 0 and fiber.clock() < deadline do
        fiber.sleep(0.01)
    end
    self.conn:close()
end

--- Close the connection for good: the instance is not in the topology any more.
function methods.abandon(self)
    self.is_abandoned = true
    if self.conn == nil then
        return
    end
    -- Objects that older code has made do not count.
    self.requests = self.requests or 0
    if self.requests == 0 then
        self.conn:close()
        return
    end
    fiber.create(function()
        fiber.name('vshard.abandon', {truncate = true})
        close_when_idle(self)
    end)
end

-- Timeouts that adapt: doubled when calls fail in a row, the least again when
-- they succeed many times.
local function note_success(self)
    self.net_sequential_fail = 0
    self.down_ts = nil
    local count = self.net_sequential_ok + 1
    if count >= consts.TIMEOUT_SHORTEN_AFTER then
        self.net_timeout = consts.CALL_TIMEOUT_MIN
        count = 1
    end
    self.net_sequential_ok = count
end

-- A caller that had less patience than the network needs says nothing about it.
local function note_failure(self, timeout)
    if timeout ~= nil and timeout < self.net_timeout then
        return
    end
    self.net_sequential_ok = 0
    local count = self.net_sequential_fail + 1
    if count >= consts.TIMEOUT_WIDEN_AFTER then
        if self.net_timeout * 2 <= consts.CALL_TIMEOUT_MAX then
            self.net_timeout = self.net_timeout * 2
        end
        count = 1
    end
    self.net_sequential_fail = count
end

methods.note_success = note_success
methods.note_failure = note_failure

-- An instance that is not what the configuration says must not get requests.
local function check_identity(self, conn)
    if self.checked == conn.peer_uuid or conn.peer_uuid == nil then
        return true
    end
    if conn.peer_uuid ~= self.uuid then
        log.info('Mismatch server UUID on replica %s: expected "%s", but got "%s"',
                 tostring(self), self.uuid, conn.peer_uuid)
        return nil, lerror.box_code(box.error.INSTANCE_UUID_MISMATCH, self.uuid, conn.peer_uuid)
    end
    self.checked = conn.peer_uuid
    return true
end

--- Wait until requests can be sent.
-- @param timeout seconds
-- @return connection; or nil and the error
function methods.wait_connected(self, timeout)
    local conn = self:connect()
    if self.is_abandoned then
        return nil, lerror.vshard(lerror.code.OBJECT_IS_OUTDATED)
    end
    if conn.state ~= 'active' then
        -- wait_connected returns at the first failed attempt to connect too.
        local deadline = fiber.clock() + timeout
        while true do
            conn = self:connect()
            conn:wait_connected(math.max(deadline - fiber.clock(), 0))
            if conn.state == 'active' then
                break
            end
            local left = deadline - fiber.clock()
            if left <= 0 then
                return nil, lerror.box_code(box.error.NO_CONNECTION)
            end
            fiber.sleep(math.min(left, 0.01))
        end
    end
    local ok, err = check_identity(self, conn)
    if not ok then
        return nil, err
    end
    return conn
end

-- Errors of an instance that has not come up, or was told to take no requests:
-- the function has not run there. Only the sharding's own functions say that
-- for sure.
local function is_backoff(err, func)
    if err.type == 'ShardingError' then
        return err.code == lerror.code.STORAGE_IS_DISABLED
    end
    if err.code == box.error.LOADING then
        return true
    end
    if func:sub(1, 7) ~= 'vshard.' then
        return false
    end
    local message = tostring(err.message)
    if err.code == box.error.ACCESS_DENIED then
        return message:find("Execute access to function 'vshard.", 1, true) == 1
    end
    return err.code == box.error.NO_SUCH_PROC and message:find("Procedure 'vshard.", 1, true) == 1
end

--- Leave the instance alone for some seconds when its error says so.
-- @return true if it does
function methods.back_off(self, err, func)
    if not is_backoff(err, func) then
        return false
    end
    if self.backoff_ts == nil then
        log.warn('Replica %s goes into backoff for %s sec after error %s', self.id,
                 consts.REPLICA_BACKOFF_INTERVAL, tostring(err))
    end
    self.backoff_ts = fiber.clock()
    self.backoff_err = err
    return true
end

--- The error for which the instance is left alone at the moment.
function methods.backoff(self)
    if self.backoff_ts == nil then
        return nil
    end
    if fiber.clock() >= self.backoff_ts + consts.REPLICA_BACKOFF_INTERVAL then
        log.warn('Replica %s returns from backoff', self.id)
        self.backoff_ts = nil
        self.backoff_err = nil
        return nil
    end
    return self.backoff_err
end

-- The error that a function of the sharding has raised comes as the text of an
-- error of the box.
local function remote_error(err, func)
    err = lerror.make(err)
    if func:sub(1, 7) == 'vshard.' and (err.type == 'ClientError' or err.type == 'LuajitError') then
        return lerror.from_string(err.message) or err
    end
    return err
end

local function results(self, func, opts, ok, first, ...)
    self.requests = self.requests - 1
    if ok then
        note_success(self)
        return true, first, ...
    end
    fiber.testcancel()
    local err = remote_error(first, func)
    note_failure(self, opts.timeout)
    log.error("Exception during calling '%s' on '%s': %s", func, tostring(self), tostring(err))
    self:back_off(err, func)
    return false, err
end

--- Call a function on the instance, whatever its role.
-- @param opts net.box options; timeout is required
-- @return true and the results (a future for is_async); or false and the error
function methods.request(self, func, args, opts)
    local conn = self.conn
    if conn == nil or conn.state ~= 'active' or self.checked ~= conn.peer_uuid then
        local err
        local started = fiber.clock()
        conn, err = self:wait_connected(opts.timeout)
        if conn == nil then
            note_failure(self, opts.timeout)
            return false, err
        end
        local left = opts.timeout - (fiber.clock() - started)
        local rest = {}
        for key, value in pairs(opts) do
            rest[key] = value
        end
        rest.timeout = math.max(left, 0)
        opts = rest
    end
    self.requests = self.requests + 1
    return results(self, func, opts, pcall(conn.call, conn, func, args, opts))
end

return {
    new = new,
    safe_uri = safe_uri,
}
