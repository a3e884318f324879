#!/usr/bin/env tarantool
box.cfg{}
require('console').listen(os.getenv('ADMIN'))
