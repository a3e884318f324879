-- box.session.
box.session.type(), type(box.session.id()), box.session.sync()
box.session.fd() > 0
box.session.user(), box.session.effective_user(), box.session.uid(), box.session.euid()
box.session.exists(), box.session.exists(box.session.id()), box.session.exists(1000000)
box.session.exists('x')
box.session.exists(1, 2)
box.session.peer(1000000)
box.session.peer('x')
box.session.nothing
box.session.storage
box.session.storage.x = 1
box.session.storage
box.session.storage = 5
-- Other users.
box.session.su()
box.session.su('nobody')
box.session.su('guest', 5)
box.session.su('guest', function(...) return box.session.user(), box.session.effective_user(), box.session.uid(), box.session.euid(), ... end, 'x')
box.session.su('guest', error, 'words')
box.session.effective_user()
box.session.su('guest')
box.session.user(), box.session.effective_user()
box.session.su('admin')
box.session.user(), box.session.effective_user()
-- Triggers.
box.session.on_connect()
box.session.on_connect(1)
box.session.on_connect(nil, 1)
f = function() return 1 end
g = function() return 2 end
box.session.on_connect(f) == f
box.session.on_connect(g) == g
#box.session.on_connect()
box.session.on_connect(nil, f)
#box.session.on_connect(), box.session.on_connect()[1] == g
box.session.on_connect(f, g) == f
box.session.on_connect()[1] == f
box.session.on_connect(nil, g)
box.session.on_connect(nil, f)
#box.session.on_connect()
box.session.on_auth(f) == f
box.session.on_auth(nil, f)
box.session.on_access_denied(f) == f
box.session.on_access_denied(nil, f)
-- Pushes from fibers that nobody listens to.
fiber = require('fiber')
result = fiber.channel(1)
_ = fiber.create(function() fiber.self():name('x') box.session.su('admin', function() result:put({box.session.type(), box.session.user()}) end) end)
result:get(1)
box.session.push()
-- Modes.
box.ctl.wait_rw(0.1)
box.ctl.wait_ro(0.01)
box.ctl.wait_ro('x')
box.cfg{read_only = true}
box.ctl.wait_ro(0.1)
box.ctl.wait_rw(0.01)
box.cfg{read_only = false}
box.ctl.on_shutdown(1)
box.ctl.on_shutdown(f) == f
box.ctl.on_shutdown(nil, f)
box.ctl.clear_synchro_queue()
