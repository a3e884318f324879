--- The router: knows where the buckets are and brings requests there.
--
-- An instance has one static router, whose functions are called with a dot,
-- and any number of others, objects with the same functions as methods. The
-- module can be loaded again while it serves.
-- @module vshard.router

local shared = {
    'vshard.balance', 'vshard.cfg', 'vshard.consts', 'vshard.error', 'vshard.hash',
    'vshard.internals', 'vshard.lua_gc', 'vshard.replica', 'vshard.replicaset', 'vshard.service',
}

local function unload()
    for _, name in ipairs(shared) do
        package.loaded[name] = nil
    end
    for name in pairs(package.loaded) do
        if name:find('^vshard%.router%.') then
            package.loaded[name] = nil
        end
    end
end

-- Internals that are there already belong to older code, whose modules go with it.
-- The router's own may be gone: a host that reloads several modules at once takes
-- them away beforehand.
local function is_reload()
    if package.loaded['vshard.router.state'] ~= nil then
        return true
    end
    local found, host = pcall(require, 'shardlua')
    return found and host.is_open ~= nil and host.is_open('vshard.router')
end

if is_reload() then
    unload()
end

local access = require('vshard.router.access')
local bootstrap = require('vshard.router.bootstrap')
local config = require('vshard.router.config')
local discovery = require('vshard.router.discovery')
local failover = require('vshard.router.failover')
local fiber = require('fiber')
local hash = require('vshard.hash')
local info = require('vshard.router.info')
local lcall = require('vshard.router.call')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.router.state')
local map = require('vshard.router.map')
local route = require('vshard.router.route')

local STATIC = '_static_router'

-- Buckets of keys ----------------------------------------------------------------

local function check_key(key, name)
    if key == nil then
        error(('Usage: vshard.router.%s(key)'):format(name), 0)
    end
end

--- Bucket of a key by the checksum of its text.
local function bucket_id_strcrc32(router, key)
    check_key(key, 'bucket_id_strcrc32')
    return hash.strcrc32(key) % router.total_bucket_count + 1
end

--- Bucket of a key by the checksum of its MessagePack.
local function bucket_id_mpcrc32(router, key)
    check_key(key, 'bucket_id_mpcrc32')
    return hash.mpcrc32(key) % router.total_bucket_count + 1
end

local is_warned = false

--- The function of the first releases; the other two say what they do.
local function bucket_id(router, key)
    check_key(key, 'bucket_id')
    if not is_warned then
        is_warned = true
        log.warn('vshard.router.bucket_id() is deprecated, use vshard.router.bucket_id_strcrc32() ' ..
                 'or vshard.router.bucket_id_mpcrc32()')
    end
    return hash.strcrc32(key) % router.total_bucket_count + 1
end

-- Methods ----------------------------------------------------------------------

local function bucket_count(router)
    return router.total_bucket_count
end

--- Wait until every replica set has its data on all replicas.
-- @param timeout seconds for all of it
-- @return true; or nil and the error
local function sync(router, timeout)
    if timeout ~= nil and type(timeout) ~= 'number' then
        error('Usage: vshard.router.sync([timeout: number])', 0)
    end
    local deadline = timeout and fiber.clock() + timeout
    local arguments = {timeout}
    for uuid, replicaset in pairs(router.replicasets) do
        local opts
        if timeout ~= nil then
            arguments[1] = math.max(deadline - fiber.clock(), 0)
            opts = {timeout = arguments[1]}
        else
            opts = {timeout = router.current_cfg.sync_timeout + 1}
        end
        local ok, status, err = replicaset:request('callrw', 'vshard.storage.sync', arguments, opts)
        if not ok then
            err = status
        end
        if not ok or status == nil then
            err = lerror.make(err)
            err.replicaset = uuid
            return nil, err
        end
    end
    return true
end

--- Ask the storages where a bucket is, unless that is known.
-- @return replica set; or nil and the error
local function bucket_discovery(router, id)
    route.check_id(router, id)
    return route.discover(router, id)
end

local methods = {
    cfg = function(router, cfg)
        config.apply(router, cfg, false)
    end,
    -- These look for themselves, where they look at the arguments.
    call = lcall.call,
    callrw = lcall.callrw,
    callro = lcall.callro,
    callbro = lcall.callbro,
    callre = lcall.callre,
    callbre = lcall.callbre,
    enable = access.enable,
    disable = access.disable,
}

-- What a router refuses while it has no configuration or is disabled.
for name, method in pairs({
    info = info.info,
    buckets_info = info.buckets_info,
    map_callrw = map.map_callrw,
    route = route.route,
    routeall = route.route_all,
    bucket_id = bucket_id,
    bucket_id_strcrc32 = bucket_id_strcrc32,
    bucket_id_mpcrc32 = bucket_id_mpcrc32,
    bucket_count = bucket_count,
    bucket_discovery = bucket_discovery,
    discovery_wakeup = discovery.wakeup,
    discovery_set = discovery.set_mode,
    master_search_wakeup = failover.master_search_wakeup,
    bootstrap = bootstrap.bootstrap,
    sync = sync,
    _route_map_clear = route.clear,
    _bucket_reset = route.reset,
}) do
    methods[name] = access.guarded(method)
end

local metatable = {__index = {}}

-- A method that was called with a dot says so, instead of failing inside.
for name, method in pairs(methods) do
    metatable.__index[name] = function(router, ...)
        if getmetatable(router) ~= metatable then
            error(('Use router:%s(...) instead of router.%s(...)'):format(name, name), 2)
        end
        return method(router, ...)
    end
end

-- Routers --------------------------------------------------------------------------

local function create(name, cfg)
    local router = setmetatable(config.new(name), metatable)
    M.routers[name] = router
    local ok, err = pcall(config.apply, router, cfg, false)
    if not ok then
        if router.current_cfg == nil then
            M.routers[name] = nil
        end
        error(err, 0)
    end
    return router
end

--- Make a router beside the static one.
-- @param name that no other router of the instance has
-- @param cfg its configuration
-- @return router object; or nil and the error
local function new(name, cfg)
    if type(name) ~= 'string' or type(cfg) ~= 'table' then
        error('Wrong argument type. Usage: vshard.router.new(name, cfg).', 0)
    end
    if M.routers[name] ~= nil then
        return nil, lerror.vshard(lerror.code.ROUTER_ALREADY_EXISTS, name)
    end
    return create(name, cfg)
end

--- Configure the static router.
-- @param cfg configuration
local function cfg(cfg_)
    if M.static_router ~= nil then
        config.apply(M.static_router, cfg_, false)
        return
    end
    M.static_router = create(STATIC, cfg_)
end

local router = {
    cfg = cfg,
    new = new,
    internal = M,
    module_version = function() return M.module_version end,

    -- The shardlua host calls these two: after newer code was taken back, and
    -- to tell what a reload applies anew.
    on_reload_rollback = function()
        for _, existing in pairs(M.routers) do
            config.resume(existing)
        end
    end,
    on_reload_plan = function()
        local result = {}
        for name, existing in pairs(M.routers) do
            if existing.current_cfg ~= nil then
                table.insert(result, 'configuration of router ' .. name)
            end
        end
        return result
    end,
}

for name, method in pairs(methods) do
    if router[name] == nil then
        router[name] = function(...)
            local static_router = M.static_router
            if static_router == nil then
                error(lerror.vshard(lerror.code.ROUTER_IS_DISABLED, 'router is not configured'), 0)
            end
            return method(static_router, ...)
        end
    end
end

--- The static router as an object, once it is configured.
setmetatable(router, {__index = function(_, key)
    if key == 'static' then
        return M.static_router
    end
end})

if M.errinj.ERRINJ_RELOAD then
    error('Error injection: reload')
end

-- Over internals with routers the new code takes over what runs.
if next(M.routers) ~= nil then
    for _, existing in pairs(M.routers) do
        setmetatable(existing, metatable)
        if existing.current_cfg ~= nil then
            config.apply(existing, existing.current_cfg, true)
        end
    end
    M.module_version = M.module_version + 1
    log.info('vshard.router is reloaded, version of the module is %d', M.module_version)
end

return router
