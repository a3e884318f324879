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

local old_modules = {}
if package.loaded['vshard.storage.state'] ~= nil then
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

local bucket = require('vshard.storage.bucket')
local buckets = require('vshard.storage.buckets')
local config = require('vshard.storage.config')
local gc = require('vshard.storage.gc')
local info = require('vshard.storage.info')
local lcall = require('vshard.storage.call')
local lerror = require('vshard.error')
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

-- What needs a configuration says so instead of failing somewhere inside.
local function configured(func)
    return function(...)
        if M.current_cfg == nil then
            return nil, lerror.vshard(lerror.code.STORAGE_IS_DISABLED, M.disabled_reason)
        end
        return func(...)
    end
end

--- Configure the database and start sharding on this instance.
-- @param cfg configuration
-- @param uuid of this instance
local function cfg(cfg_, uuid)
    config.apply(cfg_, uuid, false)
end

--- Take requests again after disable().
local function enable()
    M.is_enabled = true
    M.disabled_reason = nil
end

--- Refuse requests; routers leave this instance alone.
local function disable()
    M.is_enabled = false
    M.disabled_reason = 'it was disabled explicitly'
    bucket.forget_all()
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
    info = function() return {is_master = M.is_master} end,
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
    if M.current_cfg == nil then
        return nil, lerror.vshard(lerror.code.STORAGE_IS_DISABLED, M.disabled_reason)
    end
    return func(...)
end

-- Public and internal functions ----------------------------------------------

local storage = {
    cfg = cfg,
    enable = enable,
    disable = disable,
    info = info.info,
    internal = M,
    is_locked = function() return M.this_replicaset ~= nil and M.this_replicaset.lock or false end,
    sync = configured(sync.sync),
    _call = call_service,

    call = lcall.call,
    callro = lcall.callro,
    callrw = lcall.callrw,

    bucket_collect = configured(buckets.collect),
    bucket_force_create = configured(buckets.force_create),
    bucket_force_drop = configured(buckets.force_drop),
    bucket_pin = configured(buckets.pin),
    bucket_unpin = configured(buckets.unpin),
    bucket_ref = bucket.ref,
    bucket_unref = bucket.unref,
    bucket_refro = bucket.refro,
    bucket_refrw = bucket.refrw,
    bucket_unrefro = bucket.unrefro,
    bucket_unrefrw = bucket.unrefrw,
    bucket_stat = configured(bucket.stat),
    bucket_send = configured(transfer.send),
    bucket_recv = configured(transfer.recv),
    bucket_delete_garbage = configured(gc.delete_bucket),
    buckets_count = buckets.count,
    buckets_info = bucket.info,
    buckets_discovery = configured(buckets.discovery),

    garbage_collector_wakeup = gc.wakeup,
    recovery_wakeup = recovery.wakeup,

    rebalancer_wakeup = rebalancer.wakeup,
    rebalancer_disable = rebalancer.disable,
    rebalancer_enable = rebalancer.enable,
    rebalancer_request_state = configured(rebalancer.request_state),
    rebalancer_apply_routes = configured(routes_applier.apply),
    rebalancing_is_in_progress = routes_applier.is_busy,

    _sharded_spaces = function()
        local result = {}
        for _, sharded in ipairs(schema.sharded_spaces()) do
            result[sharded.space.id] = sharded.space
        end
        return result
    end,
    is_master = is_master,

    --- Functions to call when this instance becomes the master.
    on_master_enable = function(...)
        return trigger.set(M.on_master_enable, 'Usage: on_master_enable(new, old)', ...)
    end,
    --- Functions to call when it stops being the master.
    on_master_disable = function(...)
        return trigger.set(M.on_master_disable, 'Usage: on_master_disable(new, old)', ...)
    end,
}

-- Over internals that have been configured the new code takes over what runs.
if M.current_cfg ~= nil then
    config.apply(M.current_cfg, M.this_replica.uuid, true)
    M.module_version = M.module_version + 1
    log.info('vshard.storage is reloaded, version of the module is %d', M.module_version)
end

return storage
