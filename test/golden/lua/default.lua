#!/usr/bin/env tarantool

-- The default instance of a suite that names no script.
box.cfg{listen = os.getenv('LISTEN')}

require('console').listen(os.getenv('ADMIN'))
