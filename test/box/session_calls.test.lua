-- Sessions, their settings, and what box.internal has.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
box.session.peer(99999)
box.session.peer('x')
box.session.sync(1)
box.session.exists(box.session.id())
box.session.exists(99999)
box.session.exists()
box.session.exists('x')
box.session.exists(1, 2)
box.session.uid(), box.session.euid(), box.session.user(), box.session.effective_user()
box.session.uid(1)
box.session.user(1)
box.session.push()
box.session.push(1, 2)
box.session.push(1, 'x')
box.session.push(1, 2, 3)
box.session.storage.x = 1
box.session.storage.x
box.session.storage
box.session.foo
box.session.foo = 1
box.session.on_connect()
box.session.on_connect(1)
box.session.on_connect('x')
f = function() end
box.session.on_connect(f) == f
box.session.on_connect(nil, f)
box.session.on_connect(nil, f)
box.session.on_connect(f, f)
box.session.on_disconnect()
box.session.on_auth()
box.session.on_auth(f) == f
#box.session.on_auth()
box.session.on_auth(nil, f)
box.session.on_auth(1, 2, 3)
box.session.on_commit
box.session.su('guest')
box.session.user(), box.session.effective_user(), box.session.uid(), box.session.euid()
box.session.su('admin')
box.session.su(1)
box.session.su(0)
box.session.su(99)
box.session.su('admin')
box.session.su('admin', 5)
box.session.su('admin', nil)
box.session.su('guest', box.session.su, 'admin')
box.session.user()
box.session.su('guest', function() return box.session.user(), box.session.effective_user() end)
box.session.settings
box.session.settings.foo
box.session.settings.error_marshaling_enabled
box.session.settings.error_marshaling_enabled = true
box.session.settings.error_marshaling_enabled
box.session.settings.error_marshaling_enabled = 1
box.session.settings.error_marshaling_enabled = nil
box.session.settings.error_marshaling_enabled = 'x'
box.session.settings.sql_default_engine = 'vinyl'
box.session.settings.sql_default_engine
box.session.settings.sql_default_engine = 'nope'
box.session.settings.sql_default_engine = 5
box.session.settings.sql_default_engine = true
box.session.settings.foo = 1
box.session.settings[1] = 1
box.session.settings[1]
box.session.settings.sql_full_metadata = true

box.session.settings.sql_recursive_triggers = false
box.session.settings
s = box.space._session_settings
s:select()
s:get('sql_default_engine')
s:get{'sql_default_engine'}
s:get{}
s:get{1}
s:get{'nope'}
s:select{'sql_full_metadata'}
s:select({'sql_full_metadata'}, {iterator = 'GE'})
s:select({'sql_full_metadata'}, {iterator = 'GT'})
s:select({'sql_full_metadata'}, {iterator = 'LE'})
s:select({'sql_full_metadata'}, {iterator = 'LT'})
s:select({'sql_full_metadata'}, {iterator = 'REQ'})
s:select({}, {iterator = 'LT'})
s:select({}, {iterator = 'GE', limit = 2, offset = 1})
s:select({'b'}, {iterator = 'GE', limit = 1})
s:select({'zz'}, {iterator = 'LE', limit = 1})
s:count()
s:len()
s.index[0]:count{'sql_full_metadata'}
s:pairs():totable()
s:min()
s.index[0]:min()
s.index[0]:max()
s.index[0]:random(1)
s:bsize()
s.index[0]:bsize()
s:insert{'a', 1}
s:replace{'sql_full_metadata', false}
s:replace{'sql_full_metadata', 1}
s:replace{'nope', 1}
s:delete{'sql_full_metadata'}
s:upsert({'sql_full_metadata', true}, {{'=', 2, true}})
s:truncate()
s:drop()
s:update()
s:update('sql_full_metadata', {{'=', 2, false}})
s:update('sql_full_metadata', {{'=', 'value', true}})
s:update('sql_full_metadata', {{'=', 2, 1}})
s:update('sql_full_metadata', {{'=', 1, 'x'}})
s:update('sql_full_metadata', {{'=', 3, 'x'}})
s:update('sql_full_metadata', {{'+', 2, 1}})
s:update('sql_full_metadata', {})
s:update('sql_full_metadata', {{'=', 1, 'sql_full_metadata'}})
s:update('nope', {{'=', 2, false}})
s:update({}, {{'=', 2, false}})
s:update(1, {{'=', 2, false}})
s:update('sql_default_engine', {{'=', 2, 'memtx'}})
s:update('sql_default_engine', {{'=', 2, 'x'}})
s:update('sql_default_engine', {{':', 2, 1, 1, 'x'}})
s:update('sql_default_engine', {{'#', 2, 1}})
s:update('sql_default_engine', {{'!', 2, 'vinyl'}})
box.begin() s:update('sql_full_metadata', {{'=', 2, false}}) box.rollback()
s:get{'sql_full_metadata'}
s:format()
s.engine, s.temporary, s.field_count, s.id
box.session.su('guest', function() return s:select({}, {limit = 2}) end)
box.session.su('guest', function() return s:update('sql_full_metadata', {{'=', 2, true}}) end)
box.session.su('guest', function() box.session.settings.sql_full_metadata = false return box.session.settings.sql_full_metadata end)
require('fiber').create(function() fs = {box.session.id(), box.session.type(), box.session.settings.sql_full_metadata, box.session.user()} end) ~= nil
box.feedback.save()
box.feedback.save(1)
box.feedback.save('feedback.json')
type(io.open('feedback.json'):read('*a'))
(function() local t = require('json').decode(io.open('feedback.json'):read('*a')) local r = {} for k, v in pairs(t) do table.insert(r, tostring(k) .. ' ' .. type(v)) end table.sort(r) return r end)()
box.feedback.save('/nonexistent/dir/x')
box.internal.check_primary_index
box.internal.check_space_arg
box.internal.collation.exists('unicode')
box.internal.collation.exists('nope')
box.internal.collation.exists()
box.internal.collation.create()
box.internal.collation.create('t1')
box.internal.collation.create('t1', 'ICU')
box.internal.collation.create('t1', 'ICU', 'ru-RU')
box.internal.collation.create('t1', 'ICU', 'ru-RU', {})
box.internal.collation.create('t1', 'ICU', 'ru-RU', {}, {if_not_exists = true})
box.internal.collation.create('t2', 'nope', 'ru-RU', {})
box.internal.collation.create('t2', 'ICU', 'xx_YY', {})
box.internal.collation.create('t3', 'ICU', 'ru-RU', {strength = 'primary'})
box.internal.collation.create('t4', 'ICU', 'ru-RU', {strength = 'nope'})
box.internal.collation.create('t4', 'ICU', 'ru-RU', {strength = 1})
box.internal.collation.create('t4', 'ICU', 'ru-RU', {nope = 1})
box.internal.collation.create('t4', 'ICU', 'ru-RU', 1)
box.internal.collation.create('t4', 'ICU', 'ru-RU', {}, {bogus = 1})
box.internal.collation.create('t4', 'BINARY', '', {})
box.internal.collation.create(1)
box.internal.collation.create('', 'ICU', 'ru-RU', {})
box.internal.collation.drop()
box.internal.collation.drop('nope')
box.internal.collation.drop('nope', {if_exists = true})
box.internal.collation.drop('nope', {bogus = true})
box.internal.collation.drop('unicode')
box.internal.collation.drop('none')
box.internal.collation.drop('t1')
box.internal.collation.drop('t3')
box.is_in_txn()
box.unconfigured
box.internal.space and type(box.internal.space.frommap)
box.internal.module_reload
