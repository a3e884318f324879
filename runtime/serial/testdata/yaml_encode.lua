-- What yaml.encode prints: every string in every place, then tables of all kinds.
-- The golden file is what Tarantool 2.6 printed.
local yaml = require('yaml')

local function show(v)
    local ok, text = pcall(yaml.encode, v)
    emit(ok and text or 'error: ' .. tostring(text) .. '\n')
end

local function seq(t) return setmetatable(t, {__serialize = 'seq'}) end
local function map(t) return setmetatable(t, {__serialize = 'map'}) end

for _, s in ipairs({
    '',
    '~',
    'null',
    'Null',
    'NULL',
    'nULL',
    'true',
    'True',
    'TRUE',
    'tRUE',
    'false',
    'False',
    'yes',
    'Yes',
    'YES',
    'no',
    'No',
    'NO',
    'y',
    'Y',
    'n',
    'N',
    'on',
    'On',
    'off',
    'OFF',
    '1',
    '-1',
    '+1',
    '1.5',
    '1e5',
    '1e',
    '0x1F',
    '0x',
    '0b1',
    '0o7',
    '017',
    '.5',
    '.',
    '..',
    '...',
    '-',
    '--',
    '---',
    '----',
    '.inf',
    '-.inf',
    '.INF',
    '.nan',
    '.NaN',
    'inf',
    'nan',
    '-inf',
    'NaN',
    'Infinity',
    ' a',
    'a ',
    'a: b',
    'a:b',
    ':a',
    'a:',
    'a #b',
    'a#b',
    '#a',
    '- a',
    '-a',
    '? a',
    '?a',
    '[a',
    'a]',
    'a[',
    '{a',
    'a}',
    'a{b',
    ',a',
    'a,b',
    '&a',
    '*a',
    '!a',
    '|a',
    '>a',
    "'a",
    '"a',
    'a"b',
    "a'b",
    '%a',
    '@a',
    '`a',
    'a\nb',
    'a\n',
    '\na',
    '\n',
    'a\n\nb',
    'a\nb\n',
    '  a\nb',
    'a\tb',
    '\ta',
    'a\t',
    '\t',
    'a\\b',
    'a\rb',
    'a\0b',
    '\1',
    '\27',
    '\127',
    'é',
    '\255',
    '日本',
    '\194\133',
    '\226\128\168',
    '\239\187\191',
    '\240\159\152\128',
    '=',
    '<<',
    '2001-01-01',
    '1:30',
    '1_000',
    '0.',
    '1.',
    '1.e5',
    '+.5',
    'e5',
    '12e03',
    '-2E+05',
    '0777',
    '08',
    'a b',
    'a  b',
    ' ',
    '  ',
    'a: ',
    'a :b',
    'a : b',
    'key:',
    '@',
    '`',
    '!',
    '*',
    '&',
    '%',
    '|',
    '>',
    '{}',
    '[]',
    'a{',
    '{',
    '}',
    '[',
    ']',
    ',',
    '?',
    '? ',
    ':',
    ': ',
    '- ',
    '-\n',
    '#',
    "''",
    '""',
    '\r\n',
    'a\r\nb',
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775809',
    '99999999999999999999999',
    '0x',
    '0xZZ',
    '1 2',
    'a\nb: c',
    'a\n b',
    'a\n- b',
    'a\n#b',
    'a \nb',
    'a\nb ',
    '\n a',
    'a\n\n',
    'a\n\n\n',
    '# a\nb',
    '\226\128\169',
    '\194\160',
    '\239\191\189',
    '\237\160\128',
    'a\226\128\168b',
    '- a\nb',
    '--- a',
    '...a',
    '--- \nb',
    '...\nb',
    'a\n---',
    'a\n...\nb',
    '\nb\n',
    'null\n',
    'a\001\nb',
    'a\255\nb',
    'a \n\nb',
    ' a\n\nb',
    'a\n\n b',
    'a\tb\n\nc',
    '\n\na',
    'a\n\nb ',
    '\195\169\n\nb',
    '\255\n\n',
    ('\255'):rep(100),
    ('\255'):rep(60),
    ('a '):rep(60),
    ('a'):rep(100),
    ('word '):rep(40),
    ('w: '):rep(40),
    ('k'):rep(128),
    ('k'):rep(129),
    ('"\1 '):rep(40),
    ('"\1  '):rep(40),
    ('w  '):rep(40),
    'a\n'..('word '):rep(40)..'\nb',
    ('a b'):rep(50),
    ('\'  x'):rep(40),
    '0x1p4',
    '0x.8',
    '.e1',
    '1 ',
    'infinity',
    'inf ',
    'nan(1)',
    'nan()',
    'INF',
    '1ULL',
    '1LL',
    '10i',
    '+',
    '-.',
    '1e+',
    '1.5.5',
    '0x1g',
    '0X1P',
    '0x1.8p1',
    '1e999',
    '+nan',
    '-nan',
    '.5',
    '5.',
    '0x.p1',
    '\240\144\128\140',
    '\240\159\152\128 x',
}) do
    show(s)
    show({s})
    show({[s] = s})
    show({{a = {s}}})
    show(seq({s}))
    show(map({[s] = s}))
end

-- Tables.
show(nil)
show(true)
show(false)
show(0)
show(-0.0)
show(1.5)
show(100)
show(1e15)
show(1e14)
show(1e20)
show(2^53)
show(2^63)
show(2^64)
show(-2^63)
show(1/3)
show(0.1)
show(1e300)
show(-1/3)
show(1e-7)
show(123456.789)
show(1e100)
show(1/0)
show(-1/0)
show({})
show({1, 2})
show({a = 1})
show({{1, 2}, {3}})
show({a = {1, 2}})
show({a = {b = {c = {}}}})
show({{a = 1}})
show({{b = {1}}})
show({{{1}}})
show({{{}}})
show({1, {2, {a = 1}}})
show(seq({1, 2}))
show(seq({1, {2, {a = 1}}}))
show(map({a = 1}))
show(map({b = {1, 2}}))
show({setmetatable({a = 1}, {__serialize = 'mapping'})})
show({setmetatable({1}, {__serialize = 'array'})})
show({setmetatable({1}, {__serialize = 'sequence'})})
show(map({}))
show({a = map({})})
show({map({})})
show(seq({}))
show({setmetatable({}, {__serialize = 'mapping'})})
show({a = seq({1, {}})})
show({a = map({b = {c = 1}})})
show((function() local t = {1} return {t, t} end)())
show((function() local t = {1} return {{t}, {t}} end)())
show((function() local t = seq({1}) return {t, t} end)())
show((function() local t = {} t[1] = t return t end)())
show((function() local t = {} t.m = t return t end)())
show((function() local t = {} return {t, t} end)())
show((function() local t = {a = 1} return {t, t, {t}} end)())
show((function() local a, b = {1}, {2} return {a, b, a, b} end)())
show((function() local t = {a = {}} t.a.b = t.a return t end)())
show((function() local k = {} return {[k] = k} end)())
show({{}, {}})
show({[{}] = 1})
show({[{a = 1}] = 1})
show({[{1, 2}] = {a = 1}})
show({[true] = 2})
show({[1.5] = 2})
show({[-1] = 1})
show({[60] = 1})
show({[10] = 1})
show({1, nil, 3})
show({[0] = 1})
show(map({[{1}] = 2}))
show({[seq({1})] = 2})
show(setmetatable({1}, {__serialize = function(x) return {5, x[1]} end}))
show({setmetatable({}, {__serialize = function() return 'text: x' end})})
show(setmetatable({}, {__serialize = function() end}))
show(setmetatable({}, {__serialize = 'foo'}))
show(setmetatable({}, {__serialize = 1}))
show(setmetatable({}, {__serialize = function() error('why', 0) end}))
show((function() local t = setmetatable({1}, {__serialize = function() return {5} end}) return {t, t} end)())
show(print)
show({print})
show({[print] = 1})
show(coroutine.create(print))
show({{1, {2}}, {a = {1, {b = {}}}}})
show({a = {{b = 1}, {c = 2}}})
show({{{a = {}}}})
show({a = {{}}})
show({{{{a = {{1}}}}}})

-- Long rows in brackets.
local long, words = {}, {}
for i = 1, 60 do
    long[i] = i
    words[i] = ('word '):rep(i % 5) .. i
end
show(seq(long))
show({a = seq(long)})
show(map({a = long}))
show(seq(words))
show({{seq({words, words})}})
show(map({[('k'):rep(90)] = {[('k '):rep(65)] = ('v '):rep(20)}}))
