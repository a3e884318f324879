key_def = require('key_def')
test_run = require('test_run').new()

-- What is no list of parts.
key_def.new()
key_def.new(1)
key_def.new({{fieldno = 1, type = 'string'}}, 1)
key_def.new({})
key_def.new({1})
key_def.new({{}})
key_def.new({{1, 'unsigned'}})
key_def.new({{fieldno = 1}})
key_def.new({{type = 'unsigned'}})
key_def.new({{fieldno = 1, field = 1, type = 'unsigned'}})

-- Types.
key_def.new({{fieldno = 1, type = 'int'}})
key_def.new({{fieldno = 1, type = '*'}})
key_def.new({{fieldno = 1, type = 'any'}})
key_def.new({{fieldno = 1, type = 'array'}})
key_def.new({{fieldno = 1, type = 'map'}})
key_def.new({{fieldno = 1, type = 'varbinary'}})
key_def.new({{fieldno = 1, type = 'UNSIGNED'}, {fieldno = 2, type = 'str'}, {fieldno = 3, type = 'num'}})
test_run:cmd("setopt delimiter ';'")
for _, name in ipairs({'unsigned', 'string', 'number', 'double', 'integer', 'boolean', 'scalar', 'decimal', 'uuid'}) do
    assert(key_def.new({{field = 1, type = name}}):totable()[1].type == name)
end;
test_run:cmd("setopt delimiter ''");

-- The number of the field.
key_def.new({{fieldno = '2', type = 'unsigned'}})
key_def.new({{fieldno = 1.5, type = 'unsigned'}})
key_def.new({{field = 3, type = 'unsigned'}})
key_def.new({{field = 'name', type = 'unsigned'}})

-- Nil, collations, paths.
key_def.new({{fieldno = 1, type = 'unsigned', is_nullable = true}, {fieldno = 2, type = 'unsigned', is_nullable = 1}})
key_def.new({{fieldno = 1, type = 'string', collation = 'unicode_ci'}})
key_def.new({{fieldno = 1, type = 'string', collation_id = 2}})
key_def.new({{fieldno = 1, type = 'string', collation_id = 0}})
key_def.new({{fieldno = 1, type = 'string', collation = 'binary'}})
key_def.new({{fieldno = 1, type = 'string', collation = 'none'}})
key_def.new({{fieldno = 1, type = 'string', collation = 'UNICODE'}})
key_def.new({{fieldno = 1, type = 'string', collation_id = 10000}})
key_def.new({{fieldno = 1, type = 'string', collation = 'unicode', collation_id = 1}})
key_def.new({{fieldno = 1, type = 'string', path = 'a.b'}, {fieldno = 1, type = 'string', path = '[1].b'}})
key_def.new({{fieldno = 1, type = 'string', path = 'a['}})
key_def.new({{fieldno = 1, type = 'string', path = 'a[*]'}})

-- The object.
k = key_def.new({{fieldno = 1, type = 'unsigned'}, {fieldno = 3, type = 'string'}})
type(k)
tostring(k)
k
{k}
k:totable()
k.nothing
k.nothing = 1
k[1] = 1
k == k, k == key_def.new(k:totable()), k == nil
k.compare == key_def.compare
k.new
#k
k .. ''
k < k
for _ in pairs(k) do end

-- Keys.
k:extract_key({1, 2, 'x', 4})
k:extract_key(box.tuple.new({1, 2, 'x'}))
box.tuple.is(k:extract_key({1, 2, 'x'}))
k:extract_key({1, 2})
k:extract_key({1, 2, 3})
k:extract_key({box.NULL, 2, 'x'})
k:extract_key({a = 1})
k:extract_key({1, 2, 'x', print})
k:extract_key(1)
k:extract_key(nil)
k:extract_key(k)
k:extract_key()
k.extract_key({1, 2, 'x'})
box.error.last().message
deep = key_def.new({{fieldno = 2, type = 'unsigned', path = 'a.b'}})
deep:extract_key({1, {a = {b = 5}}})
deep:extract_key({1, {a = {c = 5}}})
deep:extract_key({1, 5})
deep:extract_key({1})
deep:extract_key({1, {a = {b = 'x'}}})
deep:compare({1, {a = {b = 5}}}, {1, {a = {b = 6}}})
loose = key_def.new({{fieldno = 2, type = 'unsigned', is_nullable = true}, {fieldno = 4, type = 'string', is_nullable = true}})
loose:extract_key({})
loose:extract_key({1, 2, 3, 'x'})
loose:extract_key({1, box.NULL, 3, 4})

-- Order.
k:compare({1, 2, 'x'}, {1, 3, 'x'})
k:compare({1, 2, 'x'}, {100, 2, 'x'})
k:compare({5, 2, 'x'}, {1000, 2, 'x'})
k:compare({1, 2, 'z'}, {1, 2, 'a'})
k:compare({1, 2, 'ab'}, {1, 2, 'a'})
k:compare({1, 2, 'ab'})
k:compare({1, 2, 'ab'}, 1)
k:compare({1, 2, 'ab'}, {1})
loose:compare({1, 2}, {1, box.NULL})
loose:compare({}, {1, 2})
loose:compare({}, {1})
ci = key_def.new({{fieldno = 1, type = 'string', collation = 'unicode_ci'}})
ci:compare({'a'}, {'A'})
ci:compare({'a'}, {'Z'})
ci:compare_with_key({'z'}, {'A'})
scalar = key_def.new({{fieldno = 1, type = 'scalar'}})
scalar:compare({'a'}, {1})
scalar:compare({true}, {1})
k:compare_with_key({1, 2, 'x'}, {1})
k:compare_with_key({1, 2, 'x'}, {1, 'y'})
k:compare_with_key({1, 2, 'x'}, {})
k:compare_with_key({1, 2, 'x'}, box.tuple.new({3}))
k:compare_with_key({1, 2, 'x'}, {1, 5})
k:compare_with_key({1, 2, 'x'}, {1, box.NULL})
k:compare_with_key({1, 2, 'x'}, 1)
k:compare_with_key({1, 2, 'x'}, nil)
k:compare_with_key({1, 2, 'x'}, {a = 1})
k:compare_with_key({1, 2, 'x'}, print)
k:compare_with_key({1, 2, 'x'})

-- Merging.
first = key_def.new({{fieldno = 1, type = 'unsigned'}})
k:merge(first)
first:merge(k)
first:merge(loose)
first:merge(deep)
first:merge(key_def.new({{fieldno = 1, type = 'string', is_nullable = true}}))
ci:merge(key_def.new({{fieldno = 1, type = 'string'}}))
key_def.new({{fieldno = 1, type = 'string'}}):merge(ci)
first:merge(1)
first:merge()
first:totable(1)
key_def.totable()

-- Beside an index.
space = box.schema.space.create('test')
index = space:create_index('pk', {parts = {{2, 'string', collation = 'unicode_ci'}, {1, 'unsigned'}}})
of_index = key_def.new(index.parts)
of_index
row = space:insert({1, 'B'})
of_index:extract_key(row), of_index:compare_with_key(row, {'b'}), of_index:compare(row, {1, 'b'})
space:drop()
