#!/usr/bin/env tarantool
box.cfg{checkpoint_count = 2}
require('console').listen(os.getenv('ADMIN'))
