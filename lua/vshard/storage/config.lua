--- Applying a configuration: the database's options, the role of this
-- instance, its schema, connections and background work.
-- @module vshard.storage.config

local access = require('vshard.storage.access')
local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local gc = require('vshard.storage.gc')
local lcfg = require('vshard.cfg')
local lerror = require('vshard.error')
local log = require('log')
local lreplicaset = require('vshard.replicaset')
local lua_gc = require('vshard.lua_gc')
local M = require('vshard.storage.state')
local rebalancer = require('vshard.storage.rebalancer')
local recovery = require('vshard.storage.recovery')
local ref = require('vshard.storage.ref')
local routes_applier = require('vshard.storage.routes_applier')
local sched = require('vshard.storage.sched')
local schema = require('vshard.storage.schema')
local service = require('vshard.service')
local sync = require('vshard.storage.sync')
local trigger = require('vshard.storage.trigger')

-- Where this instance is in the topology.
local function find_replica(config, uuid)
    for replicaset_uuid, replicaset in pairs(config.sharding) do
        if replicaset.replicas[uuid] ~= nil then
            return replicaset_uuid, replicaset, replicaset.replicas[uuid]
        end
    end
    error(("Local replica %s wasn't found in config"):format(tostring(uuid)), 0)
end

local function sorted_addresses(replicaset)
    local addresses = {}
    for _, replica in pairs(replicaset.replicas) do
        table.insert(addresses, replica.uri)
    end
    table.sort(addresses)
    return addresses
end

-- The instance and its replica set are what they were made as.
local function check_identity(uuid, replicaset_uuid)
    if box.info.uuid ~= uuid then
        error(('Instance UUID mismatch: already set "%s" but "%s" in arguments'):format(
              box.info.uuid, uuid), 0)
    elseif box.info.cluster.uuid ~= replicaset_uuid then
        error(('Replicaset UUID mismatch: already set "%s" but "%s" in vshard config'):format(
              box.info.cluster.uuid, replicaset_uuid), 0)
    end
end

-- What box.cfg gets: the user's options and those that follow from the topology.
local function box_options(options, uuid, replicaset_uuid, replicaset, replica, is_master)
    local result = table.copy(options)
    if result.listen == nil then
        result.listen = replica.uri
    end
    if result.replication == nil then
        result.replication = sorted_addresses(replicaset)
    end
    local is_new = type(box.cfg) == 'function'
    if result.read_only == nil then
        if replicaset.master ~= 'auto' then
            result.read_only = not is_master
        elseif is_new then
            result.read_only = false
        end
    end
    if is_new then
        result.instance_uuid = result.instance_uuid or uuid
        result.replicaset_uuid = result.replicaset_uuid or replicaset_uuid
    else
        check_identity(result.instance_uuid or uuid, result.replicaset_uuid or replicaset_uuid)
        result.instance_uuid, result.replicaset_uuid = nil, nil
    end
    return result
end

-- Role --------------------------------------------------------------------------

-- Some of the background work is the master's.
local function follow_role()
    gc.follow_role()
    recovery.follow_role()
    rebalancer.follow_role()
end

-- Become the master: the schema may be written now.
local function enable_master()
    if M.is_master then
        return
    end
    log.info('Stepping up into the master role')
    M.is_master = true
    bucket.forget_all()
    trigger.run_all(M.on_master_enable)
end

local function disable_master()
    log.info('Stepping down from the master role')
    M.is_master = false
    bucket.forget_all()
    trigger.run_all(M.on_master_disable)
end

-- Stop writing before anybody else begins to: refuse new writes, and give the
-- replicas time to receive the old ones. One that does not get them in time
-- may be down; that must not keep the master from being switched.
local function prepare_disable_master()
    log.info('Disabling master via config')
    M.is_master = false
    bucket.forget_all()
    box.cfg({read_only = true})
    local ok, err = sync.sync(M.sync_timeout)
    if not ok then
        log.warn('The replicas do not have all of what this master has written: %s',
                 tostring(err))
    end
end

local function revert_disable_master()
    log.info('Revert master disable')
    M.is_master = true
    bucket.forget_all()
    box.cfg({read_only = false})
end

-- With master = 'auto' the database itself says who the master is.
local function follow_box()
    local is_master = not box.info.ro
    if is_master == M.is_master then
        return
    end
    log.info('Instance state has changed from %s', is_master and 'read-only to writable' or
             'writable to read-only')
    if is_master then
        schema.apply(M.this_replica.uri, M.current_cfg.schema_management_mode == 'manual_access')
        bucket.watch()
        M.this_replicaset:set_master(M.this_replica.uuid)
        enable_master()
    else
        M.this_replicaset.master = nil
        disable_master()
    end
    follow_role()
end

-- Background work ------------------------------------------------------------

-- The wait is no longer than new code may wait for this service to end.
local function watch_box()
    follow_box()
    pcall(M.is_master and box.ctl.wait_ro or box.ctl.wait_rw, consts.MASTER_SEARCH_WORK_INTERVAL)
    fiber.testcancel()
    return 0
end

local function find_masters()
    local is_complete = true
    for _, replicaset in pairs(M.replicasets) do
        if replicaset.is_master_auto and replicaset ~= M.this_replicaset and
           replicaset.master == nil then
            replicaset:connect_all()
            is_complete = replicaset:locate_master() and is_complete
        end
    end
    return is_complete and consts.MASTER_SEARCH_IDLE_INTERVAL or consts.MASTER_SEARCH_WORK_INTERVAL
end

local function switch_service(is_needed, key, name, step)
    if is_needed then
        return service.start(M.services, key, name, step).fiber
    end
    service.stop(M.services, key)
end

local function start_services(config)
    follow_role()
    lua_gc.configure(M.services, config.collect_lua_garbage)
    local is_any_auto = false
    for _, replicaset in pairs(M.replicasets) do
        is_any_auto = is_any_auto or replicaset.is_master_auto
    end
    M.instance_watch_fiber = switch_service(M.this_replicaset.is_master_auto, 'instance_watch',
                                            'vshard.state_watch', watch_box)
    M.conn_manager_fiber = switch_service(is_any_auto, 'conn_manager', 'vshard.conn_man',
                                          find_masters)
end

-- Options that are looked up often are kept apart.
local function keep_options(config)
    M.total_bucket_count = config.bucket_count
    M.shard_index = config.shard_index
    M.sync_timeout = config.sync_timeout
    M.rebalancer_max_receiving = config.rebalancer_max_receiving
    M.rebalancer_max_sending = config.rebalancer_max_sending
    M.rebalancer_worker_count = config.rebalancer_max_sending
    M.rebalancer_disbalance_threshold = config.rebalancer_disbalance_threshold
    M.rebalancer_bucket_send_timeout = config.rebalancer_bucket_send_timeout
    sched.configure(config)
end

local function keep_topology(config, uuid, replicaset_uuid)
    local replicasets = lreplicaset.build_all(config)
    if M.replicasets ~= nil then
        lreplicaset.rebind(replicasets, M.replicasets, config.connection_outdate_delay)
    end
    M.replicasets = replicasets
    M.this_replicaset = replicasets[replicaset_uuid]
    M.this_replica = M.this_replicaset.replicas[uuid]
end

-- Applying -------------------------------------------------------------------

-- Configure the database. What fails here leaves everything as it was.
-- @return true if this instance is the master now
local function configure_box(config, place, options)
    local was_master = M.is_master
    options = box_options(options, place.uuid, place.replicaset_uuid, place.replicaset,
                          place.replica, place.is_master)
    local is_resigning = was_master and not place.is_master and options.read_only
    if is_resigning then
        prepare_disable_master()
    end
    local ok, err = pcall(box.cfg, options)
    if not ok then
        if is_resigning then
            revert_disable_master()
        end
        error(err, 0)
    end
    while M.errinj.ERRINJ_CFG_DELAY do
        fiber.sleep(0.01)
    end
    log.info('Box has been configured')
end

local function check_box_is_configured()
    if type(box.cfg) == 'function' then
        error(lerror.vshard(lerror.code.STORAGE_IS_DISABLED,
                            "Box must be configured, when box_cfg_mode is 'manual'"), 0)
    end
    log.info("Box configuration was skipped due to the 'manual' box_cfg_mode")
end

local function log_mode_of_master(place)
    local was_auto = M.this_replicaset ~= nil and M.this_replicaset.is_master_auto
    if place.is_auto and not was_auto then
        log.info('Enabling master auto-detection')
    elseif was_auto and not place.is_auto then
        log.info('Disabling master auto-detection')
    elseif not place.is_auto and place.is_master and not M.is_master then
        log.info('Enabling master via config')
    end
end

local function apply_locked(config, uuid, is_reload)
    local place = {uuid = uuid}
    place.replicaset_uuid, place.replicaset, place.replica = find_replica(config, uuid)
    place.is_auto = place.replicaset.master == 'auto'
    place.is_master = place.replica.master or false
    if place.is_auto then
        place.is_master = type(box.cfg) ~= 'function' and not box.info.ro
    end
    local sharding, options = lcfg.split(config, place.replica)
    if M.errinj.ERRINJ_CFG then
        error('Error injection: cfg', 0)
    end
    local was_master = M.is_master
    if not is_reload then
        log_mode_of_master(place)
        if config.box_cfg_mode == 'auto' then
            configure_box(config, place, options)
        else
            check_box_is_configured()
        end
    end
    local is_master = place.is_master
    if place.is_auto then
        is_master = not box.info.ro
    end
    if is_master and not is_reload then
        schema.apply(place.replica.uri, config.schema_management_mode == 'manual_access')
    end
    keep_topology(config, uuid, place.replicaset_uuid)
    keep_options(sharding)
    M.current_cfg = config
    bucket.watch()
    ref.watch()
    if place.is_auto and is_master then
        M.this_replicaset:set_master(uuid)
    end
    if is_master then
        enable_master()
    elseif was_master then
        disable_master()
    end
    M.is_configured = true
    start_services(sharding)
    if is_reload then
        routes_applier.resume()
    end
end

--- Apply a configuration to this instance.
-- @param config as the user gave it
-- @param uuid of this instance
-- @param is_reload the configuration is the one that is applied already, and
--   only the code is new
local function apply(config, uuid, is_reload)
    if M.is_configuring then
        error(lerror.vshard(lerror.code.STORAGE_CFG_IS_IN_PROGRESS))
    end
    if uuid == nil then
        error('Usage: cfg(configuration, this_replica_id)', 0)
    end
    config = lcfg.check(config, M.current_cfg)
    if config.weights ~= nil or config.zone ~= nil then
        error('Weights and zone are not allowed for storage configuration', 0)
    end
    log.info('Starting %s of replica %s', M.current_cfg and 'reconfiguration' or 'configuration',
             uuid)
    M.is_configuring = true
    local ok, err = pcall(apply_locked, config, uuid, is_reload)
    M.is_configuring = false
    if not ok then
        fiber.testcancel()
        log.error('Storage configuration has failed: %s', tostring(err))
        error(err, 0)
    end
    if not is_reload then
        access.on_configured()
    end
    log.info('Storage %s is configured', uuid)
end

--- Go on with the background work after newer code, which had taken it over
-- already, was taken back. A service of this code that still works hands over.
local function resume()
    if M.current_cfg ~= nil then
        start_services(lcfg.split(M.current_cfg))
        routes_applier.resume()
    end
end

return {
    apply = apply,
    resume = resume,
}
