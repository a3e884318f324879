--
-- Folds.
--

-- foldl(f, start, iterable): one argument more than offer knows.
local function foldl(f, acc, gen, param, state)
    local function step(inner, ...)
        if inner == nil then
            return nil
        end
        acc = f(acc, ...)
        return inner
    end
    repeat
        state = step(gen(param, state))
    until state == nil
    return acc
end

for _, name in ipairs({'foldl', 'reduce'}) do
    exports[name] = function(f, acc, gen, param, state)
        return foldl(f, acc, raw_iter(gen, param, state))
    end
    methods[name] = function(self, f, acc)
        return foldl(f, acc, self.gen, self.param, self.state)
    end
end

offer({'length'}, 0, function(gen, param, state)
    if gen == ipairs_gen or gen == string_gen then
        return #param -- as Tarantool does, what was dropped from the front included
    end
    local n = 0
    state = gen(param, state)
    while state ~= nil do
        n = n + 1
        state = gen(param, state)
    end
    return n
end)

offer({'is_null'}, 0, function(gen, param, state)
    return gen(param, state) == nil
end)

exports.is_prefix_of = function(left, right)
    local gen1, param1, state1 = raw_iter(left)
    local gen2, param2, state2 = raw_iter(right)
    local a, b
    while true do
        state1, a = gen1(param1, state1)
        state2, b = gen2(param2, state2)
        if state1 == nil then
            return true
        elseif state2 == nil or a ~= b then
            return false
        end
    end
end
methods.is_prefix_of = exports.is_prefix_of

-- Whether calling f on the elements ends with a result other than `go_on` for one of them.
local function search(predicate, go_on, gen, param, state)
    local function step(inner, ...)
        if inner == nil then
            return nil, go_on
        end
        return inner, (predicate(...) and true or false)
    end
    local result
    repeat
        state, result = step(gen(param, state))
    until state == nil or result ~= go_on
    return result
end

offer({'all', 'every'}, 1, function(predicate, gen, param, state)
    return search(predicate, true, gen, param, state)
end)
offer({'any', 'some'}, 1, function(predicate, gen, param, state)
    return search(predicate, false, gen, param, state)
end)

offer({'sum'}, 0, function(gen, param, state)
    local sum = 0
    for _, value in gen, param, state do
        sum = sum + value
    end
    return sum
end)

offer({'product'}, 0, function(gen, param, state)
    local product = 1
    for _, value in gen, param, state do
        product = product * value
    end
    return product
end)

local function best(line, name, choose, gen, param, state)
    local result
    state, result = gen(param, state)
    if state == nil then
        fail(line, name .. ': iterator is empty')
    end
    for _, value in gen, param, state do
        result = choose(result, value)
    end
    return result
end

local function smaller(a, b)
    if b < a then
        return b
    end
    return a
end

local function greater(a, b)
    if b > a then
        return b
    end
    return a
end

offer({'min', 'minimum'}, 0, function(gen, param, state)
    return best(698, 'min', smaller, gen, param, state)
end)
offer({'max', 'maximum'}, 0, function(gen, param, state)
    return best(738, 'max', greater, gen, param, state)
end)
offer({'min_by', 'minimum_by'}, 1, function(choose, gen, param, state)
    return best(722, 'min', choose, gen, param, state)
end)
offer({'max_by'}, 1, function(choose, gen, param, state)
    return best(762, 'max', choose, gen, param, state)
end)

offer({'totable'}, 0, function(gen, param, state)
    local list, n = {}, 0
    for _, value in gen, param, state do
        n = n + 1
        list[n] = value
    end
    return list
end)

offer({'tomap'}, 0, function(gen, param, state)
    local map = {}
    for _, key, value in gen, param, state do
        map[key] = value
    end
    return map
end)

offer({'each', 'for_each', 'foreach'}, 1, function(f, gen, param, state)
    local function step(inner, ...)
        if inner ~= nil then
            f(...)
        end
        return inner
    end
    repeat
        state = step(gen(param, state))
    until state == nil
end)
