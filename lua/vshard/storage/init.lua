--- The storage: one instance of a replica set that keeps buckets.
--
-- This file is the list of what a storage offers; what the functions do is in
-- the files beside it. The module can be loaded again while it serves: the
-- internals live on, and the new code takes over the background work.
-- @module vshard.storage

-- Everything that belongs to the storage is loaded anew together with it.
local shared = {
    'vshard.balance', 'vshard.cfg', 'vshard.consts', 'vshard.error', 'vshard.hash',
    'vshard.internals',
    'vshard.lua_gc', 'vshard.replica', 'vshard.replicaset', 'vshard.service',
}

local function is_own(name)
    return name:find('^vshard%.storage%.') ~= nil
end

-- @return table of the modules that were unloaded, by name
local function unload()
    local unloaded = {}
    for _, name in ipairs(shared) do
        unloaded[name] = package.loaded[name]
    end
    for name, loaded in pairs(package.loaded) do
        if is_own(name) then
            unloaded[name] = loaded
        end
    end
    for name in pairs(unloaded) do
        package.loaded[name] = nil
    end
    return unloaded
end

-- Internals that are there already belong to older code, whose modules go with it.
-- The storage's own may be gone: a host that reloads several modules at once takes
-- them away beforehand.
local function is_reload()
    if package.loaded['vshard.storage.state'] ~= nil then
        return true
    end
    local found, host = pcall(require, 'shardlua')
    return found and host.is_open ~= nil and host.is_open('vshard.storage')
end

local old_modules = {}
if is_reload() then
    old_modules = unload()
end

-- Before any other file looks at the internals. If there is no way for them to
-- this code, the old code stays.
local is_upgraded, upgrade_error = pcall(function()
    require('vshard.storage.reload_evolution').upgrade(require('vshard.storage.state'))
end)
if not is_upgraded then
    unload()
    for name, loaded in pairs(old_modules) do
        package.loaded[name] = loaded
    end
    error(upgrade_error, 0)
end

local access = require('vshard.storage.access')
local bucket = require('vshard.storage.bucket')
local buckets = require('vshard.storage.buckets')
local config = require('vshard.storage.config')
local gc = require('vshard.storage.gc')
local info = require('vshard.storage.info')
local lcall = require('vshard.storage.call')
local log = require('log')
local M = require('vshard.storage.state')
local rebalancer = require('vshard.storage.rebalancer')
local recovery = require('vshard.storage.recovery')
local ref = require('vshard.storage.ref')
local routes_applier = require('vshard.storage.routes_applier')
local schema = require('vshard.storage.schema')
local sync = require('vshard.storage.sync')
local transfer = require('vshard.storage.transfer')
local trigger = require('vshard.storage.trigger')

--- Configure the database and start sharding on this instance.
-- @param cfg configuration
-- @param uuid of this instance
local function cfg(cfg_, uuid)
    config.apply(cfg_, uuid, false)
end

--- Whether this instance is the master of its replica set, as far as it knows.
local function is_master()
    return M.is_master
end

-- What other instances ask of this one, behind one name that never needs a
-- new grant.
local services = {
    bucket_recv = transfer.recv,
    bucket_test_gc = gc.test,
    info = function() return {is_master = M.is_master, name = box.info.name} end,
    rebalancer_apply_routes = routes_applier.apply,
    rebalancer_request_state = rebalancer.request_state,
    recovery_bucket_stat = recovery.bucket_stat,
    storage_map = ref.map,
    storage_ref = ref.add,
    storage_ref_check_with_buckets = ref.check_with_buckets,
    storage_ref_make_with_buckets = ref.add_with_buckets,
    storage_unref = ref.delete,
}

--- Call a service function.
-- @param name of the service
local function call_service(name, ...)
    local func = services[name]
    if func == nil then
        error(('Unknown service %s'):format(tostring(name)))
    end
    return func(...)
end

-- Spaces that hold buckets, by id.
local function sharded_spaces()
    local result = {}
    for _, sharded in ipairs(schema.sharded_spaces()) do
        result[sharded.space.id] = sharded.space
    end
    return result
end

-- Hang a function on a change of the role; one that comes late is told the
-- present role.
local function on_role(list, name, role)
    return function(new, old)
        local result = trigger.set(list, name, new, old)
        if new ~= nil and old == nil and M.current_cfg ~= nil and M.is_master == role then
            new()
        end
        return result
    end
end

-- Public and internal functions ----------------------------------------------

-- What a storage refuses while it has no configuration or is disabled.
local guarded = {
    info = info.info,
    is_locked = function() return M.this_replicaset.lock or false end,
    sync = sync.sync,
    sharded_spaces = sharded_spaces,
    _call = call_service,

    bucket_collect = buckets.collect,
    bucket_force_create = buckets.force_create,
    bucket_force_drop = buckets.force_drop,
    bucket_pin = buckets.pin,
    bucket_unpin = buckets.unpin,
    bucket_ref = bucket.ref,
    bucket_unref = bucket.unref,
    bucket_refro = bucket.refro,
    bucket_refrw = bucket.refrw,
    bucket_unrefro = bucket.unrefro,
    bucket_unrefrw = bucket.unrefrw,
    bucket_stat = bucket.stat,
    bucket_send = transfer.send,
    bucket_recv = transfer.recv,
    bucket_delete_garbage = gc.delete_garbage,
    buckets_count = buckets.count,
    buckets_info = bucket.info,
    buckets_discovery = buckets.discovery,

    garbage_collector_wakeup = gc.wakeup,
    recovery_wakeup = recovery.wakeup,

    rebalancer_wakeup = rebalancer.wakeup,
    rebalancer_disable = rebalancer.disable,
    rebalancer_enable = rebalancer.enable,
    rebalancer_request_state = rebalancer.request_state,
    rebalancer_apply_routes = routes_applier.apply,
    rebalancing_is_in_progress = routes_applier.is_busy,
}

local storage = {
    cfg = cfg,
    enable = access.enable,
    disable = access.disable,
    internal = M,
    is_master = is_master,
    module_version = function() return M.module_version end,

    -- These look for themselves, where they look at the bucket.
    call = lcall.call,
    callro = lcall.callro,
    callrw = lcall.callrw,

    _bucket_delete_garbage = gc.delete_garbage,
    _rebalancer_request_state = rebalancer.request_state,
    _sharded_spaces = sharded_spaces,

    -- The shardlua host calls these two: after newer code was taken back, and
    -- to tell what a reload applies anew.
    on_reload_rollback = config.resume,
    on_reload_plan = function()
        return {M.current_cfg and ('configuration of storage ' .. M.this_replica.uuid)}
    end,

    --- Functions to call when this instance becomes the master.
    on_master_enable = on_role(M.on_master_enable, '_on_master_enable', true),
    --- Functions to call when it stops being the master.
    on_master_disable = on_role(M.on_master_disable, '_on_master_disable', false),
    --- Functions to call, as func(event, bucket_id, {spaces = array of names}), in
    -- each transaction that writes or deletes the data of a bucket that moves.
    on_bucket_event = function(new, old)
        M.on_bucket_event = M.on_bucket_event or {}
        return trigger.set(M.on_bucket_event, '_on_bucket_event', new, old)
    end,
}

for name, func in pairs(guarded) do
    storage[name] = access.guarded(func)
end

if M.errinj.ERRINJ_RELOAD then
    error('Error injection: reload')
end

-- Over internals that have been configured the new code takes over what runs.
if M.current_cfg ~= nil then
    config.apply(M.current_cfg, M.this_replica.uuid, true)
    M.module_version = M.module_version + 1
    log.info('vshard.storage is reloaded, version of the module is %d', M.module_version)
end

return storage
