--- What an operator wants to know about a storage at a glance.
-- @module vshard.storage.info

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')

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
    local master = replicaset.master
    if master == nil then
        return 'missing'
    end
    return {
        uuid = master.uuid,
        uri = master:safe_uri(),
        name = master.name,
        state = master == M.this_replica and 'active' or master.conn and master.conn.state or nil,
    }
end

local function describe_replicasets(report)
    local result = {}
    for uuid, replicaset in pairs(M.replicasets) do
        result[uuid] = {uuid = uuid, master = describe_master(replicaset)}
        if replicaset.lock then
            result[uuid].lock = true
        end
        if replicaset == M.this_replicaset and replicaset.master == nil then
            report.add(STATUS.ORANGE, code.MISSING_MASTER, uuid)
        end
    end
    return result
end

-- A master looks at those that follow it.
local function master_replication(report)
    local replication = {status = 'master'}
    local all, active = 0, 0
    for _, replica in pairs(box.info.replication) do
        if replica.uuid ~= M.this_replica.uuid and
           M.this_replicaset.replicas[replica.uuid] ~= nil then
            all = all + 1
            if replica.downstream == nil or replica.downstream.vclock == nil then
                report.add(STATUS.YELLOW, code.UNREACHABLE_REPLICA, replica.uuid)
            else
                active = active + 1
            end
        end
    end
    local configured = -1
    for _ in pairs(M.this_replicaset.replicas) do
        configured = configured + 1
    end
    if configured > 0 and active == 0 then
        report.add(STATUS.ORANGE, code.LOW_REDUNDANCY)
    end
    return replication
end

-- A replica looks at its master.
local function replica_replication(report)
    local replication = {status = 'disconnected'}
    local master = M.this_replicaset.master
    if master == nil then
        return replication
    end
    for _, replica in pairs(box.info.replication) do
        if replica.uuid == master.uuid then
            local upstream = replica.upstream
            if upstream ~= nil then
                replication.status = upstream.status
                replication.idle = upstream.idle
                replication.lag = upstream.lag
            end
        end
    end
    if replication.status ~= 'follow' then
        report.add(STATUS.RED, code.UNREACHABLE_MASTER, M.this_replicaset.uuid,
                   replication.status)
    elseif replication.lag ~= nil and replication.lag >= consts.REPLICATION_LAG_MAX then
        report.add(STATUS.YELLOW, code.HIGH_REPLICATION_LAG, replication.lag)
    end
    return replication
end

local function count_buckets()
    local result = {
        active = bucket.count(BUCKET.ACTIVE),
        pinned = bucket.count(BUCKET.PINNED),
        sending = bucket.count(BUCKET.SENDING),
        receiving = bucket.count(BUCKET.RECEIVING),
        garbage = bucket.count(BUCKET.SENT) + bucket.count(BUCKET.GARBAGE),
        total = bucket.space() ~= nil and bucket.space():len() or 0,
    }
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
    local result = {}
    for key, record in pairs(M.services) do
        result[key] = {
            name = record.name,
            status = record.fiber ~= nil and record.fiber:status() or 'dead',
            error = record.error or '',
        }
    end
    return result
end

--- State of this storage.
-- @param opts with_services: tell about the background fibers and the
--   transfers, too
-- @return table with replicasets, bucket, replication, status and alerts
local function info(opts)
    if M.current_cfg == nil then
        error(lerror.vshard(code.STORAGE_IS_DISABLED, M.disabled_reason))
    end
    local report = new_report()
    local result = {
        identification_mode = M.current_cfg.identification_mode,
        replicasets = describe_replicasets(report),
        bucket = count_buckets(),
    }
    if M.is_master then
        result.replication = master_replication(report)
    else
        result.replication = replica_replication(report)
    end
    if not M.is_enabled then
        report.add(STATUS.RED, code.STORAGE_IS_DISABLED, M.disabled_reason)
    end
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
