--- Where a reloadable module keeps its state: outside of the VM when the host
-- is shardlua, in a global on stock Tarantool. Either survives the loss of
-- every loaded module.
-- @module vshard.internals

local found, host = pcall(require, 'shardlua')

--- The state of a module, built when nobody has asked for it before.
-- @param name of the module, as required
-- @param initial function that returns the table of the first time
-- @return the module's table of internals
local function get(name, initial)
    if found then
        return host.internals(name, initial)
    end
    local key = '__module_' .. name:gsub('%.', '_')
    local state = rawget(_G, key)
    if state == nil then
        state = initial()
        rawset(_G, key, state)
    end
    return state
end

return {get = get}
