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

local function is_uri(value)
    if type(value) ~= 'string' then
        return false
    end
    local uri = luri.parse(value)
    return uri ~= nil and uri.service ~= nil
end

local kinds = {
    ['table'] = function(v) return type(v) == 'table' end,
    ['boolean'] = function(v) return type(v) == 'boolean' end,
    ['number'] = is_number,
    ['non-empty string'] = function(v) return type(v) == 'string' and v ~= '' end,
    ['a valid address'] = is_uri,
    ['non-negative number'] = function(v) return is_number(v) and v >= 0 end,
    ['positive number'] = function(v) return is_number(v) and v > 0 end,
    ['positive integer'] = function(v) return is_integer(v) and v > 0 end,
    ['non-empty string or non-negative integer'] = function(v)
        return type(v) == 'string' and v ~= '' or is_integer(v) and v >= 0
    end,
    ['string or number'] = function(v) return type(v) == 'string' or is_number(v) end,
}

-- One of a few words.
local function one_of(...)
    local words = {...}
    local kind = "one of '" .. table.concat(words, "', '") .. "'"
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

-- Options ---------------------------------------------------------------

local replica_options = {
    uri = {name = 'URI', kind = 'a valid address', required = true},
    name = {name = 'Name', kind = 'non-empty string'},
    zone = {name = 'Zone', kind = 'string or number'},
    master = {name = 'Master', kind = 'boolean'},
    rebalancer = {name = 'Rebalancer', kind = 'boolean'},
    listen = {name = 'Listen', kind = 'string or number'},
}

local replicaset_options = {
    replicas = {name = 'Replicas', kind = 'table', required = true},
    weight = {name = 'Weight', kind = 'non-negative number', default = 1},
    lock = {name = 'Lock', kind = 'boolean'},
    master = {name = 'Master search mode', kind = one_of('auto')},
    rebalancer = {name = 'Rebalancer', kind = 'boolean'},
}

local options = {
    sharding = {name = 'Sharding', kind = 'table', required = true},
    weights = {name = 'Weight matrix', kind = 'table'},
    zone = {name = 'Zone identifier', kind = 'string or number'},
    shard_index = {name = 'Shard index', default = 'bucket_id',
                   kind = 'non-empty string or non-negative integer'},
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
        default = consts.TIMEOUT_INFINITY},
    collect_bucket_garbage_interval = {
        name = 'Garbage bucket collect interval', kind = 'positive number',
        default = consts.DEFAULT_COLLECT_BUCKET_GARBAGE_INTERVAL},
    collect_lua_garbage = {name = 'Garbage Lua collect necessity', kind = 'boolean',
                           default = false},
    sync_timeout = {name = 'Sync timeout', kind = 'non-negative number',
                    default = consts.DEFAULT_SYNC_TIMEOUT},
    failover_ping_timeout = {name = 'Failover ping timeout', kind = 'positive number',
                             default = consts.DEFAULT_FAILOVER_PING_TIMEOUT},
    discovery_mode = {name = 'Discovery mode', default = 'on',
                      kind = one_of('on', 'off', 'once')},
    connection_outdate_delay = {name = 'Object outdate timeout',
                                kind = 'non-negative number'},
    connection_fetch_schema = {name = 'Connection fetch schema', kind = 'boolean',
                               default = true},
    sched_ref_quota = {name = 'Scheduler storage ref quota', kind = 'non-negative number',
                       default = consts.DEFAULT_SCHED_REF_QUOTA},
    sched_move_quota = {name = 'Scheduler bucket move quota', kind = 'non-negative number',
                        default = consts.DEFAULT_SCHED_MOVE_QUOTA},
    box_cfg_mode = {name = 'Box.cfg mode', kind = one_of('auto', 'manual'), default = 'auto'},
    schema_management_mode = {name = 'Schema management mode', default = 'auto',
                              kind = one_of('auto', 'manual_access')},
    identification_mode = {name = 'Config identification mode', default = 'uuid_as_key',
                           kind = one_of('uuid_as_key')},
}

-- What the cluster would have to be built anew for.
local fixed = {'bucket_count', 'shard_index'}

local function check_options(config, descriptions, where)
    for key, option in pairs(descriptions) do
        local value = config[key]
        if value == nil then
            if option.required then
                error(('%s must be specified%s'):format(option.name, where), 0)
            end
            config[key] = option.default
        elseif not kinds[option.kind](value) then
            error(('%s must be %s%s'):format(option.name, option.kind, where), 0)
        elseif option.max ~= nil and value > option.max then
            error(('%s must not be greater than %s%s'):format(option.name, option.max, where), 0)
        end
    end
end

local function warn_of_unknown(config, descriptions, where)
    for key in pairs(config) do
        if descriptions[key] == nil then
            log.warn('Unknown option %s%s is ignored', key, where)
        end
    end
end

-- Topology ----------------------------------------------------------------

local function check_replica(seen, replica, uuid, replicaset_uuid)
    local where = (' for replica %s'):format(uuid)
    if type(uuid) ~= 'string' then
        error(('Replica UUID must be string, got %s'):format(type(uuid)), 0)
    end
    if type(replica) ~= 'table' then
        error('Replica must be a table' .. where, 0)
    end
    check_options(replica, replica_options, where)
    warn_of_unknown(replica, replica_options, where)
    if seen.uris[replica.uri] ~= nil then
        error('Duplicate uri ' .. replica.uri, 0)
    end
    seen.uris[replica.uri] = uuid
    if seen.uuids[uuid] ~= nil or uuid == replicaset_uuid then
        error('Duplicate uuid ' .. uuid, 0)
    end
    seen.uuids[uuid] = true
    if replica.name ~= nil then
        if seen.names[replica.name] ~= nil then
            error('Duplicate replica name ' .. replica.name, 0)
        end
        seen.names[replica.name] = uuid
    end
end

local function claim_rebalancer(seen, who, flag, mode)
    if not flag then
        return
    end
    if seen.rebalancer ~= nil then
        error(('Found 2 rebalancer flags at %s and %s'):format(seen.rebalancer, who), 0)
    end
    if mode == 'off' then
        error("Rebalancer flag is set while the rebalancer mode is 'off'", 0)
    end
    seen.rebalancer = who
end

local function check_replicaset(seen, replicaset, uuid, mode)
    local where = (' for replicaset %s'):format(tostring(uuid))
    if type(uuid) ~= 'string' then
        error(('Replicaset UUID must be string, got %s'):format(type(uuid)), 0)
    end
    if type(replicaset) ~= 'table' then
        error('Replicaset must be a table' .. where, 0)
    end
    check_options(replicaset, replicaset_options, where)
    warn_of_unknown(replicaset, replicaset_options, where)
    if replicaset.weight == math.huge then
        error('Replicaset weight must not be infinite' .. where, 0)
    end
    claim_rebalancer(seen, uuid, replicaset.rebalancer, mode)
    local master
    for replica_uuid, replica in pairs(replicaset.replicas) do
        check_replica(seen, replica, replica_uuid, uuid)
        claim_rebalancer(seen, replica_uuid, replica.rebalancer, mode)
        if replica.rebalancer and replicaset.rebalancer == false then
            error('Rebalancer is allowed for a replica and denied to its replicaset' .. where, 0)
        end
        if replica.master ~= nil and replicaset.master == 'auto' then
            error("Can not specify master nodes when master search is enabled" .. where, 0)
        end
        if replica.master then
            if master ~= nil then
                error('Only one master is allowed per replicaset' .. where, 0)
            end
            master = replica_uuid
        end
    end
end

local function check_sharding(config)
    local seen = {uris = {}, uuids = {}, names = {}}
    local total_weight, any = 0, false
    for uuid, replicaset in pairs(config.sharding) do
        check_replicaset(seen, replicaset, uuid, config.rebalancer_mode)
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
                error('Zone weight must be either number or nil', 0)
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
    config = table.deepcopy(config)
    check_options(config, options, '')
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
-- @return table of the sharding, table for box.cfg
local function split(config)
    local sharding, box_options = {}, {}
    for key, value in pairs(config) do
        if options[key] ~= nil then
            sharding[key] = value
        else
            box_options[key] = value
        end
    end
    return sharding, box_options
end

return {
    check = check,
    split = split,
}
