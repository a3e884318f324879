#!/usr/bin/env tarantool
box.cfg{wal_mode = 'none', log = 'box.log'}
require('console').listen(os.getenv('ADMIN'))
