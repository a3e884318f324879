probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
ffi = require('ffi');
m = require('msgpackffi');
mm = require('msgpack');
ffi.cdef([[ struct foo { int a; }; struct bar { int b; }; ]]);
probe([[
    m.on_encode()
    m.on_encode('x')
    m.on_encode(5, print)
    m.on_encode('struct foo', 5)
    m.on_encode('nosuch', print)
    m.on_encode(ffi.typeof('struct foo'), function(buf, o) m.internal.encode_r(buf, {'foo', o.a}, 0) end)
    f = ffi.new('struct foo', 7) return m.encode(f):hex(), m.encode({f, 1}):hex()
    mm.encode(f):hex()
    m.on_encode(ffi.typeof('struct foo'), function(buf, o) m.internal.encode_r(buf, 1, 0) end)
    m.encode(f):hex()
    m.encode(ffi.new('struct foo[1]')):hex()
    m.encode(ffi.new('struct bar'))
    m.encode(ffi.new('float', 1.5)):hex(), m.encode(ffi.new('double', 1)):hex(), m.encode(ffi.new('bool', 1)):hex(), m.encode(ffi.new('uint8_t', 200)):hex(), m.encode(ffi.new('int', -5)):hex(), m.encode(5LL):hex(), m.encode(-5LL):hex()
    m.encode(ffi.new('enum { AA, BB }', 1))
    m.decode_unchecked(ffi.cast('const char *', '\x93\x01\x02\x03'))
    m.decode(ffi.cast('const char *', '\x93\x01\x02\x03'))
    m.decode_unchecked('\x93\x01\x02\x03', 2)
    m.decode('\x01', 5)
    m.decode(5)
    mm.decode(ffi.cast('const char *', '\x93\x01\x02\x03'))
    mm.decode(ffi.cast('const char *', '\x93\x01\x02\x03'), 4)
    mm.decode(ffi.cast('const char *', '\x93\x01\x02\x03'), 2)
    mm.decode(ffi.cast('char *', '\x93\x01\x02\x03'), 4)
    mm.decode(ffi.new('char[4]', '\x93\x01\x02\x03'), 4)
    mm.decode_unchecked(ffi.cast('const char *', '\x93\x01\x02\x03'))
    b = require'buffer'.ibuf() return mm.encode({1,2}, b), b:size(), ffi.string(b.rpos, b:size()):hex()
    r, rpos = mm.decode(b.rpos, b:size()) b.rpos = rpos return r, b:size()
    b.rpos = ffi.cast('char *', b.rpos)
    p = b:alloc(4) p[0]=1 p[1]=200 p[2]=-1 return p[0], p[1], p[2], ffi.cast('uint8_t *', p)[1], ffi.cast('uint32_t *', b.rpos)[0] ~= nil, p
    ffi.copy(b:alloc(3), 'abc', 3) return ffi.string(b.wpos - 3, 3), b.wpos - b.rpos, b.wpos > b.rpos, b.rpos == b.rpos, ffi.typeof(b.rpos), ffi.typeof(b)
    ffi.istype('struct ibuf', b), ffi.istype('struct tt_uuid', require'uuid'.new()), ffi.istype('char *', b.rpos)
    b.rpos = 5
    b.nosuch
    b:reserve('x')
    require'buffer'.static_alloc('char', 5), require'buffer'.static_alloc('int', 2)
]]);
