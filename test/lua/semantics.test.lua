('abc'):sub(1, 1e10), ('abc'):sub(1, 2^31), ('abc'):sub(1, math.huge), ('abc'):sub(1, 2^31-1), ('abc'):sub(-1e10), ('abc'):sub(0/0)
('abc'):byte(1e10), ('abc'):rep(1.9), ('abc'):sub(1.9), ('abc'):sub(-1.9)
('abc'):find('c', 1e10), ('abc'):find('a', -1e10)
pcall(string.char, 1e10), pcall(string.char, 65.9)
bit.band(1e10, 0xADDR), bit.band(2^40, -1), bit.tobit(1e15), bit.band(1.5, 3), bit.band(-1.5, 255), bit.band(1/0, 1)
select(1e10, 1), pcall(select, -1e10, 1)
tonumber('10', 1e10)
tonumber('10', 10.9), tonumber('10', 16.5)
math.random(1.5, 2.5) ~= nil
error('x', 1e10)
string.format('%d', 1e20), string.format('%x', -1), string.format('%x', 2^32), string.format('%x', 1e20), string.format('%d', 0/0), string.format('%c', 321)
string.format('%5.1f|%-8d|%+.2e|%08.3f|%x', 3.14159, 42, 12345.678, 3.14159, 3.9)
string.format('%.0f %.10f %5.0f', 0.5, 1/3, 2.5)
string.format('%.20s|%20.3s|', 'abcdef', 'abcdef')
string.format('%-+5d|%+-5d|% 5d|%#o|%#X|%.3d|%5.3d|%-5.3d|', 1, 1, 1, 8, 255, 5, 5, 5)
string.format('%g %g %g %g %g', 100000, 1000000, 1e-4, 1e-5, 123456789)
string.format('%.3g %.10g %#g %g', 1234567, 1234567, 1.0, 0)
string.format('%a %A %.2a', 1, 0.5, 3.14)
string.format('%s|%10s|%-10s', true, nil, false)
string.format('%s', 'a\0b'), #string.format('%s', 'a\0b'), #string.format('%10s', 'a\0b')
pcall(string.format, '%s %s', 1)
pcall(string.format, '%c', 'x')
pcall(string.format, '%ld', 1)
pcall(string.format, '%.123f', 1)
pcall(string.format, '%10.123f', 1)
pcall(string.format, '%-+ #0d', 1)
pcall(string.format, '%-+ #00d', 1)
pcall(string.format, '%f', 'x')
pcall(string.format, '%f', '1.5')
pcall(string.format, '%d', '1.5')
pcall(string.format, '%d', 1ULL .. '')
string.format('%f', 1ULL), string.format('%g', -1LL), string.format('%c', 65ULL)
pcall(string.format, '%d', box.NULL)
pcall(string.format, '%s', box.NULL)
string.format('%q', '\1\127\200\n\r\t\0001')
tostring(12345678901234567890), tostring(0.1 + 0.2), tostring(1/3), tostring(100), tostring(1e300 * 1e10), 1e15, 123456789012345678
1e14, 1e14 + 0.5, 99999999999999, 999999999999999, 2^52 + 0.5, 1e21, 1e22, 5e-324, 1.7976931348623157e308
local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.abc, t[1], rawget(t, 'abc')
local a = setmetatable({}, {__index = setmetatable({x = 1}, {__index = {y = 2}})}) return a.x, a.y, a.z
local log = {} local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v .. '?') end}) t.a = 'x' t.a = 'y' return t
local s = {} local t = setmetatable({}, {__newindex = s}) t.a = 1 return t, s
pcall(function() local t = setmetatable({}, {__index = 5}) return t.x end)
pcall(function() local t = setmetatable({}, {__newindex = 5}) t.x = 1 end)
pcall(function() local t = setmetatable({}, {__index = 'str'}) return t.len == string.len, t.nope end)
local t = setmetatable({}, {__call = function(self, ...) return ... end}) return t(1, 2, 3)
local t = setmetatable({}, {__call = setmetatable({}, {__call = function(a, b, c) return type(a), type(b), c end})}) return pcall(t, 1)
pcall(setmetatable({}, {__call = 5}))
pcall(setmetatable({}, {}))
local mt = {__eq = function() return true end} return setmetatable({}, mt) == setmetatable({}, mt), setmetatable({}, {__eq = function() return true end}) == setmetatable({}, {__eq = function() return true end}), setmetatable({}, mt) == 1
local mt = {__lt = function(a, b) return 'lt' end, __le = function() return nil end} local a, b = setmetatable({}, mt), setmetatable({}, mt) return a < b, a <= b, a > b, a >= b, not (a < b)
local mt = {__lt = function(a, b) return a.v < b.v end} local a, b = setmetatable({v=1}, mt), setmetatable({v=2}, mt) return a < b, a <= b, a > b, a >= b
pcall(function() return setmetatable({}, {__lt = function() return 1 end}) < 5 end)
pcall(function() return setmetatable({}, {__lt = function() return true end}) < 5 end)
pcall(function() return 5 < setmetatable({}, {__lt = function() return true end}) end)
pcall(function() return 5 <= setmetatable({}, {__lt = function() return true end}) end)
pcall(function() return setmetatable({}, {__lt = function() return true end}) < setmetatable({}, {__lt = function() return false end}) end)
local mt = {__concat = function(a, b) return 'cat' end} local t = setmetatable({}, mt) return t .. 'x', 'x' .. t, 1 .. t, t .. t, 'a' .. 'b' .. t
local mt = {__add = function(a, b) return 'add' end, __unm = function(a, b) return rawequal(a, b) end, __mod = function() return 'mod' end, __pow = function() return 'pow' end, __div = function() return 'div' end, __mul = function() return 'mul' end, __sub = function() return 'sub' end} local t = setmetatable({}, mt) return t + 1, 1 + t, -t, t % 2, t ^ 2, t / 2, t * 2, t - 2, '1' + t, 'x' + t
local t = setmetatable({1, 2, 3}, {__len = function() return 42 end}) return #t
local u = newproxy(true) getmetatable(u).__len = function() return 42 end return #u
local u = newproxy(true) getmetatable(u).__index = function(u, k) return k end getmetatable(u).__tostring = function() return 'UD' end return u.abc, tostring(u)
local t = setmetatable({}, {__tostring = function() return 5 end}) return pcall(tostring, t)
local t = setmetatable({}, {__tostring = 'x'}) return pcall(tostring, t)
local t = setmetatable({}, {__metatable = false}) return getmetatable(t), pcall(setmetatable, t, nil)
local t = setmetatable({}, {__pairs = function() return function() return nil end end}) t.a = 1 local n = 0 for k in pairs(t) do n = n + 1 end return n
local t = setmetatable({1,2}, {__ipairs = function() return function() return nil end end}) local n = 0 for k in ipairs(t) do n = n + 1 end return n
local t = setmetatable({}, {__index = function(t, i) if i < 4 then return i end end}) local n = 0 for k in ipairs(t) do n = n + 1 end return n
local r = {} for i = 3, 1, -1 do r[#r + 1] = i end for i = 1, 2, 0.5 do r[#r + 1] = i end for i = 1, 0 do r[#r + 1] = 'no' end return r
local r = {} for i = '1', '3' do r[#r + 1] = i end return r
local r = {} for i = 1, 3 do local j = i i = 10 r[#r + 1] = j end return r
local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end return fs[1](), fs[1](), fs[2](), fs[3]()
local fs = {} local i = 1 while i < 4 do local j = i fs[i] = function() j = j + 1 return j end i = i + 1 end return fs[1](), fs[1](), fs[2]()
local x = 1 local function f() x = x + 1 return x end local function g() return x end f() return g(), x
do local i = 1 ::top:: if i < 5 then i = i + 1 goto top end return i end
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end end ::continue:: end return 'ok'
local function f() local i = 0 ::l:: i = i + 1 local g = function() return i end if i < 3 then goto l end return g() end return f()
goto f; local x; ::f:: print(x)
do goto e; local x; ::e:: end return 1
repeat local x = 1 if x then break end until x == 2 return 'br'
local function d(n) return n == 0 and 'done' or d(n - 1) end return d(100000)
local function d(n) if n == 0 then return 0 end return 1 + d(n - 1) end return d(10000)
local function d(n) return 1 + d(n + 1) end local ok, e = pcall(d, 1) return ok, e
local function d() return d() .. 'x' end local ok, e = pcall(d) return ok, e
local t = setmetatable({}, {__index = function(t, k) return t[k .. 'x'] end}) local ok, e = pcall(function() return t.a end) return ok, e
local t = {} setmetatable(t, {__index = t}) local ok, e = pcall(function() return t.a end) return ok, e
local ok, e = pcall(string.gsub, 'x', 'x', function() error('in gsub') end) return e
local co = coroutine.create(function(a) local b = coroutine.yield(a + 1) error('e' .. b) end) return coroutine.resume(co, 1), coroutine.resume(co, 5), coroutine.resume(co), coroutine.status(co)
local co = coroutine.wrap(function() error({1}) end) local ok, e = pcall(co) return ok, e
local co = coroutine.wrap(function() error('msg') end) local ok, e = pcall(co) return ok, e
local co = coroutine.wrap(function() return 1 end) co() return pcall(co)
pcall(coroutine.yield, 1)
pcall(coroutine.resume)
pcall(coroutine.resume, 1)
pcall(coroutine.create)
pcall(coroutine.create, 1)
pcall(coroutine.wrap)
pcall(coroutine.status)
coroutine.isyieldable and coroutine.isyieldable()
local co co = coroutine.create(function() return coroutine.status(co), coroutine.resume(co) end) return coroutine.resume(co)
local co = coroutine.create(function() local ok, v = pcall(function() return coroutine.yield(1) + 1 end) return ok, v end) local a = {coroutine.resume(co)} local b = {coroutine.resume(co, 5)} return a, b
local co = coroutine.create(function() for k, v in (function() coroutine.yield('it') end) do end return 'end' end) return coroutine.resume(co), coroutine.resume(co)
local co = coroutine.create(function() local t = setmetatable({}, {__index = function(t, k) return coroutine.yield(k) end}) return t.abc end) return coroutine.resume(co), select(2, coroutine.resume(co, 'v'))
local co = coroutine.wrap(function(...) local n = select('#', ...) while true do n = n + select('#', coroutine.yield(n)) end end) return co(1, 2), co(1), co(nil, nil)
local f = function() end return debug.getinfo(f).short_src, debug.getinfo(f).what, debug.getinfo(f).linedefined, debug.getinfo(f).lastlinedefined, debug.getinfo(f).nups, debug.getinfo(f).source, debug.getinfo(f).currentline, debug.getinfo(f).namewhat
local i = debug.getinfo(print) return i.what, i.short_src, i.source, i.linedefined, i.currentline, i.func == print, i.nparams, i.isvararg
local function f(a, b, ...) local i = debug.getinfo(1, 'nSlu') return i.name, i.namewhat, i.currentline, i.nups, i.nparams, i.isvararg end return f()
debug.getinfo(100), pcall(debug.getinfo, 1, 'X'), pcall(debug.getinfo), pcall(debug.getinfo, 'x')
debug.getinfo(1, 'l').currentline, debug.getinfo(1, 'S').short_src
local function f(a, b) local c = 3 return {debug.getlocal(1, 1)}, {debug.getlocal(1, 2)}, {debug.getlocal(1, 3)}, {debug.getlocal(1, 10)} end return f(1, 2)
local x, y = 1, 2 local function f() return x, y end return {debug.getupvalue(f, 1)}, {debug.getupvalue(f, 2)}, {debug.getupvalue(f, 3)}, debug.setupvalue(f, 1, 10), f()
local x = 1 local function f() return x end local function g() return x end return debug.upvalueid(f, 1) == debug.upvalueid(g, 1), type(debug.upvalueid(f, 1))
local function f(a, b) end return debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3)
debug.getmetatable('').__index == string, debug.setmetatable(5, {__index = function(n, k) return k end}), (5).foo, debug.setmetatable(5, nil)
debug.getregistry and type(debug.getregistry()), debug.gethook()
debug.sethook(function() end, 'l') debug.sethook()
debug.getfenv(function() end) == _G
os.time{year=2020, month=1, day=1, hour=0}, os.time{year=2020, month=14, day=-3, hour=12, min=70}, pcall(os.time, {year=2020}), pcall(os.time, {})
pcall(os.date, '%Q', 0), pcall(os.date, '*t', 'x'), os.date('!%D %e %F %g %G %h %I %k %l %M %n %R %r %s %S %t %T %u %V %C', 86400)
os.execute('exit 3'), os.execute('true'), os.execute()
io.open('/nonexistent'), io.open('/', 'w'), pcall(io.open, 'unwritable/x', 'zz'), pcall(io.open)
io.type(io.stdout), io.type(5), pcall(io.type), tostring(io.stdout):match('^file %('), io.stdin ~= nil
local f = io.open('t.txt', 'w') local r = {f:write('line1\n', 2, '\nline3') == f, f:seek(), f:seek('set', 2), f:seek('end'), f:close(), io.type(f), tostring(f), pcall(f.write, f, 'x')} return r
local f = io.open('t.txt') return f:read(), f:read('*n'), f:read('*l'), f:read('*a'), f:read('*l'), f:read('*a'), f:read(0), f:close()
local f = io.open('t.txt') return f:read(3), f:read(0), f:read('*l', '*l', '*l', '*l'), pcall(f.read, f, '*x'), pcall(f.read, f, 'x'), f:read('*L')
local r = {} for l in io.lines('t.txt') do r[#r + 1] = l end return r
local r = {} for a, b in io.lines('t.txt', 1, 2) do r[#r + 1] = a .. '|' .. tostring(b) end return r
pcall(io.lines, '/nonexistent')
local f = io.open('t.txt') f:close() return pcall(f.read, f), pcall(f.close, f), pcall(f.lines, f)
local f = io.popen('echo hi; exit 3') local r = f:read('*a') return r, f:close()
io.output() == io.stdout, io.input() == io.stdin, pcall(io.input, '/nonexistent'), pcall(io.close, 5)
local f = io.tmpfile() f:write('abc') f:seek('set') return f:read('*a'), f:close(), f:setvbuf and 1
local f = io.open('t.txt', 'a+') f:write('\nmore') f:seek('set', 0) local r = f:read('*a') f:close() return r
local f = io.open('t.txt', 'r') return f:write('x'), f:flush(), f:setvbuf('no'), f:setvbuf('full', 1024), pcall(f.setvbuf, f, 'bad'), pcall(f.seek, f, 'bad')
local f = io.open('n.txt', 'w') f:write(1.5, ' ', 1e100, ' ', -3, ' 0x1F abc') f:close() f = io.open('n.txt') return f:read('*n', '*n', '*n', '*n', '*n')
type(coroutine.running()), coroutine.status(coroutine.running()), tostring(coroutine.running()):match('^thread: ') ~= nil, pcall(coroutine.resume, coroutine.running())
