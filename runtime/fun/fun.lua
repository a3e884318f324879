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

--
-- Sources.
--

local function ascending_gen(limits, at)
    at = at + limits.step
    if at > limits.stop then
        return nil
    end
    return at, at
end

local function descending_gen(limits, at)
    at = at + limits.step
    if at < limits.stop then
        return nil
    end
    return at, at
end

--- The numbers from start to stop; range(stop) begins at 1, or at -1 and goes down when stop is negative.
function exports.range(start, stop, step)
    if stop == nil then
        if start == nil then
            fail(212, 'invalid range')
        end
        if start == 0 then
            return wrap(empty_gen, nil, nil)
        end
        start, stop = start > 0 and 1 or -1, start
    end
    if step == nil then
        step = start <= stop and 1 or -1
    end
    if step == 0 then
        fail(221, 'step must not be zero')
    end
    local gen = step > 0 and ascending_gen or descending_gen
    return wrap(gen, {start = start, stop = stop, step = step}, start - step)
end

local function pack_values(...)
    return {n = select('#', ...), ...}
end

--- The same values for ever.
function exports.duplicate(...)
    if select('#', ...) <= 1 then
        return wrap(function(value, n)
            return n + 1, value
        end, (...), 0)
    end
    return wrap(function(values, n)
        return n + 1, unpack(values, 1, values.n)
    end, pack_values(...), 0)
end
exports.replicate = exports.duplicate
exports.xrepeat = exports.duplicate

--- f(0), f(1), … for ever.
function exports.tabulate(f)
    return wrap(function(func, n)
        return n + 1, func(n)
    end, f, 0)
end

function exports.zeros()
    return exports.duplicate(0)
end

function exports.ones()
    return exports.duplicate(1)
end

--- Random numbers: in [0, 1), or integers in [0, n), or in [n, m).
function exports.rands(n, m)
    if n == nil and m == nil then
        return wrap(function()
            return 0, math.random()
        end, 0, 0)
    end
    if m == nil then
        n, m = 0, n
    end
    if n >= m then
        fail(289, 'empty interval')
    end
    return wrap(function(limits)
        return 0, math.random(limits[1], limits[2])
    end, {n, m - 1}, 0)
end

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

offer({'filter'}, 1, filter)
offer({'remove_if'}, 1, function(predicate, gen, param, state)
    return filter(function(...)
        return not predicate(...)
    end, gen, param, state)
end)
offer({'grep'}, 1, function(pattern, gen, param, state)
    if is_callable(pattern) then
        return filter(pattern, gen, param, state)
    end
    return filter(function(text)
        return text:find(pattern) ~= nil
    end, gen, param, state)
end)
offer({'partition'}, 1, function(predicate, gen, param, state)
    return filter(predicate, gen, param, state), exports.remove_if(predicate, gen, param, state)
end)

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

--
-- Operators as functions.
--

local operator = {
    lt = function(a, b) return a < b end,
    le = function(a, b) return a <= b end,
    eq = function(a, b) return a == b end,
    ne = function(a, b) return a ~= b end,
    ge = function(a, b) return a >= b end,
    gt = function(a, b) return a > b end,
    add = function(a, b) return a + b end,
    sub = function(a, b) return a - b end,
    mul = function(a, b) return a * b end,
    div = function(a, b) return a / b end,
    mod = function(a, b) return a % b end,
    pow = function(a, b) return a ^ b end,
    unm = function(a) return -a end,
    floordiv = function(a, b) return math.floor(a / b) end,
    intdiv = function(a, b)
        local quotient = a / b
        return quotient >= 0 and math.floor(quotient) or math.ceil(quotient)
    end,
    concat = function(a, b) return a .. b end,
    len = function(a) return #a end,
    land = function(a, b) return a and b end,
    lor = function(a, b) return a or b end,
    lnot = function(a) return not a end,
    truth = function(a) return not not a end,
}
operator.truediv = operator.div
operator.length = operator.len
operator.neq = operator.ne

exports.operator = operator
exports.op = operator
methods.operator = operator
methods.op = operator

return exports
