--- The recovery: brings buckets whose transfer broke off to one side.
--
-- Each side asks the other what it has. The rules never make both sides own a
-- bucket, whichever of them applies its rule first:
--
--   here SENDING   the other owns it              -> SENT
--                  the other does not             -> ACTIVE
--   here RECEIVING the other has sent it to here  -> ACTIVE
--                  the other has sent it elsewhere,
--                  or owns it still               -> GARBAGE
--
-- A sender marks the bucket SENT before the receiver may own it. So while this
-- side is SENDING, a row SENT of the other is one of an earlier time, which it
-- has not cleaned up yet and for which it has refused the bucket.
--
-- Before a bucket becomes active because the other side has none of it, the
-- rest of the cluster is asked: the other side may have sent it to a third one
-- since.
-- @module vshard.storage.recovery

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')
local service = require('vshard.service')

local BUCKET = consts.BUCKET

local after_sending = {
    [BUCKET.ACTIVE] = BUCKET.SENT,
    [BUCKET.PINNED] = BUCKET.SENT,
    [BUCKET.SENDING] = BUCKET.SENT,
    [BUCKET.SENT] = BUCKET.ACTIVE,
    -- What came is not complete, or this side would be marked SENT.
    [BUCKET.RECEIVING] = BUCKET.ACTIVE,
    [BUCKET.GARBAGE] = BUCKET.ACTIVE,
    missing = BUCKET.ACTIVE,
}

local after_receiving = {
    [BUCKET.ACTIVE] = BUCKET.GARBAGE,
    [BUCKET.PINNED] = BUCKET.GARBAGE,
    [BUCKET.SENDING] = BUCKET.GARBAGE,
    -- Nothing but a bucket that was sent is collected there.
    [BUCKET.GARBAGE] = BUCKET.ACTIVE,
    missing = BUCKET.ACTIVE,
}

local rules = {[BUCKET.SENDING] = after_sending, [BUCKET.RECEIVING] = after_receiving}

--- State of a bucket for the recovery of the other side. Only the master
-- knows it for sure.
-- @return table with id, status, is_transfering; nothing if there is none;
--   or nil and the error
local function bucket_stat(bucket_id)
    if not M.is_master then
        return nil, bucket.non_master()
    end
    local row = bucket.get(bucket_id)
    if row == nil then
        return nil
    end
    return {id = row.id, status = row.status, destination = row.destination,
            is_transfering = bucket.is_transferring(bucket_id)}
end

-- Storages of public vshard do not say there where a bucket was sent to.
-- @return the peer's answer with the destination; or nil and the error
local function add_destination(replicaset, remote)
    local ok, stat = replicaset:request_master('vshard.storage.bucket_stat', {remote.id},
                                               {timeout = consts.RECOVERY_GET_STAT_TIMEOUT})
    if not ok then
        return nil, stat
    end
    -- If it is gone meanwhile, the next look finds it missing.
    if type(stat) ~= 'table' or stat.status ~= BUCKET.SENT then
        return nil, lerror.make('the bucket is changing')
    end
    remote.destination = stat.destination
    return remote
end

-- @return table with the status, 'missing' if there is none, is_transfering and,
--   of a sent bucket, the destination; or nil and the error
local function ask_peer(replicaset, bucket_id)
    local ok, remote, err = replicaset:request_master('vshard.storage._call',
                                                      {'recovery_bucket_stat', bucket_id},
                                                      {timeout = consts.RECOVERY_GET_STAT_TIMEOUT})
    if not ok then
        return nil, remote
    end
    if remote == nil then
        if err ~= nil and lerror.make(err).code ~= lerror.code.WRONG_BUCKET then
            return nil, lerror.make(err)
        end
        return {status = 'missing', is_transfering = false}
    end
    if remote.status == BUCKET.SENT and remote.destination == nil then
        return add_destination(replicaset, remote)
    end
    return remote
end

local is_owner_status = {[BUCKET.ACTIVE] = true, [BUCKET.PINNED] = true, [BUCKET.SENDING] = true}

-- Tell whether anybody but the two sides has the bucket. A row SENT says
-- nothing: it may be of any earlier time, and whoever got the bucket then is
-- asked, too.
-- @return true or false; nil when somebody does not answer, or is about to have it
local function is_owned_by_third(row)
    local is_owned = false
    for uuid, replicaset in pairs(M.replicasets) do
        if replicaset ~= M.this_replicaset and uuid ~= row.destination then
            local remote = ask_peer(replicaset, row.id)
            if remote == nil then
                return nil
            end
            if is_owner_status[remote.status] then
                return true
            elseif remote.status == BUCKET.RECEIVING then
                is_owned = nil
            end
        end
    end
    return is_owned
end

-- @return the state that a bucket gets; nil when it is too early to say
local function decide(row)
    local replicaset = M.replicasets[row.destination]
    if replicaset == nil then
        log.warn('Can not find for bucket %s its peer %s', row.id, tostring(row.destination))
        return nil
    end
    local remote, err = ask_peer(replicaset, row.id)
    if remote == nil then
        log.error('Error during recovery of bucket %s on replicaset %s: %s', row.id,
                  row.destination, tostring(err))
        return nil
    end
    if remote.is_transfering then
        return nil
    end
    if row.status == BUCKET.RECEIVING and remote.status == BUCKET.SENT then
        return remote.destination == M.this_replicaset.uuid and BUCKET.ACTIVE or BUCKET.GARBAGE
    end
    local status = rules[row.status][remote.status]
    if status == BUCKET.ACTIVE and remote.status ~= BUCKET.RECEIVING then
        local is_owned = is_owned_by_third(row)
        if is_owned == nil then
            return nil
        end
        if is_owned then
            -- What was sent may have readers still, what came in part has none.
            return row.status == BUCKET.SENDING and BUCKET.SENT or BUCKET.GARBAGE
        end
    end
    return status
end

local function recover(row)
    local status = decide(row)
    if status == nil or not M.is_master then
        return false
    end
    -- Asking took time: nothing may have begun with the bucket meanwhile.
    local now = bucket.get(row.id)
    if now == nil or now.status ~= row.status or now.destination ~= row.destination or
       bucket.is_transferring(row.id) then
        return false
    end
    local peer = row.destination
    if status == BUCKET.ACTIVE then
        peer = nil
    end
    bucket.space():replace({row.id, status, peer})
    log.info('Bucket %d is recovered: %s is %s now', row.id, row.status, status)
    service.wakeup(M.services, 'gc')
    return true
end

-- @return number of buckets left, number of buckets recovered
local function recover_all(status)
    local rows = bucket.space().index.status:select({status})
    local recovered, tried = 0, 0
    for _, row in ipairs(rows) do
        if not bucket.is_transferring(row.id) then
            if tried == 0 then
                log.info('Starting %s buckets recovery step', status)
            end
            tried = tried + 1
            if recover(row) then
                recovered = recovered + 1
            end
        end
    end
    if tried > 0 then
        log.info('Finish bucket recovery step, %d %s buckets are recovered among %d', recovered,
                 status, #rows)
    end
    return #rows - recovered, recovered
end

local function step()
    -- Tells who waits that the recovery does. The second name is that of the
    -- first releases.
    while M.errinj.ERRINJ_RECOVERY_PAUSE do
        M.errinj.ERRINJ_RECOVERY_PAUSE = 1
        fiber.sleep(0.01)
    end
    if not M.is_master or bucket.space() == nil or M.errinj.ERRINJ_NO_RECOVERY then
        return consts.RECOVERY_INTERVAL
    end
    local left = recover_all(BUCKET.SENDING)
    left = left + recover_all(BUCKET.RECEIVING)
    return left > 0 and consts.RECOVERY_BACKOFF_INTERVAL or consts.RECOVERY_INTERVAL
end

--- Let the recovery work on this instance, or not, as it is the master or not.
local function follow_role()
    if M.is_master then
        M.recovery_fiber = service.start(M.services, 'recovery', 'vshard.recovery', step).fiber
    elseif service.is_running(M.services, 'recovery') then
        service.stop(M.services, 'recovery')
        M.recovery_fiber = nil
        log.info('Recovery stopped')
    end
end

local function wakeup()
    service.wakeup(M.services, 'recovery')
end

return {
    follow_role = follow_role,
    wakeup = wakeup,
    bucket_stat = bucket_stat,
}
