--- The discovery: a fiber that asks storages for all their buckets, so that
-- requests find their routes ready.
-- @module vshard.router.discovery

local consts = require('vshard.consts')
local fiber = require('fiber')
local lerror = require('vshard.error')
local log = require('log')
local M = require('vshard.router.state')
local route = require('vshard.router.route')
local service = require('vshard.service')

-- One page of one replica set.
-- @return id where the next page begins, or nil after the last one; false and
--   the error if it could not be had
local function take_page(router, replicaset, from)
    local ok, page, err = replicaset:request('callro', 'vshard.storage.buckets_discovery',
                                             {{from = from}}, {timeout = consts.DISCOVERY_TIMEOUT})
    if not ok then
        return false, page
    end
    if page == nil then
        return false, lerror.make(err)
    end
    -- What was asked for may not be wanted any more.
    if router.replicasets[replicaset.uuid] ~= replicaset or router.discovery_mode == 'off' then
        return nil
    end
    -- Storages of the first releases know no pages.
    local ids = page.buckets or page
    for _, bucket_id in ipairs(ids) do
        if router.route_map[bucket_id] ~= replicaset then
            route.set(router, bucket_id, replicaset.uuid)
        end
    end
    return page.next_from
end

-- An error that lasts is said once.
local function note_error(router, uuid, err)
    local message = tostring(err.message)
    if router.discovery_errors[uuid] ~= message then
        router.discovery_errors[uuid] = message
        log.warn('Error during discovery %s, retry will be done later: %s', uuid, tostring(err))
    end
end

local function discover_replicaset(router, uuid, replicaset)
    local before = replicaset.bucket_count
    local from = 1
    while from ~= nil and router.discovery_mode ~= 'off' do
        local next_from, err = take_page(router, replicaset, from)
        if next_from == false then
            note_error(router, uuid, err)
            return
        end
        router.discovery_errors[uuid] = nil
        from = next_from
        fiber.sleep(consts.DISCOVERY_WORK_STEP)
    end
    if replicaset.bucket_count ~= before then
        log.info('Updated %s buckets: was %d, became %d', tostring(replicaset), before,
                 replicaset.bucket_count)
    end
end

-- How the discovery goes on is said when it changes.
local function note_mode(record, mode, format, ...)
    if record.mode ~= mode then
        record.mode = mode
        log.info(format, ...)
    end
end

local function hold_back(errinj)
    while errinj.ERRINJ_LONG_DISCOVERY do
        -- Tells who waits that the discovery does.
        errinj.ERRINJ_LONG_DISCOVERY = 'waiting'
        fiber.sleep(0.01)
    end
end

local function step_of(router)
    return function(record)
        hold_back(M.errinj)
        if router.discovery_mode == 'off' then
            return consts.TIMEOUT_INFINITY
        end
        for uuid, replicaset in pairs(router.replicasets) do
            discover_replicaset(router, uuid, replicaset)
        end
        local unknown = router.total_bucket_count - router.known_bucket_count
        if next(router.replicasets) == nil then
            note_mode(record, 'idle', 'Discovery enters idle mode because configuration does not ' ..
                      'have replicasets. Retries will happen with %s seconds interval',
                      consts.DISCOVERY_IDLE_INTERVAL)
            return consts.DISCOVERY_IDLE_INTERVAL
        end
        if unknown > 0 then
            note_mode(record, 'aggressive', 'Start aggressive discovery, %s buckets are unknown. ' ..
                      'Discovery works with %s seconds interval', unknown,
                      consts.DISCOVERY_WORK_INTERVAL)
            return consts.DISCOVERY_WORK_INTERVAL
        end
        if router.discovery_mode == 'once' then
            log.info("Discovery mode is 'once', and all is discovered - shut down the discovery process")
            service.stop(router.services, 'discovery')
            router.discovery_fiber = nil
            return 0
        end
        note_mode(record, 'idle', 'Discovery enters idle mode, all buckets are known. Discovery ' ..
                  'works with %s seconds interval now', consts.DISCOVERY_IDLE_INTERVAL)
        return consts.DISCOVERY_IDLE_INTERVAL
    end
end

local function start(router)
    if router.discovery_mode == 'off' then
        service.stop(router.services, 'discovery')
        router.discovery_fiber = nil
        return
    end
    if router.discovery_mode == 'once' and
       router.known_bucket_count == router.total_bucket_count then
        return
    end
    router.discovery_fiber = service.start(router.services, 'discovery',
                                           'vshard.discovery.' .. router.name,
                                           step_of(router)).fiber
end

--- Let the discovery do a round now.
local function wakeup(router)
    service.wakeup(router.services, 'discovery')
end

--- Change the mode of the discovery.
-- @param mode 'on', 'off', or 'once': until all buckets are known
local function set_mode(router, mode)
    if mode ~= 'on' and mode ~= 'off' and mode ~= 'once' then
        error("Invalid discovery mode, it must be 'on', 'off' or 'once'", 0)
    end
    router.discovery_mode = mode
    start(router)
end

return {
    start = start,
    wakeup = wakeup,
    set_mode = set_mode,
}
