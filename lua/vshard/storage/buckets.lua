--- What operators and the bootstrap do with buckets by hand, and what routers
-- ask about them.
-- @module vshard.storage.buckets

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')
local schema = require('vshard.storage.schema')

local BUCKET = consts.BUCKET
local code = lerror.code
-- Rows written in one transaction.
local BATCH = 1000

local function check_master()
    if not M.is_master then
        return nil, bucket.non_master()
    end
    return true
end

local function check_id(bucket_id, usage)
    if type(bucket_id) ~= 'number' then
        error('Usage: ' .. usage)
    end
end

-- All or nothing, and the box's own errors as error objects.
local function in_transaction(work)
    box.begin()
    local ok, err = pcall(function()
        work()
        box.commit()
    end)
    if not ok then
        box.rollback()
        return nil, lerror.make(err)
    end
    return true
end

--- Make buckets active here, without asking anybody.
-- @param first_bucket_id id
-- @param count how many, 1 by default
-- @return true; or nil and the error
local function force_create(first_bucket_id, count)
    local usage = 'bucket_force_create(first_bucket_id, count)'
    check_id(first_bucket_id, usage)
    count = count or 1
    if type(count) ~= 'number' or count < 1 or math.floor(count) ~= count then
        error('Usage: ' .. usage)
    end
    local ok, err = check_master()
    if not ok then
        return nil, err
    end
    local _bucket = bucket.space()
    local last = first_bucket_id + count - 1
    for first = first_bucket_id, last, BATCH do
        ok, err = in_transaction(function()
            for id = first, math.min(first + BATCH - 1, last) do
                _bucket:insert({id, BUCKET.ACTIVE})
            end
        end)
        if not ok then
            return nil, err
        end
    end
    return true
end

--- Forget buckets, without asking anybody. Their tuples stay.
-- @return true; or nil and the error
local function force_drop(first_bucket_id, count)
    local usage = 'bucket_force_drop(first_bucket_id, count)'
    check_id(first_bucket_id, usage)
    local ok, err = check_master()
    if not ok then
        return nil, err
    end
    return in_transaction(function()
        local _bucket = bucket.space()
        for id = first_bucket_id, first_bucket_id + (count or 1) - 1 do
            _bucket:delete({id})
        end
    end)
end

--- All data of a bucket.
-- @return array of {name of a space, array of its tuples}; or nil and the error
local function collect(bucket_id)
    check_id(bucket_id, 'bucket_collect(bucket_id)')
    local row, err = bucket.check_state(bucket_id, 'read')
    if row == nil then
        return nil, err
    end
    local data = {}
    for _, sharded in ipairs(schema.sharded_spaces()) do
        table.insert(data, {sharded.space.name, sharded.index:select({bucket_id})})
    end
    return data
end

local function change_pin(bucket_id, from, to)
    local row, err = bucket.check_state(bucket_id, 'write')
    if row == nil then
        return nil, err
    end
    if row.status == from then
        -- One that is about to be sent cannot be pinned any more.
        local record = M.bucket_refs[bucket_id]
        if record ~= nil and record.rw_lock then
            return nil, lerror.vshard(code.BUCKET_IS_LOCKED, bucket_id)
        end
        return in_transaction(function()
            bucket.space():replace({bucket_id, to})
        end)
    end
    return true
end

--- Keep a bucket on this replica set, whatever the balance.
-- @return true; or nil and the error
local function pin(bucket_id)
    check_id(bucket_id, 'bucket_pin(bucket_id)')
    return change_pin(bucket_id, BUCKET.ACTIVE, BUCKET.PINNED)
end

--- Let a pinned bucket be moved again.
-- @return true; or nil and the error
local function unpin(bucket_id)
    check_id(bucket_id, 'bucket_unpin(bucket_id)')
    return change_pin(bucket_id, BUCKET.PINNED, BUCKET.ACTIVE)
end

--- Number of buckets here, in whatever state.
local function count()
    return bucket.space() ~= nil and bucket.space():len() or 0
end

-- A page of the ids that are served here.
local function discover_page(from)
    local ids, n = {}, 0
    for _, row in bucket.space():pairs({from}, {iterator = 'GE'}) do
        n = n + 1
        if n > consts.DISCOVERY_CHUNK_SIZE then
            return {buckets = ids, next_from = row.id}
        end
        if bucket.is_writable_status[row.status] then
            table.insert(ids, row.id)
        end
    end
    return {buckets = ids}
end

--- The buckets that a router may send requests for to this replica set.
-- @param opts from: id where the page begins; without it all ids are returned
--   in one array
-- @return array of ids; or table with buckets, the array, and next_from, the
--   id where the next page begins
local function discovery(opts)
    if bucket.space() == nil then
        return opts ~= nil and {buckets = {}} or {}
    end
    if opts ~= nil then
        return discover_page(opts.from or 1)
    end
    local ids = {}
    for _, status in ipairs({BUCKET.ACTIVE, BUCKET.PINNED}) do
        for _, row in bucket.space().index.status:pairs({status}) do
            table.insert(ids, row.id)
        end
    end
    return ids
end

return {
    force_create = force_create,
    force_drop = force_drop,
    collect = collect,
    pin = pin,
    unpin = unpin,
    count = count,
    discovery = discovery,
}
