-- What each instance under load runs, on whichever host: instance.lua ROLE DIR WAL_MODE LIBRARY
--
-- ROLE is single, storage_1, storage_2 or router. The line "ready" on the standard output says that it answers on
-- DIR/ROLE.sock.

local role, dir, mode, library = ...
package.path = library .. '/?.lua;' .. library .. '/?/init.lua;' .. package.path

local fiber = require('fiber')

local function socket(name)
    return 'unix/:' .. dir .. '/' .. name .. '.sock'
end

local function options(more)
    more.work_dir = dir .. '/' .. role
    more.wal_mode = mode
    more.log = 'log'
    more.log_level = 4
    more.memtx_memory = 128 * 2^20
    more.checkpoint_interval = 0
    return more
end

function echo(x)
    return x
end

function get(id)
    return box.space.bench:get{id}
end

function put(id, value)
    return box.space.bench:replace{id, value}
end

local function create_space()
    box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
    local space = box.schema.space.create('bench', {id = 600, if_not_exists = true})
    space:create_index('pk', {parts = {{1, 'unsigned'}}, if_not_exists = true})
    for i = 1, 10000 do
        space:replace{i, 'value ' .. i}
    end
end

local uuids = {
    storage_1 = {'ac522f65-aa94-4134-9f64-51ee384f1a54', '8a274925-a26d-47fc-9e1b-af88ce939412'},
    storage_2 = {'cbf06940-0790-498b-948d-042b62cf3d29', '1e02ae8a-afc0-4e91-ba34-843a356b8ed7'},
}

local function sharding()
    local replicasets = {}
    for name, ids in pairs(uuids) do
        replicasets[ids[1]] = {
            replicas = {[ids[2]] = {uri = 'guest@' .. socket(name), name = name, master = true}},
        }
    end
    return options({bucket_count = 3000, sharding = replicasets})
end

if role == 'single' then
    box.cfg(options({listen = socket(role)}))
    create_space()
elseif role == 'router' then
    vshard = require('vshard')
    vshard.router.cfg(sharding())
    box.cfg{listen = socket(role)}
    box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
    vshard.router.bootstrap({timeout = 20, if_not_bootstrapped = true})
    -- Each bucket's way is found before the work begins.
    for id = 1, vshard.router.bucket_count() do
        assert(vshard.router.route(id))
    end
else
    vshard = require('vshard')
    vshard.storage.cfg(sharding(), uuids[role][2])
    create_space()
    while box.info.status ~= 'running' do
        fiber.sleep(0.001)
    end
end
io.write('ready\n')
io.flush()
