probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
serpent = require('serpent');
shared = {1};
cycle = {a = 1};
cycle.self, cycle[1] = cycle, {cycle, shared, shared};
probe([[
    serpent._NAME, serpent._VERSION
    serpent.serialize(1)
    serpent.line(1), serpent.line(1.5), serpent.line(-0), serpent.line(1/0), serpent.line(-1/0), serpent.line(0/0), serpent.line(1e15), serpent.line(0.1)
    serpent.line(true), serpent.line(nil), serpent.line('a\nb\0c\26"'), serpent.line(''), serpent.line({})
    serpent.line({1, 2, {3, {4}}}), serpent.block({1, {a = 2}}), serpent.dump({1, {a = 2}})
    serpent.line({a = 1, b = 2, ['c d'] = 3, [10] = 4, [1] = 5, ['end'] = 6, ['1a'] = 7, [1.5] = 8, [true] = 9})
    serpent.line({['10'] = 1, ['9'] = 2, a1 = 3, a10 = 4, a2 = 5})
    serpent.line({shared, shared}), serpent.dump({shared, shared}), serpent.line({shared, shared}, {comment = false})
    serpent.line(cycle), serpent.dump({cycle[1]}):len() > 0
    serpent.line({[{}] = 1}), serpent.dump({[{1}] = {2}}), serpent.dump({[print] = 1})
    serpent.line(1LL), serpent.line(5ULL), serpent.line(box.NULL), serpent.line({1LL, box.NULL}), serpent.line(print), serpent.line({math.floor}, {comment = false})
    serpent.line(setmetatable({}, {__tostring = function() return 'TS' end})), serpent.line(setmetatable({1}, {__serialize = function() return 'S' end}))
    serpent.line(setmetatable({}, {__tostring = function() error('x') end}), {comment = false}), serpent.line(setmetatable({1}, {__tostring = function() return 'TS' end}), {comment = false, metatostring = false})
    serpent.line({1, {2, {3}}}, {comment = 1}), serpent.line({1, {2, {3}}}, {comment = 2}), serpent.line({1}, {comment = false, name = 'x'})
    serpent.line({a = {b = {1}}}, {comment = false, maxlevel = 2}), serpent.line({a = {b = {1}}}, {comment = false, maxlevel = 0}), serpent.line({1, 2, 3, 4}, {maxnum = 2, comment = false})
    serpent.line({print}, {nocode = true, comment = false}), serpent.line({1, 2}, {keyignore = {[1] = true}, comment = false}), serpent.line({a = 1, b = 2}, {keyallow = {a = true}, comment = false})
    serpent.line({1, 2, 'x'}, {valtypeignore = {number = true}, comment = false}), serpent.line({1, 'x'}, {valignore = {x = true}, comment = false})
    serpent.line({1.5, 0.1, 123.456}, {numformat = '%.2f', comment = false}), serpent.line({1/0}, {nohuge = true, comment = false}), serpent.line({1, {2}}, {compact = true, comment = false})
    serpent.line({1, {2}}, {comment = false, custom = function(tag, head, body, tail, level) return tag .. '<' .. head .. body .. tail .. level .. '>' end})
    serpent.line({b = 1, a = 2}, {comment = false, sortkeys = function(keys) table.sort(keys, function(a, b) return a > b end) end})
    serpent.line({coroutine.create(print)}, {fatal = true})
    serpent.dump({1, {2}}, {indent = ' '}), serpent.block({}, {comment = false}), serpent.block({a = {}}, {comment = false})
    serpent.load('{1, 2, a = {3}}'), select(2, serpent.load('do local a = {1} return a end'))
    serpent.load('return 1+')
    serpent.load('os.exit()')
    serpent.load('{math.floor(1.5)}', {safe = false})
    select(2, serpent.load(serpent.dump(cycle))).self.a
]]);
