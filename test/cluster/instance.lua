#!/usr/bin/env tarantool
-- An instance of a cluster: `instance.lua NAME [UUID]`. With a UUID it is a
-- storage, without one the router. It runs in the cluster's directory.

local fio = require('fio')
local json = require('json').new()
-- Metatables would make live objects of the parts of a configuration.
json.cfg({decode_save_metatables = false})

local name, uuid = arg[1], arg[2]
local code = fio.pathjoin(fio.cwd(), 'code', name)
package.path = ('%s/?.lua;%s/?/init.lua;%s'):format(code, code, package.path)

local data = fio.pathjoin('data', name)
fio.mktree(data)

local function read(path)
    local file, err = fio.open(path, {'O_RDONLY'})
    if file == nil then
        error(('cannot read %s: %s'):format(path, err), 0)
    end
    local text = file:read()
    file:close()
    return text
end

-- Replicas that meet a master which is not ready yet try again soon, once.
local START_TIMEOUT, TIMEOUT = 0.1, 1

-- The cluster's configuration with what this instance needs besides.
local function configuration()
    local cfg = json.decode(read('cluster.json'))
    cfg.memtx_dir, cfg.wal_dir, cfg.vinyl_dir = data, data, data
    cfg.replication_timeout = instance == nil and START_TIMEOUT or TIMEOUT
    return cfg
end

vshard = require('vshard')

local function configure()
    if uuid ~= nil then
        vshard.storage.cfg(configuration(), uuid)
    else
        vshard.router.cfg(configuration())
    end
    return true
end

require('console').listen('unix/:./' .. name .. '.control')
if uuid == nil then
    box.cfg({memtx_dir = data, wal_dir = data, vinyl_dir = data})
end
configure()
-- Whoever can reach a socket in the cluster's directory owns the cluster.
if not box.info.ro then
    box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
end
local app = uuid ~= nil and 'app.lua' or 'router.lua'
if fio.path.exists(app) then
    dofile(app)
end
if uuid == nil then
    box.cfg({listen = 'unix/:./' .. name .. '.sock'})
end

instance = {
    --- Apply the configuration as cluster.json has it now.
    configure = configure,
    --- Take the settings of a cluster that has started.
    settle = function() box.cfg({replication_timeout = TIMEOUT}) end,
}
fio.open(name .. '.ready', {'O_CREAT', 'O_WRONLY'}, tonumber('644', 8)):close()
