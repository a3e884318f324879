--- Sending and receiving of buckets.
--
-- A bucket is served by one replica set at most at any time. The sender marks
-- it SENDING, copies the data, marks it SENT, and only then tells the receiver
-- that it has everything: whatever breaks in between, one of the two rows says
-- who owns the bucket, and the recovery reads it.
-- @module vshard.storage.transfer

local bucket = require('vshard.storage.bucket')
local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')
local schema = require('vshard.storage.schema')
local sched = require('vshard.storage.sched')
local service = require('vshard.service')
local trigger = require('vshard.storage.trigger')

local BUCKET = consts.BUCKET
local code = lerror.code
local transfers = M.rebalancer_transfering_buckets

-- Replication must not see half a change of states, and no error of the
-- journal may pass for success: the box raises it, the callers catch it.
local function set_status(bucket_id, status, peer)
    bucket.space():replace({bucket_id, status, peer})
end

-- Do something while the bucket is known to be on its way.
-- @param record direction and peer
local function during_transfer(bucket_id, record, work, ...)
    record.since = fiber.clock()
    transfers[bucket_id] = record
    local ok, result, err = pcall(work, bucket_id, ...)
    transfers[bucket_id] = nil
    if not ok or not result then
        M.transfer_statistics.failed = M.transfer_statistics.failed + 1
    end
    if not ok then
        if box.is_in_txn() then
            box.rollback()
        end
        return nil, lerror.make(result)
    end
    return result, err
end

-- A message takes time, in which somebody may have decided on the bucket.
-- @return true while its row is as the transfer has left it; or nil and the error
local function check_unchanged(bucket_id, status)
    local row = bucket.get(bucket_id)
    if row ~= nil and row.status == status then
        return true
    end
    return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id,
                              ('bucket status is changed, was %s, became %s'):format(
                              status, row and row.status or 'dropped'), nil)
end

-- Sending ---------------------------------------------------------------------

-- Messages of whole tuples, at most so many in one.
local function send_data(bucket_id, send)
    local rows, chunk = 0, {}
    for _, sharded in ipairs(schema.sharded_spaces()) do
        local tuples
        for _, tuple in sharded.index:pairs({bucket_id}) do
            if tuples == nil then
                tuples = {}
                table.insert(chunk, {sharded.space.name, tuples})
            end
            table.insert(tuples, tuple)
            rows = rows + 1
            if rows >= consts.BUCKET_CHUNK_SIZE then
                local ok, err = send(chunk)
                if not ok then
                    return nil, err
                end
                rows, chunk, tuples = 0, {}, nil
            end
        end
    end
    if rows > 0 then
        return send(chunk)
    end
    return true
end

-- Everything after the bucket is locked for writes.
local function send_locked(bucket_id, replicaset, deadline)
    local me = M.this_replicaset.uuid
    set_status(bucket_id, BUCKET.SENDING, replicaset.uuid)
    bucket.unlock_writes(bucket_id)
    if M.errinj.ERRINJ_SEND_FAILURE then
        return nil, lerror.make('Error injection: the bucket is not sent')
    end
    local function send(data, opts)
        while M.errinj.ERRINJ_SEND_DELAY do
            fiber.sleep(0.01)
        end
        local left = math.min(deadline - fiber.clock(), consts.DEFAULT_BUCKET_RECV_TIMEOUT)
        if left <= 0 then
            return nil, lerror.timeout()
        end
        local ok, done, err = replicaset:request_master('vshard.storage.bucket_recv',
                                                        {bucket_id, me, data, opts},
                                                        {timeout = left})
        if not ok then
            return nil, done
        end
        -- nil comes as box.NULL from afar, which is true.
        if done ~= true then
            return nil, lerror.make(err)
        end
        return opts ~= nil and opts.is_last or check_unchanged(bucket_id, BUCKET.SENDING)
    end
    local ok, err = send({}, {is_first = true})
    if ok then
        ok, err = send_data(bucket_id, send)
    end
    if not ok then
        return nil, err
    end
    while M.errinj.ERRINJ_LAST_SEND_DELAY do
        fiber.sleep(0.01)
    end
    if not M.is_master then
        return nil, bucket.non_master()
    end
    ok, err = check_unchanged(bucket_id, BUCKET.SENDING)
    if not ok then
        return nil, err
    end
    set_status(bucket_id, BUCKET.SENT, replicaset.uuid)
    ok, err = send({}, {is_last = true})
    if not ok then
        return nil, err
    end
    return true
end

-- What is known to be wrong before anything is changed.
-- @return the replica set that gets the bucket; or nil and the error
local function check_send(bucket_id, destination)
    local row, err = bucket.check_state(bucket_id, 'write')
    if row == nil then
        return nil, err
    end
    if M.this_replicaset.lock then
        return nil, lerror.vshard(code.REPLICASET_IS_LOCKED)
    end
    if row.status == BUCKET.PINNED then
        return nil, lerror.vshard(code.BUCKET_IS_PINNED, bucket_id)
    end
    local replicaset = M.replicasets[destination]
    if replicaset == nil then
        return nil, lerror.vshard(code.NO_SUCH_REPLICASET, destination)
    end
    if replicaset == M.this_replicaset then
        return nil, lerror.vshard(code.MOVE_TO_SELF, bucket_id, destination)
    end
    return replicaset
end

local function send_bucket(bucket_id, replicaset, opts)
    local deadline = fiber.clock() + (opts.timeout or consts.TIMEOUT_INFINITY)
    local left = opts.timeout or consts.DEFAULT_BUCKET_SEND_TIMEOUT
    local ok, err = sched.move_start(left)
    if not ok then
        return nil, err
    end
    ok, err = bucket.lock_writes(bucket_id, left)
    if not ok then
        sched.move_end()
        return nil, err
    end
    -- Waiting took time, in which the bucket may have been pinned or dropped.
    local done, result = true, nil
    replicaset, err = check_send(bucket_id, replicaset.uuid)
    if replicaset ~= nil then
        done, result, err = pcall(send_locked, bucket_id, replicaset, deadline)
    end
    bucket.unlock_writes(bucket_id)
    sched.move_end()
    if not done then
        error(result, 0)
    end
    return result, err
end

-- The error of a transfer that another call is at work on.
local function check_idle(bucket_id)
    if bucket.is_transferring(bucket_id) then
        return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id, 'transfer is already in progress',
                                  nil)
    end
    return true
end

--- Send a bucket to another replica set.
-- @param bucket_id id
-- @param destination uuid of the replica set
-- @param opts timeout in seconds
-- @return true; or nil and the error
local function send(bucket_id, destination, opts)
    if type(bucket_id) ~= 'number' or type(destination) ~= 'string' or
       opts ~= nil and (type(opts) ~= 'table' or
                        opts.timeout ~= nil and type(opts.timeout) ~= 'number') then
        error('Usage: bucket_send(bucket_id, destination)')
    end
    if not M.is_master then
        return nil, bucket.non_master()
    end
    local ok, err = check_idle(bucket_id)
    if not ok then
        return nil, err
    end
    local replicaset
    replicaset, err = check_send(bucket_id, destination)
    if replicaset == nil then
        return nil, err
    end
    ok, err = during_transfer(bucket_id, {direction = 'send', peer = destination}, send_bucket,
                              replicaset, opts or {})
    if not ok then
        service.wakeup(M.services, 'recovery')
        return nil, err
    end
    M.transfer_statistics.sent = M.transfer_statistics.sent + 1
    service.wakeup(M.services, 'gc')
    return true
end

-- Receiving -------------------------------------------------------------------

-- The row that says that the bucket is coming.
local function begin_receive(bucket_id, from)
    if M.this_replicaset.lock then
        return nil, lerror.vshard(code.REPLICASET_IS_LOCKED)
    end
    if bucket.count(BUCKET.RECEIVING) >= M.rebalancer_max_receiving then
        return nil, lerror.vshard(code.TOO_MANY_RECEIVING)
    end
    set_status(bucket_id, BUCKET.RECEIVING, from)
    return true
end

-- A chunk of the tuples of one space, in a transaction of its own.
-- @return true; or nil, the error, and the tuple that is to blame
local function insert_chunk(bucket_id, space, tuples, first, last)
    local tuple
    box.begin()
    local ok, err = pcall(function()
        trigger.run(M.on_bucket_event, consts.BUCKET_EVENT.RECV, bucket_id,
                    {spaces = {space.name}})
        for i = first, last do
            tuple = tuples[i]
            space:insert(tuple)
        end
        tuple = nil
        box.commit()
    end)
    if not ok then
        box.rollback()
        return nil, err, tuple
    end
    return true
end

local function insert_tuples(bucket_id, space, tuples)
    for first = 1, math.max(#tuples, 1), consts.BUCKET_CHUNK_SIZE do
        local last = math.min(first + consts.BUCKET_CHUNK_SIZE - 1, #tuples)
        local ok, err, tuple = insert_chunk(bucket_id, space, tuples, first, last)
        if not ok then
            return nil, lerror.vshard(code.BUCKET_RECV_DATA_ERROR, bucket_id, space.name,
                                      tuple and box.tuple.new(tuple) or nil, tostring(err))
        end
        if M.errinj.ERRINJ_RECEIVE_PARTIALLY then
            box.error(box.error.INJECTION, 'the bucket is received partially')
        end
        ok, err = check_unchanged(bucket_id, BUCKET.RECEIVING)
        if not ok then
            return nil, err
        end
    end
    return true
end

local function insert_data(bucket_id, data)
    for _, part in ipairs(data) do
        local name, tuples = part[1], part[2]
        local space = box.space[name]
        if space == nil then
            return nil, lerror.box_code(box.error.NO_SUCH_SPACE, name)
        end
        local ok, err = insert_tuples(bucket_id, space, tuples)
        if not ok then
            return nil, err
        end
    end
    return true
end

local function receive(bucket_id, from, data, opts)
    local row = bucket.get(bucket_id)
    local ok, err
    if row == nil then
        if opts.is_last then
            return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id,
                                      'last message is received, but the bucket does not exist ' ..
                                      'anymore', from)
        end
        ok, err = begin_receive(bucket_id, from)
        if not ok then
            return nil, err
        end
    elseif row.status ~= BUCKET.RECEIVING then
        return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id,
                                  ('bucket state is changed: was receiving, became %s'):format(
                                  row.status), from)
    elseif row.destination ~= from or opts.is_first then
        -- What is left of an earlier attempt must be cleaned up first: its
        -- tuples may be older than those that come now.
        return nil, lerror.vshard(code.BUCKET_ALREADY_EXISTS, bucket_id)
    end
    ok, err = insert_data(bucket_id, data)
    if not ok then
        return nil, err
    end
    if opts.is_last then
        set_status(bucket_id, BUCKET.ACTIVE)
        M.transfer_statistics.received = M.transfer_statistics.received + 1
        if M.errinj.ERRINJ_LONG_RECEIVE then
            box.error(box.error.TIMEOUT)
        end
    end
    return true
end

--- Take one message of a bucket that another replica set sends.
-- @param bucket_id id
-- @param from uuid of the sender's replica set
-- @param data array of {name of a space, array of tuples}
-- @param opts is_last: the bucket is complete; is_first: nothing came before
-- @return true; or nil and the error
local function recv(bucket_id, from, data, opts)
    if type(bucket_id) ~= 'number' or data ~= nil and type(data) ~= 'table' then
        error('Usage: bucket_recv(bucket_id, from, data, opts)')
    end
    if not M.is_master then
        return nil, bucket.non_master()
    end
    opts = opts or {}
    while opts.is_last and M.errinj.ERRINJ_LAST_RECEIVE_DELAY do
        fiber.sleep(0.01)
    end
    local ok, err = check_idle(bucket_id)
    if not ok then
        return nil, err
    end
    if from == nil or M.replicasets[from] == nil then
        return nil, lerror.vshard(code.NO_SUCH_REPLICASET, from)
    end
    if bucket_id < 1 or bucket_id > M.total_bucket_count or bucket_id % 1 ~= 0 then
        return nil, lerror.vshard(code.WRONG_BUCKET, bucket_id, 'the id is out of range', nil)
    end
    ok, err = sched.move_start(consts.DEFAULT_BUCKET_RECV_TIMEOUT)
    if not ok then
        return nil, err
    end
    ok, err = check_idle(bucket_id)
    if ok then
        ok, err = during_transfer(bucket_id, {direction = 'receive', peer = from}, receive, from,
                                  data or {}, opts)
        if not ok then
            log.error('Can not receive the bucket %d from %s: %s', bucket_id, from, tostring(err))
            service.wakeup(M.services, 'recovery')
        end
    end
    sched.move_end()
    if not ok then
        return nil, err
    end
    return true
end

return {
    send = send,
    recv = recv,
}
