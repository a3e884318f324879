-- Errors as objects.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
tostring(select(2, pcall(box.error, 1, 'a\0b')))
tostring(select(2, pcall(box.error, {reason = 'a\0b', code = 1})))
box.error.new({reason = 'x', type = 'Foo'}).type
box.error.new({reason = 'x', type = string.rep('F', 100)}).type
box.error.new('Foo', 'bar %s', 1)
box.error.new('Foo', 'bar %s', 1):unpack().type
pcall(box.error, 'Foo', 'bar', 1)
box.error.new()
box.error.new(1)
box.error.new(1, 2, 3)
box.error.new(box.error.TUPLE_FOUND, 'a', 'b')
box.error.new(box.error.TUPLE_FOUND, 'a')
box.error.new(10000, 'a')
box.error.new(-1, 'a')
box.error.new({})
box.error.new({1, 2})
box.error.new({code = 3})
box.error.new({code = 3, reason = 'q'}).code
box.error.new({code = 'x', reason = 'q'}).code
box.error.new({code = 3, reason = 'q', type = 5})
box.error.new({code = 3, reason = 'q', type = 'ClientError'}):unpack().type
box.error.new({code = 3, reason = 'q', type = 'XlogError'}):unpack().type
box.error.new({reason = 1})
box.error.new({'x', 'y'})
box.error.new(true)
box.error.new(nil)
box.error.new(box.NULL)
box.error.new('x')
box.error.new('x', {})
box.error.new('x', nil)
box.error.new('')
e1 = box.error.new(1, 'one')
e2 = box.error.new(2, 'two')
e1:set_prev(e2)
e1.prev == e2
e2:set_prev(e1)
e1:set_prev(e1)
e1:set_prev()
e1:set_prev(1)
e1:set_prev(nil)
e1.prev
e1:set_prev(box.NULL)
e1:set_prev{}
e1.set_prev()
e1:unpack().prev
e1.foo
e1.raise
e1:raise()
e1.raise()
e1:match('one')
e1:match()
e1.match('a', 'b')
e1:is()
tostring(e1)
e1 .. 'x'
'x' .. e1
e1 == e1
e1 == e2
e1 == nil
e1 == 1
e1 < e2
#e1
e1.x = 1
box.error.is(e1)
box.error.last()
box.error.clear()
box.error.last()
box.error.clear(1)
box.error.set()
box.error.set(1)
box.error.set(e1)
box.error.last() == e1
box.error.last().message
box.error.set(nil)
box.error()
box.error.clear()
box.error()
pcall(box.error)
box.error(e2)
box.error(1)
box.error(1, 'x', 'y')
box.error('just text')
box.error({code = 77, reason = 'rs'})
box.error({reason = 'rs'})
box.error({})
box.error(box.error.NO_SUCH_USER, 'me')
box.error(nil)
box.error(box.NULL)
box.error.raise
box.error.UNKNOWN, box.error.NOPE
type(box.error)
getmetatable(box.error) ~= nil
box.error.new(box.error.SYSTEM, 'x').errno
require('fio').open('/nonexistent/x')
select(2, require('fio').open('/nonexistent/x')):unpack().errno
select(2, require('fio').open('/nonexistent/x')).type
select(2, require('fio').open('/nonexistent/x')).base_type
e = box.error.new({code = 42, reason = 'hello', type = 'MyType'})
e.type, e.base_type, e.code, e.custom_type
e:unpack().custom_type
e = box.error.new('MyType2', 'hello %d', 5)
e.type, e.code, e.message
select(2, pcall(error, e)) == e
box.error.new(box.error.ACCESS_DENIED, 'a', 'b', 'c', 'd'):unpack().type
box.error.new(box.error.PROC_LUA, '%d'):unpack().message
box.error.new(box.error.PROC_LUA, 'x', 'y', 'z'):unpack().message
box.error.new(box.error.CREATE_SPACE, 'x'):unpack().message
box.error.new(box.error.CREATE_SPACE):unpack().message
box.error.new(box.error.CREATE_SPACE, 1, true):unpack().message
box.error.new(box.error.CREATE_SPACE, nil, 'x')
box.error.new(box.error.CREATE_SPACE, box.NULL, 5.5):unpack().message
box.error.new(box.error.WRONG_INDEX_RECORD, 'x', 'y').message
box.error.new(box.error.EXACT_FIELD_COUNT, 5, 6).message
box.error.new(box.error.EXACT_FIELD_COUNT, 5.7, 2^33).message
box.error.new(box.error.EXACT_FIELD_COUNT, '5', '6').message
box.error.new(box.error.EXACT_FIELD_COUNT, 'x', 'y').message
(function() local r = {} for k, v in pairs(box.error) do if type(v) == 'number' then table.insert(r, {v, k, (pcall(function() return box.error.new(v).message end)) and box.error.new(v).message}) end end table.sort(r, function(a, b) return a[1] < b[1] end) return unpack(r) end)()
