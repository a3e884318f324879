#!/usr/bin/env tarantool
-- How long the functions of the Lua environment take, in nanoseconds a call, without LuaJIT's compiler where there is
-- one. Run it on two hosts and compare:
--
--     tarantool test/bench/lua.lua > stock.txt
--     shardlua test/bench/lua.lua > ours.txt
--     join stock.txt ours.txt | awk '{printf "%-32s %10.0f %10.0f %6.1f\n", $1, $2, $3, $3 / $2}'

jit.off()

local clock = require('clock')
local json, yaml, msgpack = require('json'), require('yaml'), require('msgpack')
local digest, uuid, uri = require('digest'), require('uuid'), require('uri')
local fiber, pickle, fio = require('fiber'), require('pickle'), require('fio')
local decimal, bit, csv, fun = require('decimal'), require('bit'), require('csv'), require('fun')
local clear = require('table.clear')

-- Each case takes as long as this, in seconds.
local budget = tonumber(arg[1]) or 0.05

local cases = {}

local function case(name, body)
    table.insert(cases, {name = name, body = body})
end

local text = ('the quick brown fox jumps over the lazy dog '):rep(4)
local list, words, record = {}, {}, {id = 1, name = 'name', tags = {'a', 'b', 'c'}, score = 1.5, nested = {x = 1, y = 2}}
for i = 1, 100 do
    list[i] = (i * 7919) % 101
    words[i] = 'word' .. i
end
local encodedJSON, encodedYAML, encodedMsgpack = json.encode(record), yaml.encode(record), msgpack.encode(record)
local id = uuid.new()
local object = setmetatable({}, {__index = function(_, key) return key end, __call = function(_, x) return x end})

local function nothing() end
local function same(...) return ... end

case('call.lua', function() nothing() end)
case('call.vararg', function() same(1, 2, 3) end)
case('call.method', function() text:len() end)
case('call.__index', function() return object.field end)
case('call.__call', function() return object(1) end)
case('call.closure', function() return function() return text end end)
case('pcall', function() pcall(nothing) end)
case('pcall.error', function() pcall(error, 'x') end)
case('xpcall', function() xpcall(nothing, same) end)
case('select', function() return select('#', 1, 2, 3), select(2, 1, 2, 3) end)
case('unpack', function() return unpack(list) end)
case('pairs.100', function() for _ in pairs(list) do end end)
case('ipairs.100', function() for _ in ipairs(list) do end end)
case('next', function() return next(record) end)
case('type', function() return type(record) end)
case('tostring.number', function() return tostring(123.456) end)
case('tonumber', function() return tonumber('123.456') end)
case('setmetatable', function() return setmetatable({}, object) end)
case('rawget', function() return rawget(record, 'id') end)
case('loadstring', function() return loadstring('return 1 + 1') end)
case('loop.arithmetic.1000', function() local x = 0 for i = 1, 1000 do x = x + i * 2 % 7 end return x end)
case('table.new', function() return {1, 2, 3, a = 1} end)
case('table.insert.100', function() local t = {} for i = 1, 100 do table.insert(t, i) end end)
case('table.insert.front', function() local t = {1, 2, 3} table.insert(t, 1, 0) end)
case('table.remove', function() local t = {1, 2, 3} return table.remove(t) end)
case('table.concat.100', function() return table.concat(words, ',') end)
case('table.sort.100', function() local t = {} for i = 1, 100 do t[i] = list[i] end table.sort(t) end)
case('table.sort.by', function() local t = {} for i = 1, 100 do t[i] = list[i] end
    table.sort(t, function(a, b) return a > b end) end)
case('table.copy', function() return table.copy(record) end)
case('table.deepcopy', function() return table.deepcopy(record) end)
case('table.maxn', function() return table.maxn(list) end)
case('table.clear', function() local t = {1, 2, 3} clear(t) end)
case('string.concat', function() return text .. 'x' .. 1 end)
case('string.build.100', function() local s = '' for _ = 1, 100 do s = s .. 'x' end return s end)
case('string.equal', function() return text == 'x' end)
case('string.byte', function() return text:byte(10) end)
case('string.char', function() return string.char(72, 101, 108) end)
case('string.sub', function() return text:sub(5, 20) end)
case('string.upper', function() return text:upper() end)
case('string.lower', function() return text:lower() end)
case('string.rep', function() return ('ab'):rep(100) end)
case('string.reverse', function() return text:reverse() end)
case('string.len', function() return #text end)
case('string.find.plain', function() return text:find('lazy', 1, true) end)
case('string.find.pattern', function() return text:find('l%a+y') end)
case('string.match', function() return text:match('(%a+) (%a+)') end)
case('string.gmatch', function() for _ in text:gmatch('%a+') do end end)
case('string.gsub', function() return text:gsub('o', '0') end)
case('string.gsub.function', function() return text:gsub('%a+', same) end)
case('string.format', function() return string.format('%d %s %5.2f %x', 42, 'str', 3.14159, 255) end)
case('string.format.q', function() return string.format('%q', text) end)
case('string.split', function() return text:split(' ') end)
case('string.strip', function() return ('  text  '):strip() end)
case('string.startswith', function() return text:startswith('the') end)
case('string.hex', function() return text:hex() end)
case('string.fromhex', function() return ('00ff10'):fromhex() end)
case('string.ljust', function() return ('x'):ljust(20) end)
case('string.center', function() return ('x'):center(20) end)
case('math.floor', function() return math.floor(1.5) end)
case('math.max', function() return math.max(1, 2, 3) end)
case('math.random', function() return math.random(100) end)
case('math.sqrt', function() return math.sqrt(2) end)
case('math.sin', function() return math.sin(1) end)
case('math.pow', function() return 2 ^ 10.5 end)
case('math.fmod', function() return math.fmod(7, 3) end)
case('bit.band', function() return bit.band(255, 15) end)
case('bit.lshift', function() return bit.lshift(1, 10) end)
case('bit.tohex', function() return bit.tohex(255) end)
case('int64.add', function() return 1ULL + 2ULL end)
case('int64.mul', function() return 3LL * 5 end)
case('int64.compare', function() return 1ULL < 2ULL end)
case('int64.tostring', function() return tostring(123456789012ULL) end)
case('tonumber64', function() return tonumber64('123456789012') end)
case('os.time', function() return os.time() end)
case('os.clock', function() return os.clock() end)
case('os.date', function() return os.date('!%Y-%m-%d', 0) end)
case('os.getenv', function() return os.getenv('HOME') end)
case('coroutine.wrap', function() return coroutine.wrap(function() coroutine.yield(1) end)() end)
local pingpong = coroutine.wrap(function() while true do coroutine.yield() end end)
case('coroutine.switch', function() pingpong() end)
case('debug.traceback', function() return debug.traceback() end)
case('debug.getinfo', function() return debug.getinfo(1, 'Sl') end)
case('clock.monotonic', function() return clock.monotonic() end)
case('clock.time', function() return clock.time() end)
case('fiber.self', function() return fiber.self() end)
case('fiber.id', function() return fiber.id() end)
case('fiber.yield', function() fiber.yield() end)
case('fiber.create', function() fiber.create(nothing) end)
case('fiber.channel', function() local c = fiber.channel(1) c:put(1) return c:get() end)
case('fiber.time', function() return fiber.time() end)
case('json.encode', function() return json.encode(record) end)
case('json.decode', function() return json.decode(encodedJSON) end)
case('yaml.encode', function() return yaml.encode(record) end)
case('yaml.decode', function() return yaml.decode(encodedYAML) end)
case('msgpack.encode', function() return msgpack.encode(record) end)
case('msgpack.decode', function() return msgpack.decode(encodedMsgpack) end)
case('uuid.new', function() return uuid.new() end)
case('uuid.str', function() return id:str() end)
case('uuid.fromstr', function() return uuid.fromstr('c8f0fa1f-da29-438c-a040-393f1126ad39') end)
case('uuid.equal', function() return id == id end)
case('uri.parse', function() return uri.parse('user:pass@localhost:3301') end)
case('digest.crc32', function() return digest.crc32(text) end)
case('digest.sha1', function() return digest.sha1(text) end)
case('digest.md5_hex', function() return digest.md5_hex(text) end)
case('digest.base64_encode', function() return digest.base64_encode(text) end)
case('digest.murmur', function() return digest.murmur(text) end)
case('digest.guava', function() return digest.guava(123456, 100) end)
case('pickle.pack', function() return pickle.pack('iiA', 1, 2, 'x') end)
case('csv.load', function() return csv.load('a,b,c\n1,2,3\n') end)
case('decimal.new', function() return decimal.new('1.5') end)
local half = decimal.new('0.5')
case('decimal.add', function() return half + half end)
case('fun.sum', function() return fun.range(10):map(function(x) return x * 2 end):sum() end)
case('fio.pathjoin', function() return fio.pathjoin('a', 'b', 'c') end)
case('fio.basename', function() return fio.basename('/a/b/c.lua') end)
case('fio.stat', function() return fio.stat('/') end)
case('utf8.len', function() return utf8.len(text) end)
case('utf8.upper', function() return utf8.upper(text) end)
case('box.NULL', function() return box.NULL == nil end)

-- best is the shortest of some runs, in nanoseconds of the processor a call: what else the machine does counts less.
local function best(body)
    local n = 1
    local function run()
        local start = clock.proc()
        for _ = 1, n do
            body()
        end
        return clock.proc() - start
    end
    while math.min(run(), run()) < budget / 10 do
        n = n * 2
    end
    local least = math.huge
    for _ = 1, 5 do
        least = math.min(least, run())
    end
    return least / n * 1e9
end

for _, c in ipairs(cases) do
    print(('%-24s %12.1f'):format(c.name, best(c.body)))
    fiber.yield()
end
os.exit(0)
