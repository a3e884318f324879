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

local BUCKET = consts.BUCKET
-- Buckets asked about in one message, tuples deleted in one transaction.
local BATCH = 1000

-- The replicas of this set must have the new state too, and no readers.
-- @return set of the ids that some replica still needs; or nil and the error
local function used_on_replicas(bucket_ids)
    local used = {}
    for _, replica in pairs(M.this_replicaset.replicas) do
        if replica ~= M.this_replica then
            local ok, result, err = replica:request('vshard.storage._call',
                                                    {'bucket_test_gc', bucket_ids},
                                                    {timeout = consts.GC_TIMEOUT})
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
            if #ids == BATCH then
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
    if used == nil then
        log.warn('Error during garbage collection step: replicas can not be asked about sent ' ..
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
        local tuples = index:select({bucket_id}, {limit = BATCH})
        if #tuples == 0 then
            return
        end
        box.begin()
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
    return #bucket_ids < BATCH
end

-- One round over all that is sent or garbage.
local function step()
    if not M.is_master or bucket.space() == nil then
        return consts.GC_IDLE_INTERVAL
    end
    while M.errinj.ERRINJ_BUCKET_GC_PAUSE do
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
        error(is_clean, 0)
    end
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

--- Delete a bucket that is garbage right now.
-- @return true; or nil and the error
local function delete_bucket(bucket_id)
    local row = bucket.get(bucket_id)
    if row == nil then
        return true
    end
    if row.status ~= BUCKET.GARBAGE then
        return nil, lerror.vshard(lerror.code.WRONG_BUCKET, bucket_id,
                                  'Can not delete not garbage bucket')
    end
    delete_garbage({bucket_id})
    return true
end

--- Let the collector work on this instance from now on.
local function start()
    service.start(M.services, 'gc', 'vshard.gc', step)
end

local function wakeup()
    service.wakeup(M.services, 'gc')
end

return {
    start = start,
    wakeup = wakeup,
    test = test,
    delete_data = delete_data,
    delete_bucket = delete_bucket,
}
