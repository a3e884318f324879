--
-- Elements.
--

-- Drop the state in front of an element.
local function element(state, ...)
    if state == nil then
        return nil
    end
    return ...
end

offer({'nth'}, 1, function(n, gen, param, state)
    if n < 1 then
        fail(299, 'invalid first argument to nth')
    end
    if gen == ipairs_gen then
        return param[state + n]
    elseif gen == string_gen then
        if state + n <= #param then
            return param:sub(state + n, state + n)
        end
        return nil
    end
    for _ = 1, n - 1 do
        state = gen(param, state)
        if state == nil then
            return nil
        end
    end
    return element(gen(param, state))
end)

offer({'head', 'car'}, 0, function(gen, param, state)
    local function first(found, ...)
        if found == nil then
            fail(323, 'head: iterator is empty')
        end
        return ...
    end
    return first(gen(param, state))
end)

offer({'tail', 'cdr'}, 0, function(gen, param, state)
    state = gen(param, state)
    if state == nil then
        return wrap(empty_gen, nil, nil)
    end
    return wrap(gen, param, state)
end)

--
-- Slices.
--

local function take_n(n, gen, param, state)
    if n < 0 then
        fail(365, 'invalid first argument to take_n')
    end
    local function step(i, inner, ...)
        if inner == nil then
            return nil
        end
        return {i, inner}, ...
    end
    return wrap(function(_, at)
        local i = at[1] + 1
        if i > n then
            return nil
        end
        return step(i, gen(param, at[2]))
    end, param, {0, state})
end

local function take_while(predicate, gen, param, state)
    if type(predicate) ~= 'function' then
        fail(384, 'invalid first argument to take_while')
    end
    local function step(inner, ...)
        if inner == nil or not predicate(...) then
            return nil
        end
        return inner, ...
    end
    return wrap(function(p, at)
        return step(gen(p, at))
    end, param, state)
end

local function drop_n(n, gen, param, state)
    if n < 0 then
        fail(401, 'invalid first argument to drop_n')
    end
    for _ = 1, n do
        state = gen(param, state)
        if state == nil then
            return wrap(empty_gen, nil, nil)
        end
    end
    return wrap(gen, param, state)
end

local function drop_while(predicate, gen, param, state)
    if type(predicate) ~= 'function' then
        fail(425, 'invalid first argument to drop_while')
    end
    local function holds(inner, ...)
        return inner, inner ~= nil and predicate(...)
    end
    local before = state
    while true do
        local after, more = holds(gen(param, before))
        if after == nil then
            return wrap(empty_gen, nil, nil)
        elseif not more then
            return wrap(gen, param, before)
        end
        before = after
    end
end

local function is_callable(value)
    return type(value) == 'function'
end

offer({'take_n'}, 1, take_n)
offer({'take_while'}, 1, take_while)
offer({'take'}, 1, function(n_or_predicate, gen, param, state)
    if is_callable(n_or_predicate) then
        return take_while(n_or_predicate, gen, param, state)
    end
    return take_n(n_or_predicate, gen, param, state)
end)
offer({'drop_n'}, 1, drop_n)
offer({'drop_while'}, 1, drop_while)
offer({'drop'}, 1, function(n_or_predicate, gen, param, state)
    if is_callable(n_or_predicate) then
        return drop_while(n_or_predicate, gen, param, state)
    end
    return drop_n(n_or_predicate, gen, param, state)
end)
offer({'span', 'split', 'split_at'}, 1, function(n_or_predicate, gen, param, state)
    return exports.take(n_or_predicate, gen, param, state), exports.drop(n_or_predicate, gen, param, state)
end)
