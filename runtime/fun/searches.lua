--
-- Searches.
--

offer({'index', 'index_of', 'elem_index'}, 1, function(wanted, gen, param, state)
    local i = 0
    for _, value in gen, param, state do
        i = i + 1
        if value == wanted then
            return i
        end
    end
    return nil
end)

offer({'indexes', 'indices', 'elem_indexes', 'elem_indices'}, 1, function(wanted, gen, param, state)
    return wrap(function(_, at)
        local i, inner = at[1], at[2]
        while true do
            local value
            inner, value = gen(param, inner)
            if inner == nil then
                return nil
            end
            i = i + 1
            if value == wanted then
                return {i, inner}, i
            end
        end
    end, param, {0, state})
end)

--
-- Filters.
--

local function filter(predicate, gen, param, state)
    local function step(inner, ...)
        while inner ~= nil and not predicate(...) do
            return false, inner
        end
        return inner, ...
    end
    return wrap(function(p, at)
        local function go(found, ...)
            if found ~= false then
                return found, ...
            end
            return go(step(gen(p, (...))))
        end
        return go(step(gen(p, at)))
    end, param, state)
end

-- In Tarantool remove_if is another name of filter, whatever it promises.
offer({'filter', 'remove_if'}, 1, filter)
offer({'grep'}, 1, function(pattern, gen, param, state)
    if is_callable(pattern) then
        return filter(pattern, gen, param, state)
    end
    return filter(function(text)
        return text:find(pattern) ~= nil
    end, gen, param, state)
end)
offer({'partition'}, 1, function(predicate, gen, param, state)
    local function refuses(...)
        return not predicate(...)
    end
    return filter(predicate, gen, param, state), filter(refuses, gen, param, state)
end)
