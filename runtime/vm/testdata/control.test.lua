-- Control flow, scopes, metamethods and coroutines.
local function show(...) print(...) end
-- multiple assignment evaluates everything before it stores
do local i, a = 1, {} i, a[i] = i + 1, 20 show(i, a[1], a[2]) end
do local a, b = 1, 2 a, b = b, a show(a, b) end
do local t = {1, 2} local i = 1 t[i], t[i + 1], i = t[i + 1], t[i], 9 show(t[1], t[2], i) end
-- logical values
do local x = false show(x and 1 or 2, x or 3, not x, x == false and 'f', (x == nil) or 'n', not (x and true)) end
do local a, b = nil, 5 local c = a == nil and b or 7 show(c, a and b, a or b, a ~= nil, (a or b) == 5) end
do local function f(...) return ... end show((f(1, 2)), f(1, 2), f(), (f())) local t = {f(1, 2), f(3, 4)} show(#t) end
-- closures
do local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end show(fs[1](), fs[1](), fs[2](), fs[3]()) end
do local fs = {} local i = 0 while i < 3 do i = i + 1 local j = i fs[i] = function() j = j * 2 return j end if i == 2 then break end end show(fs[1](), fs[2](), fs[2]()) end
do local fs, n = {}, 0 repeat local k = n fs[#fs + 1] = function() return k end n = n + 1 until k >= 2 show(fs[1](), fs[2](), fs[3](), #fs) end
do local fs = {} do local i = 1 ::top:: local x = i * 10 fs[i] = function() x = x + 1 return x end i = i + 1 if i <= 3 then goto top end end show(fs[1](), fs[1](), fs[2](), fs[3]()) end
do local x = 1 local function f() return x end pcall(error, 'a') x = 2 show(f()) end
do local x = 1 local g pcall(function() local y = 5 g = function() return y end error('z') end) x = g() show(x) end
-- loops
for i = 3, 1, -1 do io.write(i, ' ') end print()
for i = 1, 0 do print('never') end
for i = 0.1, 0.35, 0.1 do io.write(i, ' ') end print()
for i = '1', '2' do io.write(i + 0, ' ') end print()
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end io.write(i, ',', j, ' ') ::continue:: end end print()
do local n = 0 for k, v in pairs({1, 2, nil, 4, a = 1}) do n = n + v end show(n) end
do local t = {} for i = 1, 100 do t['k' .. i] = i end local n = 0 for k in pairs(t) do t[k] = nil n = n + 1 end show(n, next(t)) end
for a, b, c in (function(s, i) if i < 3 then return i + 1, s end end), 'st', 0 do io.write(tostring(a), tostring(b), tostring(c), ' ') end print()
-- varargs
do local function f(a, ...) local b, c = ... return select('#', ...), a, b, c end show(f()) show(f(1)) show(f(1, 2, 3, 4)) end
do local function f(...) local t = {...} return #t, ... end show(f(1, 2, 3)) show((f(1, 2))) end
do local function sum(n, ...) if n == 0 then return select('#', ...) end return sum(n - 1, n, ...) end show(sum(100)) end
do local function loop(n) if n == 0 then return 'done' end return loop(n - 1) end show(loop(100000)) end
-- tables
do local t = {} for i = 1, 300 do t[i] = i end local u = {unpack(t)} show(#u, u[300]) end
do local t = {[1] = 'a', 'b', x = 1, ['y'] = 2, [3] = 'c'; 'd'} show(t[1], t[2], t[3], t.x, t.y) end
do local t = {} t[1e9] = 1 t[2^53] = 2 t[-1] = 3 t[0] = 4 t[1.5] = 5 show(t[1e9], t[2^53], t[-1], t[0], t[1.5], #t) end
do local t = {1, 2, 3} t[#t + 1] = 4 t[#t] = nil show(#t, table.remove(t), #t, table.remove(t, 1), t[1], #t) end
do local t = {} table.insert(t, 'a') table.insert(t, 1, 'b') table.insert(t, 2, 'c') show(table.concat(t, ','), #t) end
-- metamethods
do
    local log = {}
    local mt = {}
    for _, ev in ipairs{'add', 'sub', 'mul', 'div', 'mod', 'pow', 'concat'} do mt['__' .. ev] = function(a, b) return ev .. (type(a) == 'table' and 'L' or 'R') end end
    mt.__unm = function() return 'unm' end
    mt.__index = function(t, k) return 'idx:' .. tostring(k) end
    mt.__newindex = function(t, k, v) rawset(t, k, v + 1) end
    mt.__call = function(self, ...) return select('#', ...), ... end
    mt.__tostring = function() return 'obj' end
    mt.__lt = function(a, b) return 'yes' end
    mt.__eq = function(a, b) return true end
    local a, b = setmetatable({}, mt), setmetatable({}, mt)
    show(a + 1, 1 + a, a - b, a * 2, 2 / a, a % 2, a ^ 2, a .. 'x', 'x' .. a, 1 .. a, -a)
    a.n = 1
    show(a.n, a.zzz, a[5], a(1, 2), a < b, a <= b, a > b, a == b, a ~= b, tostring(a), #a)
    show(pcall(function() return a < 1 end)) show(pcall(function() return a == 1 end))
    local chain = setmetatable({}, {__index = setmetatable({x = 1}, {__index = {y = 2}})}) show(chain.x, chain.y, chain.z)
    local loop = {} setmetatable(loop, {__index = loop}) loop = setmetatable({}, {__index = loop}) show(pcall(function() return loop.x end))
    show(getmetatable(setmetatable({}, {__metatable = 'locked'})), pcall(setmetatable, setmetatable({}, {__metatable = 1}), {}))
end
-- coroutines: yield across pcall, metamethods, iterators and library functions
do
    local co = coroutine.wrap(function() local ok, v = pcall(function() local x = coroutine.yield(1) error('e' .. x, 0) end) coroutine.yield(v) return 'end' end)
    show(co(), co('!'), co())
    local obj = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end})
    local c2 = coroutine.wrap(function() return obj.foo .. obj.bar end) show(c2(), c2('a'), c2('b'))
    local c3 = coroutine.wrap(function() for k in function() return coroutine.yield('it') end do coroutine.yield(k) end return 'over' end) show(c3(), c3('v'), c3(), c3(nil))
    local co4 co4 = coroutine.create(function() show(coroutine.status(co4), coroutine.running() == co4) coroutine.yield() end)
    show(coroutine.status(co4)) coroutine.resume(co4) show(coroutine.status(co4)) coroutine.resume(co4) show(coroutine.status(co4), coroutine.resume(co4))
    local outer = coroutine.create(function() local inner = coroutine.create(function(o) return coroutine.status(o) end) local _, s = coroutine.resume(inner, coroutine.running()) return s end)
    show(coroutine.resume(outer))
end
-- environments
do local env = setmetatable({}, {__index = _G}) local f = setfenv(loadstring('x = 5 return x'), env) show(f(), env.x, rawget(_G, 'x')) end
do local function lvl() error('deep', 2) end show(pcall(function() lvl() end)) show(pcall(error, {}, 2) == false) end
show(select(2, xpcall(function() local x = nil; return x.y end, function(m) return 'H:' .. m end)))
show(pcall(string.rep)) show(pcall(('x').rep, 'x', {})) show(pcall(setmetatable, 1))
