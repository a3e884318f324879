--- Waiting for the replicas to have what this instance has written.
-- @module vshard.storage.sync

local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.storage.state')

local function is_behind(replica, vclock)
    local downstream = replica.downstream
    if downstream == nil or downstream.vclock == nil then
        return true
    end
    for id, lsn in pairs(vclock) do
        if id ~= 0 and (downstream.vclock[id] or 0) < lsn then
            return true
        end
    end
    return false
end

-- Replicas that the configuration does not know (a backup, a removed one)
-- hold nobody up.
local function all_in_sync(vclock)
    local info = box.info
    for _, replica in pairs(info.replication) do
        if replica.id ~= info.id and replica.uuid ~= info.uuid and
           (M.this_replicaset == nil or M.this_replicaset.replicas[replica.uuid] ~= nil) and
           is_behind(replica, vclock) then
            return false
        end
    end
    return true
end

--- Wait until the dataset is synchronized on replicas.
-- @param timeout seconds, by default the option sync_timeout
-- @return true; or nil and the error
local function sync(timeout)
    if timeout ~= nil and type(timeout) ~= 'number' then
        error('Usage: vshard.storage.sync([timeout: number])')
    end
    timeout = timeout or M.sync_timeout
    log.debug('Synchronizing replicaset...')
    local deadline = fiber.clock() + timeout
    local vclock = box.info.vclock
    while not all_in_sync(vclock) do
        if fiber.clock() >= deadline then
            log.warn('Timed out during synchronizing replicaset')
            return nil, lerror.timeout()
        end
        fiber.sleep(0.001)
    end
    log.debug('Replicaset has been synchronized')
    return true
end

return {sync = sync}
