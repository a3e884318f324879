--- Brings a reused instance back to the state that it had before its first
-- test: the first call remembers what exists, each later one removes the rest.

local remembered

local function names(tbl)
    local set = {}
    for name in pairs(tbl) do
        set[name] = true
    end
    return set
end

local function keys(space, fields)
    local set = {}
    if type(box.cfg) ~= 'table' then
        return set
    end
    for _, tuple in box.space[space]:pairs() do
        local key = {}
        for _, field in ipairs(fields) do
            table.insert(key, tuple[field])
        end
        set[table.concat(key, '\0', 1, #fields)] = key
    end
    return set
end

local function look()
    return {
        globals = names(_G),
        modules = names(package.loaded),
        privileges = keys('_priv', {'grantee', 'object_type', 'object_id'}),
        spaces = keys('_space', {'name'}),
        sequences = keys('_sequence', {'name'}),
        functions = keys('_func', {'name'}),
        users = keys('_user', {'name', 'type'}),
        once = keys('_schema', {'key'}),
        members = keys('_cluster', {'id'}),
    }
end

-- What exists now and did not then, handed to a function that removes it.
local function remove_new(kind, now, remove)
    for id, key in pairs(now[kind]) do
        if remembered[kind][id] == nil then
            remove(key, id)
        end
    end
end

local function remove_data(now)
    remove_new('privileges', now, function(key)
        box.space._priv:delete(key)
    end)
    remove_new('spaces', now, function(key)
        box.space[key[1]]:drop()
    end)
    remove_new('sequences', now, function(key)
        -- A space's own sequence is gone with the space.
        if box.sequence[key[1]] ~= nil then
            box.sequence[key[1]]:drop()
        end
    end)
    remove_new('functions', now, function(key)
        box.schema.func.drop(key[1], {if_exists = true})
    end)
    remove_new('users', now, function(key)
        local kind = key[2] == 'role' and box.schema.role or box.schema.user
        kind.drop(key[1], {if_exists = true})
    end)
    remove_new('once', now, function(key)
        if key[1]:startswith('once') then
            box.space._schema:delete(key)
        end
    end)
    remove_new('members', now, function(key)
        box.space._cluster:delete(key)
    end)
end

--- Remember or restore the instance's state.
-- @return true
local function run()
    if remembered == nil then
        remembered = look()
        remembered.modules.pretest_clean = true
        return true
    end
    if type(box.cfg) == 'table' then
        box.rollback()
        remove_data(look())
    end
    remove_new('modules', look(), function(_, name)
        package.loaded[name] = nil
    end)
    remove_new('globals', look(), function(_, name)
        rawset(_G, name, nil)
    end)
    collectgarbage()
    return true
end

return {run = run}
