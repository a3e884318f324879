--- The configuration of storages and routers: which options there are, what
-- they may be, and what they are when nobody says.
-- @module vshard.cfg

local consts = require('vshard.consts')
local log = require('log')
local luri = require('uri')

-- Kinds of values -------------------------------------------------------

local function is_number(value)
    return type(value) == 'number' and value == value
end

local function is_integer(value)
    return is_number(value) and value == math.floor(value) and math.abs(value) < 2 ^ 53
end

local kinds = {
    ['string'] = function(v) return type(v) == 'string' end,
    ['non-empty string'] = function(v) return type(v) == 'string' and v ~= '' end,
    ['boolean'] = function(v) return type(v) == 'boolean' end,
    ['table'] = function(v) return type(v) == 'table' end,
    ['number'] = is_number,
    ['non-negative number'] = function(v) return is_number(v) and v >= 0 end,
    ['positive number'] = function(v) return is_number(v) and v > 0 end,
    ['non-negative integer'] = function(v) return is_integer(v) and v >= 0 end,
    ['positive integer'] = function(v) return is_integer(v) and v > 0 end,
}

-- One of a few words, or nothing.
local function one_of(...)
    local words = {...}
    local kind = "enum {'" .. table.concat(words, "', '") .. "', nil}"
    kinds[kind] = function(value)
        for _, word in ipairs(words) do
            if value == word then
                return true
            end
        end
        return false
    end
    return kind
end

local function check_uri(uri)
    if type(uri) == 'table' then
        error('Only number and string URI are supported at this version', 0)
    end
    if not luri.parse(tostring(uri)) then
        error('Invalid URI', 0)
    end
end

local function check_listen(uri)
    if type(uri) == 'table' then
        error('Listen URIs are not supported at this version', 0)
    end
    check_uri(uri)
end

local function check_identification(mode)
    if mode ~= 'uuid_as_key' then
        error('Name identification is supported only for Tarantool >= 3.0.0', 0)
    end
end

local function check_no_uuid()
    error('uuid option can be specified only when identification_mode = "name_as_key"', 0)
end

-- Options ---------------------------------------------------------------

-- `kind` is a kind of value, or an array of those that it may have. `box` marks
-- what box.cfg gets of a replica. An option that is deprecated works, and says
-- so.
local replica_options = {
    uri = {name = 'URI', kind = {'non-empty string', 'number', 'table'}, required = true,
           check = check_uri},
    listen = {name = 'listen', kind = {'non-empty string', 'number', 'table'},
              check = check_listen, box = true},
    name = {name = 'Name', kind = 'string'},
    zone = {name = 'Zone', kind = {'string', 'number'}},
    master = {name = 'Master', kind = 'boolean'},
    rebalancer = {name = 'Rebalancer flag', kind = 'boolean'},
    uuid = {name = 'UUID', kind = 'non-empty string', check = check_no_uuid},
}

local replicaset_options = {
    replicas = {name = 'Replicas', kind = 'table', required = true},
    weight = {name = 'Weight', kind = 'non-negative number', default = 1},
    lock = {name = 'Lock', kind = 'boolean'},
    master = {name = 'Master search mode', kind = one_of('auto')},
    rebalancer = {name = 'Rebalancer flag', kind = 'boolean'},
    uuid = {name = 'UUID', kind = 'non-empty string', check = check_no_uuid},
}

local options = {
    sharding = {name = 'Sharding', kind = 'table', required = true},
    weights = {name = 'Weight matrix', kind = 'table'},
    zone = {name = 'Zone identifier', kind = {'string', 'number'}},
    shard_index = {name = 'Shard index', default = 'bucket_id',
                   kind = {'non-empty string', 'non-negative integer'}},
    bucket_count = {name = 'Bucket count', kind = 'positive integer',
                    default = consts.DEFAULT_BUCKET_COUNT},
    rebalancer_disbalance_threshold = {
        name = 'Rebalancer disbalance threshold', kind = 'non-negative number',
        default = consts.DEFAULT_REBALANCER_DISBALANCE_THRESHOLD},
    rebalancer_max_receiving = {
        name = 'Rebalancer max receiving bucket count', kind = 'positive integer',
        default = consts.DEFAULT_REBALANCER_MAX_RECEIVING},
    rebalancer_max_sending = {
        name = 'Rebalancer max sending bucket count', kind = 'positive integer',
        default = consts.DEFAULT_REBALANCER_MAX_SENDING,
        max = consts.REBALANCER_MAX_SENDING_MAX},
    rebalancer_mode = {name = 'Rebalancer mode', default = 'auto',
                       kind = one_of('auto', 'manual', 'off')},
    rebalancer_bucket_send_timeout = {
        name = 'Rebalancer bucket send timeout', kind = 'positive number',
        default = consts.REBALANCER_CHUNK_TIMEOUT},
    collect_bucket_garbage_interval = {
        name = 'Garbage bucket collect interval', kind = 'positive number',
        default = consts.DEFAULT_COLLECT_BUCKET_GARBAGE_INTERVAL, is_deprecated = true},
    collect_lua_garbage = {name = 'Garbage Lua collect necessity', kind = 'boolean',
                           default = false, is_deprecated = true},
    sync_timeout = {name = 'Sync timeout', kind = 'non-negative number',
                    default = consts.DEFAULT_SYNC_TIMEOUT},
    connection_outdate_delay = {name = 'Object outdate timeout',
                                kind = 'non-negative number'},
    connection_fetch_schema = {name = 'Connection fetch schema', kind = 'boolean',
                               default = true},
    failover_ping_timeout = {name = 'Failover ping timeout', kind = 'positive number',
                             default = consts.DEFAULT_FAILOVER_PING_TIMEOUT},
    failover_sequential_fail_count = {
        name = 'Failover sequential fail count', kind = 'positive integer',
        default = consts.FAILOVER_DOWN_SEQUENTIAL_FAIL},
    failover_interval = {
        name = 'Failover interval', kind = 'positive number',
        default = math.min(consts.FAILOVER_UP_TIMEOUT, consts.FAILOVER_DOWN_TIMEOUT)},
    discovery_mode = {name = 'Discovery mode', default = 'on',
                      kind = one_of('on', 'off', 'once')},
    sched_ref_quota = {name = 'Scheduler storage ref quota', kind = 'non-negative number',
                       default = consts.DEFAULT_SCHED_REF_QUOTA},
    sched_move_quota = {name = 'Scheduler bucket move quota', kind = 'non-negative number',
                        default = consts.DEFAULT_SCHED_MOVE_QUOTA},
    box_cfg_mode = {name = 'Box.cfg mode', kind = one_of('auto', 'manual'), default = 'auto'},
    schema_management_mode = {name = 'Schema management mode', default = 'auto',
                              kind = one_of('auto', 'manual_access')},
    identification_mode = {name = 'Config identification mode', default = 'uuid_as_key',
                           kind = one_of('uuid_as_key', 'name_as_key'),
                           check = check_identification},
}

-- What the cluster would have to be built anew for.
local fixed = {'bucket_count', 'shard_index'}

local function check_kind(name, option, value)
    if type(option.kind) == 'string' then
        if not kinds[option.kind](value) then
            error(('%s must be %s'):format(name, option.kind), 0)
        end
        return
    end
    for _, kind in ipairs(option.kind) do
        if kinds[kind](value) then
            return
        end
    end
    error(('%s must be one of the following types: %s'):format(name,
          table.concat(option.kind, ', ')), 0)
end

local function check_options(config, descriptions)
    for key, option in pairs(descriptions) do
        local value = config[key]
        if value == nil then
            if option.required then
                error(('%s must be specified'):format(option.name), 0)
            end
            config[key] = option.default
        else
            check_kind(option.name, option, value)
            if option.max ~= nil and value > option.max then
                error(('%s must not be greater than %s'):format(option.name, option.max), 0)
            end
            if option.check ~= nil then
                option.check(value)
            end
        end
    end
end

local function warn_of_deprecated(config)
    for key, option in pairs(options) do
        if option.is_deprecated and config[key] ~= nil then
            log.warn('Option "%s" is deprecated', option.name)
        end
    end
end

-- Topology ----------------------------------------------------------------

local function check_replica(seen, replica, uuid, replicaset_uuid)
    if type(uuid) ~= 'string' then
        error(('Replica UUID must be string, got %s'):format(type(uuid)), 0)
    end
    if type(replica) ~= 'table' then
        error('Replica must be a table', 0)
    end
    check_options(replica, replica_options)
    if seen.uris[replica.uri] ~= nil then
        error('Duplicate uri ' .. replica.uri, 0)
    end
    seen.uris[replica.uri] = uuid
    if seen.uuids[uuid] ~= nil or uuid == replicaset_uuid then
        error('Duplicate id ' .. uuid, 0)
    end
    seen.uuids[uuid] = true
    if replica.name ~= nil then
        local times = (seen.names[replica.name] or 0) + 1
        seen.names[replica.name] = times
        if times == 2 then
            log.warn('Duplicate replica.name is found: %s', replica.name)
        end
    end
end

local function claim_rebalancer(seen, who)
    if seen.rebalancer ~= nil then
        error(('Found 2 rebalancer flags at %s and %s'):format(seen.rebalancer, who), 0)
    end
    seen.rebalancer = who
end

local function check_replicaset(seen, replicaset, uuid)
    if type(uuid) ~= 'string' then
        error(('Replicaset UUID must be string, got %s'):format(type(uuid)), 0)
    end
    if type(replicaset) ~= 'table' then
        error('Replicaset must be a table', 0)
    end
    if replicaset.weight == math.huge or replicaset.weight == -math.huge then
        error('Replicaset weight can not be Inf', 0)
    end
    if replicaset.rebalancer then
        claim_rebalancer(seen, uuid)
    end
    check_options(replicaset, replicaset_options)
    local master
    for replica_uuid, replica in pairs(replicaset.replicas) do
        check_replica(seen, replica, replica_uuid, uuid)
        if replica.master then
            if master ~= nil then
                error('Only one master is allowed per replicaset', 0)
            end
            master = replica_uuid
        end
        if replica.master ~= nil and replicaset.master == 'auto' then
            error(('Can not specify master nodes when master search is enabled, but found ' ..
                   'master flag in replica id %s'):format(replica_uuid), 0)
        end
        if replica.rebalancer then
            claim_rebalancer(seen, replica_uuid)
            if replicaset.rebalancer == false then
                error(("Replicaset %s can't run the rebalancer, and yet it was explicitly " ..
                       'assigned to its instance %s'):format(uuid, replica_uuid), 0)
            end
        end
    end
end

local function check_sharding(config)
    local seen = {uris = {}, uuids = {}, names = {}}
    local total_weight, any = 0, false
    for uuid, replicaset in pairs(config.sharding) do
        check_replicaset(seen, replicaset, uuid)
        any = true
        total_weight = total_weight + replicaset.weight
    end
    if any and total_weight == 0 then
        error('At least one replicaset weight should be > 0', 0)
    end
end

-- Weights are distances between zones, the own zone is the nearest.
local function check_weights(config)
    for zone, distances in pairs(config.weights or {}) do
        if type(zone) ~= 'number' and type(zone) ~= 'string' then
            error('Zone identifier must be either string or number', 0)
        end
        if type(distances) ~= 'table' then
            error('Zone must be map of relative weights of other zones', 0)
        end
        for other, weight in pairs(distances) do
            if type(other) ~= 'number' and type(other) ~= 'string' then
                error('Zone identifier must be either string or number', 0)
            end
            if not kinds['non-negative number'](weight) then
                error('Zone weight must be either nil or non-negative number', 0)
            end
            if zone == other and weight ~= 0 then
                error('Weight of own zone must be either nil or 0', 0)
            end
        end
    end
    if config.zone ~= nil and config.weights ~= nil and config.weights[config.zone] == nil then
        log.warn('There are no weights of the zone %s', config.zone)
    end
end

--- Validate a configuration and complete it with the defaults.
-- @param config as the user gave it; stays as it is
-- @param old_config the complete configuration that is applied now, or nil
-- @return a complete copy
-- @raise what is wrong with which option
local function check(config, old_config)
    if type(config) ~= 'table' then
        error('Config must be map of options', 0)
    end
    -- What is applied already, after a reload, is complete and was warned of.
    if config ~= old_config then
        warn_of_deprecated(config)
    end
    config = table.deepcopy(config)
    check_options(config, options)
    check_sharding(config)
    check_weights(config)
    for _, key in ipairs(fixed) do
        if old_config ~= nil and old_config[key] ~= config[key] then
            error(('Non-dynamic option %s cannot be reconfigured'):format(key), 0)
        end
    end
    return config
end

--- Part the sharding's options from those that are for box.cfg.
-- @param config complete configuration
-- @param replica configuration of this instance, if it has one: what is not
--   the sharding's there is for box.cfg, too, before the common options
-- @return table of the sharding, table for box.cfg
local function split(config, replica)
    local sharding, box_options = {}, {}
    for key, value in pairs(config) do
        if options[key] ~= nil then
            sharding[key] = value
        else
            box_options[key] = value
        end
    end
    for key, value in pairs(replica or {}) do
        local option = replica_options[key]
        if option == nil or option.box then
            box_options[key] = value
        end
    end
    return sharding, box_options
end

return {
    check = check,
    split = split,
    --- The names that public vshard has for the two halves of split.
    extract_vshard = function(config) return (split(config)) end,
    extract_box = function(config, replica) return (select(2, split(config, replica))) end,
}
