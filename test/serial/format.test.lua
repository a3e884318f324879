json = require('json')
yaml = require('yaml')
msgpack = require('msgpack')
json.encode({1, 'a', {b = box.NULL}})
json.decode('[1, {"a": null}]')
json.decode('{"a" 1}')
json.encode({1, 2, [20] = 3}, {encode_sparse_convert = false})
json.encode(setmetatable({}, {__serialize = 'foo'}))
yaml.encode({1, {a = 'x: y'}})
yaml.decode('- yes\n- ~\n- 0x1F\n- 1e3\n- "1"')
yaml.encode(1, {tag_handle = '!e!', tag_prefix = 'tag:example.org,2020:'})
yaml.encode(print)
msgpack.decode(msgpack.encode({1, 'a', {b = {}}}))
msgpack.decode('\x93')
msgpack.decode('\x01', 2)
msgpack.decode(msgpack.encode(18446744073709551615ULL))
msgpack.NULL == json.NULL and json.NULL == yaml.NULL and yaml.NULL == box.NULL
{1, nil, 3}
{a = {b = {}}}
'a\n\nb', '~', 'null', '123', '\xff', ''
t = {1}
{t, t}
setmetatable({1, {2, 'x'}}, {__serialize = 'seq'})
setmetatable({}, {__serialize = function() error('why', 0) end})
1ULL, -1LL, 2^53, 1e15, 0.1
json.cfg({encode_number_precision = 3})
json.encode(1/3)
json.cfg({encode_number_precision = 14})
pcall(json.cfg, 1)
