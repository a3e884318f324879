#!/usr/bin/env tarantool
-- An instance that shows how it was started, and fails if it is told to.

require('console').listen(os.getenv('ADMIN'))
if arg[1] == 'crash' then
    error('told to crash')
end
if arg[1] == 'slow' then
    require('fiber').sleep(0.2)
end
box.cfg{listen = os.getenv('LISTEN')}
box.once('grant', box.schema.user.grant, 'guest', 'super')
loaded = true
