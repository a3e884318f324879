net = require('net.box')
fiber = require('fiber')
console = require('console')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
box.cfg{listen = LISTEN}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
SOCKET = require('fio').pathjoin(require('fio').cwd(), 'text.sock')
URI = 'unix/:' .. SOCKET
server = console.listen(URI)

-- A text console.
c = net.connect(URI, {console = true})
c.state, c.error, c.protocol, c.host, c.port == SOCKET, c.space, c.schema_version
c.peer_uuid, c.peer_version_id ~= nil
c.opts.console
c:eval('1 + 1')
c:eval('1, nil, "a\\nb"')
c:eval('=')
c:eval('error("boo")')
c:eval('')
c:eval('for i = 1, 3 do\n  x = i\nend\nreturn x')
#c:eval('("x"):rep(1000000)')
c:eval()
c.eval('1')
c:eval('require("fiber").sleep(10)', 0.01)
c.ping, c.call, c.wait_connected, c.timeout
c:is_connected(), c:wait_state('active', 1), c:wait_state('closed', 0.01)
-- Several fibers at once get each its own answer.
c:close()
c.state, c.error, c:is_connected()
c:eval('1')
c = net.connect(URI, {console = true})
answers = {}
for i = 1, 10 do fiber.create(function() answers[i] = c:eval('fiber.sleep(0.001) return ' .. i) end) end
test_run:wait_cond(function() return #answers == 10 end)
answers[1], answers[10]
-- Triggers, and the end of the other side.
log = {}
_ = c:on_disconnect(function(c) table.insert(log, 'disconnect ' .. c.state) end)
c:eval('box.session.id() and require("console").eval and "still here"')
server:close()
_ = fiber.new(function() c:eval('\\quit') end)
_ = test_run:wait_cond(function() return #log > 0 end)
log
server = console.listen(URI)

-- Without the option a text console is of no use.
c = net.connect(URI)
c.state, c.error, c.protocol
c:eval('1')

-- The option on a binary port.
c = net.connect(LISTEN, {console = true})
c.state, c.protocol, c.space
c:eval('1')
c:eval('return 1, 2')
c:eval('x.y = 1')
c:close()

-- A socket and its greeting, made into a connection.
test_run:cmd("setopt delimiter ';'");
function split(uri)
    local parsed = require('uri').parse(uri)
    return parsed.host, parsed.service
end;
test_run:cmd("setopt delimiter ''");
host, port = split(LISTEN)
s, greeting = net.establish_connection(host, port)
greeting.protocol, #greeting.salt, greeting.uuid == box.info.uuid, greeting.version_id ~= nil
c = net.wrap(s, greeting, host, port, {user = 'guest'})
c.state, c.host == host, c.port == port, c:ping()
c:eval('return ...', {5})
c:close()
c.state
s, greeting = net.establish_connection('unix/', SOCKET, 1)
greeting.protocol
c = net.wrap(s, greeting, 'unix/', SOCKET, {console = true})
c.state, c:eval('7')
c:close()
net.establish_connection('unix/', SOCKET .. '.none')
server:close()
