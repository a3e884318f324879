-- A lazy list is a generator in the sense of a for loop: gen(param, state) returns the next state and the values of the
-- element, or nil at the end. An iterator object carries the three; every function takes one, or a table, a string, or
-- the triple itself, and is a method of iterators as well.

local methods = {}
local meta = {__index = methods}

meta.__tostring = function()
    return '<generator>'
end

-- In a for loop the object is the generator: for _, x in fun.range(3) do.
meta.__call = function(self, param, state)
    return self.gen(param, state)
end

local function wrap(gen, param, state)
    return setmetatable({gen = gen, param = param, state = state}, meta), param, state
end

-- Raise an error with the place that Tarantool's module shows in front of it.
local function fail(line, text)
    error(('builtin/fun.lua:%d: %s'):format(line, text), 0)
end

local function empty_gen()
    return nil
end

local function string_gen(text, at)
    at = at + 1
    if at > #text then
        return nil
    end
    return at, text:sub(at, at)
end

local ipairs_gen = ipairs({})

local function map_gen(t, key)
    local value
    key, value = next(t, key)
    return key, key, value
end

-- The triple behind anything that can be iterated.
local function raw_iter(object, param, state)
    local kind = type(object)
    if object == nil then
        fail(100, 'invalid iterator')
    elseif kind == 'table' then
        local object_meta = getmetatable(object)
        if object_meta == meta then
            return object.gen, object.param, object.state
        elseif object_meta ~= nil and object_meta.__pairs ~= nil then
            return raw_iter(object_meta.__pairs(object))
        elseif object_meta ~= nil and object_meta.__call ~= nil and next(object) == nil then
            return object, param, state
        elseif #object > 0 then
            return ipairs_gen, object, 0
        end
        return map_gen, object, nil
    elseif kind == 'function' then
        return object, param, state
    elseif kind == 'string' then
        if #object == 0 then
            return empty_gen, nil, nil
        end
        return string_gen, object, 0
    elseif kind == 'cdata' or kind == 'userdata' then
        local ok, gen, p, s = pcall(pairs, object)
        if ok then
            return gen, p, s
        end
    end
    fail(127, ('object %s of type "%s" is not iterable'):format(tostring(object), kind))
end

--- The iterator over anything that can be iterated.
local function iter(object, param, state)
    return wrap(raw_iter(object, param, state))
end

local exports = {iter = iter, wrap = wrap}

-- Offer f(…, iterable) as a function, and as a method of iterators. count is how many arguments precede the iterable.
local function offer(names, count, f)
    local as_function, as_method
    if count == 0 then
        as_function = function(gen, param, state)
            return f(raw_iter(gen, param, state))
        end
        as_method = function(self)
            return f(self.gen, self.param, self.state)
        end
    else
        as_function = function(arg, gen, param, state)
            return f(arg, raw_iter(gen, param, state))
        end
        as_method = function(self, arg)
            return f(arg, self.gen, self.param, self.state)
        end
    end
    for _, name in ipairs(names) do
        exports[name] = as_function
        methods[name] = as_method
    end
end
