-- What each field type takes, and how values compare.
-- What each field type takes, and how values compare in each index type.
uuid = require('uuid')
decimal = require('decimal')
ffi = require('ffi')
vals = {n0 = 0, n1 = 1, nm1 = -1, f = 1.5, fi = 1e300, big = 18446744073709551615ULL, small = -9223372036854775808LL, s = 'x', es = '', b = true, nul = box.NULL, arr = {1}, earr = {}, map = {a = 1}, dec = decimal.new('1.5'), deci = decimal.new('2'), u = uuid.fromstr('12345678-1234-4234-8234-123456789012'), bin = '\xff', d = ffi.cast('double', 1), i = ffi.cast('int64_t', 5), fl = ffi.cast('float', 2.5)}
names = {} for k in pairs(vals) do table.insert(names, k) end table.sort(names)
types = {'any', 'unsigned', 'string', 'number', 'double', 'integer', 'boolean', 'varbinary', 'scalar', 'decimal', 'uuid', 'array', 'map', 'num', 'str', 'int', '*', 'bool', 'float'}
ins = function(typ) local ok, s = pcall(box.schema.space.create, 't', {format = {{'id', 'unsigned'}, {'v', typ}}}) if not ok then return tostring(s) end s:create_index('pk') local r = {} for _, n in ipairs(names) do local ok, e = pcall(s.replace, s, {1, vals[n]}) table.insert(r, n .. ': ' .. tostring(e)) end s:drop() return unpack(r) end
ins('any')
ins('unsigned')
ins('string')
ins('number')
ins('double')
ins('integer')
ins('boolean')
ins('varbinary')
ins('scalar')
ins('decimal')
ins('uuid')
ins('array')
ins('map')
ins('num')
ins('str')
ins('int')
ins('*')
ins('bool')
ins('float')
ins('datetime')
insi = function(typ, itype) local s = box.schema.space.create('t') local ok, e = pcall(s.create_index, s, 'pk', {type = itype, parts = {{1, typ}}}) if not ok then s:drop() return tostring(e) end local r = {} for _, n in ipairs(names) do local ok, e = pcall(s.replace, s, {vals[n], n}) if not ok then table.insert(r, n .. ': ' .. tostring(e)) end end for _, n in ipairs(names) do local ok, e = pcall(s.get, s, {vals[n]}) table.insert(r, 'get ' .. n .. ': ' .. tostring(e)) end table.insert(r, itype == 'TREE' and s:select() or s:len()) if itype == 'TREE' then table.insert(r, s:select({}, {iterator = 'LT'})) table.insert(r, s.index.pk:min()) table.insert(r, s.index.pk:max()) end s:drop() return unpack(r) end
insi('unsigned', 'TREE')
insi('string', 'TREE')
insi('number', 'TREE')
insi('double', 'TREE')
insi('integer', 'TREE')
insi('boolean', 'TREE')
insi('varbinary', 'TREE')
insi('scalar', 'TREE')
insi('decimal', 'TREE')
insi('uuid', 'TREE')
insi('unsigned', 'HASH')
insi('string', 'HASH')
insi('number', 'HASH')
insi('double', 'HASH')
insi('integer', 'HASH')
insi('boolean', 'HASH')
insi('varbinary', 'HASH')
insi('scalar', 'HASH')
insi('decimal', 'HASH')
insi('uuid', 'HASH')
insi('any', 'TREE')
insi('array', 'HASH')
insi('*', 'TREE')
insi('num', 'TREE')
insi('float', 'TREE')
-- Numbers across types in a number index.
s = box.schema.space.create('n', {format = {{'v', 'number'}}})
_ = s:create_index('pk')
for _, v in ipairs{3, 2.5, -1, decimal.new('2.5000000001'), 1e308, -1e308, 18446744073709551615ULL, -9223372036854775808LL, 2^53, 2^53 + 2, 9007199254740993LL, decimal.new('0.1'), 0.1, 18446744073709551616, 9223372036854775808ULL} do pcall(s.insert, s, {v}) end
s:select()
s:select({2.5}, {iterator = 'GE', limit = 3})
s:select({decimal.new(3)})
s:get(3.0)
s:get(decimal.new('3.0'))
s:insert{decimal.new('3')}
s:insert{3.0}
s:get(0.1)
s:get(decimal.new('0.1'))
s:drop()
-- Scalars.
s = box.schema.space.create('n')
_ = s:create_index('pk', {parts = {1, 'scalar'}})
for _, v in ipairs{3, 2.5, -1, 'a', 'b', '', true, false, decimal.new('2.75'), uuid.fromstr('12345678-1234-4234-8234-123456789012'), uuid.fromstr('02345678-1234-4234-8234-123456789012'), 'A', 'ab', '\xff'} do s:insert{v} end
s:select()
s:select({}, {iterator = 'LE'})
s:select({'a'}, {iterator = 'GE'})
s:select({true}, {iterator = 'GT'})
s:select({false}, {iterator = 'LE'})
s:select({5}, {iterator = 'GT'})
s:select({uuid.fromstr('12345678-1234-4234-8234-123456789012')}, {iterator = 'GE'})
s:get{{}}
s:get{{a = 1}}
s:get{nil}
s:drop()
-- Nulls in a secondary index.
s = box.schema.space.create('n')
_ = s:create_index('pk')
i = s:create_index('i', {parts = {{2, 'unsigned', is_nullable = true}, {3, 'string', is_nullable = true}}})
s:insert{1}
s:insert{2, 5}
s:insert{3, 5, 'x'}
s:insert{4, box.NULL, 'x'}
s:insert{5, box.NULL, 'x'}
s:insert{6, 5, 'x'}
s:insert{7, 5, box.NULL}
s:insert{8, 6, 'y'}
i:select()
i:select{}
i:select{nil}
i:select{box.NULL}
i:select{box.NULL, 'x'}
i:select{5}
i:select{5, box.NULL}
i:select({5, box.NULL}, {iterator = 'GT'})
i:select({5, box.NULL}, {iterator = 'GE'})
i:select({5, box.NULL}, {iterator = 'LE'})
i:select({box.NULL}, {iterator = 'GT'})
i:select({box.NULL}, {iterator = 'LE'})
i:select({box.NULL}, {iterator = 'LT'})
i:select({nil, 'x'}, {iterator = 'GE'})
i:get{5, 'x'}
i:get{5, box.NULL}
i:get{5}
i:get{box.NULL, box.NULL}
i:min(), i:max(), i:min{5}, i:max{5}, i:min{box.NULL}, i:max{box.NULL}
i:min{7}, i:max{7}
i:count(), i:count{5}, i:count{box.NULL}, i:count({5}, {iterator = 'GE'}), i:count({5}, {iterator = 'GT'}), i:count({5}, {iterator = 'LT'})
i:delete{5}
i:delete{5, box.NULL}
i:delete{5, 'x'}
i:update({6, 'y'}, {{'=', 4, 'z'}})
i:update({6}, {{'=', 4, 'z'}})
i:update({6, box.NULL}, {{'=', 4, 'z'}})
i:random()~= nil
i:random(1) ~= nil
i:random('x')
i:random(-1) ~= nil
i:alter{unique = false}
i.unique
i:get{6, 'y'}
i:delete{6, 'y'}
i:update({6, 'y'}, {})
i:alter{parts = {{2, 'unsigned'}}}
i:alter{parts = {{2, 'string', is_nullable = true}}}
i:alter{bogus = 1}
i:alter{id = 5}
i:alter{name = 'j'}
s.index.j ~= nil, s.index.i
i:alter{type = 'hash'}
i:alter()
i:alter(1)
i:rename()
i:rename(1)
i:rename('pk')
i:rename('')
i:rename('i')
i:drop(1)
s.index.pk:drop()
s:drop()
-- Types of field and index together.
s = box.schema.space.create('n', {format = {{'a', 'unsigned'}, {'b', 'string', is_nullable = true}, {'c', 'scalar'}, {'d', 'any'}, {'e', 'map'}, {'f', 'array'}, {'g', 'number'}, {'h', 'integer'}, {'i', 'decimal'}, {'j', 'uuid'}, {'k', 'boolean'}, {'l', 'varbinary'}, {'m', 'double'}}})
mk = function(field, typ) local ok, e = pcall(s.create_index, s, 'x', {parts = {{field, typ}}}) if ok then e:drop() return field .. ' ' .. typ .. ' ok' end return field .. ' ' .. typ .. ': ' .. tostring(e) end
_ = s:create_index('pk')
(function() local r = {} for _, f in ipairs{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm'} do for _, t in ipairs{'unsigned', 'string', 'scalar', 'number', 'integer', 'decimal', 'uuid', 'boolean', 'varbinary', 'double'} do table.insert(r, mk(f, t)) end end return unpack(r) end)()
s:create_index('x', {parts = {'a', 'b'}}).parts
s.index.x:drop()
s:create_index('x', {parts = {'b'}}).parts
s.index.x:drop()
s:create_index('x', {parts = {{'b', is_nullable = false}}})
s.index.x and s.index.x.parts
s.index.x and s.index.x:drop()
s:create_index('x', {parts = {{'a', is_nullable = true}}})
s.index.x and s.index.x:drop()
s:create_index('x', {parts = {'nope'}})
s:create_index('x', {parts = {'d'}})
s:create_index('x', {parts = {'e.k'}})
s:create_index('x', {parts = {{'e.k', 'string'}}}).parts
s.index.x:drop()
s:create_index('x', {parts = {{'f[1]', 'string'}}}).parts
s.index.x:drop()
s:create_index('x', {parts = {{'a.x', 'string'}}})
s:create_index('x', {parts = {{'d.x', 'string'}}}).parts
s.index.x and s.index.x:drop()
s:create_index('x', {parts = {{'e[1]', 'string'}}})
s:create_index('x', {parts = {{'f.x', 'string'}}})
s:create_index('x', {parts = {{'f[*].x', 'string'}}}).parts
s:create_index('y', {parts = {{'f[*].y', 'unsigned'}}}).parts
s:create_index('z', {parts = {{'f[1].y', 'unsigned'}}}).parts
s:create_index('z', {parts = {{'f[*].x', 'unsigned'}}})
s:create_index('z', {parts = {{'f[*].x.y', 'unsigned'}}})
s:create_index('z', {parts = {{'f[*].x', 'string'}, {'e[*]', 'string'}}})
s:create_index('z', {parts = {{'f[*].x', 'string'}, {'f[*].z[*]', 'string'}}})
s:create_index('z', {type = 'hash', parts = {{'f[*].x', 'string'}}})
s:drop()
-- Multikey.
s = box.schema.space.create('n')
_ = s:create_index('pk')
i = s:create_index('i', {parts = {{'[2][*].a', 'unsigned'}}, unique = true})
s:insert{1, {{a = 1}, {a = 2}}}
s:insert{2, {{a = 2}}}
s:insert{2, {{a = 3}, {a = 3}}}
s:insert{3, {{a = 'x'}}}
s:insert{3, {{b = 'x'}}}
s:insert{3, {'x'}}
s:insert{3, 'x'}
s:insert{3, {}}
s:insert{4, {a = 1}}
s:insert{4}
i:select()
i:get{2}
i:count()
i:len()
i:delete{1}
i:select()
s:replace{2, {{a = 5}, {a = 4}}}
i:select()
i:select({4}, {iterator = 'GT'})
i:update({5}, {{'=', 3, 'x'}})
i:min(), i:max()
s:select()
i:drop()
i = s:create_index('i', {parts = {{'[2][*].a', 'unsigned'}}, unique = false})
s:insert{5, {{a = 5}, {a = 5}, {a = 6}}}
i:select()
i:drop()
i = s:create_index('i', {parts = {{'[2][*]', 'scalar', is_nullable = true, exclude_null = true}}, unique = false})
s:drop()
