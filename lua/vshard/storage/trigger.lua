--- Lists of functions that users hang on events.
-- @module vshard.storage.trigger

local log = require('log')

--- Change a list as Tarantool's own triggers are changed.
-- @param list array of functions, changed in place
-- @param name of the list, for the errors
-- @param new function to add, or nil
-- @param old function to replace or, with no new one, to remove
-- @return the list when there are no arguments, otherwise the new function
local function set(list, name, new, old)
    if new ~= nil and type(new) ~= 'function' then
        error(('Usage: %s(callable)'):format(name))
    elseif old ~= nil and type(old) ~= 'function' then
        error('Usage: trigger(new_callable, old_callable)')
    end
    if new == nil and old == nil then
        return list
    end
    if old == nil then
        table.insert(list, new)
        return new
    end
    for i, present in ipairs(list) do
        if present == old then
            if new == nil then
                table.remove(list, i)
            else
                list[i] = new
            end
            return new
        end
    end
    error(('%s: trigger is not found'):format(name))
end

--- Call every function of a list; what one raises, the caller gets.
local function run(list, ...)
    for _, trigger in ipairs(table.copy(list or {})) do
        trigger(...)
    end
end

--- Call every function of a list; one that fails keeps no other back.
local function run_all(list, ...)
    for _, trigger in ipairs(table.copy(list)) do
        local ok, err = pcall(trigger, ...)
        if not ok then
            log.error('Error during a trigger of the master role: %s', tostring(err))
        end
    end
end

return {
    set = set,
    run = run,
    run_all = run_all,
}
