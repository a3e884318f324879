--- The failover: a fiber that keeps the connections alive, chooses for each
-- replica set the replica that serves the reads, and finds masters that the
-- configuration leaves to be found.
-- @module vshard.router.failover

local consts = require('vshard.consts')
local fiber = require('fiber')
local log = require('log')
local service = require('vshard.service')

local function step_of(router)
    return function()
        for uuid, replicaset in pairs(router.replicasets) do
            replicaset:connect_all()
            replicaset:ping_all(router.failover_ping_timeout)
            if replicaset:fail_over(fiber.clock()) then
                log.info('New replica %s for replicaset %s', replicaset.replica:safe_uri(), uuid)
            end
        end
        return router.current_cfg.failover_interval or consts.FAILOVER_DOWN_TIMEOUT
    end
end

local function search_step_of(router)
    return function()
        local is_complete = true
        for _, replicaset in pairs(router.replicasets) do
            if replicaset.is_master_auto then
                is_complete = replicaset:locate_master() and is_complete
            end
        end
        return is_complete and consts.MASTER_SEARCH_IDLE_INTERVAL or consts.MASTER_SEARCH_WORK_INTERVAL
    end
end

local function start(router)
    service.start(router.services, 'failover', 'vshard.failover.' .. router.name,
                  step_of(router))
    for _, replicaset in pairs(router.replicasets) do
        if replicaset.is_master_auto then
            service.start(router.services, 'master_search',
                          'vshard.master_search.' .. router.name, search_step_of(router))
            return
        end
    end
    service.stop(router.services, 'master_search')
end

--- Look for masters now.
local function master_search_wakeup(router)
    service.wakeup(router.services, 'master_search')
end

return {
    start = start,
    master_search_wakeup = master_search_wakeup,
}
