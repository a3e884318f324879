-- Numbers of all kinds in one index, arithmetic of updates, and HASH indexes.
decimal = require('decimal')
s = box.schema.space.create('n', {format = {{'v', 'number'}}})
_ = s:create_index('pk')
put = function(...) local r = {} for _, v in ipairs{...} do local ok, e = pcall(s.insert, s, {v}) if not ok then table.insert(r, tostring(v) .. ' ' .. tostring(e)) end end return unpack(r) end
put(3, 2.5, -1, 18446744073709551615ULL, -9223372036854775808LL, 9007199254740993LL, 0.1, 9223372036854775808ULL, -0.5, 0, 1e15, 123456789012345678ULL, -2)
put(2^53, 2^53 + 2, 18446744073709551616, 1e19, -1e19, 1.5, 1, 4294967296, -4294967297, 0.30000000000000004)
s:select()
s:select({2.5}, {iterator = 'GE', limit = 3})
s:select({9007199254740992}, {iterator = 'GE', limit = 3})
s:select({9007199254740993LL}, {iterator = 'LE', limit = 3})
s:get(3.0)
s:get(9007199254740993LL)
s:insert{3.0}
s:get(0.1)
s:drop()
s = box.schema.space.create('d', {format = {{'v', 'decimal'}}})
_ = s:create_index('pk')
put(decimal.new('1.5'), decimal.new('1.50'), decimal.new('-3'), decimal.new('1e10'), decimal.new('0'), decimal.new('0.0'), decimal.new('-0'), decimal.new('123456789.123456789'), decimal.new('1e-10'))
(function() local r = {} for _, t in s:pairs() do table.insert(r, tostring(t[1])) end return r end)()
tostring(s:get{decimal.new('1.500')}[1])
s:select({decimal.new(1)}, {iterator = 'GT', limit = 1})[1][1]
s:get{1.5}
s:update({decimal.new('1.5')}, {{'+', 1, 1}})
s:drop()
s = box.schema.space.create('u')
_ = s:create_index('pk')
s:insert{1, 5, decimal.new('1.1'), 2.5, 18446744073709551615ULL, -9223372036854775808LL, 0}
u = function(...) local ok, e = pcall(s.update, s, 1, {{...}}) if not ok then return tostring(e) end return e[select(2, ...)] end
tostring(u('+', 2, decimal.new('0.5')))
u('=', 2, 5)
tostring(u('+', 3, 1))
tostring(u('-', 3, 2.5))
u('+', 4, 1)
u('+', 4, 0.1)
u('-', 4, 18446744073709551615ULL)
u('+', 5, 1)
u('-', 5, 1)
u('+', 5, -1)
u('-', 6, 1)
u('+', 6, 1)
u('-', 7, 1)
u('+', 7, 18446744073709551615ULL)
u('=', 7, 0)
u('-', 7, 9223372036854775808ULL)
u('-', 7, 1)
u('=', 7, 9223372036854775807LL)
u('+', 7, 9223372036854775807LL)
u('+', 7, 2)
u('=', 7, 5)
u('&', 7, 3)
u('|', 7, 8)
u('^', 7, 1)
u('^', 7, -1)
u('&', 7, 1.5)
u('|', 7, decimal.new(1))
u('+', 7, 0.5)
u('&', 7, 1)
tostring(u('+', 5, decimal.new('1e37')))
tostring(u('+', 5, decimal.new('9e37')))
u('+', 2, 1e308)
u('+', 2, 1e308)
s:drop()
-- HASH of every kind of key.
h = box.schema.space.create('h')
_ = h:create_index('pk', {type = 'hash', parts = {1, 'scalar'}})
put2 = function(...) for _, v in ipairs{...} do pcall(h.replace, h, {v}) end return h:len() end
put2(1, 2, 'a', true, 1.5, -1, 'b', false, 3)
h:get{1}, h:get{'a'}, h:get{true}, h:get{1.5}, h:get{-1}
h:select({1}, {iterator = 'GE'})
h:select({1}, {iterator = 'LT'})
h:select({1}, {iterator = 'EQ'})
h:select({1}, {iterator = 'REQ'})
#h:select({}, {iterator = 'ALL'}), #h:select(), #h:select({}, {iterator = 'GT'})
h.index.pk:min()
h.index.pk:max()
h.index.pk:random(1) ~= nil
h:count(), h:count{1}, h:count({}, {iterator = 'GE'})
h:drop()
h = box.schema.space.create('h')
_ = h:create_index('pk', {type = 'hash', parts = {1, 'unsigned', 2, 'string'}})
h:insert{1, 'a'}
h:insert{1, 'b'}
h:get{1, 'a'}
h:get{1}
h:select{1}
h:select({1}, {iterator = 'GT'})
h:count{1}
h:delete{1}
h:update({1, 'b'}, {{'=', 3, 'x'}})
h:upsert({1, 'b'}, {{'=', 3, 'y'}})
h:get{1, 'b'}
h:drop()
