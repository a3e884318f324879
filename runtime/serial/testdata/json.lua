-- What json.encode and json.decode do. The golden file is what Tarantool 2.6 printed.
local json = require('json')

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

local function line(what, ok, v)
    if not ok or what == 'encode' then
        v = tostring(v):gsub('^[%w_]+%.lua:%d+: ', '')
    else
        v = render(v)
    end
    emit(what .. ' ' .. tostring(ok) .. ' ' .. v .. '\n')
end
local function encode(...) line('encode', pcall(json.encode, ...)) end
local function decode(...) line('decode', pcall(json.decode, ...)) end

for _, s in ipairs({
    '',
    'x',
    'xxx',
    '{',
    '}',
    '[',
    '[1',
    '[1,',
    '[1,]',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{a:1}',
    '{1:2}',
    '[1 2]',
    'nul',
    'null',
    'nullx',
    'true',
    'True',
    'tru',
    '"abc',
    '"a\\x"',
    '"\\u12"',
    '"\\u0041"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"\\ude00"',
    '"\\u0000"',
    '"\1"',
    '"a\nb"',
    '1 2',
    '1',
    '-1',
    '+1',
    '01',
    '1.',
    '.5',
    '1e5',
    '1e',
    '0x1F',
    '0x',
    'NaN',
    'nan',
    '-NaN',
    'inf',
    'Infinity',
    '-Infinity',
    '-inf',
    'INF',
    '-',
    '--1',
    '[1,,2]',
    '{"a" 1}',
    '{,}',
    '{"a":}',
    ' [1] ',
    '\t[1]\n',
    '[1]\0',
    '18446744073709551615',
    '18446744073709551616',
    '9223372036854775807',
    '-9223372036854775808',
    '-9223372036854775809',
    '99999999999999',
    '100000000000000',
    '-100000000000000',
    '1e14',
    '1e20',
    '1.5',
    '100000000000000.5',
    '[1]]',
    '// c',
    '/* c */1',
    '"\\/"',
    '"\\\\"',
    "'a'",
    '[nan,inf]',
    '{"a":1,"a":2}',
    '{"":1}',
    '[null]',
    '{"a":null}',
    '{"a":[1,{"b":[]}]}',
    '[1,\n2,\nxxx]',
    '{"a":1,\n "b": tru}',
    '\239\187\1911',
    '[\n\n"abc\n"]',
    '["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" x "bbbbbbbbbbbbbbbbbbbbbbbb"]',
    'é',
    '"é"',
    '"\255"',
    '[é]',
    '{"a":1}}',
    ',',
    ':',
    '"\\u00e9"',
    '"\\uD800\\u0041"',
    '1_000',
    '0123',
    '-0',
    '-0.0',
    '0e1',
    '1E+2',
    '1e-2',
    '1e400',
    '-1e400',
    '123abc',
    '[1abc]',
    'infinity',
    'nAn',
    'InFinity',
    '{"1":2}',
    '{"a":1 "b":2}',
    '[1;2]',
    '[tr]',
    '"\\',
    '"\\u',
    '"\\uZZZZ"',
    '1.5.5',
    '"\\u"',
    '["a\nb" x',
    '"a\nb\\x"',
    '[1,\r\n x]',
    '\111',
    '\121',
    '[1,\0',
    '"a\0b"',
    '"a\nb',
    '-nan',
    'nan(1)',
    '1.e5',
    '1.5e+',
    '-0x1',
    '-01',
    '00',
    '-a',
    'n',
    '[n]',
    'fals',
    '\255',
    '{"a":nan}',
    '{nan:1}',
    '"\\ud83d\\u0041"',
    '"\\ud83dx"',
    '"\\uDC00"',
    '"\\b\\f\\n\\r\\t\\/\\\\\\""',
    '"\\a"',
    '"\\\'"',
    '"\\u00"',
    'é"',
    '[1,2',
    '"é\\x"',
    '["é", x]',
    '-',
    '-1.',
    '-.5',
    '1e5.5',
    '1E5',
    '123456789012345678901234567890',
    '-123456789012345678901234567890',
    '0.1e-2',
    '1e-400',
    '1.0',
    '100000000000000.0',
    '-100000000000001',
    '"\\ud800\\udc00"',
    '{"a":{},"b":[]}',
    '{"a":1,"a":null}',
}) do
    decode(s)
end

decode()
decode(1)
decode(nil)
decode({})
decode(true)
decode('[1]', 1)
decode('[[1]]', {decode_max_depth = 1})
decode('[[[1]]]', {decode_max_depth = 2})
decode('{"a":{"b":1}}', {decode_max_depth = 1})
decode('[]', {decode_max_depth = 0})
decode('nan', {decode_invalid_numbers = false})
decode('0x1F', {decode_invalid_numbers = false})
decode('inf', {decode_invalid_numbers = false})
decode('-inf', {decode_invalid_numbers = false})
decode('-nan', {decode_invalid_numbers = false})
decode('[1]', {decode_save_metatables = false})
decode('[1]', {foo = 1})
decode('[1]', 'x')
decode('[1]', {decode_max_depth = 'x'})
decode(('['):rep(129) .. (']'):rep(129))
decode(('['):rep(128) .. (']'):rep(128))
decode('1', nil)
decode('[0x1F]', {decode_invalid_numbers = false})
decode('1e400', {decode_invalid_numbers = false})
decode('1', {}, 1)

local all = {}
for i = 0, 255 do
    all[#all + 1] = string.char(i)
end
encode(table.concat(all))
encode()
encode(1)
encode(1, 2)
encode(1, {})
encode(1, {foo = 1})
encode(1.5, {encode_number_precision = 3})
encode(1/3)
encode(1/3, {encode_number_precision = 3})
encode(1/3, {encode_number_precision = 0})
encode(0/0)
encode(1/0)
encode(-1/0)
encode(1e15)
encode(1e14)
encode(123456789012345678)
encode(2^53)
encode(1e300)
encode(-0.0)
encode(0.1)
encode(1e-5)
encode(100)
encode(2^63)
encode(-2^63)
encode(2^64)
encode(1e20)
encode(12345678901234.5)
encode('\\\"/\b\12\n\r\t')
encode({1, 2, {a = 1}})
encode({})
encode(setmetatable({}, {__serialize = 'map'}))
encode({[1] = 1, [3] = 3})
encode({[20] = 1})
encode({[1.5] = 1})
encode({[true] = 1})
encode({[-1] = 1})
encode({[{}] = 1})
encode({[print] = 1})
encode(print)
encode(coroutine.create(print))
encode((function() local t = {} t[1] = t return t end)())
encode(1, {encode_max_depth = 'a'})
encode({{{1}}}, {encode_max_depth = 2})
encode({{{1}}}, {encode_max_depth = 2, encode_deep_as_nil = true})
encode({{a = {1}}}, {encode_max_depth = 2, encode_deep_as_nil = true})
encode({{}}, {encode_max_depth = 1, encode_deep_as_nil = true})
encode(print, {encode_invalid_as_nil = true})
encode({[50] = 1}, {encode_sparse_convert = false})
encode({[50] = 1}, {encode_sparse_ratio = 0})
encode({[50] = 1}, {encode_sparse_safe = 50})
encode(0/0, {encode_invalid_numbers = false})
encode(0/0, {encode_invalid_numbers = false, encode_invalid_as_nil = true})
encode(setmetatable({1}, {__serialize = 'map'}), {encode_load_metatables = false})
encode(setmetatable({1}, {__serialize = 'map'}))
encode(setmetatable({1}, {__serialize = 'bad'}))
encode(setmetatable({1}, {__serialize = function() return 1, 2 end}))
encode(setmetatable({1}, {__serialize = function() error('x', 0) end}))
encode(nil)
encode(true)
encode('')
encode(1, 'x')
encode(1, nil)

local own = json.new()
emit(tostring(own == json) .. ' ' .. tostring(own.cfg.encode_max_depth) .. ' ' .. tostring(own.null) .. ' ' .. tostring(own.NULL == nil) .. '\n')
local function cfg(...)
    local ok, err = pcall(own.cfg, ...)
    emit('cfg ' .. tostring(ok) .. ' ' .. tostring(err):gsub('^[%w_]+%.lua:%d+: ', '') .. '\n')
end
cfg()
cfg(1)
cfg(nil)
cfg('s')
cfg({})
cfg({foo = 1})
cfg({encode_max_depth = 'a'})
cfg({encode_max_depth = 1}, 2)
cfg({encode_deep_as_nil = 1})
cfg({decode_max_depth = '3'})
emit(tostring(own.cfg.encode_max_depth) .. ' ' .. tostring(own.cfg.encode_deep_as_nil) .. ' ' .. tostring(own.cfg.decode_max_depth) .. ' ' .. tostring(json.cfg.encode_max_depth) .. '\n')
emit(own.encode({{1}}) .. ' ' .. tostring(pcall(own.decode, '[[[[1]]]]')) .. '\n')
for name in pairs({encode = 1}) do
    emit(type(json[name]) .. '\n')
end
local t = json.decode('[1, {"a": 2}]')
emit(tostring(getmetatable(t) == json.array_mt) .. tostring(getmetatable(t[2]) == json.map_mt) .. '\n')
t[2].b = 3
t[3] = 4
emit(tostring(getmetatable(t)) .. tostring(getmetatable(t[2])) .. t[2].b .. t[3] .. '\n')
