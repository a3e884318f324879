#!/usr/bin/env tarantool

local tap = require('tap')
local fio = require('fio')

local test = tap.test('a program')
test:plan(4)
test:is(require('lib').answer, 42, 'a library of the suite')
test:is(require('lua_libs.util').SOURCEDIR, os.getenv('SOURCEDIR'), 'a library of the runner')
test:is(fio.cwd(), os.getenv('PWD'), 'a directory of its own')
test:test('a test in it', function(inner)
    inner:plan(1)
    inner:ok(true, 'fine')
end)
os.exit(test:check() and 0 or 1)
