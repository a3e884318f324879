--- Applying the rebalancer's routes: this replica set sends so many buckets to
-- those, several at once if it may.
-- @module vshard.storage.routes_applier

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')
local transfer = require('vshard.storage.transfer')
local yaml = require('yaml')

local BUCKET = consts.BUCKET
local code = lerror.code
-- Rests after a receiver asked to throttle, and after a bucket in use.
local THROTTLE = 0.1
local RETRY = 0.01
-- Failures in a row after which a receiver gets no more buckets this time.
local MAX_FAILURES = 5

local applier = M.applier

--- Tell whether routes are being applied.
local function is_busy()
    return applier.is_busy == true
end

-- Receivers in turn, so that all of them get buckets from the start.
local function next_target(round)
    for _ = 1, #round.targets do
        round.position = round.position % #round.targets + 1
        local target = round.targets[round.position]
        if target.left > 0 then
            return target
        end
    end
end

-- An active bucket that nobody is sending and that is not known to be busy.
local function next_bucket(round)
    for _, row in bucket.space().index.status:pairs({BUCKET.ACTIVE}) do
        if not bucket.is_transferring(row.id) and not round.skipped[row.id] then
            return row.id
        end
    end
end

-- What a failed attempt says about the bucket and about the receiver.
local function note_failure(round, target, bucket_id, err)
    if err.type == 'ShardingError' then
        if err.code == code.TOO_MANY_RECEIVING then
            if not target.is_throttled then
                target.is_throttled = true
                log.error('Too many buckets is being sent to %s', target.uuid)
            end
            fiber.sleep(THROTTLE)
            return
        end
        if err.code == code.STORAGE_IS_REFERENCED then
            fiber.sleep(RETRY)
            return
        end
        if err.code == code.REPLICASET_IS_LOCKED or err.code == code.NO_SUCH_REPLICASET or
           err.code == code.NON_MASTER then
            log.info('Can not finish transfers to %s, skip to next round', target.uuid)
            target.left = 0
            return
        end
    end
    round.skipped[bucket_id] = true
    target.failures = target.failures + 1
    if target.failures >= MAX_FAILURES then
        log.info('Can not finish transfers to %s, skip to next round', target.uuid)
        target.left = 0
    end
    fiber.sleep(RETRY)
end

local function send_one(round, target)
    local bucket_id = next_bucket(round)
    if bucket_id == nil then
        log.error('Can not find active buckets')
        target.left = 0
        return
    end
    target.left = target.left - 1
    local ok, err = transfer.send(bucket_id, target.uuid,
                                  {timeout = M.rebalancer_bucket_send_timeout})
    local row = bucket.get(bucket_id)
    -- The end of a transfer may get lost after all of the bucket is there.
    if ok or row == nil or row.status == BUCKET.SENT or row.status == BUCKET.GARBAGE then
        target.failures = 0
        target.sent = (target.sent or 0) + 1
        round.sent = round.sent + 1
        if target.sent == target.wanted then
            log.info('%d buckets were successfully sent to %s', target.sent, target.uuid)
        end
        return
    end
    target.left = target.left + 1
    if err.code ~= code.TOO_MANY_RECEIVING then
        log.error('Error during rebalancer routes applying: receiver %s, error %s', target.uuid,
                  tostring(err))
        round.last_error = err
    end
    note_failure(round, target, bucket_id, err)
end

-- Workers of older code leave the rest of a round to those of the new.
local function work(round, generation)
    while M.is_master and M.is_rebalancer_active and applier.generation == generation do
        local target = next_target(round)
        if target == nil then
            return
        end
        send_one(round, target)
    end
end

local function run(round, generation)
    local workers = fiber.channel(round.workers)
    for i = 1, round.workers do
        fiber.create(function()
            fiber.name('vshard.rebalancer_worker_' .. i, {truncate = true})
            local ok, err = pcall(work, round, generation)
            if not ok then
                log.error('Rebalancer worker has failed: %s', tostring(err))
            end
            workers:put(true)
        end)
    end
    for _ = 1, round.workers do
        workers:get()
    end
end

-- What is left of a round, for people to read.
local function describe(round)
    local left = setmetatable({}, {__serialize = 'mapping'})
    for _, target in ipairs(round.targets) do
        left[target.uuid] = target.left
    end
    return yaml.encode(left)
end

local function log_end(round, ok, err)
    local throttled = {}
    for _, target in ipairs(round.targets) do
        if target.is_throttled then
            table.insert(throttled, target.uuid)
        end
    end
    if #throttled > 0 then
        log.warn('Note, the replicasets {%s} reported too many receiving buckets. Perhaps you ' ..
                 'need to increase "rebalancer_max_receiving" or decrease ' ..
                 '"rebalancer_worker_count"', table.concat(throttled, ', '))
    end
    if not ok then
        log.error('Rebalancer routes are not applied: %s', tostring(err))
    elseif round.last_error ~= nil then
        log.info("Couldn't apply some rebalancer routes: %s", tostring(round.last_error))
    else
        log.info('Rebalancer routes are applied: %d buckets are sent', round.sent)
    end
end

-- Work on a round, after the workers that are still on it.
local function start(round)
    local previous = applier.fiber
    local generation = (applier.generation or 0) + 1
    applier.generation = generation
    applier.is_busy = true
    applier.round = round
    applier.fiber = fiber.create(function()
        fiber.name('vshard.rebalancer_applier', {truncate = true})
        while previous ~= nil and previous:status() ~= 'dead' do
            fiber.sleep(0.001)
        end
        previous = nil
        log.info('Apply rebalancer routes with %d workers:\n%s', round.workers, describe(round))
        local ok, err = pcall(run, round, generation)
        if applier.generation ~= generation then
            return
        end
        applier.is_busy = false
        applier.round = nil
        log_end(round, ok, err)
        while M.errinj.ERRINJ_APPLY_ROUTES_STOP_DELAY do
            fiber.sleep(0.01)
        end
    end)
    M.rebalancer_applier_fiber = applier.fiber
end

--- Start to send buckets.
-- @param routes table: uuid of a receiver -> number of buckets
-- @return true; or nil and the error
local function apply(routes)
    if M.this_replicaset.lock then
        return nil, lerror.vshard(code.REPLICASET_IS_LOCKED)
    end
    if not M.is_master then
        return nil, bucket.non_master()
    end
    if is_busy() then
        return nil, lerror.make('The previous routes are still being applied')
    end
    local round = {targets = {}, position = 0, skipped = {}, sent = 0,
                   workers = M.rebalancer_max_sending}
    for uuid, count in pairs(routes) do
        table.insert(round.targets, {uuid = uuid, left = count, wanted = count, failures = 0})
    end
    table.sort(round.targets, function(a, b) return a.uuid < b.uuid end)
    start(round)
    return true
end

--- Go on with the routes that older code has begun to apply.
local function resume()
    if is_busy() and applier.round ~= nil then
        start(applier.round)
    end
end

return {
    apply = apply,
    resume = resume,
    is_busy = is_busy,
}
