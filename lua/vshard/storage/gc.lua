--- The garbage collector: removes the data of buckets that live elsewhere.
--
-- A bucket that was sent may still be read, here and on replicas, by calls
-- that began before. Only when nobody does any more, it turns into garbage;
-- garbage is deleted, and then the bucket's row.
-- @module vshard.storage.gc

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')
local schema = require('vshard.storage.schema')
local service = require('vshard.service')
local trigger = require('vshard.storage.trigger')

local BUCKET = consts.BUCKET
local EVENT = consts.BUCKET_EVENT.GC

-- The replicas of this set must have the new state too, and no readers.
-- @return set of the ids that some replica still needs; or nil and the error
local function used_on_replicas(bucket_ids)
    local used = {}
    for _, replica in pairs(M.this_replicaset.replicas) do
        if replica ~= M.this_replica then
            local ok, result, err = replica:request('vshard.storage._call',
                                                    {'bucket_test_gc', bucket_ids},
                                                    {timeout = consts.GC_MAP_CALL_TIMEOUT})
            if not ok then
                return nil, result
            end
            if result == nil then
                return nil, lerror.make(err)
            end
            for _, bucket_id in ipairs(result.bids_not_ok) do
                used[bucket_id] = true
            end
        end
    end
    return used
end

-- @return ids of the buckets in a state that this instance does not move
local function settled_in(status)
    local ids = {}
    for _, row in bucket.space().index.status:pairs({status}) do
        if not bucket.is_transferring(row.id) then
            table.insert(ids, row.id)
            if #ids == consts.BUCKET_CHUNK_SIZE then
                break
            end
        end
    end
    return ids
end

-- Sent buckets without readers become garbage.
-- @return true unless some have to be looked at again
local function retire(bucket_ids)
    if #bucket_ids == 0 then
        return true
    end
    local used, err = used_on_replicas(bucket_ids)
    while M.errinj.ERRINJ_BUCKET_GC_LONG_REPLICAS_TEST do
        fiber.sleep(0.01)
    end
    if used == nil then
        log.error('Error during garbage collection step: replicas can not be asked about sent ' ..
                  'buckets: %s', tostring(err.message))
        return false
    end
    local all = true
    for _, bucket_id in ipairs(bucket_ids) do
        local row = bucket.get(bucket_id)
        if row ~= nil and row.status == BUCKET.SENT and not bucket.is_transferring(bucket_id) then
            if not used[bucket_id] and bucket.lock_reads(bucket_id) then
                bucket.space():replace({bucket_id, BUCKET.GARBAGE, row.destination})
            else
                all = false
            end
        end
    end
    return all
end

local function key_of(tuple, index)
    local key = {}
    for i, part in ipairs(index.parts) do
        local path = part.path
        if path ~= nil then
            path = path:match('^[.%[]') and path or '.' .. path
            key[i] = tuple['[' .. part.fieldno .. ']' .. path]
        else
            key[i] = tuple[part.fieldno]
        end
    end
    return key
end

-- Delete the tuples of a bucket from one space, a batch in a transaction.
local function delete_from(space, index, bucket_id)
    local pk = space.index[0]
    while true do
        local tuples = index:select({bucket_id}, {limit = consts.BUCKET_CHUNK_SIZE})
        if #tuples == 0 then
            return
        end
        box.begin()
        trigger.run(M.on_bucket_event, EVENT, bucket_id, {spaces = {space.name}})
        for _, tuple in ipairs(tuples) do
            space:delete(key_of(tuple, pk))
        end
        box.commit()
        fiber.yield()
    end
end

--- Delete all data of a bucket, whatever its state.
local function delete_data(bucket_id)
    for _, sharded in ipairs(schema.sharded_spaces()) do
        delete_from(sharded.space, sharded.index, bucket_id)
    end
end

local function delete_garbage(bucket_ids)
    for _, bucket_id in ipairs(bucket_ids) do
        delete_data(bucket_id)
        local row = bucket.get(bucket_id)
        if row ~= nil and row.status == BUCKET.GARBAGE then
            bucket.space():delete({bucket_id})
        end
        bucket.unlock_reads(bucket_id)
    end
    return #bucket_ids < consts.BUCKET_CHUNK_SIZE
end

-- One round over all that is sent or garbage.
local function step()
    if not M.is_master or bucket.space() == nil then
        return consts.GC_IDLE_INTERVAL
    end
    while M.errinj.ERRINJ_BUCKET_GC_PAUSE do
        -- Tells who waits that the collector does.
        M.errinj.ERRINJ_BUCKET_GC_PAUSE = 1
        fiber.sleep(0.01)
    end
    local ok, is_clean = pcall(function()
        local retired = retire(settled_in(BUCKET.SENT))
        local deleted = delete_garbage(settled_in(BUCKET.GARBAGE))
        return retired and deleted
    end)
    if not ok then
        if box.is_in_txn() then
            box.rollback()
        end
        error(('Error during garbage collection step: %s'):format(tostring(is_clean)), 0)
    end
    M.bucket_gc_count = (M.bucket_gc_count or 0) + 1
    return is_clean and consts.GC_IDLE_INTERVAL or M.current_cfg.collect_bucket_garbage_interval
end

--- Tell the master which buckets are still needed on this replica.
-- @param bucket_ids array of ids of sent buckets
-- @return table with bids_not_ok, the array of those in use
local function test(bucket_ids)
    local needed = {}
    for _, bucket_id in ipairs(bucket_ids) do
        local row = bucket.get(bucket_id)
        local is_gone = row == nil or row.status == BUCKET.SENT or row.status == BUCKET.GARBAGE
        if not is_gone or bucket.readers(bucket_id) > 0 or bucket.is_transferring(bucket_id) then
            table.insert(needed, bucket_id)
        end
    end
    return {bids_not_ok = needed}
end

--- Delete the data of a bucket right now. Its row stays.
-- @param bucket_id id
-- @param opts force: whatever the state of the bucket
local function delete_garbage_of(bucket_id, opts)
    if bucket_id == nil or opts ~= nil and type(opts) ~= 'table' then
        error('Usage: bucket_delete_garbage(bucket_id, opts)')
    end
    local row = bucket.get(bucket_id)
    if row ~= nil and row.status ~= BUCKET.GARBAGE and not (opts and opts.force) then
        error('Can not delete not garbage bucket. Use "{force=true}" to ignore this attention')
    end
    local ok, err = pcall(delete_data, bucket_id)
    if not ok then
        box.rollback()
        error(err, 0)
    end
end

--- Let the collector work on this instance, or not, as it is the master or not.
local function follow_role()
    if M.is_master then
        M.collect_bucket_garbage_fiber = service.start(M.services, 'gc', 'vshard.gc', step).fiber
    elseif service.is_running(M.services, 'gc') then
        service.stop(M.services, 'gc')
        M.collect_bucket_garbage_fiber = nil
        log.info('GC stopped')
    end
end

--- Let the collector look around now.
local function wakeup()
    service.wakeup(M.services, 'gc')
end

return {
    follow_role = follow_role,
    wakeup = wakeup,
    test = test,
    delete_garbage = delete_garbage_of,
}
