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
        uuid = uuid,
        uri = config.uri,
        name = config.name,
        zone = config.zone,
        weight = weight,
        net_timeout = consts.CALL_TIMEOUT_MIN,
        net_successes = 0,
        net_failures = 0,
    }, metatable)
end

function methods.safe_uri(self)
    if self.printed_uri == nil then
        self.printed_uri = safe_uri(self.uri)
    end
    return self.printed_uri
end

function methods.__tostring(self)
    return self.name or self.uuid
end
metatable.__tostring = methods.__tostring

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
            reconnect_after = consts.RECONNECT_INTERVAL,
        })
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
    self.down_since = old.down_since
    old.heir = self
    return true
end

--- Close the connection for good: the instance is not in the topology any more.
function methods.abandon(self)
    self.is_abandoned = true
    if self.conn ~= nil then
        self.conn:close()
    end
end

-- Timeouts that adapt: doubled when calls fail in a row, halved when they
-- succeed many times.
local function note_success(self)
    self.net_failures = 0
    self.down_since = nil
    local count = self.net_successes + 1
    if count >= consts.TIMEOUT_SHORTEN_AFTER and self.net_timeout > consts.CALL_TIMEOUT_MIN then
        self.net_timeout = math.max(self.net_timeout / 2, consts.CALL_TIMEOUT_MIN)
        count = 1
    end
    self.net_successes = count
end

local function note_failure(self)
    self.net_successes = 0
    local count = self.net_failures + 1
    if count >= consts.TIMEOUT_WIDEN_AFTER then
        self.net_timeout = math.min(self.net_timeout * 2, consts.CALL_TIMEOUT_MAX)
        count = 1
    end
    self.net_failures = count
end

methods.note_success = note_success
methods.note_failure = note_failure

-- An instance that is not what the configuration says must not get requests.
local function check_identity(self, conn)
    if self.checked == conn.peer_uuid or conn.peer_uuid == nil then
        return true
    end
    if conn.peer_uuid ~= self.uuid then
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

-- Errors of an instance that has not come up, or was told to take no requests.
local function is_backoff(err, func)
    if err.type == 'ShardingError' then
        return err.code == lerror.code.STORAGE_IS_DISABLED
    end
    if err.code == box.error.LOADING then
        return true
    end
    if err.code == box.error.ACCESS_DENIED then
        return func:sub(1, 7) == 'vshard.' and tostring(err.message):find(func, 1, true) ~= nil
    end
    return err.code == box.error.NO_SUCH_PROC and func:sub(1, 7) == 'vshard.' and
           tostring(err.message):find(func, 1, true) ~= nil
end

--- Leave the instance alone for some seconds when its error says so.
-- @return true if it does
function methods.back_off(self, err, func)
    if not is_backoff(err, func) then
        return false
    end
    if self.backoff_until == nil then
        log.warn('Replica %s returned error %s, it gets no requests for %d sec',
                 self:safe_uri(), tostring(err.message), consts.REPLICA_BACKOFF_INTERVAL)
    end
    self.backoff_until = fiber.clock() + consts.REPLICA_BACKOFF_INTERVAL
    self.backoff_error = err
    return true
end

--- The error for which the instance is left alone at the moment.
function methods.backoff(self)
    if self.backoff_until == nil then
        return nil
    end
    if fiber.clock() >= self.backoff_until then
        self.backoff_until = nil
        self.backoff_error = nil
        return nil
    end
    return self.backoff_error
end

local function results(self, func, opts, ok, first, ...)
    if ok then
        note_success(self)
        return true, first, ...
    end
    fiber.testcancel()
    local err = lerror.make(first)
    note_failure(self)
    log.error("Exception during calling '%s' on '%s': %s", func, tostring(self:safe_uri()),
              tostring(err.message))
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
            note_failure(self)
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
    return results(self, func, opts, pcall(conn.call, conn, func, args, opts))
end

return {
    new = new,
    safe_uri = safe_uri,
}
