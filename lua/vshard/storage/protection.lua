--- The ways that the state of a bucket may go. A change that leaves them is a
-- mistake, of a script or of this module, and can be refused before it does any
-- harm: set `is_bucket_protected` in the internals. It is not set by default,
-- because operators do repair buckets by writing their rows.
-- @module vshard.storage.protection

local consts = require('vshard.consts')
local lerror = require('vshard.error')

local BUCKET = consts.BUCKET
-- Stands for the state of a bucket that is not here.
local NOTHING = 'nil'

local ways = {
    [NOTHING] = {[BUCKET.RECEIVING] = true},
    [BUCKET.ACTIVE] = {[BUCKET.PINNED] = true, [BUCKET.SENDING] = true},
    [BUCKET.PINNED] = {[BUCKET.ACTIVE] = true},
    [BUCKET.SENDING] = {[BUCKET.ACTIVE] = true, [BUCKET.SENT] = true},
    [BUCKET.SENT] = {[BUCKET.GARBAGE] = true},
    [BUCKET.RECEIVING] = {[BUCKET.GARBAGE] = true, [BUCKET.ACTIVE] = true},
    [BUCKET.GARBAGE] = {[NOTHING] = true},
}

-- States that a bucket with readers, or with writers, cannot enter.
local forbids_readers = {[BUCKET.GARBAGE] = true, [BUCKET.RECEIVING] = true}
local forbids_writers = {[BUCKET.SENDING] = true, [BUCKET.SENT] = true}

local function reject(bucket_id, format, ...)
    error(lerror.vshard(lerror.code.BUCKET_INVALID_UPDATE, bucket_id, format:format(...)))
end

local function check_deletion(bucket, readers, writers)
    if readers + writers > 0 then
        reject(bucket.id, "can't delete a bucket with refs")
    end
    local way = ways[bucket.status]
    if way == nil then
        reject(bucket.id, "unknown bucket status '%s'", bucket.status)
    end
    if not way[NOTHING] then
        reject(bucket.id, "can't delete '%s' bucket", bucket.status)
    end
end

--- Refuse a change of a bucket's row that is none of the ways.
-- @param old row, nil if there was none
-- @param new row, nil if it is deleted
-- @param ref the references of the bucket, or nil
local function check_change(old, new, ref)
    local readers, writers = ref and ref.ro or 0, ref and ref.rw or 0
    if new == nil then
        check_deletion(old, readers, writers)
        return
    end
    local from, to = old ~= nil and old.status or NOTHING, new.status
    if forbids_writers[to] and writers > 0 then
        reject(new.id, "'%s' bucket can't have rw refs", to)
    elseif forbids_readers[to] and readers + writers > 0 then
        reject(new.id, "'%s' bucket can't have any refs", to)
    end
    if from == to then
        return
    end
    local way = ways[from]
    if way == nil or ways[to] == nil or to == NOTHING then
        reject(new.id, "unknown bucket status '%s'", way == nil and from or to)
    elseif not way[to] then
        reject(new.id, "transition '%s' to '%s' is not allowed", from, to)
    end
end

return {check_change = check_change}
