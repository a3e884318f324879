-- An instance of the clusters that the tests of reloads start. Its arguments
-- are the directory of the sources, the cluster's directory, its own name, and
-- its roles, separated by commas.

local source, dir, name, roles = ...
package.path = source .. '/?.lua;' .. source .. '/?/init.lua;' .. package.path

fiber = require('fiber')
log = require('log')
local own = dir .. '/' .. name

cfg = dofile(dir .. '/topology.lua')
for option, value in pairs({
    memtx_dir = own, wal_dir = own, vinyl_dir = own,
    log = own .. '/log',
    checkpoint_interval = 0,
    memtx_memory = 64 * 1024 * 1024,
    replication_connect_quorum = 0,
}) do
    cfg[option] = value
end
own_uuid = nil
for _, replicaset in pairs(cfg.sharding) do
    for uuid, replica in pairs(replicaset.replicas) do
        if replica.name == name then
            own_uuid = uuid
        end
    end
end

function echo(...)
    return ...
end

function sleep(seconds, ...)
    fiber.sleep(seconds)
    return ...
end

function put(id, bucket_id, value)
    box.space.test:replace({id, bucket_id, value})
    return true
end

function get(id)
    return box.space.test:get({id})
end

-- As a user does it who has heard of nothing but the idiom.
function reload(module)
    package.loaded[module] = nil
    local value = require(module)
    vshard[module:match('[^.]+$')] = value
    return true
end

function count_fibers(pattern)
    local count = 0
    for _, f in pairs(fiber.info()) do
        if f.name:find(pattern) then
            count = count + 1
        end
    end
    return count
end

vshard = {}
for role in roles:gmatch('[^,]+') do
    vshard[role] = require('vshard.' .. role)
end
-- What a test wants to happen between the first load and the first cfg().
local before = loadfile(dir .. '/before.lua')
if before ~= nil then
    before()
end
if vshard.storage ~= nil then
    vshard.storage.cfg(cfg, own_uuid)
else
    cfg.listen = 'unix/:' .. own .. '.sock'
end
if vshard.router ~= nil then
    vshard.router.cfg(cfg)
end
if not box.info.ro then
    box.schema.user.grant('guest', 'super', nil, nil, {if_not_exists = true})
    if box.schema.user.exists('storage') then
        box.schema.user.grant('storage', 'super', nil, nil, {if_not_exists = true})
    end
    local test = box.schema.space.create('test', {
        if_not_exists = true,
        format = {{'id', 'unsigned'}, {'bucket_id', 'unsigned'}, {'value', 'any', is_nullable = true}},
    })
    test:create_index('pk', {if_not_exists = true})
    test:create_index('bucket_id', {parts = {'bucket_id'}, unique = false, if_not_exists = true})
end
is_ready = true
