-- What yaml.decode makes of texts. The golden file is what Tarantool 2.6 printed.
local yaml = require('yaml')

local function render(v)
    if type(v) ~= 'table' then
        return type(v) .. ':' .. tostring(v)
    end
    local mt, parts = getmetatable(v), {}
    for k, x in pairs(v) do
        parts[#parts + 1] = render(k) .. '=' .. render(x)
    end
    table.sort(parts)
    return (mt and mt.__serialize or '') .. '{' .. table.concat(parts, ', ') .. '}'
end

local function show(...)
    local r = {pcall(yaml.decode, ...)}
    local parts = {}
    for i = 2, table.maxn(r) do
        parts[#parts + 1] = render(r[i])
    end
    emit(tostring((...)):gsub('\n', '|'):gsub('0x%w+$', '') .. ' -> ' .. tostring(r[1]) .. ' ' .. table.concat(parts, ' ') .. '\n')
end

for _, s in ipairs({
    '',
    'yes',
    'Yes',
    'YES',
    'no',
    'on',
    'off',
    'y',
    'n',
    'true',
    'True',
    'TRUE',
    'false',
    '~',
    'null',
    'Null',
    'NULL',
    '0x1F',
    '1e3',
    '.inf',
    '-.inf',
    'inf',
    'Infinity',
    '1',
    '+1',
    '-1',
    '1.5',
    '017',
    '0o17',
    '0b1',
    '1_000',
    '18446744073709551615',
    '18446744073709551616',
    '-9223372036854775808',
    '-9223372036854775809',
    '100000000000000',
    '99999999999999',
    '1.',
    '.5',
    '-.5',
    '1e',
    '"1"',
    "'1'",
    '"yes"',
    '!!str 1',
    '!!int "1"',
    '!!int abc',
    '!!float "1.5"',
    '!!bool yes',
    '!!bool "true"',
    '!!bool abc',
    '!!null ""',
    '!!binary YWJj',
    '!!binary "?"',
    '!foo bar',
    '!!foo bar',
    '!!seq [1]',
    '!!map {a: 1}',
    '!!str [1]',
    '[1,2]',
    '{a: 1}',
    '- 1\n- 2',
    'a: 1\nb: 2',
    '- a: 1\n  b: 2',
    'a:\n- 1',
    '---\n1\n...\n',
    '--- 1\n--- 2\n',
    '---\n...\n',
    '--- \n',
    'a: &x 1\nb: *x',
    '*foo',
    '|\n a\n b',
    '>\n a\n b\n',
    '? a\n: b',
    '{1: 2, true: 3, null: 4}',
    '~: 1',
    '[~]',
    '{a: ~}',
    'a: ',
    '- ',
    '-',
    '!!set {a}',
    '<<: {a: 1}',
    '{<<: {a: 1}}',
    '%YAML 1.1\n---\n1',
    '%TAG !e! tag:e.com,2018:\n---\n!e!x 1',
    '%TAG !print! tag:tarantool.io/push,2018\n--- [1]\n...\n',
    '# c',
    'a # c',
    '2001-01-01',
    '1:30',
    '"a\\nb"',
    '"\\x41"',
    "'a''b'",
    '"\\u00e9"',
    'é',
    'a: 1\na: 2',
    '[a,b: c]',
    '{a,b}',
    'a\n b',
    "a:b",
    'a:',
    '!!binary',
    '!tag',
    '! a',
    '!!float abc',
    '!!float 1',
    '!<tag:yaml.org,2002:int> 5',
    '--- !!str\n',
    '1 2',
    '- - 1\n  - 2',
    '{a: {b: [1,{c: d}]}}',
    '- &a 1\n- *a',
    '- &a [1]\n- *a',
    "- &a\n- *a",
    '1e400',
    '-1e400',
    '0x',
    '0x1p4',
    '0X1F',
    ' 1',
    '1 ',
    '1\n',
    '1\n2',
    '1e5x',
    '0x1G',
    '.Inf',
    '+inf',
    'infinity',
    'nil',
    'None',
    '=',
    '"~"',
    "''",
    '""',
}) do
    show(s)
end

show()
show(1)
show(nil)
show({})
show('a', 1)
show('a', {})
show('a', {tag_only = true})
show('%TAG !e! tag:e.com,2018:\n---\n!e!x 1', {tag_only = true})
show('--- 1\n...\n%TAG !e! tag:e\n--- 2', {tag_only = true})
show('%TAG !e! tag:e\n%TAG !f! tag:f\n--- 2', {tag_only = true})
show('a', {tag_only = 'x'})
show('a', {foo = 1})
show('a', 'x')
show('%TAG !push! tag:tarantool.io/push,2018\n--- 1\n...\n', {tag_only = true})

local function tagged(...)
    local r = {pcall(yaml.encode, ...)}
    emit(tostring(r[1]) .. ' ' .. tostring(r[2]) .. ' ' .. tostring(r[3]) .. '\n')
end

tagged()
tagged(1, {tag_handle = '!e!', tag_prefix = 'tag:e.com,2018:x'})
tagged({1, 2}, {tag_handle = '!e!', tag_prefix = 'tag:e'})
tagged(1, {tag_handle = '!e!'})
tagged(1, {tag_prefix = 'x'})
tagged(1, {tag_handle = 'e', tag_prefix = 'x'})
tagged(1, {tag_handle = 1, tag_prefix = 'x'})
tagged(1, {tag_handle = '!e!', tag_prefix = 1})
tagged(1, 1)
tagged(1, {})
tagged(1, 2, 3)
tagged(1, 'x')
tagged(1, nil)
tagged(1, {tag_handle = '', tag_prefix = 'x'})
tagged(1, {tag_handle = '!e!', tag_prefix = ''})
tagged(1, {tag_handle = '!e e!', tag_prefix = 'x'})
tagged(1, {tag_handle = '!!', tag_prefix = 'x'})
tagged(1, {tag_handle = '!', tag_prefix = 'x'})
tagged(1, {tag_handle = '!e', tag_prefix = 'x'})
tagged(1, {tag_handle = '!e!', tag_prefix = {}})
tagged(1, {tag_handle = '!e!', tag_prefix = 'a b%'})
