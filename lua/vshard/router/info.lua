--- What an operator wants to know about a router at a glance.
-- @module vshard.router.info

local consts = require('vshard.consts')
local lerror = require('vshard.error')

local STATUS = consts.STATUS
local code = lerror.code

local function describe_replica(replica)
    if replica == nil then
        return {status = 'missing'}
    end
    return {
        uuid = replica.uuid,
        uri = replica:safe_uri(),
        name = replica.name,
        network_timeout = replica.net_timeout,
        status = replica:is_connected() and not replica.is_stalled and 'available' or 'unreachable',
    }
end

local function describe_replicaset(report, replicaset, bucket)
    local master = replicaset.master
    local result = {
        uuid = replicaset.uuid,
        master = describe_replica(master),
        replica = describe_replica(replicaset.replica),
        bucket = bucket,
    }
    local is_master_up = result.master.status == 'available'
    local is_any_up = is_master_up
    for _, replica in pairs(replicaset.replicas) do
        is_any_up = is_any_up or replica:is_connected() and not replica.is_stalled
    end
    if not is_any_up then
        report.add(STATUS.RED, code.UNREACHABLE_REPLICASET, replicaset.uuid)
    elseif master == nil then
        report.add(STATUS.ORANGE, code.MISSING_MASTER, replicaset.uuid)
    elseif not is_master_up then
        report.add(STATUS.ORANGE, code.UNREACHABLE_MASTER, replicaset.uuid, 'disconnected')
    end
    local best = replicaset.priority_list[1]
    if is_any_up and replicaset.replica ~= nil and best ~= nil and
       best.weight < replicaset.replica.weight then
        report.add(STATUS.YELLOW, code.SUBOPTIMAL_REPLICA, replicaset.uuid)
    end
    return result, is_master_up and 'available_rw' or is_any_up and 'available_ro' or 'unreachable'
end

-- Number of known buckets of each replica set.
local function count_routes(router)
    local counts = {}
    for _, replicaset in pairs(router.route_map) do
        counts[replicaset.uuid] = (counts[replicaset.uuid] or 0) + 1
    end
    return counts
end

local function describe_services(router)
    local result = {}
    for key, record in pairs(router.services) do
        result[key] = {
            name = record.name,
            status = record.fiber ~= nil and record.fiber:status() or 'dead',
            error = record.error or '',
        }
    end
    return result
end

--- State of a router.
-- @param opts with_services: tell about the background fibers, too
-- @return table with replicasets, bucket, status and alerts
local function info(router, opts)
    local report = {alerts = {}, status = STATUS.GREEN}
    function report.add(status, ...)
        report.status = math.max(report.status, status)
        table.insert(report.alerts, lerror.alert(...))
    end
    local total = {available_rw = 0, available_ro = 0, unreachable = 0, unknown = 0}
    local counts = count_routes(router)
    local replicasets = {}
    for uuid, replicaset in pairs(router.replicasets) do
        local bucket = {available_rw = 0, available_ro = 0, unreachable = 0}
        local description, kind = describe_replicaset(report, replicaset, bucket)
        bucket[kind] = counts[uuid] or 0
        total[kind] = total[kind] + bucket[kind]
        replicasets[uuid] = description
    end
    total.unknown = router.total_bucket_count - router.known_bucket_count
    if total.unknown > 0 then
        report.add(STATUS.YELLOW, code.UNKNOWN_BUCKETS, total.unknown)
    elseif total.unknown < 0 then
        report.add(STATUS.RED, code.INVALID_CFG, ('the storages have %d buckets more than ' ..
                   "the router's bucket_count says"):format(-total.unknown))
    end
    if not router.is_enabled then
        report.add(STATUS.RED, code.ROUTER_IS_DISABLED, router.disabled_reason)
    end
    local result = {
        identification_mode = router.current_cfg.identification_mode,
        replicasets = replicasets,
        bucket = total,
        status = report.status,
        alerts = report.alerts,
    }
    if opts ~= nil and opts.with_services then
        result.services = describe_services(router)
    end
    return result
end

--- Where the buckets are and whether they can be reached.
-- @param offset how many buckets to pass over
-- @param limit how many to tell about
-- @return table: bucket id -> table with uuid and status
local function buckets_info(router, offset, limit)
    if offset ~= nil and type(offset) ~= 'number' or limit ~= nil and type(limit) ~= 'number' then
        error('Usage: buckets_info(offset, limit)', 0)
    end
    offset = offset or 0
    local last = math.min(offset + (limit or router.total_bucket_count), router.total_bucket_count)
    local kinds, result = {}, {}
    for uuid, replicaset in pairs(router.replicasets) do
        local _, kind = describe_replicaset({add = function() end}, replicaset)
        kinds[uuid] = kind
    end
    for bucket_id = offset + 1, last do
        local replicaset = router.route_map[bucket_id]
        if replicaset ~= nil then
            result[bucket_id] = {uuid = replicaset.uuid, status = kinds[replicaset.uuid]}
        else
            result[bucket_id] = {status = 'unknown'}
        end
    end
    return result
end

return {
    info = info,
    buckets_info = buckets_info,
}
