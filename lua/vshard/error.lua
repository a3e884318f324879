--- Errors of sharding: tables that look the same here and after a trip over
-- the wire, with the codes of public vshard.
-- @module vshard.error

local json = require('json')

-- Name, words and parameters of each code. A parameter is a field of the
-- error; `%s` takes them in order.
local kinds = {
    [1] = {'WRONG_BUCKET', 'Cannot perform action with bucket %d, reason: %s',
           'bucket_id', 'reason', 'destination'},
    [2] = {'NON_MASTER', 'Replica %s is not a master for replicaset %s anymore',
           'replica', 'replicaset', 'master'},
    [3] = {'BUCKET_ALREADY_EXISTS', 'Bucket %d already exists', 'bucket_id'},
    [4] = {'NO_SUCH_REPLICASET', 'Replicaset %s not found', 'replicaset'},
    [5] = {'MOVE_TO_SELF', 'Cannot move: bucket %d is already on replicaset %s',
           'bucket_id', 'replicaset'},
    [6] = {'MISSING_MASTER', 'Master is not configured for replicaset %s', 'replicaset'},
    [7] = {'TRANSFER_IS_IN_PROGRESS', 'Bucket %d is transferring to replicaset %s',
           'bucket_id', 'destination'},
    [8] = {'UNREACHABLE_REPLICASET', 'There is no active replicas in replicaset %s',
           'replicaset', 'bucket_id'},
    [9] = {'NO_ROUTE_TO_BUCKET', 'Bucket %d cannot be found. Is rebalancing in progress?',
           'bucket_id'},
    [10] = {'NON_EMPTY', 'Cluster is already bootstrapped'},
    [11] = {'UNREACHABLE_MASTER', 'Master of replicaset %s is unreachable: %s',
            'replicaset', 'reason'},
    [12] = {'OUT_OF_SYNC', 'Replica is out of sync'},
    [13] = {'HIGH_REPLICATION_LAG', 'High replication lag: %f', 'lag'},
    [14] = {'UNREACHABLE_REPLICA', "Replica %s isn't active", 'replica'},
    [15] = {'LOW_REDUNDANCY', 'Only one replica is active'},
    [16] = {'INVALID_REBALANCING', 'Sending and receiving buckets at same time is not allowed'},
    [17] = {'SUBOPTIMAL_REPLICA', 'A current read replica in replicaset %s is not optimal',
            'replicaset'},
    [18] = {'UNKNOWN_BUCKETS', '%d buckets are not discovered', 'not_discovered_cnt'},
    [19] = {'REPLICASET_IS_LOCKED', 'Replicaset is locked'},
    [20] = {'OBJECT_IS_OUTDATED',
            'Object is outdated after module reload/reconfigure. Use new instance.'},
    [21] = {'ROUTER_ALREADY_EXISTS', 'Router with name %s already exists', 'router_name'},
    [22] = {'BUCKET_IS_LOCKED', 'Bucket %d is locked', 'bucket_id'},
    [23] = {'INVALID_CFG', 'Invalid configuration: %s', 'reason'},
    [24] = {'BUCKET_IS_PINNED', 'Bucket %d is pinned', 'bucket_id'},
    [25] = {'TOO_MANY_RECEIVING', 'Too many receiving buckets at once, please, throttle'},
    [26] = {'STORAGE_IS_REFERENCED', 'Storage is referenced'},
    [27] = {'STORAGE_REF_ADD', 'Can not add a storage ref: %s', 'reason'},
    [28] = {'STORAGE_REF_USE', 'Can not use a storage ref: %s', 'reason'},
    [29] = {'STORAGE_REF_DEL', 'Can not delete a storage ref: %s', 'reason'},
    [30] = {'BUCKET_RECV_DATA_ERROR',
            'Can not receive the bucket %s data in space "%s" at tuple %s: %s',
            'bucket_id', 'space', 'tuple', 'reason'},
    [31] = {'MULTIPLE_MASTERS_FOUND',
            'Found more than one master in replicaset %s on nodes %s and %s',
            'replicaset', 'master1', 'master2'},
    [32] = {'REPLICASET_IN_BACKOFF',
            "Replicaset %s is in backoff, can't take requests right now. Last error was %s",
            'replicaset', 'error'},
    [33] = {'STORAGE_IS_DISABLED', 'Storage is disabled: %s', 'reason'},
    [34] = {'BUCKET_IS_CORRUPTED', 'Bucket %d is corrupted: %s', 'bucket_id', 'reason'},
    [35] = {'ROUTER_IS_DISABLED', 'Router is disabled: %s', 'reason'},
    [36] = {'BUCKET_GC_ERROR', 'Error during bucket GC: %s', 'reason'},
    [37] = {'STORAGE_CFG_IS_IN_PROGRESS', 'Configuration of the storage is in progress'},
    [38] = {'ROUTER_CFG_IS_IN_PROGRESS', 'Configuration of the router with name %s is in progress',
            'router_name'},
    [39] = {'BUCKET_INVALID_UPDATE', 'Bucket %s update is invalid: %s', 'bucket_id', 'reason'},
    [40] = {'VHANDSHAKE_NOT_COMPLETE', 'Handshake with %s have not been completed yet', 'replica'},
    [41] = {'INSTANCE_NAME_MISMATCH', 'Mismatch server name: expected "%s", but got "%s"',
            'expected_name', 'actual_name'},
}

local code = {}
for number, kind in pairs(kinds) do
    code[kind[1]] = number
end

-- Error objects print as JSON.
local metatable = {
    __tostring = function(self)
        return json.encode(self)
    end,
}

-- Words of an error with its parameters filled in, as string.format does it,
-- but for a parameter that is not what it should be: that must not hide the
-- error which it belongs to.
local function fill(template, ...)
    local parameters, position = {...}, 0
    return (template:gsub('%%[dsf]', function(format)
        position = position + 1
        local value = parameters[position]
        if format == '%s' or type(value) ~= 'number' then
            return tostring(value)
        end
        return format:format(value)
    end))
end

--- An error of the sharding itself.
-- @param number one of `error.code`
-- @param ... the parameters of that error, all of them and in order; nil is
--   one that is not known
-- @return error object with type, name, code, message and the parameters
local function vshard(number, ...)
    local kind = kinds[number]
    if kind == nil then
        error('Error message format is not found.', 2)
    end
    if select('#', ...) ~= #kind - 2 then
        error(('Wrong number of arguments are passed to %s error'):format(kind[1]), 2)
    end
    local e = {type = 'ShardingError', code = number, name = kind[1], message = fill(kind[2], ...)}
    for i = 3, #kind do
        e[kind[i]] = (select(i - 2, ...))
    end
    return setmetatable(e, metatable)
end

--- An error of the box: its fields, in a table that can travel, with the errors
-- that caused it.
-- @param e a box.error object
local function box_error(e)
    local result = setmetatable(e:unpack(), metatable)
    local last = result
    while last.prev ~= nil do
        last.prev = setmetatable(last.prev:unpack(), metatable)
        last = last.prev
    end
    return result
end

--- A box error that nothing has raised, such as a timeout.
-- @param number one of `box.error`
local function box_code(number, ...)
    return box_error(box.error.new(number, ...))
end

local function unpack_error(e)
    return e:unpack()
end

--- An error object out of anything that pcall has caught or a peer has sent.
-- @param e box.error, string, table or anything else
-- @return table with type, code and message
local function make(e)
    local kind = type(e)
    if kind == 'table' then
        if getmetatable(e) == nil then
            setmetatable(e, metatable)
        end
        return e
    end
    if kind == 'cdata' then
        -- Nothing but an error unpacks to a table with a message.
        local ok, fields = pcall(unpack_error, e)
        if ok and type(fields) == 'table' and fields.message ~= nil then
            return box_error(e)
        end
    end
    return box_code(box.error.PROC_LUA, tostring(e))
end

--- An error object out of its text: what a function of a peer has raised comes
-- as the message of an error of the box.
-- @param text JSON
-- @return error object; nil if that was not the text of one
local function from_string(text)
    local ok, e = pcall(json.decode, text)
    if not ok or type(e) ~= 'table' or type(e.type) ~= 'string' or type(e.code) ~= 'number' or
       type(e.message) ~= 'string' then
        return nil
    end
    return setmetatable(e, metatable)
end

--- The error of an operation that took too long.
local function timeout()
    return box_code(box.error.TIMEOUT)
end

--- Tell whether an error says that the time was up.
local function is_timeout(e)
    return e ~= nil and (e.type ~= 'ShardingError' and e.code == box.error.TIMEOUT or
                         e.code == box.error.PROC_LUA and e.message == 'Timeout exceeded' or
                         e.type == 'TimedOut')
end

--- Tell whether Lua itself has raised an error.
local function is_lua(e)
    return type(e) == 'table' and e.type == 'ClientError' and e.code == box.error.PROC_LUA
end

--- One alert of `info()`.
-- @param number one of `error.code`
-- @param ... what its words ask for
-- @return array of the code's name and its words
local function alert(number, ...)
    local kind = kinds[number]
    return setmetatable({kind[1], fill(kind[2], ...)}, {__serialize = 'seq'})
end

return {
    code = code,
    vshard = vshard,
    box = box_error,
    box_code = box_code,
    make = make,
    from_string = from_string,
    is_lua = is_lua,
    timeout = timeout,
    is_timeout = is_timeout,
    alert = alert,
}
