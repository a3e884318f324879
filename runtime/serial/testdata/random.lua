-- Values from a generator with a fixed seed, in all formats. The golden file is
-- what Tarantool 2.6 printed.
local yaml, json, msgpack = require('yaml'), require('json'), require('msgpack')

local state = 20201111
local function random(n)
    state = (state * 16807) % 2147483647
    return state % n
end

local pieces = {
    'a', 'b', 'word', 'x', '1', '0', '-', '.', 'e', ' ', ' ', ' ', '  ', '\n', '\n\n', ':', ': ', ' #', '#', ',', '[', ']', '{',
    '}', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`', '?', '? ', '- ', '\\', '/', '=', '~', '\t', '\195\169',
    '\230\151\165', '\226\128\168', '\240\159\152\128', 'null', 'true', 'no', 'inf', '0x', '---', '...', 'lorem ipsum dolor sit ',
}
local rare = {'\0', '\1', '\27', '\127', '\255', '\r', '\194\133', '\239\187\191', '\237\160\128', '\194\160'}

local function text()
    local parts = {}
    for i = 1, random(9) do
        parts[i] = pieces[random(#pieces) + 1]
    end
    if random(12) == 0 then
        parts[#parts + 1] = rare[random(#rare) + 1]
    end
    if random(15) == 0 then
        return table.concat(parts):rep(random(20))
    end
    return table.concat(parts)
end

local function number()
    local kind = random(6)
    if kind == 0 then
        return random(300) - 150
    elseif kind == 1 then
        return (random(2147483647) - 1073741823) * 2 ^ random(40)
    elseif kind == 2 then
        return random(100000) / 2 ^ random(12)
    elseif kind == 3 then
        return (random(1000000) + 1) * 10 ^ (random(60) - 30)
    elseif kind == 4 then
        return 2 ^ random(70)
    end
    return -random(10)
end

local hints = {'seq', 'map', 'array', 'mapping', 'sequence'}
local known = {}

local value
local function tree(depth)
    local t = {}
    local kind = random(4)
    if kind < 2 then
        for i = 1, random(5) do
            t[i] = value(depth - 1)
        end
    elseif kind == 2 then
        t[random(3) == 0 and random(500) - 250 or text()] = value(depth - 1)
    elseif random(3) == 0 then
        t[random(20) + 1] = value(depth - 1)
    end
    if random(4) == 0 then
        setmetatable(t, {__serialize = hints[random(#hints) + 1]})
    end
    if depth <= 2 and random(3) == 0 then
        known[#known + 1] = t
    end
    return t
end

function value(depth)
    local kind = random(10)
    if depth > 0 and kind < 5 then
        return tree(depth)
    elseif kind == 5 then
        return number()
    elseif kind == 6 then
        return random(2) == 0
    elseif kind == 7 and depth > 0 and #known > 0 then
        return known[random(#known) + 1]
    end
    return text()
end

local function hex(s)
    return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end))
end

local function compact(s)
    return #s > 400 and '#' .. #s .. ' ' .. s:sub(1, 400) or s
end

for i = 1, 400 do
    known = {}
    local v = value(5)
    local ok, s = pcall(json.encode, v)
    emit(i .. ' ' .. compact(tostring(s)) .. '\n')
    ok, s = pcall(msgpack.encode, v)
    emit(compact(ok and hex(s) or tostring(s)) .. '\n')
    if ok then
        emit(tostring(#msgpack.encode((msgpack.decode(s))) == #s) .. '\n')
    end
    ok, s = pcall(yaml.encode, v)
    emit(tostring(s))
end
