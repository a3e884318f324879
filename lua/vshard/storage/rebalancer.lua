--- The rebalancer: one instance of the cluster compares how many buckets the
-- replica sets have with how many they should have, and tells those with too
-- many where to send some.
-- @module vshard.storage.rebalancer

local balance = require('vshard.balance')
local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')
local routes_applier = require('vshard.storage.routes_applier')
local service = require('vshard.service')

local BUCKET = consts.BUCKET

-- Where the rebalancer lives ---------------------------------------------------

-- An instance or replica set that the configuration names.
local function appointed()
    for _, replicaset in pairs(M.replicasets) do
        if replicaset.rebalancer then
            return replicaset.master
        end
        for _, replica in pairs(replicaset.replicas) do
            if replica.rebalancer then
                return replica
            end
        end
    end
end

local function is_anybody_appointed()
    for _, replicaset in pairs(M.replicasets) do
        if replicaset.rebalancer then
            return true
        end
        for _, replica in pairs(replicaset.replicas) do
            if replica.rebalancer then
                return true
            end
        end
    end
    return false
end

-- The master with the smallest uuid, of those that may.
local function smallest_master()
    local smallest
    for _, replicaset in pairs(M.replicasets) do
        local master = replicaset.master
        if master == nil and replicaset.is_master_auto and replicaset:locate_master() then
            master = replicaset.master
        end
        if master ~= nil and replicaset.rebalancer ~= false and master.rebalancer ~= false and
           (smallest == nil or master.uuid < smallest.uuid) then
            smallest = master
        end
    end
    return smallest
end

--- The instance where the rebalancer of this configuration lives.
-- @return replica object, nil if there is none
local function location()
    if M.current_cfg.rebalancer_mode == 'off' then
        return nil
    end
    if is_anybody_appointed() then
        return appointed()
    end
    if M.current_cfg.rebalancer_mode == 'manual' then
        return nil
    end
    return smallest_master()
end

-- States ------------------------------------------------------------------------

-- Counts are only worth something while no bucket is on its way.
local function is_unsettled()
    return bucket.space() == nil or next(M.rebalancer_transfering_buckets) ~= nil or
           routes_applier.is_busy() or
           bucket.count(BUCKET.SENDING) > 0 or bucket.count(BUCKET.RECEIVING) > 0 or
           bucket.count(BUCKET.GARBAGE) > 0
end

--- Counts of this replica set for the rebalancer.
-- @return table with bucket_active_count and bucket_pinned_count; nil while
--   buckets are on their way or rebalancing is disabled here
local function request_state()
    if not M.is_master then
        return nil, bucket.non_master()
    end
    if not M.is_rebalancer_active or is_unsettled() then
        return nil
    end
    return {
        bucket_active_count = bucket.count(BUCKET.ACTIVE),
        bucket_pinned_count = bucket.count(BUCKET.PINNED),
    }
end

-- @return table for the arithmetic, sum of all buckets; or nil and the error,
--   which is absent when some replica set is not settled
local function download_states()
    local states, total = {}, 0
    for uuid, replicaset in pairs(M.replicasets) do
        local ok, state, err
        if replicaset == M.this_replicaset and M.is_master then
            ok, state, err = true, request_state()
        else
            ok, state, err = replicaset:request('callrw',
                'vshard.storage.rebalancer_request_state', {},
                {timeout = consts.REBALANCER_GET_STATE_TIMEOUT})
        end
        if not ok then
            return nil, state
        end
        if state == nil then
            return nil, err
        end
        local count = state.bucket_active_count + state.bucket_pinned_count
        total = total + count
        states[uuid] = {uuid = uuid, count = count, pinned = state.bucket_pinned_count,
                        weight = replicaset.weight, lock = replicaset.lock}
    end
    return states, total
end

-- Rounds ------------------------------------------------------------------------

local function send_routes(routes)
    for uuid, targets in pairs(routes) do
        local replicaset = M.replicasets[uuid]
        local ok, result, err
        if replicaset == M.this_replicaset and M.is_master then
            ok, result, err = true, routes_applier.apply(targets)
        else
            ok, result, err = replicaset:request('callrw',
                'vshard.storage.rebalancer_apply_routes', {targets},
                {timeout = consts.REBALANCER_APPLY_ROUTES_TIMEOUT})
        end
        if not ok then
            err = result
        end
        if not ok or result ~= true then
            return nil, lerror.make(err)
        end
    end
    return true
end

local function step()
    if location() ~= M.this_replica then
        return consts.REBALANCER_IDLE_INTERVAL
    end
    if not M.is_rebalancer_active then
        log.info('Rebalancer is disabled. Sleep')
        return consts.REBALANCER_IDLE_INTERVAL
    end
    local states, total = download_states()
    if states == nil then
        if total ~= nil then
            log.error('Error during downloading rebalancer states: %s', tostring(total.message))
        else
            log.info('Some buckets are not active, retry rebalancing later')
        end
        return consts.REBALANCER_WORK_INTERVAL
    end
    if total ~= M.total_bucket_count then
        log.warn('Total active bucket count is not equal to total. Possibly a bootstrap is not ' ..
                 'finished yet. Expected %d, but found %d', M.total_bucket_count, total)
        return consts.REBALANCER_WORK_INTERVAL
    end
    balance.set_etalons(states)
    local disbalance = balance.disbalance(states)
    local routes = balance.routes(states)
    -- With everyone locked or unwanted there may be nowhere to send buckets to.
    if disbalance <= M.rebalancer_disbalance_threshold or next(routes) == nil then
        log.info('The cluster is balanced ok. Schedule next rebalancing after %f seconds',
                 consts.REBALANCER_IDLE_INTERVAL)
        return consts.REBALANCER_IDLE_INTERVAL
    end
    local ok, err = send_routes(routes)
    if not ok then
        log.error('Error during routes applying: %s. Disbalance is %f percents',
                  tostring(err.message), disbalance)
        return consts.REBALANCER_WORK_INTERVAL
    end
    log.info('Rebalance routes are sent. Schedule next wakeup after %f seconds',
             consts.REBALANCER_WORK_INTERVAL)
    return consts.REBALANCER_WORK_INTERVAL
end

--- Let the rebalancer look from now on whether it should work here.
local function start()
    service.start(M.services, 'rebalancer', 'vshard.rebalancer', step)
end

local function wakeup()
    service.wakeup(M.services, 'rebalancer')
end

--- Neither start rebalancing nor let this instance take part in it.
local function disable()
    M.is_rebalancer_active = false
end

local function enable()
    M.is_rebalancer_active = true
    wakeup()
end

return {
    start = start,
    wakeup = wakeup,
    disable = disable,
    enable = enable,
    location = location,
    request_state = request_state,
}
