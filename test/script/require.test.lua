#!/usr/bin/env tarantool
-- How require finds modules and what it says when it does not.
local tap, fio = require('tap'), require('fio')
local test = tap.test('require')
test:plan(29)

local dir = fio.tempdir()
local function write(name, text)
    fio.mktree(fio.dirname(fio.pathjoin(dir, name)))
    local f = fio.open(fio.pathjoin(dir, name), {'O_WRONLY', 'O_CREAT', 'O_TRUNC'}, tonumber('644', 8))
    f:write(text)
    f:close()
end
local function fails(name) return select(2, pcall(require, name)) end
local function count(text, what) return select(2, text:gsub(what, '')) end

write('nothing.lua', '')
write('no.lua', 'return false')
write('setter.lua', 'package.loaded[...] = "set"')
write('many.lua', 'return 1, 2')
write('broken.lua', 'x = = 1')
write('thrower.lua', 'error("thrown")')
write('loop.lua', 'return require("loop")')
write('pkg/init.lua', 'return ...')
write('pkg/sub.lua', 'return ...')
write('.rocks/share/tarantool/rock.lua', 'return "rock"')
write('vshard.lua', 'return "from disk"')
write('bom.lua', '\xef\xbb\xbfreturn "bom"')
write('hashbang.lua', '#!/bin/sh\nreturn "hashbang"')

package.path = dir .. '/?.lua;' .. dir .. '/?/init.lua'
package.cpath = ''
test:is(require('nothing'), true, 'a module without a value')
test:is(package.loaded.nothing, true, 'is true in package.loaded')
test:is(require('no'), false, 'a module that returns false')
test:is(require('setter'), 'set', 'a module that sets package.loaded')
test:is(select('#', require('many')), 1, 'one value only')
test:is(require('pkg'), 'pkg', 'init.lua')
test:is(require('pkg.sub'), 'pkg.sub', 'a dot is a directory')
test:is(require('bom'), 'bom', 'a byte order mark')
test:is(require('hashbang'), 'hashbang', 'a first line for the shell')
test:is(require('vshard'), 'from disk', 'a file wins over what the program brings')
test:like(fails('broken'), "error loading module 'broken' from file '.*broken.lua':\n\t.*broken.lua:1: unexpected symbol near '='", 'a syntax error')
test:like(fails('thrower'), 'thrower.lua:1: thrown$', 'a module that throws')
test:is(fails('thrower'), "loop or previous error loading module 'thrower'", 'the second time')
test:like(fails('loop'), "loop or previous error loading module 'loop'", 'a loop')
package.loaded.thrower = nil
test:like(fails('thrower'), 'thrower.lua:1: thrown$', 'after a reset it is loaded again')

local text = fails('no.such')
test:like(text, "^module 'no.such' not found:\n\tno field package.preload%['no.such'%]\n\tno file '.*/no/such.lua'\n\tno file '.*/no/such/init.lua'\n\tno file '.*/no/such.so'", 'the places tried')
test:is(count(text, dir:gsub('%p', '%%%0') .. '/no/such.lua'), 1, 'each once')

package.setsearchroot(dir)
test:is(package.searchroot(), dir, 'the search root')
test:is(require('rock'), 'rock', '.rocks')
test:like(fails('broken'), "loading module 'broken'", 'before package.path')
package.path = ''
test:like(fails('broken'), "not found:\n\tno field package.preload%['broken'%].*broken.lua:1: unexpected symbol near '='\n", 'a broken file in the search root is told among the places')
test:is(package.search('nothing'), fio.pathjoin(dir, 'nothing.lua'), 'package.search')
package.setsearchroot()
test:is(package.searchroot(), fio.dirname(fio.abspath(arg[0])), 'without an argument it is the directory of the script')
test:is(select(2, pcall(package.setsearchroot, 5)), 'builtin/tarantool.lua:69: Search root must be a string', 'or a text')

package.preload.early = function(name) return name .. '!' end
test:is(require('early'), 'early!', 'package.preload')
package.preload.early = nil
table.insert(package.loaders, function(name) return name == 'mine' and function() return 'made' end or '\n\tnot mine' end)
test:is(require('mine'), 'made', 'a loader of the script')
test:like(fails('yours'), '\n\tnot mine$', 'and its text')
package.path = nil
test:is(fails('yours'), "'package.path' must be a string", 'a path that is none')
test:is(package.searchpath('a.b', './?.x;/?.y'), nil, 'package.searchpath')
fio.rmtree(dir)
os.exit(test:check() and 0 or 1)
