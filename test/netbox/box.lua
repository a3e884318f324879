#!/usr/bin/env tarantool
box.cfg{wal_mode = 'none'}
require('console').listen(os.getenv('ADMIN'))
