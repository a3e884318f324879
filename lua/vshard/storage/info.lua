--- What an operator wants to know about a storage at a glance.
-- @module vshard.storage.info

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')
local service = require('vshard.service')

local BUCKET = consts.BUCKET
local STATUS = consts.STATUS
local code = lerror.code

-- Collects the alerts and the worst of their colours.
local function new_report()
    local report = {alerts = {}, status = STATUS.GREEN}
    function report.add(status, ...)
        report.status = math.max(report.status, status)
        table.insert(report.alerts, lerror.alert(...))
    end
    return report
end

local function describe_master(replicaset)
    if replicaset.is_master_auto then
        return 'auto'
    end
    local master = replicaset.master
    if master == nil then
        return 'missing'
    end
    local conn = master.conn
    return {
        uri = master:safe_uri(),
        uuid = conn and conn.peer_uuid,
        state = conn and conn.state,
        error = conn and conn.error,
    }
end

local function describe_replicasets()
    local result = {}
    for uuid, replicaset in pairs(M.replicasets) do
        result[uuid] = {uuid = uuid, master = describe_master(replicaset)}
    end
    return result
end

-- A master looks at those that follow it.
local function master_replication(report)
    local all, active = 0, 0
    for _, replica in pairs(box.info.replication) do
        if replica.uuid ~= M.this_replica.uuid then
            all = all + 1
            if replica.downstream == nil or replica.downstream.vclock == nil then
                report.add(STATUS.YELLOW, code.UNREACHABLE_REPLICA, replica.uuid)
            else
                active = active + 1
            end
        end
    end
    if all > 0 and active == 0 then
        report.add(STATUS.RED, code.UNREACHABLE_REPLICASET, M.this_replicaset.uuid)
    elseif all > 1 and active == 1 then
        report.add(STATUS.ORANGE, code.LOW_REDUNDANCY)
    end
    return {status = 'master'}
end

-- How bad it is to have heard nothing, or what was old, for some seconds.
local function severity(seconds)
    if seconds > consts.REPLICATION_THRESHOLD_FAIL then
        return STATUS.RED
    elseif seconds > consts.REPLICATION_THRESHOLD_HARD then
        return STATUS.ORANGE
    end
    return STATUS.YELLOW
end

-- A replica looks at its master.
local function replica_replication(report, master)
    local replication = {}
    local upstream = {}
    for _, replica in pairs(box.info.replication) do
        if replica.uuid == master.uuid then
            upstream = replica.upstream or {}
        end
    end
    -- Without a link to the master there is nothing to follow at all.
    replication.status = upstream.status or 'disconnected'
    if replication.status ~= 'follow' then
        replication.idle = upstream.idle
        report.add(severity(upstream.idle or math.huge), code.UNREACHABLE_MASTER,
                   M.this_replicaset.uuid, replication.status)
        return replication
    end
    local lag = upstream.lag
    replication.lag = lag
    if lag >= consts.REPLICATION_THRESHOLD_FAIL then
        report.add(STATUS.RED, code.OUT_OF_SYNC)
    elseif lag >= consts.REPLICATION_THRESHOLD_SOFT then
        report.add(lag >= consts.REPLICATION_THRESHOLD_HARD and STATUS.ORANGE or STATUS.YELLOW,
                   code.HIGH_REPLICATION_LAG, lag)
    end
    return replication
end

local function describe_replication(report)
    local master = M.this_replicaset.master
    if master == nil and not M.this_replicaset.is_master_auto then
        report.add(STATUS.ORANGE, code.MISSING_MASTER, M.this_replicaset.uuid)
    end
    if master ~= nil and master ~= M.this_replica then
        return replica_replication(report, master)
    elseif M.is_master then
        return master_replication(report)
    end
    return {status = 'slave'}
end

-- The pinned ones are active, too.
local function count_buckets(report)
    local pinned = bucket.count(BUCKET.PINNED)
    local result = {
        active = bucket.count(BUCKET.ACTIVE) + pinned,
        pinned = pinned,
        sending = bucket.count(BUCKET.SENDING),
        receiving = bucket.count(BUCKET.RECEIVING),
        garbage = bucket.count(BUCKET.SENT),
        total = bucket.space() ~= nil and bucket.space():len() or 0,
    }
    if M.this_replicaset.lock then
        result.lock = true
    end
    if result.receiving ~= 0 and result.sending ~= 0 then
        report.add(STATUS.YELLOW, code.INVALID_REBALANCING)
    end
    return result
end

-- What is on its way right now. Calls that began on older code note no more
-- than the fact.
local function describe_transfers()
    local result = {}
    local now = fiber.clock()
    for bucket_id, record in pairs(M.rebalancer_transfering_buckets) do
        local known = type(record) == 'table' and record or {direction = 'unknown', since = now}
        table.insert(result, {
            bucket_id = bucket_id,
            direction = known.direction,
            peer = known.peer,
            seconds = now - known.since,
        })
    end
    table.sort(result, function(a, b) return a.bucket_id < b.bucket_id end)
    return result
end

local function describe_services()
    local services = {}
    for key, record in pairs(M.services) do
        if not record.stopped then
            services[key] = service.describe(key, record)
        end
    end
    services.routes_applier = M.applier.is_busy and
                              {name = 'routes_applier', status = 'ok', status_idx = 0,
                               activity = 'applying routes', error = ''} or nil
    return services
end

--- State of this storage.
-- @param opts with_services: tell about the background fibers and the
--   transfers, too
-- @return table with replicasets, bucket, replication, status and alerts
local function info(opts)
    local report = new_report()
    local result = {
        identification_mode = M.current_cfg.identification_mode,
        uri = M.this_replica:safe_uri(),
        replicasets = describe_replicasets(),
        replication = describe_replication(report),
        bucket = count_buckets(report),
    }
    result.alerts = report.alerts
    result.status = report.status
    if opts ~= nil and opts.with_services then
        result.services = describe_services()
        result.transfers = describe_transfers()
        result.transfer_statistics = table.copy(M.transfer_statistics)
    end
    return result
end

return {info = info}
