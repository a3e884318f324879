-- What msgpack.encode and msgpack.decode do. The golden file is what Tarantool 2.6
-- printed.
local msgpack = require('msgpack')

local function hex(s)
    return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end))
end
local function unhex(s)
    return (s:gsub('..', function(c) return string.char(tonumber(c, 16)) end))
end
local function clean(s)
    return (tostring(s):gsub('^[%w_]+%.lua:%d+: ', ''):gsub('0x%x+$', '?'))
end
local function encode(...)
    local ok, s = pcall(msgpack.encode, ...)
    emit('encode ' .. (ok and (#s < 200 and hex(s) or #s) or clean(s)) .. '\n')
end
local function decode(s, ...)
    local ok, v, n = pcall(msgpack.decode, type(s) == 'string' and unhex(s) or s, ...)
    emit('decode ' .. clean(s) .. ' ' .. (ok and type(v) .. ' ' or '') .. clean(v) .. ' ' .. tostring(n) .. '\n')
end
local function cfg(...)
    emit('cfg ' .. clean(select(2, pcall(msgpack.cfg, ...))) .. '\n')
end

for _, n in ipairs({0, 1, 127, 128, 255, 256, 65535, 65536, 2^32 - 1, 2^32, 2^53, 1e14, 1e15, 1e18, 1e19, 2^63, 2^64,
        1e20, -1, -32, -33, -128, -129, -32768, -32769, -2^31, -2^31 - 1, -2^63, -2^64, -1e20, 1.5, -0.0, 1/0, -1/0}) do
    encode(n)
end
encode()
encode(nil)
encode(true)
encode(false)
encode('')
encode(('x'):rep(31))
encode(('x'):rep(32))
encode(('x'):rep(256))
encode(('x'):rep(65536))
encode(msgpack.NULL)
encode({})
encode({1, nil, 3})
encode({[10] = 1})
encode({[11] = 1})
encode({1, 2, 3, 4, 5, 6, [12] = 12})
encode({1, 2, 3, 4, 5, [12] = 12})
encode({[0] = 1})
encode({[-1] = 1})
encode({[1.5] = 1})
encode({[true] = 1})
encode({[{}] = {[{1}] = 2}})
encode({{{a = {1}}}})
local wide = {}
for i = 1, 70000 do
    wide[i] = 1
    if i == 15 or i == 16 or i == 65535 or i == 65536 then
        encode(wide)
    end
end
for _, hint in ipairs({'seq', 'map', 'array', 'mapping', 'sequence', 'foo', 1, true, {}}) do
    encode(setmetatable({1, 2}, {__serialize = hint}))
    encode(setmetatable({a = 1}, {__serialize = hint}))
end
encode(setmetatable({1}, {__serialize = function(x) return {x[1], 'z'} end}))
encode(setmetatable({1}, {__serialize = function() end}))
encode(setmetatable({1}, {__serialize = function() error('why', 0) end}))
encode(setmetatable({1}, {__serialize = function() return print end}))
encode(print)
encode({print})
encode({[print] = 1})
encode(coroutine.create(print))
encode(1, 2)
encode(1, 's')
encode(1, {})
encode(1, nil)

local deep = {}
local tip = deep
for _ = 1, 127 do
    tip[1] = {}
    tip = tip[1]
end
encode(deep)
tip[1] = {}
encode(deep)
local loop = {}
loop.a = {loop}
encode(loop)

cfg()
cfg(nil)
cfg(1)
cfg({encode_max_depth = 2})
encode({{1}})
encode({{{1}}})
cfg({encode_deep_as_nil = true})
encode({{{1}}})
encode({a = {b = {c = 1}}})
cfg({encode_max_depth = 128, encode_deep_as_nil = false})
cfg({encode_invalid_as_nil = true})
encode({print})
cfg({encode_invalid_as_nil = false})
cfg({encode_invalid_numbers = false})
encode({1/0})
cfg({encode_invalid_as_nil = true})
encode({1/0})
cfg({encode_invalid_as_nil = false, encode_invalid_numbers = true})
cfg({encode_sparse_convert = false})
encode({[11] = 1})
encode({[10] = 1})
cfg({encode_sparse_convert = true, encode_sparse_ratio = 0})
encode({[30] = 1})
cfg({encode_sparse_ratio = 2, encode_sparse_safe = 30})
encode({[30] = 1})
cfg({encode_sparse_safe = 10, encode_load_metatables = false})
encode(setmetatable({1}, {__serialize = 'map'}))
cfg({encode_load_metatables = true})

for _, s in ipairs({'00', '7f', 'cc80', 'cd0100', 'ce00010000', 'cf00005af3107a3fff', 'cf00005af3107a4000',
        'd3ffffa50cef85c000', 'd3ffffa50cef85c001', 'cfffffffffffffffff', 'd08080', 'd1ff00', 'd2fffe0000', 'ff', 'e0', 'd005',
        'c0', 'c2', 'c3', 'ca3fc00000', 'cb3ff8000000000000', 'cb7ff0000000000000', 'a0', 'a3616263', 'd90161', 'da000161',
        'db0000000161', 'c403616263', 'c5000161', '90', '9101', '80', '81a16101', '81c001', 'dc000101', 'dd0000000101',
        'de00010102', 'df000000010102', '', '93', 'dc0001', 'a5', 'cd01', 'd40901', 'c70109ff', 'd40101'}) do
    decode(s)
end
decode('0102', 1)
decode('0102', 2)
decode('0102', 3)
decode('0102', 0)
decode('0102', -1)
decode('0102', 1.5)
decode(nil)
decode(1)
decode(true)
emit(tostring(pcall(msgpack.decode)) .. clean(select(2, pcall(msgpack.decode))) .. '\n')
cfg({decode_invalid_numbers = false})
decode('cb7ff0000000000000')
decode('ca7f800000')
cfg({decode_invalid_numbers = true})
cfg({decode_max_depth = 2})
decode('91919101')
cfg({decode_max_depth = 128, decode_save_metatables = false})
emit(tostring(getmetatable(msgpack.decode('\145\1'))) .. '\n')
cfg({decode_save_metatables = true})
local t = msgpack.decode('\146\129\161a\1\1')
emit(getmetatable(t).__serialize .. getmetatable(t[1]).__serialize .. tostring(getmetatable(t) == msgpack.array_mt) .. '\n')

for _, name in ipairs({'decode_array_header', 'decode_map_header'}) do
    emit(clean(select(2, pcall(msgpack[name]))) .. '\n')
    emit(clean(select(2, pcall(msgpack[name], '\145', 1))) .. '\n')
    emit(clean(select(2, pcall(msgpack[name], '\145'))) .. '\n')
    emit(clean(select(2, pcall(msgpack[name], '\145', 1, 2))) .. '\n')
end
local function unchecked(...)
    local ok, v, n = pcall(msgpack.decode_unchecked, ...)
    emit('unchecked ' .. tostring(ok) .. ' ' .. clean(v) .. ' ' .. tostring(n) .. '\n')
end
unchecked('\1\2')
unchecked('\1\2', 2)
unchecked('\1\2', 5)
unchecked(1)
unchecked()
local own = msgpack.new()
own.cfg({encode_max_depth = 1})
emit(tostring(pcall(own.encode, {{1}})) .. tostring(pcall(msgpack.encode, {{1}})) .. '\n')

local ffi = require('msgpackffi')
local function words(ok, ...)
    local out = {}
    for i = 1, select('#', ...) do
        out[i] = tostring((select(i, ...))):gsub('^builtin/msgpackffi%.lua:%d+: ', ''):gsub('^[%w_]+%.lua:%d+: ', '')
    end
    emit('ffi ' .. tostring(ok) .. ' ' .. table.concat(out, ' ') .. '\n')
end
words(pcall(ffi.encode, {1, 'a', {b = 1.5}}))
words(pcall(ffi.encode, {[30] = 1}))
words(pcall(ffi.encode, print))
words(pcall(ffi.encode))
words(pcall(ffi.encode, setmetatable({1}, {__serialize = 'x'})))
words(pcall(ffi.encode, setmetatable({1}, {__serialize = 'map'})))
words(pcall(ffi.encode, setmetatable({1}, {__serialize = function() return 'a' end})))
words(pcall(ffi.encode, loop))
words(pcall(ffi.decode_unchecked, '\1'))
words(pcall(ffi.decode_unchecked, '\1', 2))
words(pcall(ffi.decode_unchecked, '\192'))
words(pcall(ffi.decode, '\212\9\1'))
words(pcall(ffi.decode, 1))
