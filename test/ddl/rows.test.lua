-- Rows of system spaces, written directly.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
M = setmetatable({}, {__serialize = 'map'})
box.schema.space.create('a', {format = {[2] = {name = 'x'}}, id=700})
box.space._space:get{700}
box.space.a:drop()
box.schema.space.create('a', {format = {[2] = {name = 'x'}, [1] = {'y'}, [4] = {'z'}}, id=700})
box.space._space:get{700}
box.space.a:drop()
box.schema.space.create('a', {format = {x = {'y'}}, id=700})
box.space._space:get{700}
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{'x', is_nullable = true, 'unsigned', bogus = {}}, 'b', {name = 'c', type = 'string', collation = 'unicode_ci'}, {'d', 'scalar', collation = 'unicode'}}, id=700})
box.space._space:get{700}
box.space.a:format()
box.space.a:format{}
box.space.a:format{{'a'}}
box.space._space:get{700}
box.space.a:format(1)
box.space.a:format('x')
box.space.a:format{{'a', 'nope'}}
box.space.a:format(nil)
box.space.a:format(box.NULL)
box.space.a:format({{'a', 'unsigned', is_nullable = true}})
box.space._space:get{700}
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{'y', 'string', 'z'}}, id=700})
box.schema.space.create('a', {format = {{'y', 'string', [4] = 'z'}}, id=700})
box.schema.space.create('a', {format = {{'y', 'string', [true] = 'z'}}, id=700})
box.schema.space.create('a', {format = {{[2] = 'y', name = 'z'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{[2] = 'unsigned', name = 'z'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{'q', name = 'z'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{'q', 'unsigned', name = 'z', type = 'string'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', type = box.NULL}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', is_nullable = box.NULL}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'default'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'rollback'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'fail'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'ignore'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'replace'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', nullable_action = 'NONE', is_nullable = true}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', is_nullable = true}, {name = 'y', nullable_action = 'none'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.schema.space.create('a', {format = {{name = 'z', is_nullable = false, nullable_action = 'none'}}, id=700}):format()
box.space.a and box.space.a:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', coll = 1}}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', collation = 'x'}}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', collation = 999}}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', default = 999}}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', default = 'x'}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', field = 'x'}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', path = 1}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', offset_slot = 1}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z', id = 1}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z\0y'}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = 'z\ny'}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{name = '\xff'}}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {1}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {{}}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {a = 1}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, 1}
box.space._space:insert{701, 1, 'b', 'memtx', 0, 1, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {[1] = 1, [3] = 3, [50] = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {nope = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {temporary = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {group_id = 2}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {group_id = 'x'}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {is_sync = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {view = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {sql = 1}, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {sql = 'x'}, {}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 0, {checks = 1}, {}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 999, 'b', 'memtx', 0, M, {}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 3, 'b', 'memtx', 0, M, {}}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 'x', 'b', 'memtx', 0, M, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 'x', M, {}}
box.space._space:insert{701, 1, 'b', '', 0, M, {}}
box.space._space:insert{701, 1, 'b', string.rep('x', 100), 0, M, {}}
box.space._space:insert{701, 1, 'b', 'mem\0tx', 0, M, {}}
box.space._space:insert{701, 1, 'b', 'MEMTX', 0, M, {}}
box.space._space:insert{701, 1, '_space', 'memtx', 0, M, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, {}}
box.space._space:insert{701, 1, 'b', 'memtx', 0, M, {}, 1}
box.space.b and box.space.b:drop()
box.space._space:insert{701, 1, 'b', 'memtx', 1, M, {{name = 'x', type = 'any'}, {name = 'y', type = 'any'}}}
box.space._space:insert{2^31, 1, 'b', 'memtx', 0, M, {}}
box.space._space:insert{-1, 1, 'b', 'memtx', 0, M, {}}
box.space._space:delete{280}
box.space._space:update({280}, {{'=', 1, 5}})
box.space._space:update({280}, {{'=', 3, 5}})
box.space._space:update({280}, {{'=', 4, 'blackhole'}})
box.space._space:update({280}, {{'=', 5, 1}})
box.space._space:update({280}, {{'=', 6, {temporary = true}}})
box.space._space:update({280}, {{'=', 6, {group_id = 1}}})
s = box.schema.space.create('q', {id = 800})
_ = s:create_index('pk')
box.space._space:delete{800}
box.space._space:update({800}, {{'=', 1, 801}})
box.space._space:update({800}, {{'=', 4, 'blackhole'}})
box.space._space:update({800}, {{'=', 4, 'nope'}})
box.space._space:update({800}, {{'=', 6, {group_id = 1}}})
box.space._space:update({800}, {{'=', 6, {temporary = true}}}) ~= nil
s.temporary
s:insert{1}
box.space._space:update({800}, {{'=', 6, {}}})
box.space._space:update({800}, {{'=', 5, 2}})
box.space._space:update({800}, {{'=', 5, 1}}) ~= nil
s.field_count
s:insert{2, 3}
box.space._space:update({800}, {{'=', 2, 0}}) ~= nil
box.space._space:update({800}, {{'=', 2, 99}})
box.space._index:insert{800, 1, 'i', 'tree', M, {{0, 'unsigned'}}} ~= nil
box.space._index:insert{800, 2, 'i', 'tree', M, {{0, 'unsigned'}}}
X = function(t) local r = box.space._index:insert(t) box.space._index:delete{t[1], t[2]} return r end
X{800, 2, 'j', 'tree', 1, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {unique = 1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {nope = 1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {dimension = 1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {dimension = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {distance = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {distance = 1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {page_size = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {page_size = -1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {page_size = 0}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {range_size = -1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {run_count_per_level = 0}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {run_size_ratio = 1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {run_size_ratio = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {bloom_fpr = 0}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {bloom_fpr = 1.1}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {lsn = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {func = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', {hint = 'x'}, {{0, 'unsigned'}}}
X{800, 2, 'j', 'nope', M, {{0, 'unsigned'}}}
X{800, 2, 'j', 'rtree', M, {{0, 'unsigned'}}}
X{800, 2, 'j', 'bitset', M, {{0, 'unsigned'}}}
X{800, 2, 'j', 'hash', {unique = false}, {{0, 'unsigned'}}}
X{800, 2, '', 'tree', M, {{0, 'unsigned'}}}
X{800, 128, 'j', 'tree', M, {{0, 'unsigned'}}}
X{800, -1, 'j', 'tree', M, {{0, 'unsigned'}}}
box.space._index:insert{999, 1, 'j', 'tree', M, {{0, 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {}}
X{800, 2, 'j', 'tree', M, {1}}
X{800, 2, 'j', 'tree', M, {{}}}
X{800, 2, 'j', 'tree', M, {{0}}}
X{800, 2, 'j', 'tree', M, {{'x', 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{0, 1}}}
X{800, 2, 'j', 'tree', M, {{0, 'nope'}}}
X{800, 2, 'j', 'tree', M, {{0, 'unsigned', 'x'}}}
X{800, 2, 'j', 'tree', M, {{-1, 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{32768, 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{2147483648, 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{field = 0}}}
X{800, 2, 'j', 'tree', M, {{type = 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{field = 'x', type = 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 5}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'nope'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', nope = 1}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', is_nullable = 1}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', nullable_action = 'x'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', nullable_action = 'none'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', is_nullable = true, nullable_action = 'abort'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned', collation = 1}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', collation = 'x'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', collation = 9999}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', sort_order = 'asc'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', sort_order = 'x'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', path = 5}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'string', path = '[1'}}}
X{800, 2, 'j', 'tree', M, {{field = 0, type = 'unsigned'}, {0, 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {{0, 'unsigned'}, {field = 1, type = 'unsigned'}}}
X{800, 2, 'j', 'tree', M, {a = 1}}
X{800, 2, 'j', 'tree', M, 1}
X{800, 2, 'j', 'tree', {}}
box.space._index:replace{800, 0, 'pk', 'tree', {unique = false}, {{0, 'unsigned'}}}
box.space._index:replace{800, 0, 'pk', 'tree', M, {{field = 0, type = 'unsigned', is_nullable = true}}}
box.space._index:replace{800, 0, 'pk', 'tree', {func = 1}, {{field = 0, type = 'unsigned'}}}
box.space._index:update({800, 1}, {{'=', 2, 5}})
box.space._index:delete{800, 0}
box.space._index:delete{280, 0}
box.space._index:delete{280, 1}
box.space._index:delete{999, 1}
box.space._index:delete{800, 7}
box.space._index:update({288, 0}, {{'=', 3, 'x'}})
s:drop()
box.space._truncate:insert{1, 1}
box.space._truncate:insert{280, 1}
box.space._truncate:insert{999, 1}
box.space._truncate:upsert({999, 1}, {{'+', 2, 1}})
box.space._truncate:upsert({280, 1}, {{'+', 2, 1}})
box.space._schema:insert{'foo', 1}
box.space._schema:delete{'foo'}
box.space._schema:delete{'version'}
box.space._schema:delete{'cluster'}
box.space._schema:replace{'cluster', 'x'}
box.space._schema:replace{'version', 'x'}
box.space._schema:replace{'version', 2, 99, 1}
box.space._schema:insert{'max_id', 1}
box.space._schema:insert{1, 1}
box.space._cluster:insert{1, 'x'}
box.space._cluster:insert{2, 'x'}
box.space._cluster:insert{2, '00000000-0000-0000-0000-000000000000'}
box.space._cluster:insert{2, '12345678-1234-4234-8234-123456789012'}
box.space._cluster:insert{2, '12345678-1234-4234-8234-123456789013'}
box.space._cluster:insert{3, '12345678-1234-4234-8234-123456789012'}
box.space._cluster:replace{2, '12345678-1234-4234-8234-123456789013'}
box.space._cluster:replace{1, '12345678-1234-4234-8234-123456789013'}
box.space._cluster:update(2, {{'=', 1, 3}})
box.space._cluster:delete{1}
box.space._cluster:delete{2}
box.space._cluster:delete{5}
