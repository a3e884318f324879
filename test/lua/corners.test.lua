probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
probe([==[
    string.format('%d', 3.7), string.format('%d', '3'), string.format('%5.2s|', 'abc'), string.format('%q', 1/0), string.format('%s', nil), string.format('%s %s', 1, {1} ~= nil), string.format('%x', -1), string.format('%c', 65), string.format('%i', 5), string.format('%u', -1), string.format('%a', 1), string.format('%%')
    string.format('%d', 'x')
    string.format('%d')
    string.format('%y', 1)
    string.format('%', 1)
    string.format('%10000d', 1)
    string.format('%d', 1LL), string.format('%s', 1LL), string.format('%x', 255ULL), string.format('%u', -1LL), string.format('%f', 5LL), string.format('%g', 1e15), string.format('%.14g', 0.1), string.format('%g', -0.0)
    string.rep('ab', 3), string.rep('ab', 3, '-'), string.rep('', 1e9), string.rep('x', -1), string.rep('x', 0)
    string.find('abc', 'b', 1, true), string.find('abc', ''), string.find('abc', '', 10), string.find('abc', '', 4), string.find('a.c', '.', 2), string.find('abc', '[a-'), 1
    string.find('abc', '[a')
    string.find('abc', '%')
    string.find('abc', '(')
    string.find('abc', ')')
    string.find('abc', '%f')
    string.find('THE (quick) fox', '%f[%a]%a+%f[%A]', 5), string.gsub('hello world', 'o', '0', 1), string.gsub('abc', '%w', '%0%0'), string.gsub('abc', '%w', {a='x', b=false}), string.gsub('abc', '', '-'), string.gsub('abc', '(a)(b)', '%2%1')
    string.gsub('abc', 'a', '%2')
    string.gsub('abc', 'a', '%')
    string.gsub('abc', 'a', function() return {} end)
    string.gsub('abc', 'a', 5)
    string.gsub('abc', 'a')
    string.gsub('abc', 'a', true)
    string.byte('abc', -1), string.byte('abc', 1, 3), string.byte('', 1), string.char(), string.char(256)
    string.char(-1)
    string.char('x')
    string.sub('hello', -3), string.sub('hello', 2, -2), string.sub('hello', 10), string.sub('hello', 0), string.sub('hello', -100, 2), ('x'):sub(1e10), ('abc'):sub('2')
    string.len(5), #'a\0b', ('x'):len(), string.reverse('abc'), string.upper('aé'), string.lower('ÀB')
    string.len({})
    string.gmatch('a=1, b=2', '(%w+)=(%w+)')()
    string.dump(print)
    tostring(1e15), tostring(1e14), tostring(1e16), tostring(123456789012345), tostring(0.1), tostring(1/3), tostring(-0), tostring(0/0), tostring(-(0/0)), tostring(1/0), tostring(-1/0), tostring(2^53), tostring(1e100), tostring(3.0), tostring(1e-5), 1e15, 2^63, -2^63
    tonumber('0x10'), tonumber('1e1'), tonumber(' 10 '), tonumber('10a'), tonumber(''), tonumber('z', 36), tonumber('ff', 16), tonumber('8', 8), tonumber('1.5', 10), tonumber('0x1p4'), tonumber('inf'), tonumber('nan'), tonumber('1_000'), tonumber('0b11'), tonumber('1LL'), tonumber('5ULL'), tonumber('-0x10'), tonumber('1e'), tonumber(nil)
    tonumber()
    tonumber('10', 1)
    tonumber('10', 37)
    tonumber({}, 10)
    tonumber64('5'), tonumber64('18446744073709551615'), tonumber64('-5'), tonumber64('x'), tonumber64('0x10'), tonumber64(5), tonumber64('5', 8), tonumber64('ff', 16), tonumber64(''), tonumber64('1.5'), tonumber64(5LL), tonumber64(nil)
    tonumber64()
    tonumber64({})
    select(-1, 1, 2, 3), select('#'), select(2, 'a', 'b', 'c')
    select(0)
    select('x')
    select(-5, 1)
    unpack({1,2,3}, 2), unpack({1,2}, 1, 4), unpack({}, 1, 0)
    unpack()
    unpack({}, 1, 1e8)
    next({}), next({1}), next({a=1}), type(next)
    next({}, 'x')
    rawequal('a','a'), rawget({1},1), rawlen
    rawset({}, nil, 1)
    setmetatable({}, {__metatable='x'}), getmetatable(setmetatable({}, {__metatable='x'})), getmetatable('').__index == string
    setmetatable(setmetatable({}, {__metatable='x'}), {})
    setmetatable(1, {})
    setmetatable({}, 1)
    setmetatable({})
    getmetatable()
    type()
    assert(false)
    assert(nil, 'msg')
    assert(false, {1})
    assert()
    assert(1, 2, 3)
    error()
    error(nil)
    error('x', 0)
    error('x', 1)
    error({code=1})
    error(setmetatable({}, {__tostring=function() return 'E' end}))
    pcall()
    pcall(nil)
    pcall(error)
    xpcall(error, function(e) return 'H' .. tostring(e) end, 'x')
    xpcall(function(...) return ... end, print, 1, 2, 3)
    xpcall()
    xpcall(print)
    xpcall(function() error('a') end, function(e) error('b') end)
    xpcall(function() error('a') end, 5)
    loadstring('return 1')(), loadstring('x ='), loadstring('return ...')(5), load(function() return nil end)
    load('return x', 'name', 't', {x=7})(), load('return 1', '=n', 'b')
    load(5)
    load({})
    loadstring()
    loadstring('return 1', 5)
    loadfile('/nosuch')
    dofile('/nosuch')
    setfenv(print, {})
    setfenv(function() end)
    collectgarbage('x')
    collectgarbage('isrunning')
    newproxy(), getmetatable(newproxy(true)), newproxy(newproxy(true)) ~= nil
    newproxy(5)
    newproxy({})
    nosuch.field
    nosuch()
    ('x').y.z
    local t = {} t.a.b = 1
    local t = {} t.a.b.c = 1
    local t = {} t:nosuch()
    local s = 'x' s:nosuch()
    local a = nil; return a.x
    local a; a()
    local a = 5; a.x = 1
    local a = {}; return a + 1
    local a = {}; return 1 + a
    local a = {}; return a .. 'x'
    local a = {}; return 'x' .. a
    local a = {}; return a < 1
    local a, b = {}, {}; return a < b
    return {} < {}
    return {} <= 5
    return 'a' < 1
    return nil < 1
    return #nil
    local a = 5; return #a
    return -{}
    return -'x'
    return 'x' + 1
    return '10' + 1, '0x10' + 0, 10 .. 20, '3' * '4', 2 ^ 0.5, 5 % -3, -5 % 3, 5.5 % 2, 1 % 0, 5 % math.huge, -5 % math.huge
    for i = 1, 'x' do end
    for i = 'x', 1 do end
    for i = 1, 2, {} do end
    for i = 1, 3, 0 do break end
    for i in 5 do end
    for i in nil do end
    local function f(...) return select('#', ...), ... end return f(nil, nil), (f(1, 2)), {f()}, #{f(1, 2)}
    local t = setmetatable({}, {__call=function(self, a) return a end}) return t(5), pcall(t, 6)
    local t = setmetatable({}, {__index=function(t, k) return k .. 'x' end, __newindex=function(t, k, v) rawset(t, k, v * 2) end, __len=function() return 7 end, __unm=function() return 'neg' end, __concat=function(a, b) return 'cat' end, __eq=function() return true end, __lt=function() return true end, __le=function() return false end, __tostring=function() return 'T' end, __mod=function() return 'mod' end, __pow=function() return 'pow' end, __div=function() return 'div' end}) t.z = 4 return t.a, t.z, #t, -t, t .. 'x', 'x' .. t, t < t, t <= t, t > t, tostring(t), t % 1, t ^ 1, t / 1, 1 .. t
    tostring(setmetatable({}, {__tostring=function() return 5 end}))
    tostring(setmetatable({}, {__tostring=5}))
    tostring(setmetatable({}, {__tostring=function() return nil end}))
    pairs()
    pairs(nil)
    pairs(5)
    ipairs()
    ipairs(5)
    ipairs('x')
    for k, v in pairs(setmetatable({}, {__pairs=function() return function(_, k) if not k then return 1, 2 end end, nil, nil end})) do return k, v end
    for k, v in ipairs(setmetatable({}, {__ipairs=function() return function(_, k) if k == nil or k == 0 then return 1, 'ip' end end, nil, 0 end})) do return k, v end
    goto nolabel
    goto x; local a; ::x:: print(a)
    do goto x end ::x:: return 'jumped'
    break
    return 1 2
    x = = 1
    local x <const> = 1
    return 0x, 1
    return 1..2
    return '\xzz'
    return 'abc
    return "\z   x", '\x41', '\65', '\u{41}'
    a.b:c = 1
    function a.b.c:d.e() end
    return function(a, ..., b) end
    return ...
    local function f() return ... end
    if x then
    return 5 // 2
    return 5 & 2
    return ~5
    return 5 ~= 4, not nil == true
    x, y = 1
    for k, v in pairs({}) x() end
    local function r() return 1 + r() end return r()
    coroutine.resume(coroutine.create(function() error('x') end))
    coroutine.resume(coroutine.create(function() error({1}) end))
    coroutine.wrap(function() error('x') end)()
    coroutine.wrap(function() return 1 end)(), coroutine.status(coroutine.create(print)), coroutine.running()
    local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return coroutine.resume(co, 1), coroutine.resume(co, 5), coroutine.resume(co), coroutine.status(co)
    local co = coroutine.wrap(function() return 1 end) co() co()
    coroutine.create(5)
    coroutine.resume(5)
    coroutine.status(5)
    coroutine.isyieldable()
    table.concat({1,2,3}, ','), table.concat({}, ','), table.concat({1,2,3}, ',', 2), table.concat({1,2,3}, ',', 2, 3), table.concat({1, 'a', 2.5})
    table.concat({1,{},3})
    table.concat({1,2}, ',', 1, 5)
    table.concat(5)
    table.concat({1,2}, {})
    table.insert({}, 1, 2, 3)
    table.insert({}, 'x', 2)
    table.insert({1,2,3}, 5, 9)
    table.insert({}, 1)
    table.insert({})
    table.insert(nil, 1)
    table.remove({}), table.remove({1,2,3}), table.remove({1,2,3}, 1), table.remove({1,2,3}, 10), table.remove({}, 0)
    table.remove(5)
    local t = {3,1,2} table.sort(t) return t
    local t = {3,1,2} table.sort(t, function(a, b) return a > b end) return t
    table.sort({3,1,'x'})
    table.sort({1,2,3}, function() return true end)
    table.sort({1,2,3,4,5,6,7,8,9,10}, function() return true end)
    table.sort(5)
    table.copy({1,{2}}), table.deepcopy({1,{2}}), table.copy(5), table.deepcopy(5)
    table.copy()
    math.floor('x')
    math.floor('5.5')
    math.floor(nil)
    math.random(0)
    math.random(2, 1)
    math.random(1, 2, 3)
    bit.band(5, 3), bit.bor(5, 3), bit.bxor(5, 3), bit.bnot(5), bit.lshift(1, 31), bit.rshift(-1, 28), bit.arshift(-8, 1), bit.rol(1, 33), bit.ror(1, 1), bit.bswap(0x01020304), bit.tohex(255), bit.tohex(255, 4), bit.tohex(255, -4), bit.tobit(2^32 + 5), bit.band(1LL, 3), bit.lshift(1ULL, 40), bit.bnot(0ULL), bit.tohex(255ULL), bit.tobit(2^31)
    bit.band()
    bit.band('x')
    bit.band('5', 7)
    bit.band({})
    bit.lshift(1)
    os.time({year=2020, month=1, day=1, hour=0}), os.time{year=2020, month=14, day=-3}, os.date('!%Y-%m-%d %H:%M:%S', 0), os.date('!*t', 86400), os.date('!%c', 0), os.date('!%x %X %p %A %B %j %U %w %y %Z %%', 0)
    os.time({year=2020})
    os.time({year='x', month=1, day=1})
    os.time(5)
    os.date('%Ez', 0)
    os.date('%', 0)
    os.date(5, 0)
    os.date('*t', 'x')
    os.getenv('NOSUCH'), os.getenv('HOME') ~= nil, os.difftime(5, 3), os.clock() >= 0, os.tmpname():match('^/tmp/lua_') ~= nil
    os.getenv()
    os.rename('/nosuch1', '/nosuch2')
    os.remove('/nosuch1')
    os.setlocale('C', 'x')
    os.environ().HOME ~= nil, os.setenv('FOO_X', 'bar'), os.getenv('FOO_X'), os.setenv('FOO_X', nil), os.getenv('FOO_X')
]==]);
