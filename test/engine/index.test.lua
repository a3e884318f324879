-- Indexes of every form.
test_run = require('test_run').new()
s = box.schema.space.create('test', {format = {{'id', 'unsigned'}, {'name', 'string', is_nullable = true}, {name = 'n', type = 'number', is_nullable = true}, {'any'}}})
s:format()
s:create_index('pk', {type = 'hash', parts = {'id'}})
s:create_index('pk2', {parts = {{'name', is_nullable = true}}, unique = false})
s.index.pk2:alter({name = 'name'})
s:create_index('n', {parts = {{field = 'n', type = 'number', is_nullable = true}, {field = 1, type = 'unsigned'}}})
s:create_index('bad', {type = 'hash', unique = false, parts = {2, 'string'}})
s:create_index('bad', {type = 'hash', parts = {{2, 'string', is_nullable = true}}})
s:create_index('bad', {type = 'tree', parts = {2, 'string'}})
s:create_index('bad', {type = 'tree', parts = {'id', 'string'}})
s:create_index('bad', {type = 'tree', parts = {'nofield'}})
s:create_index('bad', {type = 'tree', parts = {{'nofield', 'string'}}})
s:create_index('bad', {type = 'tree', parts = {4}})
s:create_index('bad', {type = 'tree', parts = {5}})
s:create_index('bad', {type = 'tree', parts = {{1, 'unsigned'}, {1, 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = {{0, 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = {{-1, 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'bad'}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'array'}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'map'}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'any'}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'unsigned', foo = 1}}})
s:create_index('bad', {type = 'tree', parts = {{1, 'unsigned', collation = 'unicode'}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', collation = 'nocoll'}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', collation = 99}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', collation = {}}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', is_nullable = 1}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', path = 5}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', path = '[[['}}})
s:create_index('bad', {type = 'tree', parts = {{2, 'string', path = 'a.b'}}})
s:create_index('bad', {type = 'tree', parts = {{type = 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = {{field = {}, type = 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = {{{}, 'unsigned'}}})
s:create_index('bad', {type = 'tree', parts = 'id'})
s:create_index('bad', {type = 'tree', parts = {1, 'unsigned', 2}})
s:create_index('bad', {type = 'rtree', parts = {2, 'array'}})
s:create_index('bad', {type = 5})
s:create_index('bad', {type = 'tree', unique = 5})
s:create_index('bad', {id = 0})
s:create_index('bad', {id = 200})
s:create_index('bad', {id = 'a'})
s:create_index('bad', {sequence = true})
s:create_index('bad', {foo = 1})
s:create_index('pk')
s:create_index('pk', {if_not_exists = true})
s:create_index('pk', {if_not_exists = true}).id
s:create_index()
s:create_index({})
s:create_index(5)
s:create_index('')
s:create_index('a b c', {parts = {1, 'unsigned'}}).name
s.index['a b c']:drop()
s:create_index(string.rep('x', 65001), {parts = {1, 'unsigned'}}) == nil
s:insert{1, 'one', 1, 'x'}
s:insert{2, box.NULL, box.NULL, 'y'}
s:insert{3, nil, 3.5, {1, 2}}
s:insert{4, 'four', -4, box.NULL}
s:insert{5, 'five'}
s:insert{6, 'six', 'notnumber', 1}
s:insert{6, 5, 1, 1}
s:insert{'6', 5, 1, 1}
s:insert{6}
s:insert{}
s:select()
s.index.pk:select()
s.index.pk:select({}, {iterator = 'GT'})
s.index.pk:select(1, {iterator = 'GT'})
s.index.pk:select(1, {iterator = 'GE'})
s.index.pk:select(1, {iterator = 'LE'})
s.index.pk:select(1, {iterator = 'LT'})
s.index.pk:select(1, {iterator = 'REQ'})
s.index.pk:select(1, {iterator = 'ALL'})
s.index.pk:select({}, {iterator = 'EQ'})
s.index.pk:select({1, 2})
s.index.pk:min()
s.index.pk:max()
s.index.pk:random(1) ~= nil
s.index.pk:count({}, {iterator = 'GE'})
s.index.pk:count(1)
s.index.name:select()
s.index.name:select({}, {iterator = 'LE'})
s.index.name:select(box.NULL)
s.index.name:select({box.NULL}, {iterator = 'GT'})
s.index.name:select({box.NULL}, {iterator = 'GE'})
s.index.name:select({box.NULL}, {iterator = 'LE'})
s.index.name:select({nil}, {iterator = 'LT'})
s.index.name:select('four', {iterator = 'LT'})
s.index.name:select(1)
s.index.name:get('one')
s.index.name:get(1)
s.index.name:delete('one')
s.index.name:update('one', {{'=', 2, 1}})
s.index.name:count()
s.index.name:min()
s.index.name:max()
s.index.name:min('p')
s.index.name:len()
s.index.n:select()
s.index.n:select(1)
s.index.n:select({1, 1})
s.index.n:select({1, 1, 1})
s.index.n:select({box.NULL, 2})
s.index.n:get({box.NULL, 2})
s.index.n:get({1})
s.index.n:get({1, 1})
s.index.n:get({1, nil})
s.index.n:select({3.5}, {iterator = 'GE'})
s.index.n:select({3.5}, {iterator = 'GT'})
s.index.n:select({3.5, 0}, {iterator = 'GT'})
s.index.n:select({3.5}, {iterator = 'REQ'})
s.index.n:count({1})
s.index.n:delete({1})
s.index.n:delete({1, 1})
s.index.n:update({3.5, 3}, {{'=', 'name', 'three'}})
s.index.n:update({3.5, 3}, {{'=', 'noname', 'three'}})
s.index.n:update({3.5, 3}, {{'=', 'id', 5}})
s.index.n:update({3.5, 3}, {{'+', 'n', 1}})
s.index.n:alter{parts = {{3, 'number', is_nullable = true}}}
s.index.n:alter{unique = false}
s.index.n:alter{parts = {{3, 'number', is_nullable = true}}}
s.index.n:select()
s.index.n
s.index.n:alter{parts = {{3, 'number'}}}
s.index.n:alter{parts = {{3, 'integer', is_nullable = true}}}
s.index.n:alter{parts = {{4, 'number', is_nullable = true}}}
s.index.n:alter{id = 10}
s.index.n:alter{foo = 'bad'}
s.index.n:alter{}
s.index.n:alter()
s.index.n:alter(1)
s.index.n:rename('nn')
s.index.nn:rename('pk')
s.index.nn:rename('')
s.index.nn:rename()
s.index.nn:rename(5)
s.index.nn:drop()
s.index.nn
s.index.pk:drop()
s.index.name:drop()
s.index.pk:alter{type = 'tree'}
s.index.pk:select()
s.index.pk:drop()
s:select()
s:insert{1, 'a', 1, 1}
s:len()
s:drop()
-- nullable unique
s = box.schema.space.create('test')
pk = s:create_index('pk', {parts = {{1, 'integer'}, {2, 'string'}}})
sk = s:create_index('sk', {parts = {{3, 'unsigned', is_nullable = true}, {4, 'scalar', is_nullable = true}}})
pk.parts
sk.parts
s:insert{1, 'a'}
s:insert{1, 'b', 1}
s:insert{1, 'c', 1}
s:insert{2, 'a', 1, 'x'}
s:insert{2, 'b', 1, 'x'}
s:insert{-2, 'b', 1, 5}
s:insert{-2, 'c', box.NULL, 5}
s:insert{-2, 'd', box.NULL, 5}
s:insert{3, 'd', box.NULL, true}
s:insert{4, 'd', 4, 1.5}
s:insert{4, 'e', 4, '\xff'}
s:insert{4, 'f', 4, {1}}
s:insert{4, 'f', 4, setmetatable({}, {__serialize = 'map'})}
s:insert{4, 'f', 'x', 1}
s:insert{4}
s:select{}
s:select{1}
s:select{1, 'b'}
s:select{-2}
s:select({1}, {iterator = 'GT'})
s:select({1}, {iterator = 'LE'})
s:select({1}, {iterator = 'REQ'})
s:select({1, 'b'}, {iterator = 'LT'})
s:select({1, 'b', 'c'})
s:select({1, 5})
s:select({box.NULL})
s:select({1, box.NULL})
sk:select{}
sk:select{box.NULL}
sk:select{box.NULL, 5}
sk:select({1}, {iterator = 'GT'})
sk:select({1, box.NULL}, {iterator = 'GT'})
sk:select({1, 'x'}, {iterator = 'LE'})
sk:get{1, 'x'}
sk:get{1, box.NULL}
sk:get{box.NULL, box.NULL}
sk:get{1}
sk:delete{1, 'x'}
sk:delete{1, box.NULL}
sk:update({1, 5}, {{'=', 4, 6}})
sk:min()
sk:max()
sk:min{1}
sk:max{1}
sk:count{1}
sk:count({1}, {iterator = 'GE'})
s:delete{1}
s:get{1}
s:update({1}, {})
s:drop()
