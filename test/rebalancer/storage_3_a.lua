#!/usr/bin/env tarantool
-- A storage, or the router, of a cluster that a third replica set joins.

require('strict').on()

local fio = require('fio')

test_run = require('test_run').new()
require('console').listen(os.getenv('ADMIN'))

NAME = fio.basename(arg[0], '.lua')
fiber = require('fiber')
util = require('lua_libs.util')
cfg = require('localcfg')
cfg.rebalancer_max_sending = 3
cfg.rebalancer_disbalance_threshold = 0.01
replicaset1_uuid = 'cbf06940-0790-498b-948d-042b62cf3d29'
replicaset2_uuid = 'ac522f65-aa94-4134-9f64-51ee384f1a54'
replicaset3_uuid = '910ee49b-2540-41b6-9b8c-c976bef1bb17'
third = {replicas = {['ee34807e-be5c-4ae3-8348-e97be227a305'] = {
    uri = 'storage:storage@unix/:./storage_3_a.sock', name = 'storage_3_a', master = true,
}}}
uuids = {storage_3_a = 'ee34807e-be5c-4ae3-8348-e97be227a305'}
for _, replicaset in pairs(cfg.sharding) do
    for uuid, replica in pairs(replicaset.replicas) do
        uuids[replica.name] = uuid
    end
end

-- Apply the configuration with other weights, or without a replica set.
function apply(weights)
    cfg.sharding[replicaset3_uuid] = weights[3] and third or nil
    cfg.sharding[replicaset1_uuid].weight = weights[1]
    cfg.sharding[replicaset2_uuid].weight = weights[2]
    third.weight = weights[3]
    if NAME == 'router_1' then
        vshard.router.cfg(cfg)
    else
        vshard.storage.cfg(cfg, uuids[NAME])
    end
end

-- Make another instance the master of the first replica set.
function make_master(name, weights)
    for uuid, replica in pairs(cfg.sharding[replicaset1_uuid].replicas) do
        replica.master = uuid == uuids[name]
    end
    apply(weights)
end

vshard = require('vshard')
apply(NAME == 'storage_3_a' and {1, 1, 1} or {1, 1})
if NAME ~= 'router_1' then
    require('lua_libs.bootstrap')
else
    -- Writers that note what they have written, and checks of all of it.
    written, failures, stop, workers = {}, {}, false, {}
    function write(first)
        local id = first
        while not stop do
            id = id + 10
            local bucket_id = id % 3000 + 1
            local tuple, err = vshard.router.callrw(bucket_id, 'do_replace', {{id, bucket_id}},
                                                    {timeout = 30})
            if tuple ~= nil then
                written[id] = bucket_id
            else
                table.insert(failures, {id, err})
            end
            -- All of it is read again in the end.
            fiber.sleep(0.01)
        end
    end
    function start_load()
        for i = 1, 10 do
            workers[i] = fiber.create(write, i)
            workers[i]:set_joinable(true)
        end
    end
    function stop_load()
        stop = true
        for _, worker in ipairs(workers) do
            worker:join()
        end
    end
    -- How many of the written tuples cannot be read.
    function count_lost()
        local lost, readers = 0, {}
        local cursor
        local function read()
            while true do
                local id, bucket_id = next(written, cursor)
                if id == nil then
                    return
                end
                cursor = id
                local found = vshard.router.callrw(bucket_id, 'do_select', {{id}}, {timeout = 30})
                if found == nil or found[1] == nil then
                    lost = lost + 1
                end
            end
        end
        for i = 1, 10 do
            readers[i] = fiber.create(read)
            readers[i]:set_joinable(true)
        end
        for _, reader in ipairs(readers) do
            reader:join()
        end
        return lost
    end
    -- How many buckets are not active at exactly one replica set.
    function count_wrong()
        local owners, wrong = {}, 0
        for _, replicaset in pairs(vshard.router.routeall()) do
            for _, id in ipairs(replicaset:callrw('vshard.storage.buckets_discovery', {}, {timeout = 30})) do
                owners[id] = (owners[id] or 0) + 1
            end
        end
        for id = 1, 3000 do
            if owners[id] ~= 1 then
                wrong = wrong + 1
            end
        end
        return wrong
    end
end
