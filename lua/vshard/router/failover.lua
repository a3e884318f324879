--- The failover: a fiber that keeps the connections alive, chooses for each
-- replica set the replica that serves the reads, and finds masters that the
-- configuration leaves to be found.
-- @module vshard.router.failover

local consts = require('vshard.consts')
local fiber = require('fiber')
local log = require('log')
local M = require('vshard.router.state')
local service = require('vshard.service')

-- Look at every replica set once.
-- @return true if another replica serves the reads of one
local function fail_over(router)
    local config = router.current_cfg
    local is_changed = false
    local replicasets = router.replicasets
    for _, replicaset in pairs(replicasets) do
        replicaset:connect_all()
        replicaset:ping_all(router.failover_ping_timeout, config.failover_sequential_fail_count)
        if M.errinj.ERRINJ_FAILOVER_CHANGE_CFG or router.replicasets ~= replicasets then
            M.errinj.ERRINJ_FAILOVER_CHANGE_CFG = false
            log.info('Configuration has changed, restart failovering')
            return true
        end
        if replicaset:fail_over(fiber.clock()) then
            log.info('New replica %s for %s', tostring(replicaset.replica), tostring(replicaset))
            is_changed = true
        end
    end
    return is_changed
end

local function step_of(router)
    return function(record)
        local is_changed = fail_over(router)
        if not is_changed and record.was_changed ~= false then
            log.info('All replicas are ok')
        end
        record.was_changed = is_changed
        local pause = router.current_cfg.failover_interval or consts.FAILOVER_DOWN_TIMEOUT
        local say = is_changed and log.info or log.verbose
        say('Failovering step is finished. Schedule next after %f seconds', pause)
        return pause
    end
end

local function hold_back(errinj)
    if errinj.ERRINJ_MASTER_SEARCH_DELAY then
        -- Tells who waits that the search does.
        errinj.ERRINJ_MASTER_SEARCH_DELAY = 'in'
        while errinj.ERRINJ_MASTER_SEARCH_DELAY do
            fiber.sleep(0.001)
        end
    end
end

local function search_step_of(router)
    return function(record)
        hold_back(M.errinj)
        local is_complete = true
        for _, replicaset in pairs(router.replicasets) do
            if replicaset.is_master_auto then
                is_complete = replicaset:locate_master() and is_complete
            end
        end
        if not is_complete and not record.is_searching then
            log.info('Master search is started')
        elseif is_complete and record.is_searching then
            log.info('Master search is finished')
        end
        record.is_searching = not is_complete
        return is_complete and consts.MASTER_SEARCH_IDLE_INTERVAL or
               consts.MASTER_SEARCH_WORK_INTERVAL
    end
end

local function is_search_needed(router)
    for _, replicaset in pairs(router.replicasets) do
        if replicaset.is_master_auto then
            return true
        end
    end
    return false
end

local function start(router)
    router.failover_fiber = service.start(router.services, 'failover',
                                          'vshard.failover.' .. router.name, step_of(router)).fiber
    local was_searching = service.is_running(router.services, 'master_search')
    if is_search_needed(router) then
        if not was_searching then
            log.info('Master auto search is enabled')
        end
        router.master_search_fiber = service.start(router.services, 'master_search',
                                                   'vshard.master_search.' .. router.name,
                                                   search_step_of(router)).fiber
    elseif was_searching then
        log.info('Master auto search is disabled')
        service.stop(router.services, 'master_search')
        router.master_search_fiber = nil
    end
end

--- Look for masters now.
local function master_search_wakeup(router)
    service.wakeup(router.services, 'master_search')
end

return {
    start = start,
    master_search_wakeup = master_search_wakeup,
}
