-- Tuples: making, reading, changing.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
box.tuple.new()
box.tuple.new(1)
box.tuple.new(1, 2, 3)
box.tuple.new('a', nil, 3)
box.tuple.new{}
box.tuple.new({}, {})
box.tuple.new(nil)
box.tuple.new(nil, nil)
box.tuple.new{1, {2, {3, {a = 4}}}}
box.tuple.new({1}, 2)
box.tuple.new(box.tuple.new{1, 2})
box.tuple.new(box.NULL)
box.tuple.new{box.NULL}
box.tuple.new(true)
box.tuple.new('x')
box.tuple.new(1.5)
box.tuple.new(1ULL)
box.tuple.new(function() end)
box.tuple.new{function() end}
box.tuple.new{print}
box.tuple.new{a = 1}
box.tuple.new{1, a = 1}
box.tuple.new{[3] = 1}
box.tuple.new{[20] = 1}
box.tuple.new{[0] = 1}
box.tuple.new{[-1] = 1}
box.tuple.new{[1.5] = 1}
box.tuple.new{io.stdout}
box.tuple.new{coroutine.create(print)}
box.tuple.new{{setmetatable({1, 2}, {__serialize = 'map'})}}
box.tuple.new{{setmetatable({1, a = 2}, {__serialize = 'seq'})}}
box.tuple.new{{setmetatable({}, {__serialize = 'map'})}}
box.tuple.new{{setmetatable({}, {__serialize = function() return 'abc' end})}}
box.tuple.new{{setmetatable({}, {__serialize = 'bogus'})}}
box.tuple.new{require('uuid').fromstr('12345678-1234-4234-8234-123456789012')}
box.tuple.new{require('decimal').new('1.50')}
box.tuple.new{2^53, 2^63, 2^64, -2^63, 2^53 + 0.5, 1e100, -1e100, 0.1, 1/3, 1e15, 1e14, 123456789012345678}
box.tuple.new{1/0, -1/0, 0/0, -0.0}
box.tuple.new{18446744073709551615ULL, -9223372036854775808LL, 9223372036854775807LL}
box.tuple.new{'', 'a\nb', "it's", '"', '\0', '\xff\xfe', 'a\tb', 'тест', 'a\\b', '\27', '\127', '\r', ' ', '~', 'null', 'true', '1'}
box.tuple.new{{}, {{}}, {a = {}}, {[1] = 1, [3] = 3}}
box.tuple.new{{[1] = 1, [100] = 2}}
box.tuple.new{{[1] = 'a', [2] = 'b', [3] = 'c', [5] = 'e'}}
box.tuple.new{{['1'] = 'a', [true] = 1}}
box.tuple.new{{[1.5] = 'a'}}
box.tuple.new(require('ffi').new('int', 5))
box.tuple.new{require('ffi').new('double', 5)}
box.tuple.new{require('ffi').new('float', 5)}
box.tuple.new{require('ffi').new('bool', true)}
box.tuple.new{require('ffi').cast('char *', 'abc')}
box.tuple.new{require('ffi').new('char[4]')}
box.tuple.new{box.error.new(1, 'x')}
local t = {} t[1] = t return box.tuple.new(t)
box.tuple.is(1)
box.tuple.is()
box.tuple.is(box.tuple.new{})
box.tuple.is({})
box.tuple.is(box.NULL)
t = box.tuple.new{1, 'two', {3, 4}, box.NULL, {k = 'v', a = {b = {10, 20, {c = 30}}}}, 1.5, true}
t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[0], t[-1]
t[1.5]
t[1LL], t[2ULL]
t['1']
t['[1]'], t['[2]'], t['[3][2]'], t['[5].k'], t['[5].a.b[3].c'], t['[5]["k"]'], t['[5].a.b[4]'], t['[9]'], t['[1].a']
t['[']
t['[0]']
t['[-1]']
t['[5].']
t['[5]..k']
t['[5].a.']
t['[*]']
t['[5].a.b[*]']
t['']
t.foo
t['bsize'] ~= nil
t.x
t[true]
t[{}]
t[nil]
t[box.NULL]
#t
t.foo = 1
t[1] = 2
t:bsize()
t:totable()
t:totable(2)
t:totable(2, 3)
t:totable(0)
t:totable(-1)
t:totable(1, 0)
t:totable(1, 100)
t:totable(100)
t:totable('x')
t:totable(3, 2)
t:totable(nil, 2)
t:totable(1.5)
t:unpack()
t:unpack(2)
t:unpack(2, 3)
t:unpack(0)
t:unpack(-1, 2)
t:unpack(1, 0)
t:unpack(100)
t:unpack('x')
t:unpack(2, 2)
t:unpack(3, 1)
t:slice(0)
t:slice(1)
t:slice(1, 3)
t:slice(-1)
t:slice(-2, -1)
t:slice(0, 100)
t:slice(100)
t:slice(-100)
t:slice(2, 1)
t:slice()
t:slice('x')
t:slice(1, 'x')
t:slice(1.5)
t:slice(1, 1)
t:slice(nil)
t:transform(1, 1)
t:transform(1, 1, 'new')
t:transform(1, 0, 'new', 'new2')
t:transform(1, 100)
t:transform(-1, 1)
t:transform(-1, 1, 'x')
t:transform(-7, 1, 'x')
t:transform(-8, 1, 'x')
t:transform(8, 0, 'x')
t:transform(9, 0, 'x')
t:transform(0, 1)
t:transform(1, -1)
t:transform()
t:transform(1)
t:transform('x', 1)
t:transform(1, 'x')
t:transform(1, 1, {1, 2})
t:transform(1, 1, box.NULL, nil)
t:transform(2, 0)
t:find('two')
t:find(1)
t:find(1ULL)
t:find(2)
t:find(1, 1)
t:find(0, 1)
t:find(1, 'two')
t:find(2, 'two')
t:find(100, 'two')
t:find(-1, 'two')
t:find()
t:find('x', 'two')
t:find(nil)
t:find(box.NULL)
t:find(true)
t:find(1.5)
t:findall(1)
t:findall()
t:findall(1, 1)
t:findall(-1, 1)
box.tuple.new{1, 2, 1, 3, 1}:findall(1)
box.tuple.new{1, 2, 1, 3, 1}:findall(1, 1)
box.tuple.new{1, 2, 1, 3, 1}:findall(2, 1)
box.tuple.new{1, 2, 1, 3, 1}:findall(5, 1)
box.tuple.new{1, 2, 1, 3, 1}:find(3, 1)
box.tuple.new{1ULL, -1, '1'}:find(-1LL)
t:next()
t:next(0)
t:next(1)
t:next(7)
t:next(8)
t:next(100)
t:next(-1)
t:next('x')
t:next(nil)
type(t:pairs())
(function() local r = {} for i, v in t:pairs() do table.insert(r, {i, type(v)}) end return r end)()
(function() local r = {} for i, v in pairs(t) do table.insert(r, {i, type(v)}) end return r end)()
(function() local r = {} for i, v in ipairs(t) do table.insert(r, {i, type(v)}) end return r end)()
(function() local r = {} for i, v in t:ipairs() do table.insert(r, {i, type(v)}) end return r end)()
(function() local r = {} for i, v in t:pairs(2) do table.insert(r, {i, type(v)}) end return r end)()
(function() local r = {} for i, v in t:pairs('x') do table.insert(r, {i, type(v)}) end return r end)()
t:pairs():totable()
t:pairs():map(type):totable()
t:tomap()
t:tomap{names_only = true}
t:tomap{bogus = true}
t:tomap(1)
t:tomap('x')
t:tomap{names_only = 1}
t:tomap({})
t:update()
t:update(1)
t:update('x')
t:update{}
t:update{1}
t:update{{}}
t:update{{'='}}
t:update{{'=', 1}}
t:update{{'=', 1, 2}}
t:update{{'=', 1, 2, 3}}
t:update{{'==', 1, 2}}
t:update{{'', 1, 2}}
t:update{{1, 1, 2}}
t:update{{'=', 0, 2}}
t:update{{'=', -1, 2}}
t:update{{'=', -7, 2}}
t:update{{'=', -8, 2}}
t:update{{'=', 8, 2}}
t:update{{'=', 9, 2}}
t:update{{'=', 'x', 2}}
t:update{{'=', '', 2}}
t:update{{'=', 1.5, 2}}
t:update{{'=', {}, 2}}
t:update{{'=', true, 2}}
t:update{{'=', '[1]', 2}}
t:update{{'=', '[8]', 2}}
t:update{{'=', '[9]', 2}}
t:update{{'=', '[3][1]', 2}}
t:update{{'=', '[3][3]', 2}}
t:update{{'=', '[3][4]', 2}}
t:update{{'=', '[3][0]', 2}}
t:update{{'=', '[5].k', 2}}
t:update{{'=', '[5].new', 2}}
t:update{{'=', '[5].new.new', 2}}
t:update{{'=', '[5].a.b[3].c', 2}}
t:update{{'=', '[5].a.b[3].d', 2}}
t:update{{'=', '[1].a', 2}}
t:update{{'=', '[2][1]', 2}}
t:update{{'=', '[5][1]', 2}}
t:update{{'=', '[3].x', 2}}
t:update{{'=', '[5].k.', 2}}
t:update{{'=', '[', 2}}
t:update{{'=', '[*]', 2}}
t:update{{'=', '[3][*]', 2}}
t:update{{'+', 1, 1}}
t:update{{'+', 1, -5}}
t:update{{'+', 1, 1.5}}
t:update{{'+', 1, 'x'}}
t:update{{'+', 1, nil}}
t:update{{'+', 1, {}}}
t:update{{'+', 1, true}}
t:update{{'+', 1, 18446744073709551615ULL}}
t:update{{'+', 1, -9223372036854775808LL}}
t:update{{'-', 1, 1}}
t:update{{'-', 1, 10}}
t:update{{'-', 1, 18446744073709551615ULL}}
t:update{{'-', 1, 'x'}}
t:update{{'+', 2, 1}}
t:update{{'+', 3, 1}}
t:update{{'+', 4, 1}}
t:update{{'+', 6, 1}}
t:update{{'+', 6, 1.25}}
t:update{{'+', 7, 1}}
t:update{{'+', 8, 1}}
t:update{{'+', '[5].a.b[1]', 1}}
t:update{{'+', '[5].k', 1}}
t:update{{'+', '[5].zz', 1}}
t:update{{'+', 1, require('decimal').new('0.1')}}
t:update{{'+', 6, require('decimal').new('0.1')}}
t:update{{'-', 1, require('decimal').new('1e38')}}
t:update{{'&', 1, 1}}
t:update{{'&', 1, -1}}
t:update{{'&', 1, 1.5}}
t:update{{'&', 1, 'x'}}
t:update{{'&', 6, 1}}
t:update{{'&', 2, 1}}
t:update{{'|', 1, 6}}
t:update{{'^', 1, 3}}
t:update{{'^', 1, -3}}
t:update{{'|', 8, 6}}
t:update{{'|', '[5].a.b[1]', 5}}
t:update{{':', 2, 1, 1, 'X'}}
t:update{{':', 2, 1, 0, 'X'}}
t:update{{':', 2, 0, 0, 'X'}}
t:update{{':', 2, -1, 0, 'X'}}
t:update{{':', 2, -1, 1, 'X'}}
t:update{{':', 2, -2, 1, 'X'}}
t:update{{':', 2, -4, 1, 'X'}}
t:update{{':', 2, -5, 1, 'X'}}
t:update{{':', 2, 100, 1, 'X'}}
t:update{{':', 2, 4, 1, 'X'}}
t:update{{':', 2, 1, -1, 'X'}}
t:update{{':', 2, 1, -3, 'X'}}
t:update{{':', 2, 1, -30, 'X'}}
t:update{{':', 2, 1, 100, 'X'}}
t:update{{':', 2, 1, 1, ''}}
t:update{{':', 2, 'x', 1, 'X'}}
t:update{{':', 2, 1, 'x', 'X'}}
t:update{{':', 2, 1, 1, 1}}
t:update{{':', 2, 1, 1}}
t:update{{':', 2, 1.5, 1, 'X'}}
t:update{{':', 1, 1, 1, 'X'}}
t:update{{':', 8, 1, 1, 'X'}}
t:update{{':', '[5].k', 1, 1, 'X'}}
t:update{{':', 2, 2147483647, 1, 'X'}}
t:update{{':', 2, 2147483648, 1, 'X'}}
t:update{{':', 2, 1, 2147483648, 'X'}}
t:update{{':', 2, -2147483649, 1, 'X'}}
t:update{{'!', 1, 'new'}}
t:update{{'!', 8, 'new'}}
t:update{{'!', 9, 'new'}}
t:update{{'!', -1, 'new'}}
t:update{{'!', -8, 'new'}}
t:update{{'!', -9, 'new'}}
t:update{{'!', 0, 'new'}}
t:update{{'!', '[3][1]', 'new'}}
t:update{{'!', '[3][3]', 'new'}}
t:update{{'!', '[3][4]', 'new'}}
t:update{{'!', '[5].n', 'new'}}
t:update{{'!', '[5].k', 'new'}}
t:update{{'#', 1, 1}}
t:update{{'#', 1, 100}}
t:update{{'#', 7, 1}}
t:update{{'#', 8, 1}}
t:update{{'#', -1, 1}}
t:update{{'#', -2, 2}}
t:update{{'#', 1, 0}}
t:update{{'#', 1, -1}}
t:update{{'#', 1, 'x'}}
t:update{{'#', 1, 1.5}}
t:update{{'#', '[3][1]', 1}}
t:update{{'#', '[3][1]', 5}}
t:update{{'#', '[3][3]', 1}}
t:update{{'#', '[5].k', 1}}
t:update{{'#', '[5].k', 2}}
t:update{{'#', '[5].zz', 1}}
t:update{{'=', 1, 1}, {'=', 1, 2}}
t:update{{'+', 1, 1}, {'+', 1, 2}}
t:update{{'=', 1, 1}, {'+', 1, 2}}
t:update{{'#', 1, 1}, {'=', 1, 'x'}}
t:update{{'!', 1, 'a'}, {'!', 1, 'b'}}
t:update{{'!', 1, 'a'}, {'=', 1, 'b'}}
t:update{{'!', 8, 'a'}, {'=', 9, 'b'}}
t:update{{'=', '[5].k', 1}, {'=', '[5].k', 2}}
t:update{{'=', '[5].k', 1}, {'=', '[5].a', 2}}
t:update{{'=', '[5].a.b[1]', 1}, {'=', '[5].a.b[2]', 2}, {'!', '[5].a.b[1]', 0}}
t:update{{'=', '[3][1]', 1}, {'#', 3, 1}}
t:update{{'+', 1, 1}, {':', 2, 1, 1, 'Q'}, {'#', 3, 1}}
t:update({{'=', 1, 1}}, 1)
t:update{{'=', 1, function() end}}
t:upsert()
t:upsert{}
t:upsert(1)
t:upsert{{'=', 100, 1}}
t:upsert{{'+', 2, 1}}
t:upsert{{'bogus', 2, 1}}
t:upsert{{'=', 1, 5}}
t:upsert{{'=', 'x', 5}}
t:upsert{{'+', 1, 5}, {'+', 2, 5}, {'=', 8, 9}}
t:upsert{{'=', '[5].zz.y', 5}}
t:upsert{1}
t:upsert{{'=', 1}}
t == t
t == box.tuple.new{1}
box.tuple.new{1, {2}} == box.tuple.new{1, {2}}
box.tuple.new{1} == {1}
box.tuple.new{1} ~= box.tuple.new{1}
box.tuple.new{1} == nil
box.tuple.new{1} == 1
box.tuple.new{1} < box.tuple.new{1}
box.tuple.new{1} .. 'x'
box.tuple.new{1} + 1
t()
tostring(t)
t:tostring()
type(t)
t:foo()
t.bsize()
t.bsize(1)
t.totable()
t.unpack({})
t.update()
t.upsert({})
t.find({})
t.transform({})
t.slice({})
t.next({})
t.pairs({})
t.tomap({})
box.tuple.bless
box.tuple.new({1,2,3}, {format = {{'a'}}})
getmetatable(t)
t.__serialize
t:__serialize()
t.__tostring
s = box.schema.space.create('t', {format = {{'id', 'unsigned'}, {'name', 'string', is_nullable = true}, {'m', 'map', is_nullable = true}, {'bsize', 'any', is_nullable = true}}})
_ = s:create_index('pk')
t = s:insert{1, 'x', {a = 1, b = {c = {1, 2}}}, 4, 5}
t.id, t.name, t.m, t.bsize, t['m.a'], t['m.b.c[2]'], t['m.x'], t['nope.x'], t['[1]'], t['name'], t['m["a"]']
t:tomap()
t:tomap{names_only = true}
t:tomap{names_only = false}
s:insert{2}:tomap()
s:insert{3, box.NULL, box.NULL}:tomap{names_only = true}
t:update{{'=', 'name', 'y'}}
t:update{{'=', 'm.a', 2}}
t:update{{'=', 'nope', 2}}
t:update{{'=', 'm.b.c[3]', 3}}
t:update{{'=', 'id', 'x'}}
t:update{{'=', 1, 'x'}}
t:update{{'#', 'name', 1}}
t:update{{'=', 'name', 1}}
t:upsert{{'=', 'name', 1}}
t:transform(1, 1)
t:transform(2, 1, 5)
s:update(1, {{'=', 'name', 5}})
s:update(1, {{'=', 'm', 5}})
s:update(1, {{'=', 'm.a', 'new'}})
s:update(1, {{'=', 'nope', 5}})
s:update(1, {{'#', 1, 1}})
s:update(1, {{'=', 'name', box.NULL}})
s:update(1, {{'!', 1, 5}})
s:frommap{id = 1}
s:frommap{id = 'x'}
s:frommap{id = 1, name = 2}
s:frommap{id = 1, nope = 2}
s:frommap{name = 'x'}
s:frommap{}
s:frommap({id = 1}, {table = true})
s:frommap({id = 1, bsize = 5}, {table = true})
s:frommap({id = 1, bsize = 5})
s:frommap({id = 1, bsize = 5}, {table = false})
s:frommap({id = 1}, {table = 1})
s:frommap({id = 1}, {bogus = 1})
s:frommap({id = 1}, 1)
s:frommap({[1] = 1})
s:frommap({id = box.NULL})
s:frommap({1})
s:drop()
t.id, t:tomap()
t:bsize()
t:update{{'=', 1, 5}}
