#!/usr/bin/env tarantool
-- A router of the cluster that localcfg describes.

require('strict').on()

local fio = require('fio')

test_run = require('test_run').new()
require('console').listen(os.getenv('ADMIN'))

NAME = fio.basename(arg[0], '.lua')
fiber = require('fiber')
util = require('lua_libs.util')
cfg = require('localcfg')
replicaset1_uuid = 'cbf06940-0790-498b-948d-042b62cf3d29'
replicaset2_uuid = 'ac522f65-aa94-4134-9f64-51ee384f1a54'
uuids = {}
for _, replicaset in pairs(cfg.sharding) do
    for uuid, replica in pairs(replicaset.replicas) do
        uuids[replica.name] = uuid
    end
end

vshard = require('vshard')
vshard.router.cfg(cfg)
