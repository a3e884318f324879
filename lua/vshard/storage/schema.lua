--- What a storage keeps in the database for itself: the space of the buckets,
-- the functions that other instances call, and who may call them.
-- @module vshard.storage.schema

local log = require('log')
local luri = require('uri')
local M = require('vshard.storage.state')

-- The layouts that instances of public vshard know by these versions. The first
-- was not written down; a row of box.once stood for it.
local FIRST_VERSION = {0, 1, 15, 0}
local VERSION = {0, 1, 16, 0}
local ONCE = 'oncevshard:storage:1'

local functions = {
    'vshard.storage._call',
    'vshard.storage.call',
    'vshard.storage.sync',
    'vshard.storage.bucket_collect',
    'vshard.storage.bucket_force_create',
    'vshard.storage.bucket_force_drop',
    'vshard.storage.bucket_recv',
    'vshard.storage.bucket_send',
    'vshard.storage.bucket_stat',
    'vshard.storage.buckets_count',
    'vshard.storage.buckets_discovery',
    'vshard.storage.buckets_info',
    'vshard.storage.rebalancer_apply_routes',
    'vshard.storage.rebalancer_request_state',
}

local bucket_format = {
    {name = 'id', type = 'unsigned'},
    {name = 'status', type = 'string'},
    {name = 'destination', type = 'string', is_nullable = true},
}

local function create_bucket_space()
    local _bucket = box.schema.space.create('_bucket', {format = bucket_format})
    _bucket:create_index('pk', {parts = {{'id', 'unsigned'}}})
    _bucket:create_index('status', {parts = {{'status', 'string'}}, unique = false})
end

local function create_user(uri)
    local parts = luri.parse(uri)
    if parts.login == nil or box.schema.user.exists(parts.login) then
        return parts.login
    end
    box.schema.user.create(parts.login, {password = parts.password})
    return parts.login
end

-- Functions run with the rights of their owner, so that the user of the
-- sharding needs none on the spaces.
local function create_functions(user, manual_access)
    for _, name in ipairs(functions) do
        box.schema.func.create(name, {setuid = true, if_not_exists = true})
        if user ~= nil and not manual_access then
            box.schema.user.grant(user, 'execute', 'function', name, {if_not_exists = true})
        end
    end
end

local function version_text(version)
    return ('{%s}'):format(table.concat(version, '.'))
end

-- Later versions stay: an instance of a newer public vshard has made them, and
-- whatever it has added is no obstacle.
local function note_version()
    local _schema = box.space._schema
    if _schema:get({'vshard_version'}) == nil then
        log.info('Upgrade vshard schema to %s', version_text(VERSION))
        _schema:replace({'vshard_version', unpack(VERSION)})
        _schema:delete({ONCE})
        log.info('Successful vshard schema upgrade to %s', version_text(VERSION))
    end
end

--- Make or complete the schema. Needs the right to write.
-- @param uri address of this instance, with the user of the sharding
-- @param manual_access leave users and their rights to the operator
local function apply(uri, manual_access)
    if box.space._bucket == nil then
        log.info('Initializing schema %s', version_text(FIRST_VERSION))
        box.begin()
        local ok, err = pcall(create_bucket_space)
        if not ok then
            box.rollback()
            error(err)
        end
        box.commit()
    end
    local user
    if not manual_access then
        user = create_user(uri)
        if user ~= nil then
            box.schema.user.grant(user, 'replication', nil, nil, {if_not_exists = true})
        end
    end
    create_functions(user, manual_access)
    note_version()
end

--- Names or ids of the spaces that hold buckets: those with an index of the
-- configured name whose first part is an unsigned number.
-- @return array of {space, index}
local function sharded_spaces()
    local result = {}
    for id, space in pairs(box.space) do
        if type(id) == 'number' and id >= box.schema.SYSTEM_ID_MIN and
           id > box.schema.SYSTEM_ID_MAX and space.engine ~= 'blackhole' and
           not space.is_local and space.name ~= '_bucket' then
            local index = space.index[M.shard_index]
            if index ~= nil and index.type == 'TREE' and #index.parts > 0 and
               (index.parts[1].type == 'unsigned' or index.parts[1].type == 'integer' or
                index.parts[1].type == 'number') then
                table.insert(result, {space = space, index = index})
            end
        end
    end
    table.sort(result, function(a, b) return a.space.id < b.space.id end)
    return result
end

return {
    apply = apply,
    sharded_spaces = sharded_spaces,
}
