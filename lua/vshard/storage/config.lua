--- Applying a configuration: the database's options, the role of this
-- instance, its schema, connections and background work.
-- @module vshard.storage.config

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local gc = require('vshard.storage.gc')
local lcfg = require('vshard.cfg')
local lerror = require('vshard.error')
local log = require('log')
local lreplica = require('vshard.replica')
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

local function listen_address(replica)
    return replica.listen or (lreplica.safe_uri(replica.uri):gsub('^.*@', ''))
end

-- What box.cfg gets: the user's options and those that follow from the topology.
local function box_options(options, uuid, replicaset_uuid, replicaset, replica, is_master)
    local result = table.copy(options)
    result.listen = result.listen or listen_address(replica)
    if result.replication == nil then
        result.replication = sorted_addresses(replicaset)
    end
    if replicaset.master ~= 'auto' then
        result.read_only = not is_master
    elseif result.read_only == nil and type(box.cfg) == 'function' then
        result.read_only = false
    end
    if type(box.cfg) == 'function' then
        result.instance_uuid = uuid
        result.replicaset_uuid = replicaset_uuid
    elseif box.info.uuid ~= uuid then
        error(('Instance UUID mismatch: expected "%s", got "%s"'):format(uuid, box.info.uuid), 0)
    elseif box.info.cluster.uuid ~= replicaset_uuid then
        error(('Replicaset UUID mismatch: expected "%s", got "%s"'):format(
              replicaset_uuid, box.info.cluster.uuid), 0)
    end
    return result
end

-- Role --------------------------------------------------------------------------

-- Become the master: the schema may be written now.
local function enable_master()
    if M.is_master then
        return
    end
    log.info('I am master')
    M.is_master = true
    bucket.forget_all()
    trigger.run(M.on_master_enable)
end

-- Stop writing before anybody else begins to: refuse new writes, and give the
-- replicas time to receive the old ones.
local function prepare_disable_master()
    log.info('Stepping down from the master role')
    M.is_master = false
    bucket.forget_all()
    box.cfg({read_only = true})
    local ok, err = sync.sync(M.sync_timeout)
    if not ok then
        M.is_master = true
        box.cfg({read_only = false})
        bucket.forget_all()
        error(err)
    end
end

local function disable_master()
    log.info('I am not master any more')
    trigger.run(M.on_master_disable)
end

-- With master = 'auto' the database itself says who the master is.
local function watch_role()
    local is_master = not box.info.ro
    if is_master and not M.is_master then
        schema.apply(M.this_replica.uri, M.current_cfg.schema_management_mode == 'manual_access')
        bucket.watch()
        M.this_replicaset:set_master(M.this_replica.uuid)
        enable_master()
        gc.wakeup()
        recovery.wakeup()
        rebalancer.wakeup()
    elseif not is_master and M.is_master then
        M.is_master = false
        bucket.forget_all()
        M.this_replicaset.master = nil
        disable_master()
    end
    for _, replicaset in pairs(M.replicasets) do
        if replicaset.is_master_auto and replicaset.master == nil then
            replicaset:connect_all()
            replicaset:locate_master()
        end
    end
    return consts.MASTER_SEARCH_INTERVAL
end

-- Background work ------------------------------------------------------------

local function start_services(config)
    gc.start()
    recovery.start()
    rebalancer.start()
    lua_gc.configure(M.services, config.collect_lua_garbage)
    local any_auto = false
    for _, replicaset in pairs(M.replicasets) do
        any_auto = any_auto or replicaset.is_master_auto
    end
    if any_auto then
        service.start(M.services, 'master_search', 'vshard.master_search', watch_role)
    else
        service.stop(M.services, 'master_search')
    end
end

-- Options that are looked up often are kept apart.
local function keep_options(config)
    M.total_bucket_count = config.bucket_count
    M.shard_index = config.shard_index
    M.sync_timeout = config.sync_timeout
    M.rebalancer_max_receiving = config.rebalancer_max_receiving
    M.rebalancer_max_sending = config.rebalancer_max_sending
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

local function apply_locked(config, uuid, is_reload)
    local replicaset_uuid, replicaset, replica = find_replica(config, uuid)
    local is_auto = replicaset.master == 'auto'
    local sharding, options = lcfg.split(config)
    local is_master = replica.master or false
    if is_auto then
        is_master = type(box.cfg) ~= 'function' and not box.info.ro
    end
    if M.errinj.ERRINJ_CFG then
        error('Error injection: cfg', 0)
    end
    local was_master = M.is_master
    if not is_reload then
        options = box_options(options, uuid, replicaset_uuid, replicaset, replica, is_master)
        if was_master and not is_master then
            prepare_disable_master()
        end
        if config.box_cfg_mode == 'auto' then
            local ok, err = pcall(box.cfg, options)
            if not ok then
                if was_master and not is_master then
                    M.is_master = true
                    box.cfg({read_only = false})
                    bucket.forget_all()
                end
                error(err)
            end
        elseif type(box.cfg) == 'function' then
            error('Box must be configured, when box_cfg_mode is "manual"', 0)
        end
        log.info('Box has been configured')
        if is_auto then
            is_master = not box.info.ro
        end
    end
    if is_master and not is_reload then
        schema.apply(replica.uri, config.schema_management_mode == 'manual_access')
    end
    keep_topology(config, uuid, replicaset_uuid)
    keep_options(sharding)
    M.current_cfg = config
    bucket.watch()
    ref.watch()
    if is_auto and is_master then
        M.this_replicaset:set_master(uuid)
    end
    if is_master then
        enable_master()
    elseif was_master then
        M.is_master = false
        disable_master()
    end
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
    config = lcfg.check(config, M.current_cfg)
    log.info('Starting %s of storage %s', M.current_cfg and 'reconfiguration' or 'configuration',
             uuid)
    M.is_configuring = true
    local ok, err = pcall(apply_locked, config, uuid, is_reload)
    M.is_configuring = false
    if not ok then
        fiber.testcancel()
        log.error('Storage configuration has failed: %s', tostring(err))
        error(err, 0)
    end
    if not is_reload and M.disabled_reason == 'storage is not configured' then
        M.is_enabled = true
        M.disabled_reason = nil
    end
    log.info('Storage %s is configured', uuid)
end

return {apply = apply}
