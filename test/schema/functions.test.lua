-- Functions and functional indexes, with every kind of argument.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
box.schema.func.create()
box.schema.func.create(1)
box.schema.func.create('')
box.schema.func.create('f', 1)
box.schema.func.create('f', {bogus = 1})
box.schema.func.create('f', {language = 'nope'})
box.schema.func.create('f', {language = 1})
box.schema.func.create('f', {language = 'lua'})
box.func.f and box.func.f.language
box.schema.func.drop('f')
box.schema.func.create('f', {setuid = 1})
box.schema.func.create('f', {setuid = true})
box.schema.func.create('f')
box.schema.func.create('f', {if_not_exists = true})
box.schema.func.drop('f')
box.schema.func.create('f', {body = 1})
box.schema.func.create('f', {body = ''})
box.func.f and box.func.f:call()
box.schema.func.drop('f')
box.schema.func.create('f', {body = 'x y z'})
box.schema.func.create('f', {body = '1'})
box.func.f and box.func.f:call()
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() return 1, 2, {3} end'})
box.func.f:call()
box.func.f:call({1})
box.func.f:call(1)
box.func.f.call()
box.func.f.call({})
box.func.f:drop()
box.func.f
box.schema.func.create('f', {body = 'function(a, b) return a, b, box ~= nil, x_global end', is_sandboxed = true})
x_global = 5
box.func.f:call({1, box.tuple.new{1}})
box.func.f:call({})
box.func.f:drop()
box.schema.func.create('f', {is_sandboxed = true})
box.schema.func.create('f', {body = 'function() end', is_sandboxed = 1})
box.schema.func.create('f', {body = 'function() end', is_deterministic = 1})
box.schema.func.create('f', {body = 'function() end', is_multikey = true})
box.schema.func.create('f', {body = 'function() end', opts = 1})
box.schema.func.create('f', {body = 'function() end', opts = {is_multikey = true}})
box.func.f and box.func.f.is_multikey
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', returns = 1})
box.schema.func.create('f', {body = 'function() end', returns = 'nope'})
box.schema.func.create('f', {body = 'function() end', returns = 'unsigned'})
box.func.f and box.func.f.returns
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', param_list = 1})
box.schema.func.create('f', {body = 'function() end', param_list = {'nope'}})
box.schema.func.create('f', {body = 'function() end', param_list = {'string', 'any'}})
box.func.f and box.space._func.index.name:get{'f'}.param_list
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', exports = 1})
box.schema.func.create('f', {body = 'function() end', exports = {'nope'}})
box.schema.func.create('f', {body = 'function() end', exports = {}})
box.func.f
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', exports = {'SQL'}})
box.func.f
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', exports = {'LUA', 'SQL'}})
box.func.f and box.func.f.exports
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', aggregate = 'group'})
box.schema.func.create('f', {body = 'function() end', aggregate = 'nope'})
box.schema.func.create('f', {body = 'function() end', routine_type = 'nope'})
box.schema.func.create('f', {body = 'function() end', routine_type = 'procedure'})
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', sql_data_access = 'nope'})
box.schema.func.create('f', {body = 'function() end', is_null_call = false})
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {body = 'function() end', comment = 1})
box.schema.func.create('f', {body = 'function() end', comment = 'hello'})
box.func.f and box.func.f.comment
pcall(box.schema.func.drop, 'f')
box.schema.func.create('f', {language = 'C', body = 'x'})
box.schema.func.create('f', {language = 'SQL', body = 'x'})
box.schema.func.create('f', {language = 'SQL_BUILTIN', body = 'x'})
box.schema.func.create('a.b:c')
box.func['a.b:c']
box.func['a.b:c']:call()
t_obj = {b = {}} function t_obj.b:m(x) return x, self == t_obj.b end
box.schema.func.create('t_obj.b:m')
box.func['t_obj.b:m']:call({7})
box.schema.func.create('t_obj.b.n')
box.func['t_obj.b.n']:call({7})
box.schema.func.create('nofn')
box.func.nofn:call()
function nofn(...) return select('#', ...), ... end
box.func.nofn:call({1, nil, 3})
box.func.nofn:call({box.NULL})
function nofn() error('str') end
box.func.nofn:call()
function nofn() box.error(1, 'x') end
box.func.nofn:call()
nofn = 5
box.func.nofn:call()
box.schema.func.exists('nofn'), box.schema.func.exists('zz'), box.schema.func.exists(), box.schema.func.exists(1)
box.schema.func.drop()
box.schema.func.drop('zz')
box.schema.func.drop('zz', {if_exists = true})
box.schema.func.drop('zz', {bogus = true})
box.schema.func.drop(99999)
box.schema.func.drop({})
box.schema.func.drop('box.schema.user.info')
box.schema.func.reload()
box.schema.func.reload('zz')
box.schema.func.reload(1)
box.schema.func.reload('nofn')
box.space._func:insert{100, 1, 'ff', 0}
box.space._func:update({1}, {{'=', 3, 'x'}})
box.space._func:delete{1}
box.space._func:delete{5}
(function() local r = {} for _, t in box.space._func:pairs{1, nil} do table.insert(r, t.name) if #r > 3 then break end end return r end)()
box.func.LOWER
box.func.LUA
box.func.LUA:call({'return 1'})
box.schema.func.create('LUA')
-- Functional indexes.
s = box.schema.space.create('s')
_ = s:create_index('pk')
lua_code = [[function(t) return {t[2] % 10} end]]
box.schema.func.create('key', {body = lua_code, is_deterministic = true, is_sandboxed = true})
box.schema.func.create('nodet', {body = lua_code, is_sandboxed = true})
box.schema.func.create('nosand', {body = lua_code, is_deterministic = true})
box.schema.func.create('nobody', {is_deterministic = true})
box.schema.func.create('multi', {body = [[function(t) return {{t[2]}, {t[3]}} end]], is_deterministic = true, is_sandboxed = true, opts = {is_multikey = true}})
box.schema.func.create('bad', {body = [[function(t) return 'x' end]], is_deterministic = true, is_sandboxed = true})
box.schema.func.create('fail', {body = [[function(t) error('oops') end]], is_deterministic = true, is_sandboxed = true})
box.schema.func.create('none', {body = [[function(t) return nil end]], is_deterministic = true, is_sandboxed = true})
box.schema.func.create('two', {body = [[function(t) return {1, 2, 3} end]], is_deterministic = true, is_sandboxed = true})
s:create_index('i', {func = 'zz'})
s:create_index('i', {func = 'nodet', parts = {{1, 'unsigned'}}})
s:create_index('i', {func = 'nosand', parts = {{1, 'unsigned'}}})
s:create_index('i', {func = 'nobody', parts = {{1, 'unsigned'}}})
s:create_index('i', {func = 'key', parts = {{2, 'unsigned'}}})
s:create_index('i', {func = 'key', parts = {{1, 'unsigned'}, {1, 'string'}}})
s:create_index('i', {func = 'key', parts = {{1, 'unsigned', path = 'a'}}})
s:create_index('i', {func = 'key', parts = {{1, 'unsigned'}}, type = 'hash'})
i = s:create_index('i', {func = 'key', parts = {{1, 'unsigned'}}, unique = false})
s:insert{1, 15}
s:insert{2, 25}
s:insert{3, 'x'}
s:insert{3}
i:select()
i:select{5}
i:get{5}
i:min(), i:max(), i:count{5}
i:update({5}, {{'=', 2, 1}})
i:alter{func = 'multi'}
i:alter{unique = true}
box.schema.func.drop('key')
s:update(1, {{'=', 2, 16}})
i:select()
i:drop()
i = s:create_index('i', {func = 'multi', parts = {{1, 'unsigned'}}})
s:delete{2}
s:replace{1, 1, 2}
i = s:create_index('i', {func = 'multi', parts = {{1, 'unsigned'}}})
i:select()
s:insert{2, 3, 2}
s:insert{2, 3, 3}
i:select()
i:get{3}
i:drop()
i = s:create_index('i', {func = 'bad', parts = {{1, 'unsigned'}}})
i = s:create_index('i', {func = 'fail', parts = {{1, 'unsigned'}}})
i = s:create_index('i', {func = 'none', parts = {{1, 'unsigned'}}})
s.index.i and s.index.i:drop()
i = s:create_index('i', {func = 'two', parts = {{1, 'unsigned'}}})
i = s:create_index('i', {func = 'two', parts = {{1, 'unsigned'}, {2, 'string'}, {3, 'unsigned'}}})
i = s:create_index('i', {func = 'two', parts = {{1, 'unsigned'}, {2, 'unsigned'}, {3, 'unsigned'}, {4, 'unsigned'}}})
s:drop()
