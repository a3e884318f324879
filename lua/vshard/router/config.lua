--- Applying a configuration to a router: the database's options, the
-- connections, the routes and the background work.
-- @module vshard.router.config

local access = require('vshard.router.access')
local consts = require('vshard.consts')
local discovery = require('vshard.router.discovery')
local failover = require('vshard.router.failover')
local fiber = require('fiber')
local lcfg = require('vshard.cfg')
local lerror = require('vshard.error')
local log = require('log')
local lreplicaset = require('vshard.replicaset')
local lua_gc = require('vshard.lua_gc')
local M = require('vshard.router.state')

-- Routes to replica sets that are still there stay.
local function move_routes(router)
    local route_map, known = {}, 0
    for bucket_id, replicaset in pairs(router.route_map) do
        local successor = router.replicasets[replicaset.uuid]
        if successor ~= nil then
            route_map[bucket_id] = successor
            successor.bucket_count = successor.bucket_count + 1
            known = known + 1
        end
    end
    router.route_map = route_map
    router.known_bucket_count = known
end

local function configure_box(options)
    log.info('Calling box.cfg()...')
    for key, value in pairs(options) do
        log.info({[key] = value})
    end
    if M.errinj.ERRINJ_CFG then
        error('Error injection: cfg', 0)
    end
    -- A router may share the instance with a storage, whose options are not the
    -- router's to change.
    if type(box.cfg) == 'function' or next(options) ~= nil then
        box.cfg(options)
    end
    log.info('Box has been configured')
    while M.errinj.ERRINJ_CFG_DELAY do
        fiber.sleep(0.01)
    end
end

-- The first requests find connections, where there are any to be had.
local function wait_masters(replicasets)
    local deadline = fiber.clock() + consts.RECONNECT_TIMEOUT
    for _, replicaset in pairs(replicasets) do
        local left = deadline - fiber.clock()
        if replicaset.master ~= nil and left > 0 then
            replicaset.master:wait_connected(left)
        end
    end
end

local function start_services(router, sharding)
    failover.start(router)
    discovery.start(router)
    lua_gc.configure(router.services, sharding.collect_lua_garbage)
end

local function apply_checked(router, config, is_reload)
    local sharding, options = lcfg.split(config)
    if config.box_cfg_mode == 'manual' then
        log.info("Box configuration was skipped due to the 'manual' box_cfg_mode")
    elseif not is_reload then
        configure_box(options)
    end
    local old = router.replicasets
    local replicasets = lreplicaset.build_all(config)
    if old ~= nil then
        lreplicaset.rebind(replicasets, old, config.connection_outdate_delay)
    end
    router.replicasets = replicasets
    for _, replicaset in pairs(replicasets) do
        replicaset:connect_all()
    end
    move_routes(router)
    router.total_bucket_count = sharding.bucket_count
    router.failover_ping_timeout = sharding.failover_ping_timeout
    router.sync_timeout = sharding.sync_timeout
    router.connection_outdate_delay = sharding.connection_outdate_delay
    if not is_reload then
        router.discovery_mode = sharding.discovery_mode
    end
    router.current_cfg = config
    start_services(router, sharding)
    if not is_reload then
        wait_masters(replicasets)
    end
end

--- Apply a configuration.
-- @param router object
-- @param config as the user gave it
-- @param is_reload the configuration is applied already, only the code is new
local function apply(router, config, is_reload)
    if router.is_configuring then
        error(lerror.vshard(lerror.code.ROUTER_CFG_IS_IN_PROGRESS, router.name))
    end
    config = lcfg.check(config, router.current_cfg)
    log.info('Starting router %s', router.current_cfg and 'reconfiguration' or 'configuration')
    router.is_configuring = true
    local ok, err = pcall(apply_checked, router, config, is_reload)
    router.is_configuring = false
    if not ok then
        log.error('Router configuration has failed: %s', tostring(err))
        error(err, 0)
    end
    router.is_configured = true
    if not is_reload then
        access.on_configured(router)
    end
    log.info('Router %s is configured', router.name)
end

--- A router before its first configuration.
-- @param name of the router
local function new(name)
    return {
        name = name,
        replicasets = nil,
        route_map = {},
        known_bucket_count = 0,
        total_bucket_count = 0,
        failover_ping_timeout = consts.DEFAULT_FAILOVER_PING_TIMEOUT,
        discovery_mode = 'on',
        discovery_errors = {},
        services = {},
        is_configuring = false,
        is_configured = false,
        is_enabled = false,
        current_cfg = nil,
    }
end

--- Go on with the background work after newer code, which had taken it over
-- already, was taken back. A service of this code that still works hands over.
-- @param router object
local function resume(router)
    if router.current_cfg ~= nil then
        start_services(router, (lcfg.split(router.current_cfg)))
    end
end

return {
    apply = apply,
    new = new,
    resume = resume,
}
