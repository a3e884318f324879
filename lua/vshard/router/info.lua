--- What an operator wants to know about a router at a glance.
-- @module vshard.router.info

local consts = require('vshard.consts')
local lerror = require('vshard.error')
local service = require('vshard.service')

local STATUS = consts.STATUS
local code = lerror.code

local function is_available(replica)
    return replica ~= nil and replica:is_connected() and not replica.is_stalled
end

local function describe_replica(replica)
    if replica == nil then
        return {status = 'missing'}
    end
    return {
        uuid = replica.uuid,
        uri = replica:safe_uri(),
        network_timeout = replica.net_timeout,
        status = is_available(replica) and 'available' or 'unreachable',
    }
end

-- How the buckets of a replica set can be reached.
local function kind_of(replicaset)
    return is_available(replicaset.master) and 'available_rw' or
           is_available(replicaset.replica) and 'available_ro' or 'unreachable'
end

local function describe_replicaset(report, replicaset)
    local master, replica = replicaset.master, replicaset.replica
    local uuid = replicaset.uuid
    local result = {uuid = uuid, master = describe_replica(master)}
    -- One instance in both roles is described by one table.
    result.replica = replica ~= nil and replica == master and result.master or
                     describe_replica(replica)
    if master == nil then
        report.add(STATUS.ORANGE, code.MISSING_MASTER, uuid)
    elseif result.master.status ~= 'available' then
        report.add(STATUS.ORANGE, code.UNREACHABLE_MASTER, uuid, 'disconnected')
    end
    local best = replicaset.priority_list[1]
    if best ~= nil and (replica == nil or best.weight < replica.weight) then
        report.add(STATUS.YELLOW, code.SUBOPTIMAL_REPLICA, uuid)
    end
    local kind = kind_of(replicaset)
    if kind == 'unreachable' then
        report.add(STATUS.RED, code.UNREACHABLE_REPLICASET, uuid)
    end
    result.bucket = {[kind] = replicaset.bucket_count}
    return result, kind
end

local function describe_services(router)
    local services = {}
    for key, record in pairs(router.services) do
        if not record.stopped then
            services[key] = service.describe(key, record)
        end
    end
    return services
end

local function note_unknown(report, bucket)
    if bucket.unknown > 0 then
        report.add(STATUS.YELLOW, code.UNKNOWN_BUCKETS, bucket.unknown)
    elseif bucket.unknown < 0 then
        report.add(STATUS.RED, code.INVALID_CFG, "probably router's cfg.bucket_count is " ..
                   "different from storages' one, difference is " .. -bucket.unknown)
        bucket.unknown = '???'
    end
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
    local total = {available_rw = 0, available_ro = 0, unreachable = 0}
    local replicasets = {}
    for uuid, replicaset in pairs(router.replicasets) do
        local description, kind = describe_replicaset(report, replicaset)
        total[kind] = total[kind] + replicaset.bucket_count
        replicasets[uuid] = description
    end
    total.unknown = router.total_bucket_count - router.known_bucket_count
    note_unknown(report, total)
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
        kinds[uuid] = kind_of(replicaset)
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
