-- Spaces and indexes that change while they hold rows.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
test_run = require('test_run').new()
box.schema.space.create()
box.schema.space.create(5)
box.schema.space.create('')
box.schema.space.create('a', 5)
box.schema.space.create('a', {foo = 1})
box.schema.space.create('a', {id = 'x'})
box.schema.space.create('a', {engine = 'nope'})
box.schema.space.create('a', {field_count = -1})
box.schema.space.create('a', {field_count = 1.5})
box.schema.space.create('a', {format = 5})
box.schema.space.create('a', {format = {'x', 'x'}})
box.schema.space.create('a', {format = {{name = 'x', type = 'bad'}}})
box.schema.space.create('a', {format = {{type = 'string'}}})
box.schema.space.create('a', {format = {{name = 5}}})
box.schema.space.create('a', {format = {{name = 'x', is_nullable = 'no'}}})
box.schema.space.create('a', {format = {{name = 'x', collation = 'none'}}})
box.schema.space.create('a', {format = {{name = 'x', type = 'unsigned', collation = 'unicode'}}})
box.schema.space.create('a', {format = {{name = 'x', foo = 'unicode'}}}):drop()
box.schema.space.create('a', {format = {{'x', 'unsigned', 'extra'}}})
box.schema.space.create('a', {user = 'nobody'})
box.schema.space.create('a', {user = 5})
box.schema.space.create('a', {if_not_exists = 5})
box.schema.space.create('a', {temporary = 5})
box.schema.space.create('a', {is_local = 5})
box.schema.space.create('a', {is_sync = 5})
box.schema.space.create(string.rep('n', 70000)) == nil
box.schema.space.create('имя')
box.space['имя']:drop()
s, status = box.schema.space.create('a')
status
s2, status = box.schema.space.create('a', {if_not_exists = true})
status
s2 == s
s == box.space.a, s == box.space[s.id]
box.schema.space.create('a')
box.schema.space.create('b', {id = s.id})
box.schema.space.create('b', {id = s.id, if_not_exists = true})
box.schema.space.create('b', {id = 0})
box.schema.space.create('b', {id = 511}).id
box.space.b:drop()
box.schema.space.create('b', {id = 1000}).id
box.schema.space.create('c').id
box.space.b:drop()
box.space.c:drop()
box.schema.space.create('b').id
box.space.b:drop()
box.space._schema:count()
s:create_index('pk')
s:insert{1, 'a', 10}
s:insert{2, 'b', 20, 'x'}
s:insert{3, 'c'}
s:format({{'id', 'unsigned'}})
s:format()
s:format({{'id', 'string'}})
s:format({{'id', 'unsigned'}, {'name', 'string'}, {'n', 'unsigned'}})
s:format({{'id', 'unsigned'}, {'name', 'string'}, {'n', 'unsigned', is_nullable = true}})
s:format({{'id', 'unsigned'}, {'name', 'unsigned'}, {'n', 'unsigned', is_nullable = true}})
s:format({{'id', 'integer'}, {'name', 'scalar'}, {'n', 'number', is_nullable = true}, {'rest', 'any', is_nullable = true}})
s:format()
s:format({{'id'}, {'name'}, {'id'}})
s:format(5)
s:format('x')
s:format({5})
s:format({{}})
s:format({'id', 'name'})
s:format()
s:get(1).name
s:get(1):tomap()
s:get(1):tomap({names_only = true})
s:get(2):tomap()
s:frommap({id = 5, name = 'e'})
s:frommap({id = 5, name = 'e', foo = 1})
s:frommap({name = 'e'})
s:frommap({id = 5}, {table = true})
s:frommap({id = 5}, {table = 5})
s:frommap({id = 5}, 5)
s:frommap(5)
s:insert{5}
s:format({})
s:format()
s:insert{6}
s:create_index('sk', {parts = {2, 'string'}})
s:delete(6)
sk = s:create_index('sk', {parts = {2, 'string'}})
s:format({{'id', 'unsigned'}, {'name', 'unsigned'}})
s:format({{'id', 'unsigned'}, {'name', 'string', is_nullable = true}})
s:format()
s:insert{7}
sk:alter({parts = {{2, 'string', is_nullable = true}}})
s:insert{7}
sk:alter({parts = {{2, 'string'}}})
s:delete(7)
sk:alter({parts = {{2, 'string', is_nullable = false}}})
s:insert{7}
sk.parts
sk:alter({unique = false, name = 'renamed'})
s.index.renamed.unique
s:insert{8, 'a'}
s.index.renamed:alter({unique = true})
s.index.renamed:select('a')
s.index.renamed:rename('sk')
s.index.pk:alter({parts = {{2, 'string'}}})
s.index.pk:alter({parts = {{1, 'unsigned'}, {2, 'string'}}})
s.index.pk:select({8})
s:get{8, 'a'}
s:get(8)
s.index.pk:alter({parts = {1, 'unsigned'}})
s:get(8)
s:rename('z')
box.space.a
box.space.z.name
s.name
s:rename('_space')
s:rename('')
s:rename()
s:rename(5)
s:rename('z')
s:alter({name = 'zz'})
s:alter()
s.field_count
box.space._space:get(s.id)
box.space._space:update(s.id, {{'=', 5, 2}})
box.space._space:update(s.id, {{'=', 'field_count', 5}})
box.space._space:get(s.id).field_count
box.space._space:update(s.id, {{'=', 3, 'renamed'}}).name
s = box.space.renamed
s.name
box.space._space:update(s.id, {{'=', 1, 5000}})
box.space._space:update(s.id, {{'=', 2, 50}})
box.space._space:update(s.id, {{'=', 4, 'vinyl'}})
box.space._space:update(s.id, {{'=', 4, 'bad'}})
box.space._space:update(s.id, {{'=', 6, {temporary = true}}})
box.space._space:update(s.id, {{'=', 6, {foo = true}}})
box.space._space:update(s.id, {{'=', 6, 5}})
box.space._space:update(s.id, {{'=', 7, 5}})
box.space._space:delete(s.id)
box.space._space:delete(5000)
box.space._space:insert{600}
box.space._space:insert{600, 1, 'six', 'memtx', 0, {}, {}}
box.space.six.id
box.space._space:delete(600)
box.space.six
box.space._space:insert{600, 1, 'six', 'memtx', 0, 5, {}}
box.space._space:insert{600, 1, 'six', 'memtx', 0, {}, {5}}
box.space._space:insert{600, 99, 'six', 'memtx', 0, {}, {}}
box.space._space:insert{600, 1, '', 'memtx', 0, {}, {}}
box.space._space:insert{600, 1, 'renamed', 'memtx', 0, {}, {}}
box.space._space:insert{0, 1, 'zero', 'memtx', 0, {}, {}}
box.space._space:insert{2^32, 1, 'big', 'memtx', 0, {}, {}}
box.space._space:insert{2147483648, 1, 'big', 'memtx', 0, {}, {}}
box.space._index:select{s.id}
box.space._index:insert{s.id, 9, 'nine', 'tree', {unique = true}, {{0, 'unsigned'}}}
s.index.nine.id
box.space._index:insert{s.id, 10, 'ten', 'bad', {unique = true}, {{0, 'unsigned'}}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {unique = 5}, {{0, 'unsigned'}}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {foo = 5}, {{0, 'unsigned'}}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {unique = true}, {{0, 'bad'}}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {unique = true}, {{0}}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {unique = true}, {0}}
box.space._index:insert{s.id, 10, 'ten', 'tree', {unique = true}, {}}
box.space._index:insert{s.id, 10, 'nine', 'tree', {unique = true}, {{0, 'unsigned'}}}
box.space._index:insert{7777, 0, 'pk', 'tree', {unique = true}, {{0, 'unsigned'}}}
box.space._index:insert{s.id, 500, 'pk', 'tree', {unique = true}, {{0, 'unsigned'}}}
box.space._index:delete{s.id, 0}
box.space._index:delete{s.id, 9}
box.space._index:delete{s.id, 99}
box.space._index:update({s.id, 0}, {{'=', 2, 5}})
s:truncate()
s:len()
s:drop()
box.schema.space.drop()
box.schema.space.drop('x')
box.schema.space.drop(7777)
box.schema.space.drop(7777, 'name')
box.schema.space.drop(7777, 'name', {if_exists = true})
box.schema.space.drop(7777, 'name', {foo = true})
box.schema.space.rename()
box.schema.space.rename(7777, 'a')
box.schema.space.format(7777)
box.schema.space.format()
box.schema.index.create(7777, 'a')
box.schema.index.drop(7777, 1)
box.schema.index.alter(7777, 1, {})
box.schema.index.rename(7777, 1, 'a')
box.schema.index.drop()
box.schema.create_space
box.space._schema:drop()
box.space._space:drop()
box.space._space:truncate()
box.space._space.index.primary:drop()
box.space._space.index.name:drop()
box.space._vspace:insert{1}
box.space._vspace:drop()
box.space._vspace:create_index('x')
-- temporary and local
t = box.schema.space.create('t', {temporary = true})
t.temporary
t:create_index('pk')
t:insert{1}
box.space._space:get(t.id)
t:drop()
t = box.schema.space.create('t', {is_local = true})
t.is_local
box.space._space:get(t.id)
t:drop()
-- field_count
t = box.schema.space.create('t', {field_count = 2})
t:create_index('pk')
t:insert{1}
t:insert{1, 2}
t:insert{1, 2, 3}
t:update(1, {{'=', 3, 1}})
t:update(1, {{'#', 2, 1}})
t:replace{1}
t:format({{'a'}, {'b'}, {'c'}})
t:format({{'a'}, {'b'}})
t:drop()
-- in transactions
box.begin() s = box.schema.space.create('tx') s:create_index('pk') s:insert{1} box.rollback()
box.space.tx
box.begin() s = box.schema.space.create('tx') s:create_index('pk') s:create_index('sk', {parts = {2, 'string'}}) s:insert{1, 'x'} box.commit()
box.space.tx.index.sk:select()
box.begin() box.space.tx:truncate() box.space.tx:insert{2, 'y'} box.rollback()
box.space.tx:select()
box.begin() box.space.tx:drop() box.rollback()
box.space.tx:select()
box.space.tx.index.sk:select()
box.begin() box.space.tx.index.sk:drop() box.space.tx:insert{3} box.rollback()
box.space.tx:insert{3}
box.begin() box.space.tx:rename('tx2') box.space.tx2:insert{4, 'z'} box.commit()
box.space.tx2:select()
box.begin() box.space.tx2:format({{'a', 'unsigned'}, {'b', 'string'}}) box.space.tx2:insert{5, 5} box.commit()
box.rollback()
box.space.tx2:format()
box.space.tx2:drop()
