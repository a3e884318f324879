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

-- list(new) adds a trigger, list(new, old) replaces one, list(nil, old) removes one, list() returns all.
local function call(list, ...)
    if select('#', ...) == 0 then
        return {unpack(list)}
    end
    local new, old = ...
    if new == nil and old == nil or new ~= nil and not is_callable(new) or old ~= nil and not is_callable(old) then
        fail(23, ('Usage: %s(callable)'):format(list.name))
    end
    if old == nil then
        table.insert(list, new)
        return new
    end
    local at = find(list, old)
    if new == nil then
        if at == nil then
            fail(44, ('%s: trigger is not found'):format(list.name))
        end
        table.remove(list, at)
        return
    end
    if at == nil then
        table.insert(list, new)
    else
        list[at] = new
    end
    return new
end

local meta = {__index = methods, __call = call}

--- Make an empty list of triggers.
-- @param name what the list is called in error messages
local function new(name)
    return setmetatable({name = name}, meta)
end

return {new = new}
