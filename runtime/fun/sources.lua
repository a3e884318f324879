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
            fail(213, 'attempt to compare number with nil')
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
