1, nil, 'x', nil
nil
return
return nil, nil
{}
{1,2,3}
{a=1}
{1,nil,3}
{nil,nil,3}
{[1]=1,[2]=2,[4]=4}
{true,false}
'a\nb'
'123'
'true'
''
'~'
'null'
' x '
'x: y'
"- a"
1/0, -1/0, 0/0
1e15, 1e16, 123456789012, 1e14, 1e13, 0.1, -0, 3.0, 1e100, 1e-10
1ULL, -1LL, 0x10ULL, 18446744073709551615ULL
2^53, 2^63, 2^64, -2^63
0.1+0.2
100 // 1
x
x.y
x.y.z
x()
local a = 1
a
a = 5
a
function f() return 1, 2 end
f()
coroutine.create(function() end) ~= nil
error('x')
error('x', 0)
error('x', 2)
error()
error(nil)
error({})
error({1,2})
error({code=1, message='abc'})
error(setmetatable({}, {__tostring=function() return 'stringified' end}))
error(setmetatable({}, {__serialize=function() return 'ser' end}))
error(12)
error(true)
error(1ULL)
error(box.NULL)
assert(false)
assert(nil)
assert(false, 'msg')
assert(false, {1})
assert(nil, nil)
assert(1, 2, 3)
assert()
assert(false, 12)
pcall()
pcall(nil)
pcall(1)
pcall({})
pcall(error)
pcall(error, nil)
pcall(error, 'x')
pcall(error, 'x', 2)
pcall(error, {a=1})
pcall(function() error('x') end)
pcall(function() error('x', 2) end)
pcall(function() error('x', 0) end)
pcall(function() error() end)
pcall(function() error(nil) end)
pcall(function() local a; a.b = 1 end)
pcall(function() local a; a.b.c = 1 end)
pcall(function() return nope.b end)
pcall(function() return nope() end)
pcall(function() return ('x').y.z end)
pcall(function() return ('x')() end)
pcall(function() return ('x'):nope() end)
pcall(function() return 1 + nil end)
pcall(function() return 1 + {} end)
pcall(function() return 'a' + 1 end)
pcall(function() return '10' + 1 end)
pcall(function() return 'a' .. {} end)
pcall(function() return 'a' .. nil end)
pcall(function() return #nil end)
pcall(function() return #5 end)
pcall(function() return -{} end)
pcall(function() return {} < {} end)
pcall(function() return {} < 1 end)
pcall(function() return 1 < 'x' end)
pcall(function() return nil < 1 end)
pcall(function() return 'a' < 'b', 'a' <= 'a', 'B' < 'a' end)
pcall(function() local t = {} t[nil] = 1 end)
pcall(function() local t = {} t[0/0] = 1 end)
pcall(function() return ({})[nil] end)
pcall(function() for i = 'a', 10 do end end)
pcall(function() for i = 1, 'x' do end end)
pcall(function() for i = 1, 2, {} do end end)
pcall(function() for k in 5 do end end)
pcall(function() for k in pairs(nil) do end end)
pcall(function() for k in ipairs() do end end)
pcall(next, {}, 'nokey')
pcall(next)
pcall(rawset, 1, 2, 3)
pcall(rawget, 1, 2)
pcall(rawequal, 1)
pcall(rawlen, {})
pcall(setmetatable, 1, {})
pcall(setmetatable, {})
pcall(setmetatable, {}, 1)
pcall(setmetatable, setmetatable({}, {__metatable=1}), {})
getmetatable(setmetatable({}, {__metatable='locked'}))
getmetatable('x').__index == string
pcall(select, 0)
pcall(select, -1, 1, 2, 3)
pcall(select, -5, 1)
select('#'), select('#', nil, nil)
select(2, 'a', 'b', 'c')
pcall(select, 'x')
pcall(tonumber)
tonumber('0x10'), tonumber('1e1'), tonumber(' 10 '), tonumber('10a'), tonumber(''), tonumber('0b1'), tonumber('1_0')
tonumber('z', 36), tonumber('7', 8), tonumber('8', 8), tonumber('ff', 16), tonumber('-ff', 16), tonumber('11', 2)
pcall(tonumber, '1', 1)
pcall(tonumber, '1', 37)
tonumber('1ULL'), tonumber('1LL'), tonumber('inf'), tonumber('nan'), tonumber('0x1p4'), tonumber('0x.8'), tonumber('.5'), tonumber('5.')
tonumber({}), tonumber(nil), tonumber(true), tonumber(1ULL), tonumber(-1LL)
tostring(nil), tostring(true), tostring(1.5), tostring(1e100), tostring(-0), tostring(0/0), tostring(1/0), tostring(-1/0)
tostring(2^53), tostring(2^31), tostring(123456.789e3), tostring(1e14), tostring(1e15), tostring(1e-5), tostring(100000000000000)
tostring(1ULL), tostring(-1LL), tostring(box.NULL)
pcall(tostring)
type(), 1
pcall(type)
type(nil), type(box.NULL), type(1ULL), type(print), type(coroutine.create(print)), type(io.stdout)
pcall(unpack)
unpack({1,2,3})
unpack({1,2,3}, 2)
unpack({1,2,3}, 2, 5)
unpack({1,2,3}, -1, 1)
pcall(unpack, {}, 1, 1e8)
pcall(load)
load('return 1')()
load('syntax error here')
load('x x', 'chunk')
load('x x', '@file.lua')
load('x x', '=name')
loadstring('x x')
loadstring('x = = 1', 'a\nb')
loadstring('return ...', 'n')(1, 2)
local i = 0 local f = load(function() i = i + 1 return ({'return ', '1', '+2'})[i] end) return f()
load(function() error('in reader') end)
load(function() return {} end)
load('return x', 'n', 't', {x = 5})()
load('return x', 'n', 'b', {x = 5})
load('\27Lua', 'n', 't')
local f = function() return zz end setfenv(f, {zz=1}) return f(), getfenv(f).zz
pcall(setfenv, print, {})
pcall(setfenv, 1, 2)
pcall(getfenv, 100)
pcall(getfenv, -1)
xpcall(function() error('x') end, function(e) return 'H:' .. e end)
xpcall(function() error({1}) end, function(e) return e[1] end)
xpcall(function() error('x') end, function(e) error('y') end)
xpcall(function(...) return ... end, print, 1, 2, 3)
pcall(xpcall)
pcall(xpcall, print)
xpcall(error, debug.traceback, 'x') == false
pcall(dofile, '/nonexistent')
loadfile('/nonexistent')
pcall(require)
pcall(require, {})
pcall(string.rep)
collectgarbage('count') > 0
collectgarbage(), collectgarbage('collect'), collectgarbage('step') ~= nil, collectgarbage('stop'), collectgarbage('restart')
collectgarbage('setpause', 200) , collectgarbage('setstepmul', 200)
pcall(collectgarbage, 'nope')
gcinfo() > 0
newproxy() ~= nil, type(newproxy(true)), getmetatable(newproxy(true)) ~= nil, pcall(newproxy, 1)
_VERSION
_G._G == _G
jit.version, jit.version_num, jit.os, jit.arch
goto x ::x::
goto nolabel
do goto l1 end ::l1:: local y = 1
break
for i=1,3 do ::c:: end
::a:: ::a::
local function f(...) return select('#', ...) end return f(nil, nil, nil)
local function f(...) local a, b = ... return a, b, {...}, #{...} end return f(1, 2, 3)
return ...
(function(...) return ... end)(1, 2, 3)
((function(...) return ... end)(1, 2, 3))
{(function() return 1, 2, 3 end)()}
{(function() return 1, 2, 3 end)(), 4}
local t = {} t.x, t.y = 1, 2 return t.x, t.y
local a, b, c = (function() return 1, 2 end)() return a, b, c
repeat local z = 5 until z == 5
while false do end
local a <const> = 1
a.b:c = 1
x = }
x = 'unfinished
x = "a\qb"
"\x41\65\z   B\u{48}"
[[long
0x
1..2
3x
for i = 1 do end
if x
if true then return 1 end
function
return return
local function
= 1
@
$
a.1
and
not
return 1;
;
;;1
'a' 'b'
print 'x'
a = 'x' b = 1
a, b
return 1 -- comment
