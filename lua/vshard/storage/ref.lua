--- References to the storage as a whole: while one lives, no bucket comes or
-- goes, so that a map-reduce sees every bucket once.
--
-- A reference belongs to the session that made it and has a deadline: a router
-- that dies takes its references along.
-- @module vshard.storage.ref

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lcall = require('vshard.storage.call')
local lerror = require('vshard.error')
local M = require('vshard.storage.state')
local sched = require('vshard.storage.sched')

local state = M.storage_refs
local code = lerror.code

local function drop(sid, rid)
    local session = state.sessions[sid]
    if session == nil or session[rid] == nil then
        return false
    end
    session[rid] = nil
    if next(session) == nil and not box.session.exists(sid) then
        state.sessions[sid] = nil
    end
    state.count = state.count - 1
    sched.ref_end()
    return true
end

local function drop_expired()
    local now = fiber.clock()
    for sid, session in pairs(state.sessions) do
        for rid, ref in pairs(session) do
            if ref.deadline <= now then
                drop(sid, rid)
            end
        end
    end
end

-- The next deadline must free the transfers although nobody asks.
local function expire_later(timeout)
    fiber.create(function()
        fiber.name('vshard.ref_gc', {truncate = true})
        fiber.sleep(timeout + 0.001)
        drop_expired()
    end)
end

local function check(rid, timeout, usage)
    if type(rid) ~= 'number' or timeout ~= nil and type(timeout) ~= 'number' then
        error('Usage: ' .. usage)
    end
end

local function count_buckets()
    return bucket.count(consts.BUCKET.ACTIVE) + bucket.count(consts.BUCKET.PINNED)
end

local function is_settled()
    for _, status in pairs({consts.BUCKET.SENDING, consts.BUCKET.RECEIVING}) do
        if bucket.count(status) > 0 then
            return false
        end
    end
    return true
end

-- Between two messages of a transfer no move goes on, yet the bucket is at
-- neither side: let the transfer have its next message, and come again. One
-- that got stuck is brought to one side by the recovery.
local function start(deadline)
    while true do
        local ok, err = sched.ref_start(math.max(deadline - fiber.clock(), 0))
        if not ok then
            return nil, err
        end
        if is_settled() then
            return true
        end
        sched.ref_end()
        if fiber.clock() >= deadline then
            return nil, lerror.timeout()
        end
        fiber.sleep(0.005)
    end
end

--- Make a reference.
-- @param rid number that the session knows it by
-- @param timeout seconds that it lives, and that making it may take
-- @return number of buckets that are served here; or nil and the error
local function add(rid, timeout)
    check(rid, timeout, 'storage_ref(rid, timeout)')
    if not M.is_master then
        return nil, bucket.non_master()
    end
    local sid = box.session.id()
    local deadline = fiber.clock() + timeout
    local session = state.sessions[sid]
    if session ~= nil and session[rid] ~= nil then
        return nil, lerror.vshard(code.STORAGE_REF_ADD, 'duplicate ref')
    end
    drop_expired()
    local ok, err = start(deadline)
    if not ok then
        return nil, err
    end
    session = state.sessions[sid] or {}
    if session[rid] ~= nil then
        sched.ref_end()
        return nil, lerror.vshard(code.STORAGE_REF_ADD, 'duplicate ref')
    end
    state.sessions[sid] = session
    session[rid] = {deadline = deadline, used = 0}
    state.count = state.count + 1
    expire_later(deadline - fiber.clock())
    return count_buckets()
end

-- @return the reference; or nil and why there is none
local function find(rid)
    local session = state.sessions[box.session.id()]
    if session == nil then
        return nil, 'no session'
    end
    local ref = session[rid]
    if ref == nil or ref.deadline <= fiber.clock() then
        return nil, 'no ref'
    end
    return ref
end

--- Remove a reference of this session.
-- @return true; or nil and the error
local function delete(rid)
    check(rid, nil, 'storage_unref(rid)')
    local sid = box.session.id()
    if state.sessions[sid] == nil then
        return nil, lerror.vshard(code.STORAGE_REF_DEL, 'no session')
    end
    if not drop(sid, rid) then
        return nil, lerror.vshard(code.STORAGE_REF_DEL, 'no ref')
    end
    return true
end

--- Call a function under a reference, which ends with it.
-- @return true and the function's first result; or nil and the error
local function map(rid, name, args)
    check(rid, nil, 'storage_map(rid, name, args)')
    local ref, reason = find(rid)
    if ref == nil then
        return nil, lerror.vshard(code.STORAGE_REF_USE, reason)
    end
    -- The function may take longer than the reference was made for.
    ref.deadline = math.huge
    local sid = box.session.id()
    local ok, result = lcall.call_local(name, args)
    drop(sid, rid)
    if not ok then
        if box.is_in_txn() then
            box.rollback()
        end
        return nil, lerror.make(result)
    end
    if result == nil then
        return true
    end
    return true, result
end

-- Which of the buckets are not served here.
local function moved(bucket_ids)
    local result = {}
    for _, id in ipairs(bucket_ids) do
        local row, err = bucket.check_state(id, 'write')
        if row == nil then
            table.insert(result, {id = id, dst = err.destination})
        end
    end
    return result
end

--- Make a reference if any of the buckets is here.
-- @return table: rid, set if the reference was made, and moved, an array of
--   the buckets that are not here with where they may be; or nil and the error
local function add_with_buckets(rid, timeout, bucket_ids)
    if not M.is_master then
        return nil, bucket.non_master()
    end
    local missing = moved(bucket_ids)
    if #missing == #bucket_ids then
        return {moved = missing}
    end
    local ok, err = add(rid, timeout)
    if ok == nil then
        return nil, err
    end
    missing = moved(bucket_ids)
    if #missing == #bucket_ids then
        delete(rid)
        return {moved = missing}
    end
    return {rid = rid, moved = missing}
end

--- Look which of the buckets are not here, under a reference that was made.
local function check_with_buckets(rid, bucket_ids)
    local ref, reason = find(rid)
    if ref == nil then
        return nil, lerror.vshard(code.STORAGE_REF_USE, reason)
    end
    return {moved = moved(bucket_ids)}
end

--- Forget the references of a session that has ended.
local function on_disconnect()
    local sid = box.session.id()
    local session = state.sessions[sid]
    if session == nil then
        return
    end
    for rid, ref in pairs(session) do
        -- A function that still runs ends its reference itself.
        if ref.deadline ~= math.huge then
            drop(sid, rid)
        end
    end
    if next(session) == nil then
        state.sessions[sid] = nil
    end
end

--- Watch the ends of sessions, in place of the code that did before.
local function watch()
    M.session_trigger = box.session.on_disconnect(on_disconnect, M.session_trigger)
end

return {
    add = add,
    delete = delete,
    map = map,
    add_with_buckets = add_with_buckets,
    check_with_buckets = check_with_buckets,
    watch = watch,
}
