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
--
-- Every instance decides for itself whether it is the one, so all of them must
-- decide alike, instances of public vshard included.

-- The smallest key of those that may, among the appointed if there are any.
local function choose(candidates)
    local smallest, is_any_appointed
    for _, candidate in ipairs(candidates) do
        is_any_appointed = is_any_appointed or candidate.is_appointed
    end
    for _, candidate in ipairs(candidates) do
        if candidate.may and (candidate.is_appointed or not is_any_appointed) and
           (smallest == nil or candidate.key < smallest) then
            smallest = candidate.key
        end
    end
    return smallest
end

-- The instance that the configuration names, or the master with the smallest
-- uuid of those that it names.
local function choose_instance(config)
    local candidates = {}
    for _, replicaset in pairs(config.sharding) do
        for uuid, replica in pairs(replicaset.replicas) do
            if replicaset.rebalancer ~= false then
                table.insert(candidates, {
                    key = uuid,
                    is_appointed = replicaset.rebalancer or replica.rebalancer or false,
                    may = replica.rebalancer or replica.rebalancer ~= false and
                          config.rebalancer_mode == 'auto' and replica.master,
                })
            end
        end
    end
    return choose(candidates)
end

-- The replica set whose master has the rebalancer, of those whose masters find
-- themselves.
local function choose_replicaset(config)
    local candidates = {}
    for uuid, replicaset in pairs(config.sharding) do
        table.insert(candidates, {
            key = uuid,
            is_appointed = replicaset.rebalancer or false,
            may = replicaset.rebalancer ~= false and replicaset.master == 'auto' and
                  (replicaset.rebalancer or config.rebalancer_mode == 'auto'),
        })
    end
    return choose(candidates)
end

-- Tell whether the rebalancer of this configuration lives here.
local function is_here()
    local config = M.current_cfg
    if config == nil or config.rebalancer_mode == 'off' then
        return false
    end
    local replicaset = config.sharding[M.this_replicaset.uuid]
    local replica = replicaset.replicas[M.this_replica.uuid]
    if replicaset.rebalancer == false or replica.rebalancer == false then
        return false
    end
    local instance = choose_instance(config)
    if instance ~= nil then
        return instance == M.this_replica.uuid
    end
    return M.is_master and choose_replicaset(config) == M.this_replicaset.uuid
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
            ok, state, err = replicaset:request_master(
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
            ok, result, err = replicaset:request_master(
                'vshard.storage.rebalancer_apply_routes', {targets},
                {timeout = consts.REBALANCER_APPLY_ROUTES_TIMEOUT})
        end
        if not ok then
            err = result
        end
        if not ok or result ~= true then
            log.error('Error during routes appying on "%s": %s. Try rebalance later',
                      tostring(replicaset), tostring(lerror.make(err)))
            return false
        end
    end
    return true
end

local function log_balance(worst, state)
    local what = 'The cluster is balanced ok.'
    if worst > 0 and state ~= nil then
        what = ('The cluster is balanced ok with max disbalance %f%% at "%s": etalon bucket ' ..
                'count is %d, stored count is %d. The disbalance is smaller than your threshold ' ..
                '%f%%, nothing to do.'):format(worst, state.uuid, state.etalon, state.count,
                                               M.rebalancer_disbalance_threshold)
    end
    log.info('%s Schedule next rebalancing after %f seconds', what,
             consts.REBALANCER_IDLE_INTERVAL)
end

local function step()
    if not M.is_rebalancer_active then
        log.info('Rebalancer is disabled. Sleep')
        return consts.REBALANCER_IDLE_INTERVAL
    end
    local states, total = download_states()
    if states == nil then
        if total ~= nil then
            log.error('Error during downloading rebalancer states: %s',
                      tostring(lerror.make(total)))
        end
        log.info('Some buckets are not active, retry rebalancing later')
        return consts.REBALANCER_WORK_INTERVAL
    end
    if total ~= M.total_bucket_count then
        log.info('Total active bucket count is not equal to total. Possibly a boostrap is not ' ..
                 'finished yet. Expected %d, but found %d', M.total_bucket_count, total)
        log.info('Some buckets are not active, retry rebalancing later')
        return consts.REBALANCER_WORK_INTERVAL
    end
    balance.set_etalons(states)
    local worst, state = balance.disbalance(states)
    local routes = balance.routes(states)
    -- With everyone locked or unwanted there may be nowhere to send buckets to.
    if worst <= M.rebalancer_disbalance_threshold or next(routes) == nil then
        log_balance(worst, state)
        return consts.REBALANCER_IDLE_INTERVAL
    end
    if send_routes(routes) then
        log.info('Rebalance routes are sent. Schedule next wakeup after %f seconds',
                 consts.REBALANCER_WORK_INTERVAL)
    end
    return consts.REBALANCER_WORK_INTERVAL
end

--- Let the rebalancer work on this instance, or not, as the configuration and
-- the role say, and look at the balance anew.
local function follow_role()
    local was_running = service.is_running(M.services, 'rebalancer')
    if is_here() then
        log.info(was_running and 'Wakeup the rebalancer' or 'Starting the rebalancer')
        M.rebalancer_fiber = service.start(M.services, 'rebalancer', 'vshard.rebalancer',
                                           step).fiber
    elseif was_running then
        log.info('Stopping the rebalancer')
        service.stop(M.services, 'rebalancer')
        M.rebalancer_fiber = nil
    end
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
    follow_role = follow_role,
    wakeup = wakeup,
    disable = disable,
    enable = enable,
    request_state = request_state,
}
