#!/usr/bin/env tarantool
-- A storage of a cluster of two replica sets of three instances, which all
-- start at once. The masters are those with the largest uuids, so that nobody
-- takes the leader of the bootstrap, which may be another one, for the master.

require('strict').on()

local fio = require('fio')

test_run = require('test_run').new()
require('console').listen(os.getenv('ADMIN'))

NAME = fio.basename(arg[0], '.lua')
fiber = require('fiber')
util = require('lua_libs.util')

uuids, replicaset_uuids, cfg = {}, {}, {bucket_count = 30, sharding = {}, replication_timeout = 0.2}
for set = 1, 2 do
    local replicas = {}
    for i, letter in ipairs({'a', 'b', 'c'}) do
        local name = ('trio_%d_%s'):format(set, letter)
        uuids[name] = ('00000000-0000-4000-8000-0000000000%d%d'):format(set, i)
        replicas[uuids[name]] = {
            uri = 'storage:storage@unix/:./' .. name .. '.sock', name = name, master = letter == 'c',
        }
    end
    replicaset_uuids[set] = ('00000000-0000-4000-9000-00000000000%d'):format(set)
    cfg.sharding[replicaset_uuids[set]] = {replicas = replicas}
end

vshard = require('vshard')
vshard.storage.cfg(cfg, uuids[NAME])
require('lua_libs.bootstrap')
