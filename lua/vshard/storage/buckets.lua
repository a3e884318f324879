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

local function check_id(bucket_id, usage)
    if type(bucket_id) ~= 'number' then
        error('Usage: ' .. usage)
    end
end

-- All or nothing.
-- @return true; or nil and what was raised
local function in_transaction(work)
    box.begin()
    local ok, err = pcall(function()
        work()
        box.commit()
    end)
    if not ok then
        box.rollback()
        return nil, err
    end
    return true
end

--- Make buckets active here, without asking anybody.
-- @param first_bucket_id id
-- @param count how many, 1 by default
-- @return true; or nil and the box's error
local function force_create(first_bucket_id, count)
    if type(first_bucket_id) ~= 'number' or
       count ~= nil and (type(count) ~= 'number' or math.floor(count) ~= count) then
        error('Usage: bucket_force_create(first_bucket_id, count)')
    end
    local _bucket = bucket.space()
    local last = first_bucket_id + (count or 1) - 1
    for first = first_bucket_id, last, consts.BUCKET_CHUNK_SIZE do
        local ok, err = in_transaction(function()
            for id = first, math.min(first + consts.BUCKET_CHUNK_SIZE - 1, last) do
                if M.is_bucket_protected then
                    -- No bucket is active out of nothing.
                    _bucket:insert({id, BUCKET.RECEIVING})
                    _bucket:replace({id, BUCKET.ACTIVE})
                else
                    _bucket:insert({id, BUCKET.ACTIVE})
                end
            end
        end)
        if not ok then
            return nil, err
        end
    end
    return true
end

--- Forget buckets, without asking anybody. Their tuples stay.
-- @param first_bucket_id id
-- @param count how many, 1 by default
-- @return true
-- @raise the box's error
local function force_drop(first_bucket_id, count)
    check_id(first_bucket_id, 'bucket_force_drop(bucket_id)')
    local ok, err = in_transaction(function()
        for id = first_bucket_id, first_bucket_id + (count or 1) - 1 do
            bucket.space():delete({id})
        end
    end)
    if not ok then
        error(err, 0)
    end
    return true
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
        bucket.space():replace({bucket_id, to})
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

-- A page of the ids that are served here, with the failures that tests ask for.
local function discover_page(from)
    local failures = M.errinj.ERRINJ_DISCOVERY
    if failures then
        M.errinj.ERRINJ_DISCOVERY = failures > 0 and failures - 1 or false
        if failures > 0 and failures % 2 == 0 then
            box.error(box.error.INJECTION, 'discovery')
        end
    end
    local ids, n = {}, 0
    for _, row in bucket.space():pairs({from}, {iterator = 'GE'}) do
        if bucket.is_writable_status[row.status] then
            table.insert(ids, row.id)
        end
        n = n + 1
        if n >= consts.BUCKET_CHUNK_SIZE then
            return {buckets = ids, next_from = row.id + 1}
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
