#!/usr/bin/env tarantool

require('strict').on()

local fio = require('fio')
local log = require('log')

NAME = fio.basename(arg[0], '.lua')
test_run = require('test_run').new()
require('console').listen(os.getenv('ADMIN'))

-- The least that the bootstrap expects of the sharding module.
rebalances = 0
vshard = {storage = {}}
function vshard.storage.rebalancer_wakeup()
    rebalances = rebalances + 1
    log.info('round %d of the rebalancer', rebalances)
end

for replicaset_uuid, replicaset in pairs(require('localcfg').sharding) do
    local uris = {}
    local me, my_uuid
    for uuid, replica in pairs(replicaset.replicas) do
        table.insert(uris, replica.uri)
        if replica.name == NAME then
            me, my_uuid = replica, uuid
        end
    end
    if me ~= nil then
        box.cfg{
            listen = me.uri,
            replication = uris,
            replication_connect_quorum = me.master and 1 or nil,
            replication_timeout = 0.1,
            read_only = not me.master,
            instance_uuid = my_uuid,
            replicaset_uuid = replicaset_uuid,
        }
        if me.master then
            box.once('storage', function()
                box.schema.user.create('storage', {password = 'storage'})
                box.schema.user.grant('storage', 'super')
            end)
        end
    end
end

require('lua_libs.bootstrap')
