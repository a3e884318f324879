net = require('net.box')
fiber = require('fiber')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
box.cfg{listen = LISTEN}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
box.schema.user.create('bob', {password = 'secret', if_not_exists = true})

-- What is no address.
net.connect()
net.connect({})
net.connect(':::')
net.connect(LISTEN, 'a', 'b')
net.connect(LISTEN, {password = 'x'})

-- States.
c = net.connect(LISTEN)
c.state, c.error, c.protocol, c.host
c:ping()
c:is_connected(), c:wait_connected(), c:wait_state('active', 1), c:wait_state({active = true, error = true})
c:wait_state('closed', 0.01)
c.schema_version == box.internal.schema_version()
c.peer_uuid == box.info.uuid
c:close()
c.state, c.error, c:is_connected()
c:ping()
c:call('x')
c:eval('return 1')
c:close()

-- Nobody listens.
c = net.connect('unix/:/tmp/no/such/socket')
c.state, c.error
c:call('x')
c = net.connect('unix/:/tmp/no/such/socket', {reconnect_after = 0.01, wait_connected = false})
c:wait_state('error_reconnect', 10)
c:call('x', {}, {timeout = 0.02})
c:ping({timeout = 0.01})
c:close()
c.state

-- Users.
test_run:cmd("setopt delimiter ';'")
function as(user, password)
    local c = net.connect(LISTEN, {user = user, password = password})
    local ok, result = pcall(c.eval, c, 'return box.session.user()')
    local code = not ok and result.code or nil
    c:close()
    return ok, tostring(result), code, c.opts.password
end;
test_run:cmd("setopt delimiter ''");
as('bob', 'secret')
as('bob', 'wrong')
as('nobody', 'x')
as(nil, nil)

-- Triggers.
log = {}
test_run:cmd("setopt delimiter ';'")
function watched()
    local c = net.connect(LISTEN, {wait_connected = false})
    c:on_connect(function(c) table.insert(log, 'connect ' .. c.state) end)
    c:on_disconnect(function(c) table.insert(log, 'disconnect ' .. c.state) end)
    c:on_schema_reload(function(c) table.insert(log, 'schema ' .. c.state) end)
    return c
end;
test_run:cmd("setopt delimiter ''");
c = watched()
c:wait_connected()
log
s = box.schema.space.create('reload')
_ = s:create_index('pk')
c:ping()
test_run:wait_cond(function() return c.space.reload ~= nil and c.space.reload.index.pk ~= nil end)
s:drop()
c:ping()
test_run:wait_cond(function() return c.space.reload == nil end)
c:close()
log[1], log[2], log[#log]
c:on_connect(1)
c:on_connect(nil, print)

-- It comes back.
c = net.connect(LISTEN, {reconnect_after = 0.01})
id = c:eval('return box.session.id()')
box.cfg{listen = ''}
c.state
box.cfg{listen = LISTEN}
c:ping()
c:close()

-- A cancelled fiber gets its answer nevertheless.
c = net.connect(LISTEN)
result = nil
f = fiber.create(function() result = {pcall(c.eval, c, 'require("fiber").sleep(0.05) return 5')} end)
f:cancel()
test_run:wait_cond(function() return result ~= nil end)
result
c:ping()
c:close()
