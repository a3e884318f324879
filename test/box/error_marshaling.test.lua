-- A session that asks for it gets error objects whole from its calls.
env = require('test_run').new()
box.schema.user.grant('guest', 'execute,read,write', 'universe')
function f() return box.error.new(1, 'x'), {box.error.new(3, 'a', 'b')} end
c = require('net.box').connect(box.cfg.listen)
d = require('net.box').connect(box.cfg.listen)
a, b = c:call('f')
type(a), a, type(b[1]), b[1]
c:eval('box.session.settings.error_marshaling_enabled = true return box.session.settings.error_marshaling_enabled')
a, b = c:call('f')
type(a), a, type(b[1]), b[1]
b[1].code, b[1].type
a, b = c:eval('return f()')
type(a), a, type(b[1]), b[1]
a, b = d:call('f')
type(a), type(b[1])
box.session.settings.error_marshaling_enabled
c:eval('box.session.settings.error_marshaling_enabled = false')
type(c:call('f'))
c:close() d:close()
box.schema.user.revoke('guest', 'execute,read,write', 'universe')
