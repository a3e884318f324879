#!/usr/bin/env tarantool
-- An anonymous replica of its rpl_master.

require('console').listen(os.getenv('ADMIN'))
box.cfg{
    listen = os.getenv('LISTEN'), replication = os.getenv('MASTER'),
    replication_anon = true, read_only = true, replication_timeout = 0.1,
}
