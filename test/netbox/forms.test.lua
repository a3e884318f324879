net = require('net.box')
fiber = require('fiber')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
box.cfg{listen = LISTEN}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
s = box.schema.space.create('forms', {format = {{'id', 'unsigned'}}})
_ = s:create_index('pk')

-- Forms of connect.
function seen(...) local c = net.connect(...) local r = {c.state, c.error, c.host, c.port} c:close() return r end
seen('127.0.0.1:1')
seen('127.0.0.1', 1)
seen('127.0.0.1', '1')
seen('127.0.0.1', 1, {wait_connected = 1})
seen('localhost:1', {wait_connected = true})
seen('badhost.invalid:1')
c = net.connect('nobody:pw@127.0.0.1:1')
c.opts.user, c.opts.password, c.host
c = net.connect('nobody:pw@127.0.0.1:1', {user = 'other', password = 'x'})
c.opts.user, c.opts.password
c = net.new(LISTEN)
c.state
c:close()
c = net.connect(LISTEN, {wait_connected = false}) before = {c.state, c.space}
before
c:wait_connected()
c.state, c.space ~= nil
c:close()
c = net.connect(LISTEN, {call_16 = true})
c:call('tostring', 5)
c:close()

-- Deprecated.
c = net.connect(LISTEN)
test_run:cmd("setopt delimiter ';'")
-- A deadline counts for its fiber only.
function in_fiber(fn)
    local result
    local f = fiber.new(function() result = {pcall(fn)} end)
    f:set_joinable(true)
    f:join()
    for i = 1, #result do result[i] = type(result[i]) == 'cdata' and tostring(result[i]) or result[i] end
    return result
end;
test_run:cmd("setopt delimiter ''");
in_fiber(function() return c:timeout(0.01):eval('require("fiber").sleep(10)') end)
in_fiber(function() return c:timeout(100):eval('return 1') end)
in_fiber(function() c:timeout(0.001) fiber.sleep(0.01) return c:eval('return 1') end)
in_fiber(function() c:timeout(0.001) fiber.sleep(0.01) return c:eval('return 1', {}, {timeout = 100}) end)
in_fiber(function() c:timeout(0.001) fiber.sleep(0.01) return c:ping() end)
in_fiber(function() return c:timeout('x') end)
in_fiber(function() return c:eval('return 1') end)
c:eval_16('return 1, ...', 5)
c:call_16('tostring', 5)
limited = net:timeout(10)
type(limited.connect), type(limited.new)

-- Wrong use.
for _, m in ipairs{'ping', 'eval', 'eval_16', 'execute', 'prepare', 'unprepare', 'close', 'is_connected', 'wait_connected', 'wait_state', 'reload_schema', 'timeout', 'on_connect', 'on_disconnect', 'on_schema_reload'} do local ok, e = pcall(c[m]) log = (log or '') .. tostring(e) .. '\n' end
log
c:wait_state()
c:wait_state('active', 'x')
c:wait_connected('x')
c:wait_state({'active'}, 0.01)
c:ping(5)
c:ping{timeout = 'x'}
c:call('tostring', {1}, 5)
c:call('tostring', {1}, {timeout = 'x'})
c:call()
c:eval()
c.space.forms:format()

-- What a close does to those who wait.
f = c:eval('require("fiber").sleep(100)', {}, {is_async = true})
result = nil
_ = fiber.create(function() result = {pcall(c.eval, c, 'require("fiber").sleep(100)')} end)
states = nil
_ = fiber.create(function() states = {c:wait_state('error')} end)
c:close()
c:close()
f:is_ready(), f:result()
f:wait_result(10)
_ = test_run:wait_cond(function() return result ~= nil and states ~= nil end)
result, states
c.state, c.error
c:ping()
c:is_connected()
c:call('tostring', {1}, {is_async = true})
c.space.forms:select()
c:wait_connected(0.01)
c:reload_schema()

-- The schema is read anew when it has changed, and triggers are told.
c = net.connect(LISTEN)
reloads = 0
trigger = function() reloads = reloads + 1 end
c:on_schema_reload(trigger) == trigger
s:format({{'id', 'unsigned'}, {'name', 'string'}})
c:ping()
_ = test_run:wait_cond(function() return reloads > 0 end)
c.space.forms:insert{1, 'one'}.name
#c:on_schema_reload()
c:on_schema_reload(nil, trigger) == trigger
reloads = 0
s:truncate()
c:ping()
c:close()
reloads
s:drop()
