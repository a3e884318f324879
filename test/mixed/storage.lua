-- A storage of the cluster of sharding.lua. Its argument is its name.

local cfg = require('sharding')
local name = arg[1]
local uuids = {left = 'aaaaaaaa-0000-4000-8000-0000000000a1', right = 'aaaaaaaa-0000-4000-8000-0000000000a2'}

require('fio').mkdir(name)
cfg.memtx_dir, cfg.wal_dir, cfg.vinyl_dir, cfg.log = name, name, name, name .. '.log'
vshard = require('vshard')
vshard.storage.cfg(cfg, uuids[name])
box.once('schema', function()
    local words = box.schema.space.create('words', {format = {
        {'id', 'unsigned'}, {'bucket_id', 'unsigned'}, {'word', 'string'},
    }})
    words:create_index('primary')
    words:create_index('bucket_id', {parts = {'bucket_id'}, unique = false})
    for _, fn in ipairs({'put', 'word'}) do
        box.schema.func.create(fn)
        box.schema.role.grant('public', 'execute', 'function', fn)
    end
end)

function put(id, bucket_id, text)
    return box.space.words:replace({id, bucket_id, text})
end

function word(id)
    local tuple = box.space.words:get(id)
    return tuple and tuple.word
end
