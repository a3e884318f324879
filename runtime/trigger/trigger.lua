local methods = {}

--- Call every trigger of the list with the arguments, in order.
function methods:run(...)
    for i = 1, #self do
        self[i](...)
    end
end

-- Raise an error with the place that Tarantool's module shows in front of it.
local function fail(line, text)
    error(('builtin/internal.trigger.lua:%d: %s'):format(line, text), 0)
end

local function is_callable(value)
    if type(value) == 'function' then
        return true
    end
    local meta = getmetatable(value)
    return type(meta) == 'table' and type(meta.__call) == 'function'
end

local function find(list, trigger)
    for i = 1, #list do
        if list[i] == trigger then
            return i
        end
    end
    return nil
end

-- list(new) adds a trigger and returns nothing, list(new, old) replaces one and list(nil, old) removes one, which both
-- return the old one, list() returns all.
local function call(list, new, old)
    if new ~= nil and not is_callable(new) then
        fail(23, ('Usage: %s(callable)'):format(list.name))
    end
    if old ~= nil and not is_callable(old) then
        fail(26, 'Usage: trigger(new_callable, old_callable)')
    end
    if new == nil and old == nil then
        return {unpack(list)}
    end
    if old == nil then
        table.insert(list, new)
        return
    end
    local at = find(list, old)
    if at == nil then
        fail(new == nil and 44 or 54, ('%s: trigger is not found'):format(list.name))
    end
    if new == nil then
        table.remove(list, at)
    else
        list[at] = new
    end
    return old
end

local meta = {__index = methods, __call = call}

--- Make an empty list of triggers.
-- @param name what the list is called in error messages
local function new(name)
    return setmetatable({name = name}, meta)
end

return {new = new}
