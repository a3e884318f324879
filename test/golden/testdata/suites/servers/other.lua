#!/usr/bin/env tarantool

NAME = require('fio').basename(arg[0], '.lua')
ARGUMENTS = {...}

require('console').listen(os.getenv('ADMIN'))

box.cfg{listen = os.getenv('LISTEN'), replication = os.getenv('MASTER')}
