#!/usr/bin/env tarantool
-- One of three masters that follow each other. Each starts with nobody else there, and finds the others.

require('console').listen(os.getenv('ADMIN'))
local uris = {}
for i = 1, 3 do
    uris[i] = ('replicator:secret@unix/:./mesh%d.sock'):format(i)
end
NUMBER = tonumber(arg[0]:match('mesh(%d)'))
box.cfg{
    listen = 'unix/:./mesh' .. NUMBER .. '.sock', replication = uris,
    instance_uuid = ('%d0000000-0000-4000-8000-000000000000'):format(NUMBER),
    replication_timeout = 0.1, replication_connect_timeout = 10,
}
box.once('users', function()
    box.schema.user.create('replicator', {password = 'secret'})
    box.schema.user.grant('replicator', 'replication')
    box.schema.space.create('test'):create_index('pk')
end)
