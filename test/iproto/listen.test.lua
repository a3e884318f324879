-- box.cfg.listen: what cannot be bound, and what becomes of connections when it changes.
net = require('net.box')
fio = require('fio')
socket = require('socket')
env = require('test_run')
test_run = env.new()
LISTEN = os.getenv('LISTEN')
test_run:cmd("push filter 'called on fd [0-9]+' to 'called on fd <fd>'")
box.cfg{}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
dir = fio.cwd()
path = fio.pathjoin(dir, 'listen.sock')
busy = fio.pathjoin(dir, 'busy.sock')
server = socket.tcp_server('127.0.0.1', 0, function() end)
port = server:name().port
unix = socket.tcp_server('unix/', busy, function() end)

-- No address, and addresses that cannot be had.
box.cfg{listen = '127.0.0.1:' .. port}
box.cfg{listen = port}
box.cfg{listen = 'unix/:' .. busy}
box.cfg{listen = 'unix/:/no/such/dir/x.sock'}
box.cfg{listen = 'unix/:' .. dir}
box.cfg{listen = 'badhost.invalid:3301'}
box.cfg{listen = ':::'}
box.cfg{listen = 'unix/:' .. ('x'):rep(200)}
box.cfg{listen = {}}
box.cfg.listen, box.info.listen
fio.path.is_dir(dir), fio.path.exists(busy)

-- An empty directory is no file of a dead instance.
empty = fio.pathjoin(dir, 'empty.sock')
fio.mkdir(empty)
box.cfg{listen = 'unix/:' .. empty}
fio.path.is_dir(empty)

-- Connections outlive the address that they came to.
box.cfg{listen = LISTEN}
old = net.connect(LISTEN)
slow = old:eval('require("fiber").sleep(0.1) return "done"', {}, {is_async = true})
box.cfg{listen = 'unix/:' .. path}
box.info.listen
new = net.connect('unix/:' .. path)
new:eval('return box.session.type(), box.session.peer()')
old:ping(), old:eval('return 1')
slow:wait_result(10)
net.connect(LISTEN).state
-- A bad address leaves nothing behind, and connections alone.
box.cfg{listen = 'unix/:/no/such/dir/x.sock'}
box.cfg.listen == 'unix/:' .. path
old:ping(), new:ping()
box.cfg{listen = ''}
old:ping(), new:ping()
net.connect('unix/:' .. path).state
-- The socket's file is taken over when nobody listens there.
box.cfg{listen = 'unix/:' .. path}
again = net.connect('unix/:' .. path)
again:ping()
box.cfg{listen = LISTEN}
old:close()
new:close()
again:close()
server:close()
unix:close()

-- Large requests through a small readahead, and many at once through few messages.
box.cfg{readahead = 128, net_msg_max = 2}
c = net.connect(LISTEN)
#c:eval('return ...', {('x'):rep(1000000)})
futures = {}
for i = 1, 100 do futures[i] = c:eval('return ...', {('y'):rep(i * 100)}, {is_async = true}) end
total = 0
for i = 1, 100 do total = total + #futures[i]:wait_result(10)[1] end
total
box.cfg{readahead = 16320, net_msg_max = 768}
c:ping()
c:close()
test_run:cmd("clear filter")
