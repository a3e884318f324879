--- Buckets of this storage: their states, and the references that keep a
-- bucket in its place while it is used.
--
-- A reference is counted in memory. Whether a bucket can be referenced depends
-- on its row in _bucket, so the answer is remembered beside the counters and
-- forgotten by a trigger when the row changes: the way of a call does not
-- touch the space.
-- @module vshard.storage.bucket

local access = require('vshard.storage.access')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')
local protection = require('vshard.storage.protection')
local service = require('vshard.service')

local YIELD_AFTER = 10000

local code = lerror.code
local BUCKET = consts.BUCKET

local is_writable_status = {[BUCKET.ACTIVE] = true, [BUCKET.PINNED] = true}
-- The collector need not look around all the time when it is told of what is its.
local is_collected = {[BUCKET.SENT] = true, [BUCKET.GARBAGE] = true}

local is_readable_status = {[BUCKET.ACTIVE] = true, [BUCKET.PINNED] = true,
                            [BUCKET.SENDING] = true}

--- The space of the buckets.
local function space()
    return box.space._bucket
end

--- The row of a bucket, nil if there is none or no space yet.
local function get(bucket_id)
    local _bucket = box.space._bucket
    return _bucket ~= nil and _bucket:get({bucket_id}) or nil
end

--- Number of buckets in a state.
local function count(status)
    local _bucket = box.space._bucket
    return _bucket ~= nil and _bucket.index.status:count({status}) or 0
end

-- What is known of a bucket -----------------------------------------------

local function forget(ref)
    ref.readable = false
    ref.writable = false
end

--- Forget what is known of all buckets.
local function forget_all()
    for _, ref in pairs(M.bucket_refs) do
        forget(ref)
    end
    M.bucket_generation = M.bucket_generation + 1
end

local function ref_of(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref == nil then
        ref = {ro = 0, rw = 0, ro_lock = false, rw_lock = false,
               readable = false, writable = false}
        M.bucket_refs[bucket_id] = ref
    end
    return ref
end

-- Drop the record of a bucket that is not here and that nobody uses.
local function release_record(bucket_id, ref)
    if ref.ro == 0 and ref.rw == 0 and not ref.ro_lock and not ref.rw_lock then
        M.bucket_refs[bucket_id] = nil
    end
end

local function forget_bucket(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref ~= nil then
        forget(ref)
    end
    M.bucket_generation = M.bucket_generation + 1
end

-- Wake the collector, unless a transfer is at work on the bucket, which will do
-- that itself.
local function tell_collector(new)
    if new ~= nil and is_collected[new[2]] and M.is_master and
       M.rebalancer_transfering_buckets[new[1]] == nil then
        box.on_commit(function()
            service.wakeup(M.services, 'gc')
        end)
    end
end

-- The transaction of a change may still be rolled back, after which what a
-- reader has learnt in between is wrong.
local function on_bucket_replace(old, new)
    local bucket_id = (new or old)[1]
    if M.is_bucket_protected and M.is_master then
        protection.check_change(old, new, M.bucket_refs[bucket_id])
    end
    forget_bucket(bucket_id)
    tell_collector(new)
    if new == nil then
        if old[3] ~= nil then
            M.route_map[bucket_id] = old[3]
        end
    else
        M.route_map[bucket_id] = nil
    end
    box.on_rollback(function()
        forget_bucket(bucket_id)
    end)
end

local function on_truncate(_, new)
    if box.space._bucket ~= nil and new ~= nil and new[1] == box.space._bucket.id then
        if M.is_bucket_protected and M.is_master then
            box.error(box.error.UNSUPPORTED, 'vshard', '_bucket truncation')
        end
        forget_all()
        box.on_rollback(forget_all)
    end
end

-- Hang a trigger on a space, in place of that of older code. The space may have
-- been made anew since, without the old one.
local function hang(watched, trigger, old)
    local ok, result = pcall(watched.on_replace, watched, trigger, old)
    if ok then
        return result
    end
    return watched:on_replace(trigger)
end

--- Watch the space of the buckets, in place of the code that did before.
-- @return true unless the space is not here yet
local function watch()
    local _bucket = box.space._bucket
    if _bucket == nil then
        return false
    end
    M.bucket_trigger = hang(_bucket, on_bucket_replace, M.bucket_trigger)
    M.truncate_trigger = hang(box.space._truncate, on_truncate, M.truncate_trigger)
    forget_all()
    return true
end

local is_watching = false

-- A replica gets the space from its master, perhaps long after it started.
local function ensure_watched()
    if not is_watching then
        is_watching = watch()
    end
    return is_watching
end

-- Whether a bucket can be used ----------------------------------------------

--- The error of a write on an instance that is not the master.
local function non_master()
    local master = M.this_replicaset and M.this_replicaset.master
    return lerror.vshard(code.NON_MASTER, M.this_replica and M.this_replica.uuid,
                         M.this_replicaset and M.this_replicaset.uuid,
                         master and master ~= M.this_replica and master.uuid or nil)
end

--- Tell whether a bucket can be read or written here.
-- @param mode 'read' or 'write'
-- @return the bucket's row; or nil and the error
local function check_state(bucket_id, mode)
    local bucket = get(bucket_id)
    if bucket == nil then
        return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id, 'Not found', M.route_map[bucket_id])
    end
    local status = bucket.status
    if mode == 'write' then
        if is_writable_status[status] then
            if not M.is_master then
                return nil, non_master()
            end
            return bucket
        end
        if status == BUCKET.RECEIVING or status == BUCKET.SENDING then
            return nil, lerror.vshard(code.TRANSFER_IS_IN_PROGRESS, bucket_id, bucket.destination)
        end
    elseif is_readable_status[status] then
        return bucket
    end
    return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id, mode .. ' is prohibited',
                              bucket.destination or M.route_map[bucket_id])
end

-- References ------------------------------------------------------------------

-- The long way to a reference: find out why the short one was closed.
local function check_ref(bucket_id, mode)
    access.check()
    if type(bucket_id) ~= 'number' then
        error('Usage: bucket_ref(bucket_id, mode)')
    end
    local bucket, err = check_state(bucket_id, mode)
    if bucket == nil then
        return nil, err
    end
    local ref = ref_of(bucket_id)
    if mode == 'write' and ref.rw_lock or mode == 'read' and ref.ro_lock then
        return nil, lerror.vshard(code.BUCKET_IS_LOCKED, bucket_id)
    end
    if ensure_watched() then
        ref.readable = is_readable_status[bucket.status] and not ref.ro_lock or false
        ref.writable = is_writable_status[bucket.status] and not ref.rw_lock or false
    end
    return ref
end

--- Keep a bucket readable: it can be sent meanwhile, but not deleted.
-- @return true; or nil and the error
local function refro(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref == nil or not ref.readable or not M.is_enabled then
        local err
        ref, err = check_ref(bucket_id, 'read')
        if ref == nil then
            return nil, err
        end
    end
    ref.ro = ref.ro + 1
    return true
end

--- Keep a bucket writable: it cannot be sent meanwhile.
-- @return true; or nil and the error
local function refrw(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref == nil or not ref.writable or not M.is_master or not M.is_enabled then
        local err
        ref, err = check_ref(bucket_id, 'write')
        if ref == nil then
            return nil, err
        end
    end
    ref.rw = ref.rw + 1
    return true
end

--- Take a bucket out of use for one reader.
-- @return true; or nil and the error
local function unrefro(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref == nil or ref.ro == 0 then
        return nil, lerror.vshard(code.BUCKET_IS_CORRUPTED, bucket_id, 'no ro refs on unref')
    end
    ref.ro = ref.ro - 1
    return true
end

--- Take a bucket out of use for one writer.
-- @return true; or nil and the error
local function unrefrw(bucket_id)
    local ref = M.bucket_refs[bucket_id]
    if ref == nil or ref.rw == 0 then
        return nil, lerror.vshard(code.BUCKET_IS_CORRUPTED, bucket_id, 'no rw refs on unref')
    end
    ref.rw = ref.rw - 1
    if ref.rw == 0 and ref.on_unlocked ~= nil then
        ref.on_unlocked:broadcast()
    end
    return true
end

--- References by the word for the mode.
-- @param mode 'read' or 'write'
local function ref(bucket_id, mode)
    if mode == 'read' then
        return refro(bucket_id)
    elseif mode == 'write' then
        return refrw(bucket_id)
    end
    error('Unknown mode')
end

local function unref(bucket_id, mode)
    if mode == 'read' then
        return unrefro(bucket_id)
    elseif mode == 'write' then
        return unrefrw(bucket_id)
    end
    error('Unknown mode')
end

-- Locks -------------------------------------------------------------------------

--- Let no new writer into a bucket and wait until the present ones are gone.
-- @param timeout seconds
-- @return true, the bucket is locked; or nil and the error
local function lock_writes(bucket_id, timeout)
    local record = ref_of(bucket_id)
    if record.rw_lock then
        return nil, lerror.vshard(code.BUCKET_IS_LOCKED, bucket_id)
    end
    record.rw_lock = true
    forget(record)
    if record.rw == 0 then
        return true
    end
    record.on_unlocked = fiber.cond()
    local deadline = fiber.clock() + timeout
    while record.rw > 0 do
        local left = deadline - fiber.clock()
        local ok = left > 0 and pcall(record.on_unlocked.wait, record.on_unlocked, left)
        if not ok and record.rw > 0 then
            record.on_unlocked = nil
            record.rw_lock = false
            fiber.testcancel()
            return nil, lerror.timeout()
        end
    end
    record.on_unlocked = nil
    return true
end

--- Let writers in again, as far as the bucket's state allows it.
local function unlock_writes(bucket_id)
    local record = M.bucket_refs[bucket_id]
    if record ~= nil then
        record.rw_lock = false
        forget(record)
    end
end

--- Let no new reader into a bucket, unless somebody reads it.
-- @return true if the bucket has no readers and gets none any more
local function lock_reads(bucket_id)
    local record = ref_of(bucket_id)
    if record.ro > 0 or record.rw > 0 then
        return false
    end
    record.ro_lock = true
    forget(record)
    return true
end

local function unlock_reads(bucket_id)
    local record = M.bucket_refs[bucket_id]
    if record ~= nil then
        record.ro_lock = false
        forget(record)
        release_record(bucket_id, record)
    end
end

--- Number of readers.
local function readers(bucket_id)
    local record = M.bucket_refs[bucket_id]
    return record ~= nil and record.ro or 0
end

-- Description ---------------------------------------------------------------

--- Tell whether this instance moves the bucket right now.
local function is_transferring(bucket_id)
    return M.rebalancer_transfering_buckets[bucket_id] ~= nil
end

-- One bucket as the public functions show it. Fields that say nothing are
-- left out.
local function describe(bucket)
    local record = M.bucket_refs[bucket.id]
    local result = {status = bucket.status, id = bucket.id}
    if bucket.destination ~= nil then
        result.destination = bucket.destination
    end
    if record ~= nil then
        if record.ro ~= 0 then
            result.ref_ro = record.ro
        end
        if record.rw ~= 0 then
            result.ref_rw = record.rw
        end
        if record.ro_lock then
            result.ro_lock = true
        end
        if record.rw_lock then
            result.rw_lock = true
        end
    end
    return result
end

--- State of one bucket, for this and for other instances.
-- @return the row as a map and, while the bucket moves, is_transfering; with the
--   error that a read would get, if it would; or nil and the error
local function stat(bucket_id)
    if type(bucket_id) ~= 'number' then
        error('Usage: bucket_stat(bucket_id)')
    end
    local _, err = check_state(bucket_id, 'read')
    local bucket = get(bucket_id)
    if bucket == nil then
        return nil, err
    end
    local result = bucket:tomap()
    if is_transferring(bucket_id) then
        result.is_transfering = true
    end
    return result, err
end

--- State of some or all buckets.
-- @param bucket_id one bucket, or nil for all
-- @return table by bucket id
local function info(bucket_id)
    local result = setmetatable({}, {__serialize = 'mapping'})
    local _bucket = space()
    if _bucket == nil then
        return result
    end
    local seen = 0
    for _, bucket in _bucket:pairs({bucket_id}) do
        result[bucket.id] = describe(bucket)
        seen = seen + 1
        if seen % YIELD_AFTER == 0 then
            fiber.yield()
        end
    end
    return result
end

return {
    is_readable_status = is_readable_status,
    is_writable_status = is_writable_status,
    space = space,
    get = get,
    count = count,
    watch = function()
        is_watching = watch()
        return is_watching
    end,
    forget_all = forget_all,
    check_state = check_state,
    non_master = non_master,
    ref = ref,
    refro = refro,
    refrw = refrw,
    unref = unref,
    unrefro = unrefro,
    unrefrw = unrefrw,
    check_ref = check_ref,
    lock_writes = lock_writes,
    unlock_writes = unlock_writes,
    lock_reads = lock_reads,
    unlock_reads = unlock_reads,
    readers = readers,
    is_transferring = is_transferring,
    stat = stat,
    info = info,
}
