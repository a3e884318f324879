-- Field types and what they take.
types = {'any', 'unsigned', 'string', 'number', 'double', 'integer', 'boolean', 'varbinary', 'scalar', 'decimal', 'uuid', 'array', 'map', 'datetime', 'interval', 'nil', 'num', 'str', 'STR', 'int', 'uint', 'bool', '*', 'STRING', 'Unsigned', 'text', 'blob', 5}
uuid = require('uuid')
decimal = require('decimal')
ffi = require('ffi')
values = {{'0', 0}, {'1', 1}, {'-1', -1}, {'1.5', 1.5}, {'2^53', 2^53}, {'2^63', 2^63}, {'-2^63', -2^63}, {'1e300', 1e300}, {'inf', 1/0}, {'ull', 5ULL}, {'maxull', 18446744073709551615ULL}, {'ll', -5LL}, {'str', 'str'}, {'empty', ''}, {'bin', '\xff\x00'}, {'true', true}, {'false', false}, {'null', box.NULL}, {'uuid', uuid.fromstr('c8f0fa1f-da29-438c-a040-393f1126ad39')}, {'dec', decimal.new('1.5')}, {'decint', decimal.new('3')}, {'decbig', decimal.new('123456789012345678901234567890')}, {'seq', {1}}, {'map', {a = 1}}, {'emptyt', {}}, {'double', ffi.cast('double', 5)}, {'float', ffi.cast('float', 2.5)}, {'int8', ffi.cast('int8_t', -3)}, {'char', ffi.cast('char', 65)}, {'boolc', ffi.new('bool', true)}}
function try(t, nullable, index)
    local out = {}
    local ok, s = pcall(box.schema.space.create, 't', {format = {{'id', 'unsigned'}, {name = 'f', type = t, is_nullable = nullable}}})
    if not ok then return {tostring(s)} end
    s:create_index('pk')
    if index then
        local ok, err = pcall(s.create_index, s, 'sk', {type = index, unique = index == 'hash', parts = {{2, t, is_nullable = nullable}}})
        if not ok then s:drop() return {tostring(err)} end
    end
    for i, v in ipairs(values) do
        local ok, err = pcall(s.insert, s, {i, v[2]})
        table.insert(out, v[1] .. ': ' .. tostring(err))
    end
    if index then
        table.insert(out, '--')
        for _, tuple in s.index.sk:pairs() do if index == 'tree' then table.insert(out, tostring(tuple)) end end
        for i, v in ipairs(values) do
            local ok, err = pcall(s.index.sk.select, s.index.sk, {v[2]})
            local r = ok and {} or err
            if ok then for _, x in ipairs(err) do table.insert(r, tostring(x)) end r = table.concat(r, ' ') end
            table.insert(out, 'select ' .. v[1] .. ': ' .. tostring(r))
            local ok, err = pcall(s.index.sk.count, s.index.sk, {v[2]}, {iterator = 'GT'})
            table.insert(out, 'count ' .. v[1] .. ': ' .. tostring(err))
        end
    end
    s:drop()
    return out
end
try(types[1])
try(types[2])
try(types[3])
try(types[4])
try(types[5])
try(types[6])
try(types[7])
try(types[8])
try(types[9])
try(types[10])
try(types[11])
try(types[12])
try(types[13])
try(types[14])
try(types[15])
try(types[16])
try(types[17])
try(types[18])
try(types[19])
try(types[20])
try(types[21])
try(types[22])
try(types[23])
try(types[24])
try(types[25])
try(types[26])
try(types[27])
try(types[28])
try('unsigned', true, 'tree')
try('string', true, 'tree')
try('number', true, 'tree')
try('double', true, 'tree')
try('integer', true, 'tree')
try('boolean', true, 'tree')
try('varbinary', true, 'tree')
try('scalar', true, 'tree')
try('decimal', true, 'tree')
try('uuid', true, 'tree')
try('any', true, 'tree')
try('array', true, 'tree')
try('map', true, 'tree')
try('unsigned', false, 'hash')
try('string', false, 'hash')
try('number', false, 'hash')
try('double', false, 'hash')
try('integer', false, 'hash')
try('boolean', false, 'hash')
try('varbinary', false, 'hash')
try('scalar', false, 'hash')
try('decimal', false, 'hash')
try('uuid', false, 'hash')
try('any', false, 'hash')
