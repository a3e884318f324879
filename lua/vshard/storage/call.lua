--- The way of a request: reference the bucket, call, take the reference back.
--
-- The common case makes no table and does not look into a space.
-- @module vshard.storage.call

local bucket = require('vshard.storage.bucket')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')
local netbox = require('net.box')

local bucket_refs = M.bucket_refs
local check_ref = bucket.check_ref
local make_error = lerror.make
local caller = netbox.self
local empty = {}

-- Raises what a remote call of a function that is not there raises.
local function missing(name, args)
    return caller:call(name, args)
end

-- a.b.c and a.b:c, split once.
local paths = setmetatable({}, {__mode = 'kv'})

local function split(name)
    local path = {names = {}}
    local object, method = name:match('^(.-):([^:]*)$')
    path.method = method
    for part in (object or name):gmatch('[^.]+') do
        table.insert(path.names, part)
    end
    paths[name] = path
    return path
end

-- The function behind a dotted name and, for a method, its object.
local function walk(name)
    local path = paths[name] or split(name)
    local value = rawget(_G, path.names[1])
    for i = 2, #path.names do
        if value == nil then
            return nil
        end
        value = value[path.names[i]]
    end
    if path.method ~= nil and value ~= nil then
        return value[path.method], value
    end
    return value
end

-- Functions that the schema keeps (C, or with a body of their own) go first, as
-- in remote calls. The others are found by name every time, because a reload
-- may replace them.
-- @return function, its object if it is a method, true if it takes an array
local function resolve(name)
    local stored = box.func[name]
    if stored ~= nil and (stored.body ~= nil or stored.language ~= 'LUA') then
        return stored.call, stored, true
    end
    local func = rawget(_G, name)
    if func ~= nil then
        return func
    end
    local ok, self
    ok, func, self = pcall(walk, name)
    if ok and type(func) == 'function' then
        return func, self
    end
end

local function failure(err)
    if box.is_in_txn() then
        box.rollback()
    end
    return false, make_error(err)
end

local function finish_read(ref, ok, ...)
    ref.ro = ref.ro - 1
    if ok then
        return true, ...
    end
    return failure((...))
end

local function finish_write(ref, ok, ...)
    local count = ref.rw - 1
    ref.rw = count
    if count == 0 and ref.on_unlocked ~= nil then
        ref.on_unlocked:broadcast()
    end
    if ok then
        return true, ...
    end
    return failure((...))
end

local function invoke(finish, ref, name, args)
    local func, self, takes_array = resolve(name)
    if func == nil then
        return finish(ref, pcall(missing, name, args))
    end
    if takes_array then
        return finish(ref, pcall(func, self, args))
    end
    if self ~= nil then
        return finish(ref, pcall(func, self, unpack(args, 1, table.maxn(args))))
    end
    return finish(ref, pcall(func, unpack(args, 1, table.maxn(args))))
end

--- Call a function while its bucket stays here.
-- @param bucket_id id of the bucket that the function works on
-- @param mode 'read' or 'write'
-- @param name of the function
-- @param args array of its arguments
-- @return true and the results; false and the error that the function raised;
--   nil and the error that forbids the call
local function call(bucket_id, mode, name, args)
    local ref = bucket_refs[bucket_id]
    local err
    args = args or empty
    if mode == 'read' then
        if ref == nil or not ref.readable or not M.is_enabled then
            ref, err = check_ref(bucket_id, mode)
            if ref == nil then
                return nil, err
            end
        end
        ref.ro = ref.ro + 1
        return invoke(finish_read, ref, name, args)
    end
    if mode ~= 'write' then
        error('Unknown mode: ' .. tostring(mode))
    end
    if ref == nil or not ref.writable or not M.is_master or not M.is_enabled then
        ref, err = check_ref(bucket_id, mode)
        if ref == nil then
            return nil, err
        end
    end
    ref.rw = ref.rw + 1
    return invoke(finish_write, ref, name, args)
end

local function callro(bucket_id, name, args)
    return call(bucket_id, 'read', name, args)
end

local function callrw(bucket_id, name, args)
    return call(bucket_id, 'write', name, args)
end

--- Call a function by name with no bucket, as calls over the network do.
-- @return true and the results; or false and what was raised
local function call_local(name, args)
    local func, self, takes_array = resolve(name)
    args = args or empty
    if func == nil then
        return pcall(missing, name, args)
    end
    if takes_array then
        return pcall(func, self, args)
    end
    if self ~= nil then
        return pcall(func, self, unpack(args, 1, table.maxn(args)))
    end
    return pcall(func, unpack(args, 1, table.maxn(args)))
end

return {
    call = call,
    callro = callro,
    callrw = callrw,
    call_local = call_local,
}
