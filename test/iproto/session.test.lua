net = require('net.box')
fiber = require('fiber')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
box.cfg{listen = LISTEN}
box.schema.user.grant('guest', 'execute', 'universe', nil, {if_not_exists = true})
box.schema.user.create('bob', {password = 'secret'})
box.schema.user.create('poor', {password = 'x'})
box.schema.user.revoke('poor', 'session', 'universe')
s = box.schema.space.create('test')
_ = s:create_index('pk')

-- Triggers, in the session of the client.
log = {}
_ = box.session.on_connect(function() table.insert(log, {'connect', box.session.user(), box.session.type()}) end)
_ = box.session.on_disconnect(function() table.insert(log, {'disconnect', box.session.user()}) end)
_ = box.session.on_auth(function(user, ok) table.insert(log, {'auth', user, ok}) end)
c = net.connect(LISTEN, {user = 'bob', password = 'secret'})
c.state, c.error
c:close()
test_run:wait_cond(function() return #log == 3 end)
log
log = {}
c = net.connect(LISTEN, {user = 'bob', password = 'wrong'})
c.state, c.error
test_run:wait_cond(function() return #log == 3 end)
log
for _, f in ipairs(box.session.on_connect()) do box.session.on_connect(nil, f) end
for _, f in ipairs(box.session.on_disconnect()) do box.session.on_disconnect(nil, f) end
for _, f in ipairs(box.session.on_auth()) do box.session.on_auth(nil, f) end

-- A trigger refuses the client.
refuse = function() error('go away', 0) end
_ = box.session.on_connect(refuse)
c = net.connect(LISTEN)
c.state, c.error
_ = box.session.on_connect(nil, refuse)

-- Rights.
c = net.connect(LISTEN, {user = 'poor', password = 'x'})
c.state, c.error
c = net.connect(LISTEN, {user = 'bob', password = 'secret'})
c:call('echo')
c:eval('return 1')
box.schema.user.grant('bob', 'read', 'space', 'test')
c:close()
c = net.connect(LISTEN, {user = 'bob', password = 'secret'})
c.space.test:select()
c.space.test:insert{1}
box.schema.func.create('whoami', {setuid = true})
box.schema.user.grant('bob', 'execute', 'function', 'whoami')
function whoami() return box.session.user(), box.session.effective_user() end
c:call('whoami')
c:close()

-- The session of a client.
c = net.connect(LISTEN)
c:eval('return box.session.type(), box.session.user(), box.session.id() ~= 1, box.session.exists(box.session.id())')
c:eval('box.session.storage.x = 1')
c:eval('return box.session.storage.x')
c2 = net.connect(LISTEN)
c2:eval('return box.session.storage.x')
c:eval('return box.session.sync() > 0, require("fiber").name()')
c:eval('box.begin()')
c:eval('return box.is_in_txn()')
c:eval('require("fiber").self().storage.x = 1')
c:eval('return require("fiber").self().storage.x')
c2:close()

-- More requests than net_msg_max at once.
box.cfg{net_msg_max = 2}
all = {}
for i = 1, 50 do all[i] = c:eval('require("fiber").sleep(0.001) return ...', {i}, {is_async = true}) end
sum = 0
for i = 1, 50 do sum = sum + all[i]:wait_result(10)[1] end
sum
box.cfg{net_msg_max = 768, readahead = 1000}
#c:eval('return ("x"):rep(100000)')
#c:call('tostring', {('x'):rep(100000)})
box.cfg{net_msg_max = 1}
c:close()

-- The address can change while clients are there.
c = net.connect(LISTEN)
box.cfg{listen = ''}
net.connect(LISTEN).state
c:ping()
box.cfg{listen = LISTEN}
net.connect(LISTEN):ping()
c:ping()
c:close()
s:drop()
