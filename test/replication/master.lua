#!/usr/bin/env tarantool
-- A master that guests may replicate from.

require('console').listen(os.getenv('ADMIN'))
box.cfg{listen = os.getenv('LISTEN'), replication_timeout = 0.1}
box.once('grant', box.schema.user.grant, 'guest', 'replication')
