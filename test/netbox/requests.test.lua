net = require('net.box')
fiber = require('fiber')
msgpack = require('msgpack')
buffer = require('buffer')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
box.cfg{listen = LISTEN}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
s = box.schema.space.create('test', {format = {{'id', 'unsigned'}, {'name', 'string'}}})
_ = s:create_index('pk')
_ = s:create_index('name', {parts = {{2, 'string'}}, unique = false})
function echo(...) return ... end
function fail() error('boo', 0) end
function custom() box.error{code = 4711, reason = 'my own'} end
function chain() local e = box.error.new{code = 1, reason = 'outer'} e:set_prev(box.error.new{code = 2, reason = 'inner'}) box.error(e) end
function pushes(n) for i = 1, n do box.session.push(i) end return 'done' end

c = net.connect(LISTEN)

-- call and eval.
c:call('echo')
c:call('echo', {1, 'a', {2}, {a = 1}, box.NULL, 3})
c:call('echo', {nil, 1})
c:call('echo', 1)
c:call('nobody')
c:call('fail')
c:call('custom')
c.call('echo')
c:eval('return 1, ...', {2, 3})
c:eval('=')
c:eval('error("x")')
c:eval('return 1', 2)
c.eval('return 1')
_, e = pcall(c.call, c, 'custom')
e.code, e.type, e.message
_, e = pcall(c.call, c, 'chain')
e.message, e.prev.message, e.prev.code
c:call('echo', {1ULL, -1LL, 1.5, true})
c:call_16('echo', 1, {2, 3})

-- Spaces.
c.space.test:insert{1, 'one'}
c.space.test:insert{1, 'again'}
c.space.test:replace{2, 'two'}
c.space.test:replace{3, 'three'}
c.space.test:get{1}
c.space.test:get(2)
c.space.test:get{100}
c.space.test:get{1}.name
c.space.test:select()
c.space.test:select({2}, {iterator = 'GE'})
c.space.test:select({}, {limit = 1, offset = 1})
c.space.test:select({2}, {iterator = 'LT'})
c.space.test:select({2}, {iterator = 'WRONG'})
c.space.test:update({1}, {{'=', 2, 'uno'}})
c.space.test:update(1, {{'=', 'name', 'eins'}})
c.space.test:upsert({1, 'x'}, {{'=', 2, 'ein'}})
c.space.test:get{1}
c.space.test:upsert({4, 'four'}, {{'=', 2, 'x'}})
c.space.test:delete{4}
c.space.test:delete{4}
c.space.test.index.name:select{'two'}
c.space.test.index.name:get{'two'}
c.space.test.index.pk:min()
c.space.test.index.pk:max()
c.space.test.index.pk:min{2}
c.space.test.index.pk:count()
c.space.test.index.pk:count({2}, {iterator = 'GE'})
c.space.test.index.pk:update({2}, {{'=', 2, 'zwei'}})
c.space.test.index.pk:delete{2}
c.space.test.select()
c.space.test.index.pk.select()
c.space.nothing
c.space.test:insert{1, 2, 3}
c.space.test:insert{'a'}
c.space.test.id, c.space.test.name, c.space.test.engine, c.space.test.enabled
c.space.test.index.name.parts[1].type, c.space.test.index.name.parts[1].fieldno
c.space.test.index.pk.unique, c.space.test.index.name.unique, c.space.test.index.pk.type

-- Timeouts.
c:eval('require("fiber").sleep(1)', {}, {timeout = 0.01})
c:call('echo', {1}, {timeout = 10})
c:ping{timeout = 10}

-- Futures.
f = c:call('echo', {1, 2}, {is_async = true})
f:wait_result(10)
f:is_ready()
f:result()
f = c:call('fail', {}, {is_async = true})
f:wait_result(10)
f = c:eval('require("fiber").sleep(1)', {}, {is_async = true})
f:is_ready()
f:result()
f:wait_result(0.01)
f:wait_result('a')
f:discard()
f:is_ready()
f:result()
f = c.space.test:select({}, {is_async = true})
f:wait_result(10)
f = c.space.test:get({1}, {is_async = true})
f:wait_result(10)
f = c.space.test:replace({5, 'five'}, {is_async = true})
f:wait_result(10)

-- Many at once, answered out of order.
slow = c:eval('require("fiber").sleep(0.05) return "slow"', {}, {is_async = true})
all = {}
for i = 1, 100 do all[i] = c:call('echo', {i}, {is_async = true}) end
sum = 0
for i = 1, 100 do sum = sum + all[i]:wait_result(10)[1] end
sum
slow:wait_result(10)

-- Pushes.
got = {}
c:call('pushes', {3}, {on_push = table.insert, on_push_ctx = got})
got
c:call('pushes', {3})
got = {}
f = c:call('pushes', {2}, {is_async = true})
for i, v in f:pairs() do table.insert(got, {i, v}) end
got
c:call('pushes', {1}, {is_async = true, on_push = table.insert})

-- Buffers.
b = buffer.ibuf()
c:call('echo', {1, 'a'}, {buffer = b})
(msgpack.decode(b.rpos, b:size()))
b = buffer.ibuf()
c.space.test:select({1}, {buffer = b, skip_header = true})
(msgpack.decode(b.rpos, b:size()))

-- Without a connection.
net.self:ping()
net.self:call('echo', {1, 2})
net.self:call('fail')
net.self:call('nobody')
net.self:eval('return ...', {1})
net.self:is_connected(), net.self:wait_connected()
net.self.space.test:get{1}

c:close()
s:drop()
