-- JSON paths, multikey indexes, functional indexes, collations.
s = box.schema.space.create('test')
pk = s:create_index('pk')
j = s:create_index('j', {parts = {{2, 'string', path = 'a.b'}}})
j.parts
s:insert{1, {a = {b = 'x'}}}
s:insert{2, {a = {b = 5}}}
s:insert{2, {a = 5}}
s:insert{2, {a = {c = 5}}}
s:insert{2, 5}
s:insert{2, {1, 2}}
s:insert{2}
s:insert{2, box.NULL}
s:insert{2, {a = {b = 'x'}}}
s:insert{2, {a = {b = 'y', c = 1}}}
j:select()
j:get('y')
j:select({'x'}, {iterator = 'GT'})
j:update('y', {{'=', '[2].a.b', 'z'}})
j:update('z', {{'=', '[2].a.b', 5}})
j:delete('x')
j:drop()
s:create_index('j', {parts = {{2, 'unsigned', path = '[1]', is_nullable = true}}, unique = false}).parts
s:create_index('j', {parts = {{2, 'unsigned', path = 'a.b', is_nullable = true}}, unique = false}).parts
s:truncate()
s:create_index('j', {parts = {{2, 'unsigned', path = '[1]', is_nullable = true}}, unique = false}).parts
s:insert{1, {5, 6}}
s:insert{2, {}}
s:insert{3, {box.NULL, 5}}
s:insert{4, box.NULL}
s:insert{5}
s:insert{6, {a = 1}}
s:insert{6, 'x'}
s:insert{7, {'x'}}
s.index.j:select()
s.index.j:select{5}
s.index.j:select{box.NULL}
s.index.j:drop()
s:create_index('j', {parts = {{2, 'unsigned', path = '[1].a["b c"][3].d', is_nullable = true}}, unique = false}).parts
s:create_index('k', {parts = {{2, 'unsigned', path = '[1].a["b c"].e', is_nullable = true}}, unique = false}).parts
s:create_index('k', {parts = {{2, 'unsigned', path = '.a'}}})
s:create_index('k', {parts = {{2, 'unsigned', path = ''}}})
s:create_index('k', {parts = {{2, 'unsigned', path = 'a.'}}})
s:create_index('k', {parts = {{2, 'unsigned', path = 'a[0]'}}})
s:create_index('k', {parts = {{2, 'unsigned', path = 'a[-1]'}}})
s:create_index('k', {parts = {{2, 'unsigned', path = "a['b']"}}})
s:create_index('k', {parts = {{'[2].a', 'unsigned'}}})
s:create_index('k', {parts = {{'data.a', 'unsigned'}}})
s:drop()
-- by name
s = box.schema.space.create('test', {format = {{'id', 'unsigned'}, {'data', 'map'}, {'list', 'array', is_nullable = true}}})
pk = s:create_index('pk')
s:create_index('k', {parts = {{'data.a', 'unsigned'}}}).parts
s:create_index('k2', {parts = {{'[2].b', 'string', is_nullable = true}, {'id', 'unsigned'}}}).parts
s:create_index('k3', {parts = {{'nope.b', 'string'}}})
s:create_index('k3', {parts = {{'id.b', 'string'}}})
s:create_index('k3', {parts = {{'data[1]', 'string'}}})
s:create_index('k3', {parts = {{'list.a', 'string'}}})
s:create_index('k3', {parts = {{'data.a', 'string'}}})
s:create_index('m', {parts = {{'list[*]', 'unsigned'}}})
s:create_index('m', {parts = {{'list[*]', 'unsigned', is_nullable = true}}, unique = false}).parts
s:insert{1, {a = 1, b = 'x'}, {1, 2, 3}}
s:insert{2, {a = 2}, {3, 3, 4}}
s:insert{3, {a = 3}, {}}
s:insert{4, {a = 4}, box.NULL}
s:insert{5, {a = 5}}
s:insert{6, {a = 6}, {1, 'x'}}
s:insert{6, {a = 6}, {box.NULL, 7}}
s:insert{7, {a = 6}, {}}
s:insert{7, {a = 'x'}, {}}
s:insert{7, {}, {}}
s:insert{7, {a = 7}, {a = 1}}
s:insert{7, {a = 7}, 5}
s.index.m:select()
s.index.m:select{3}
s.index.m:select({3}, {iterator = 'GE'})
s.index.m:select({3}, {iterator = 'LE'})
s.index.m:select({box.NULL})
s.index.m:count()
s.index.m:len()
s.index.m:min()
s.index.m:max()
s.index.m:get(1)
s:update(1, {{'=', 'list[1]', 100}})
s:update(1, {{'=', '[3][1]', 101}})
s:update(1, {{'!', 'list[1]', 102}})
s:update(1, {{'#', 'list', 1}})
s:update(1, {{'=', 'data.b', 'y'}})
s.index.m:select{3}
s.index.k2:select{}
s.index.k2:select{'y'}
s:delete(2)
s.index.m:select{}
s:drop()
s = box.schema.space.create('test')
pk = s:create_index('pk')
m = s:create_index('m', {parts = {{2, 'string', path = '[*].name'}, {2, 'unsigned', path = '[*].age'}}})
m.parts
s:create_index('m2', {parts = {{2, 'string', path = '[*].name'}, {3, 'unsigned', path = '[*].age'}}})
s:create_index('m2', {parts = {{2, 'string', path = '[*].name[*]'}}})
s:create_index('m2', {type = 'hash', parts = {{2, 'string', path = '[*].name'}}})
s:create_index('m2', {parts = {{3, 'unsigned', path = '[*]'}}, unique = true}).parts
s:insert{1, {{name = 'a', age = 1}, {name = 'b', age = 2}}, {1}}
s:insert{2, {{name = 'a', age = 1}, {name = 'c', age = 2}}, {2}}
s:insert{2, {{name = 'a', age = 2}, {name = 'c', age = 2}}, {1, 2}}
s:insert{2, {{name = 'a', age = 2}, {name = 'a', age = 2}}, {2, 3, 2}}
s:insert{3, {{name = 'a'}}, {5}}
s:insert{3, {{name = 5, age = 1}}, {5}}
s:insert{3, {5}, {5}}
s:insert{3, {}, {}}
m:select()
m:select{'a'}
m:select{'a', 2}
m:get{'a', 2}
m:get{'b', 2}
m:delete{'b', 2}
m:update({'a', 2}, {{'=', '[2][1].name', 'z'}})
s.index.m2:select()
s.index.m2:pairs():totable()
s:drop()
-- functional
s = box.schema.space.create('test')
pk = s:create_index('pk')
box.schema.func.create('f', {body = [[function(t) return {t[2], t[3]} end]], is_deterministic = true, is_sandboxed = true})
box.schema.func.create('fm', {body = [[function(t) local r = {} for _, v in ipairs(t[2]:split(' ')) do table.insert(r, {v}) end return r end]], is_deterministic = true, is_sandboxed = true, is_multikey = true, opts = {is_multikey = true}})
box.schema.func.create('fm', {body = [[function(t) local r = {} for v in string.gmatch(tostring(t[2]), '%w+') do table.insert(r, {v}) end return r end]], is_deterministic = true, is_sandboxed = true, opts = {is_multikey = true}})
box.schema.func.create('fn', {body = [[function(t) return {1} end]]})
s:create_index('f', {func = 'nof', parts = {{1, 'string'}}})
s:create_index('f', {func = 'fn', parts = {{1, 'string'}}})
s:create_index('f', {func = 'f', parts = {{2, 'string'}}})
s:create_index('f', {func = 5, parts = {{1, 'string'}}})
s:create_index('f', {func = {}, parts = {{1, 'string'}}})
s:create_index('f', {func = 'f', parts = {{1, 'string'}}}).parts
s.index.f:drop()
f = s:create_index('f', {func = 'f', parts = {{1, 'string'}, {2, 'unsigned'}}, unique = false})
f.parts
f.func
f
s:insert{1, 'x', 5}
s:insert{2, 'y', 5}
s:insert{2, 'y', 'z'}
s:insert{3, 'y'}
s:insert{3}
f:select()
f:select{'x'}
f:get{'x', 5}
f:drop()
fm = s:create_index('f', {func = 'fm', parts = {{1, 'string'}}, unique = true})
s:truncate()
s:insert{1, 'hello world'}
s:insert{2, 'bye world'}
s:insert{2, 'bye bye'}
s:insert{3, ''}
fm:select()
fm:select{'bye'}
fm:get{'hello'}
box.func.fm:drop()
box.schema.func.drop('f')
fm:drop()
s:drop()
box.func.fm:drop()
-- collations
s = box.schema.space.create('test', {format = {{name = 'id', type = 'string', collation = 'unicode_ci'}, {name = 'v', type = 'string', collation = 'unicode', is_nullable = true}}})
s:format()
pk = s:create_index('pk', {parts = {1}})
pk.parts
sk = s:create_index('sk', {parts = {{2, 'string', collation = 'unicode_ci', is_nullable = true}}, unique = false})
sk2 = s:create_index('sk2', {parts = {{'v', is_nullable = true}}, unique = false})
sk2.parts
s:insert{'abc', 'x'}
s:insert{'ABC', 'x'}
s:insert{'ёж', 'Ёж'}
s:insert{'ЕЖ', 'еж'}
s:insert{'b', 'B'}
s:insert{'B2', 'b'}
s:insert{'Ä', 'ß'}
s:insert{'z', 'ss'}
s:insert{'a b', 'SS'}
pk:select()
sk:select()
sk2:select()
pk:select{'ABC'}
pk:get{'Ёж'}
sk:select{'SS'}
sk:select({'b'}, {iterator = 'GE'})
pk:min()
pk:max()
pk:count{'abc'}
s:drop()
s = box.schema.space.create('test')
pk = s:create_index('pk', {type = 'hash', parts = {{1, 'string', collation = 'unicode_ci'}}})
s:insert{'abc'}
s:insert{'ABC'}
s:get{'aBc'}
s:drop()
box.space._collation:select({}, {limit = 5})
box.space._collation:count()
box.internal.collation.create('my', 'ICU', 'ru-RU', {strength = 'primary'})
box.internal.collation.create('my', 'ICU', 'ru-RU', {strength = 'primary'})
box.internal.collation.create('my2', 'BAD', 'ru-RU', {})
box.internal.collation.create('my2', 'ICU', 'ru-RU', {strength = 'bad'})
box.internal.collation.create('my2', 'ICU', 'ru-RU', {foo = 'bad'})
box.internal.collation.create()
box.internal.collation.create('my3', 'ICU', 5)
box.internal.collation.exists('my')
box.internal.collation.drop('my')
box.internal.collation.drop('my')
