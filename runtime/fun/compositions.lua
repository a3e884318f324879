--
-- Transformations.
--

offer({'map'}, 1, function(f, gen, param, state)
    local function step(inner, ...)
        if inner == nil then
            return nil
        end
        return inner, f(...)
    end
    return wrap(function(p, at)
        return step(gen(p, at))
    end, param, state)
end)

offer({'enumerate'}, 0, function(gen, param, state)
    local function step(i, inner, ...)
        if inner == nil then
            return nil
        end
        return {i, inner}, i, ...
    end
    return wrap(function(_, at)
        return step(at[1] + 1, gen(param, at[2]))
    end, param, {0, state})
end)

offer({'intersperse'}, 1, function(between, gen, param, state)
    local function step(inner, ...)
        if inner == nil then
            return nil
        end
        return {inner, true}, ...
    end
    return wrap(function(_, at)
        if at[2] then
            return {at[1], false}, between
        end
        return step(gen(param, at[1]))
    end, param, {state, false})
end)

--
-- Compositions.
--

-- The triples of several iterables; a triple of a for loop counts as one when it stands last.
local function sources(...)
    local count = select('#', ...)
    local list = {}
    local i = 1
    while i <= count do
        local object = select(i, ...)
        if type(object) == 'function' then
            local gen, param, state = select(i, ...)
            table.insert(list, {gen, param, state})
            i = i + 3
        else
            table.insert(list, {raw_iter(object)})
            if getmetatable(object) == meta and i < count and select(i + 1, ...) == object.param then
                i = i + 2
            end
            i = i + 1
        end
    end
    return list
end

function exports.zip(...)
    local list = sources(...)
    if #list == 0 then
        return wrap(empty_gen, nil, nil)
    end
    local start = {}
    for i, source in ipairs(list) do
        start[i] = source[3]
    end
    return wrap(function(_, states)
        local nexts, values = {}, {}
        for i, source in ipairs(list) do
            local state, value = source[1](source[2], states[i])
            if state == nil then
                return nil
            end
            nexts[i], values[i] = state, value
        end
        return nexts, unpack(values, 1, #list)
    end, list, start)
end
methods.zip = exports.zip

offer({'cycle'}, 0, function(gen, param, start)
    local function again(found, ...)
        if found == nil then
            return gen(param, start)
        end
        return found, ...
    end
    return wrap(function(p, at)
        return again(gen(p, at))
    end, param, start)
end)

function exports.chain(...)
    local list = sources(...)
    if #list == 0 then
        return wrap(empty_gen, nil, nil)
    end
    local function step(i, inner, ...)
        if inner == nil then
            return nil
        end
        return {i, inner}, ...
    end
    local function from(i, state)
        local source = list[i]
        local function next_source(found, ...)
            if found ~= nil then
                return found, ...
            elseif i < #list then
                return from(i + 1, list[i + 1][3])
            end
            return nil
        end
        return next_source(step(i, source[1](source[2], state)))
    end
    return wrap(function(_, at)
        return from(at[1], at[2])
    end, list, {1, list[1][3]})
end
methods.chain = exports.chain

function methods.unwrap(self)
    return self.gen, self.param, self.state
end
