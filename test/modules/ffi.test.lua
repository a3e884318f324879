probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
ffi = require('ffi');
ffi.cdef([[ typedef struct point { int x; double y; char name[16]; } point_t; struct node { struct node *next; int value; }; union u { uint32_t i; float f; uint8_t b[4]; }; enum color { RED, GREEN = 5, BLUE }; typedef enum { A1, A2 } anon_e; struct bits { unsigned a:3; unsigned b:5; int c:10; bool d:1; }; struct __attribute__((packed)) pk { char a; int b; }; typedef int (*cb_t)(int, int); struct nest { point_t p; struct { int q; int r; }; int arr[2][3]; }; int getpid(void); size_t strlen(const char *s); typedef unsigned char byte; typedef byte *bytep; static const int KON = 42; struct undefd; typedef struct undefd undefd_t; struct flex { int n; int d[?]; }; double nosuchfn(double); int printf(const char *fmt, ...); extern int errno_like; ]]);
probe([[
    ffi.typeof('int'), ffi.typeof('int8_t'), ffi.typeof('uint8_t'), ffi.typeof('int16_t'), ffi.typeof('uint16_t'), ffi.typeof('uint32_t'), ffi.typeof('int64_t'), ffi.typeof('uint64_t'), ffi.typeof('long'), ffi.typeof('unsigned long'), ffi.typeof('long long'), ffi.typeof('size_t'), ffi.typeof('char'), ffi.typeof('unsigned char'), ffi.typeof('signed char'), ffi.typeof('bool'), ffi.typeof('float'), ffi.typeof('double'), ffi.typeof('void *'), ffi.typeof('const char *'), ffi.typeof('char *const'), ffi.typeof('const void *'), ffi.typeof('intptr_t'), ffi.typeof('wchar_t'), ffi.typeof('time_t')
    ffi.sizeof('point_t'), ffi.sizeof('struct node'), ffi.sizeof('union u'), ffi.sizeof('enum color'), ffi.sizeof('struct bits'), ffi.sizeof('struct pk'), ffi.sizeof('struct nest'), ffi.sizeof('int[3]'), ffi.sizeof('int[?]',5) , ffi.sizeof('struct flex', 3), ffi.sizeof('void'), ffi.sizeof('struct undefd')
    ffi.alignof('point_t'), ffi.alignof('struct pk'), ffi.alignof('char'), ffi.offsetof('point_t','y'), ffi.offsetof('point_t','name'), ffi.offsetof('struct bits','b'), ffi.offsetof('struct bits','c'), ffi.offsetof('point_t','nosuch'), ffi.offsetof('struct nest','r'), ffi.offsetof('int','x')
    p = ffi.new('point_t', {1, 2.5, 'hello'})
    p.x, p.y, ffi.string(p.name), p, p.name, tostring(ffi.typeof(p))
    p.x
    p.nosuch
    p[0]
    p.x = 'a'
    p.x = {}
    p.name = 'a very long string that does not fit in'
    p.name = 'ab'; return ffi.string(p.name)
    p.nosuch = 1
    p = ffi.new('point_t', 7, 8, 'x'); return p.x, p.y, ffi.string(p.name)
    p = ffi.new('point_t', {x=3}); return p.x, p.y
    ffi.new('point_t', {1,2,'x',4})
    ffi.new('point_t', 1,2,'x',4)
    ffi.new('point_t', 'abc')
    p2 = ffi.new('point_t', p); return p2.x, p2 == p
    n = ffi.new('struct node'); return n.next, n.value, n.next == nil, n.next == box.NULL
    n.next = nil; return n.next == nil
    n.next = p
    n.next = 5
    n.value = 3.7; return n.value
    n.value = -3.7; return n.value
    n.value = 2^31; return n.value
    n.value = 2^53; return n.value
    n.value = '5'
    n.value = true
    n.value = 5LL; return n.value
    u = ffi.new('union u'); u.f = 1; return u.i, u.b[3], u.b[0], u
    ffi.new('union u', {i=5}).i, ffi.new('union u', 7).i
    e = ffi.new('enum color', 'BLUE'); return e, tonumber(e), e == 'BLUE', e == 6, e == 'RED', e == 'NOPE'
    e == 5, tostring(e)
    ffi.new('enum color', 'NOPE')
    ffi.new('enum color', 5), ffi.cast('enum color', 99), ffi.C.RED, ffi.C.GREEN, ffi.C.A2, ffi.C.KON
    ffi.C.NOPE
    ffi.C.getpid() > 0, ffi.C.strlen('abc'), ffi.C.getpid
    ffi.C.strlen(5)
    ffi.C.strlen()
    ffi.C.getpid(1)
    b = ffi.new('struct bits'); b.a = 9; b.b = 31; b.c = -1; b.d = true; return b.a, b.b, b.c, b.d
    a = ffi.new('int[5]', {1,2,3}); return a[0], a[2], a[4]
    ffi.sizeof(a), a, ffi.new('int[3]', 7)[2], ffi.new('int[3]', {7})[2], ffi.new('int[3]', {7,8})[2], ffi.new('int[?]', 3, {1,2,3})[2], ffi.new('int[?]', 3, 1,2,3)[2], ffi.new('int[3]', 1,2)[2]
    ffi.new('int[2]', {1,2,3})
    ffi.new('int[2]', 1,2,3)
    ffi.new('int[?]')
    ffi.new('int[?]', -1)
    ffi.new('int[?]', 'x')
    ffi.new('int[?]', 1e12)
    m = ffi.new('int[2][3]', {{1,2,3},{4,5,6}}); return m[1][2], m[0][0], m[1], ffi.sizeof(m), ffi.sizeof(m[1])
    q = a + 1; return q, q[0], q - a, q > a, q == a + 1, (q + 1)[0], q ~= a, q[-1]
    q = a + 1; return q, q[0], q - a, q > a, q == a + 1, (q + 1)[0], q ~= a, q[-1]
    a + a
    #a
    a - 'x'
    a < 5
    a == nil, a == 5
    -a
    #a
    a .. 'x'
    a()
    ffi.new('char[3]', 'hello'), ffi.string(ffi.new('char[3]', 'hello'), 3)
    s = ffi.cast('const char *', 'abc'); return s, s[0], s[3], ffi.string(s), s == nil, ffi.string(s, 2)
    s[0] = 1
    ffi.cast('char *', 'abc')
    ffi.cast('int', 3.7), ffi.cast('int', -3.7), ffi.cast('uint8_t', 300), ffi.cast('int8_t', 200), ffi.cast('uint32_t', -1), ffi.cast('int64_t', 5), ffi.cast('uint64_t', -1), ffi.cast('double', 5), ffi.cast('float', 0.1), ffi.cast('bool', 5), ffi.cast('bool', 0)
    ffi.cast('int', '5')
    ffi.cast('int', nil)
    ffi.cast('int', {})
    ffi.cast('void *', 0), ffi.cast('void *', 16), ffi.cast('char *', 0) == nil, ffi.cast('void *', nil), ffi.cast('int *', 5LL)
    ffi.cast('uintptr_t', ffi.cast('void *', 16)), ffi.cast('intptr_t', nil), tonumber(ffi.cast('uintptr_t', ffi.cast('void *', 16)))
    ffi.cast('uint8_t *', a)[0], ffi.cast('uint8_t *', a)[4], ffi.cast('int *', ffi.cast('void *', a))[1]
    ffi.cast('point_t', 5)
    ffi.cast('int[3]', a)
    ffi.cast('nosuch', 5)
    ffi.cast('struct nosuch', 5)
    ffi.cast('struct nosuch *', nil)
    ffi.new('struct undefd')
    ffi.new('void')
    ffi.new('int', 5), ffi.new('int'), ffi.new('int', 'x')
    ffi.new('int', 1, 2)
    ffi.new('bool'), ffi.new('bool', 1), ffi.new('double', 1.5), ffi.new('int64_t'), ffi.new('uint64_t', 5)
    ffi.new('void *'), ffi.new('char *'), ffi.new('int *', a), ffi.new('int *[2]', {a, nil})[0][1]
    ffi.new('float[2]', 0.1)[0], ffi.new('double[2]', 0.1)[0], ffi.new('bool[2]', true)[1], ffi.new('int64_t[2]', 5)[0], ffi.new('uint64_t[1]', -1)[0], ffi.new('uint8_t[2]', 300)[0], ffi.new('int8_t[1]', 200)[0]
]]);
ffi.cdef([[ typedef struct vec_s { double x, y; } vec; struct acc { int n; }; typedef struct mt3_s { int a; } mt3; struct forward; ]]);
probe([[
    V = ffi.metatype('vec', {__add=function(a,b) return V(a.x+b.x,a.y+b.y) end, __index={len=function(s) return s.x+s.y end}, __tostring=function(v) return '<'..v.x..','..v.y..'>' end, __eq=function(a,b) return type(a)==type(b) and a.x==b.x end, __lt=function(a,b) return a.x<b.x end, __le=function(a,b) return a.x<=b.x end, __len=function() return 2 end, __unm=function(v) return V(-v.x,-v.y) end, __concat=function(a,b) return 'cat' end, __call=function(s,a) return a end, __mul=function(a,b) return 'mul' end, __new=nil, __pairs=function(v) return next,{1,2},nil end, __ipairs=function() return 'ip' end})
    V
    v = V(1,2); return v, v.x, v:len(), tostring(v), #v, -v, v..'x', 'x'..v, v(5), v*2, 2*v, v+v, v == V(1,5), v == 5, v < V(2,0), v <= v, v.nosuch
    v.nosuch = 1
    pairs(v)
    v / 2
    ffi.istype(V, v), ffi.istype('vec', v), ffi.istype('int', v), ffi.istype('vec', 5), ffi.istype('vec *', v), ffi.istype('vec &', v), ffi.istype('int', 5), ffi.istype('int64_t', 5LL), ffi.istype('uint64_t', 5LL), ffi.istype('uint64_t', 5ULL), ffi.istype('int', ffi.new('int')), ffi.istype('const int', ffi.new('int')), ffi.istype('vec[1]', ffi.new('vec[1]')), ffi.istype('vec', ffi.new('vec[1]')[0])
    ffi.istype('nosuch', 5)
    ffi.istype(5, 5)
    ffi.istype('int')
    ffi.metatype('vec', {})
    ffi.metatype('int', {})
    ffi.metatype('struct acc', 5)
    ffi.metatype('struct forward', {__index={}})
    M3 = ffi.metatype('mt3', {__index=function(s,k) return k..s.a end, __newindex=function(s,k,v) rawset(_G,'NI',k..v) end, __new=function(ct,x) return ffi.new(ct,x+1) end, __gc=function(s) GC=(GC or 0)+1 end})
    m = M3(5); return m.a, m.foo
    m.bar = 7; return NI
    m = nil collectgarbage() collectgarbage()
    ffi.gc(5, print)
    ffi.gc(ffi.new('int[1]'), 5)
    pv = ffi.new('vec *', v); return pv, pv.x, pv[0], pv[0].y, pv:len(), pv == v, ffi.typeof(pv)
    arr = ffi.new('vec[3]', {{1,2},{3,4}}); return arr[1].x, arr[2].x, arr[0], arr[1]:len(), arr
    arr[0].x = 9; arr[1] = v; return arr[0].x, arr[1].y, arr[0]
    arr[1] = {7,8}; return arr[1].x
    ffi.copy(arr, v, ffi.sizeof(v)); return arr[0].x
    ffi.fill(arr, ffi.sizeof(arr)); return arr[0].x
    buf = ffi.new('char[16]'); ffi.copy(buf, 'hello'); return ffi.string(buf)
    ffi.copy(buf, 'xyz', 2); return ffi.string(buf)
    ffi.copy(buf)
    ffi.copy(buf, 5)
    ffi.copy('x', 'y')
    ffi.copy(buf, 'abc', 'x')
    ffi.fill(buf, 3, 65); return ffi.string(buf)
    ffi.fill(buf)
    ffi.fill('x', 1)
    ffi.fill(5, 1)
    ffi.string(buf, -1)
    ffi.string('abc'), ffi.string('abc', 2)
    ffi.string(5)
    ffi.string(ffi.new('int[1]', 65))
    ffi.string(ffi.cast('void *', buf), 2), ffi.string(ffi.new('uint8_t[3]', {65,66,0}))
    ffi.string()
    ffi.typeof()
    ffi.typeof(5)
    ffi.typeof('int', 1)
    ffi.typeof('$ *', V), ffi.typeof('$[?]', 'int')
    ffi.typeof('')
    ffi.typeof('int int')
    ffi.typeof('int x')
    ffi.typeof('int[')
    ffi.typeof('int[x]')
    ffi.typeof('struct {')
    ffi.typeof('unsigned float')
    ffi.cdef('')
    ffi.cdef()
    ffi.cdef(5)
    ffi.cdef('struct acc { int n; };')
    ffi.cdef('typedef int vec;')
    ffi.cdef('foo')
    ffi.cdef('int')
    ffi.cdef('int x')
    ffi.cdef('struct zz { int a; int a; };')
    ffi.cdef('struct zz2 { foo_t a; };')
    ffi.cdef('struct zz3 { struct nosuch2 a; };')
    ffi.cdef('int f(;')
    ffi.cdef('enum ee { E1, E2 = -5, E3, E4 = 1 << 4, E5 = E4 | 3, E6 = sizeof(int) };') return ffi.C.E1, ffi.C.E2, ffi.C.E3, ffi.C.E4, ffi.C.E5, ffi.C.E6
    ffi.cdef('typedef struct acc acc_t; typedef acc_t accs[4]; int func1(int a, acc_t *b), func2(); // comment\n/* multi \n line */ extern const char *str1;') return ffi.typeof('accs'), ffi.sizeof('accs')
    ffi.cdef('struct with_ptrs { char *s; const char *cs; void *v; int *ip; void (*fn)(int); };')
    w = ffi.new('struct with_ptrs'); str='lit'; w.cs = str; w.v = buf; w.ip = ffi.new('int[1]', 77); return ffi.string(w.cs), w.v == buf, w.ip[0], w.fn == nil, w.s == nil
    w.s = 'x'
    w.s = buf; return ffi.string(w.s)
    w.ip = buf
    w2 = ffi.new('struct with_ptrs[2]', {w, w}); return ffi.string(w2[1].cs)
    f = ffi.cast('int (*)(int, int)', function(a,b) return a*b end); return f(6,7), type(f)
    tonumber(ffi.cast('int',5)), tonumber(5LL), tonumber(ffi.cast('float', 0.5)), tonumber(v), tonumber(ffi.new('char', 65)), tonumber(buf)
    tostring(ffi.new('int', 5)), tostring(5LL), tostring(5ULL), tostring(ffi.cast('uint8_t',5)), tostring(ffi.typeof('int')), tostring(ffi.C)
    ffi.new('int', 5) + 1, ffi.new('int', 5) == 5, ffi.new('int', 5) < 6, ffi.new('uint8_t', 5) + 1ULL, ffi.new('double', 1.5) + 1, ffi.new('float', 1.5) * 2, ffi.new('int',7) / 2, ffi.new('int',7) % 4, 2 ^ ffi.new('int', 3), -ffi.new('int', 3)
    ffi.new('int', 5) .. 'x'
    5LL .. 'x'
    ffi.new('bool', true) == true, ffi.new('bool', true) == 1
    1LL + 1, 1LL + 1ULL, 1LL == 1, 1LL < 2, 5LL / 2, -5LL / 2, 5LL % -3, -5LL % 3, 2LL ^ 10, 2ULL ^ 63, 1LL + 1.9, 1LL + 'x'
    1LL + '1'
    1LL + nil
    1LL < 'x'
    1LL == 'x', 1LL == nil, 1LL ~= nil, 1LL == {}
    ffi.abi('64bit'), ffi.abi('le'), ffi.abi('be'), ffi.abi('win'), ffi.abi('fpu'), ffi.abi('x'), ffi.os, ffi.arch
    ffi.abi()
    ffi.errno(5) return ffi.errno(7), ffi.errno()
    ffi.errno('x')
    ffi.load('nosuchlib')
    ffi.offsetof('vec','y'), ffi.alignof('vec'), ffi.sizeof(v), ffi.sizeof(5)
    ffi.sizeof('vec', 1)
    ffi.sizeof()
    #ffi.new('int[3]')
    for i=1,2 do t={} t[ffi.new('int',1)]=1 end return t[ffi.new('int',1)], t[1]
    ffi.new(V), ffi.new(V, 1, 2), V(v), ffi.new('vec', {y=5})
    ffi.new()
    ffi.new(5)
    ffi.new('int[2]', ffi.new('int[2]', {5,6}))[1]
    ffi.new('struct acc', {n=1}).n, ffi.new('struct acc', {m=1}).n, ffi.new('struct acc', {1}).n
    type(ffi.typeof('int')), type(ffi.C), type(ffi.new('int'))
    ffi.typeof(ffi.typeof('int')), ffi.typeof(v) == V, ffi.typeof('vec') == V, ffi.typeof('int') == ffi.typeof('int'), ffi.typeof('int') == 'int'
    ffi.cast(ffi.typeof('int'), 5), ffi.cast(v, 5)
    json = require'json' return json.encode({ffi.new('int',5)}), json.encode(ffi.cast('double', 1.5)), json.encode({5LL, 6ULL})
    json.encode(v)
    json.encode(buf)
    require'msgpack'.encode(ffi.new('int8_t', 5)):hex(), require'msgpack'.encode(ffi.cast('float', 1.5)):hex(), require'msgpack'.encode(ffi.cast('double', 1)):hex(), require'msgpack'.encode(ffi.cast('bool', 1)):hex(), require'msgpack'.encode(ffi.cast('uint64_t', 5)):hex()
    require'yaml'.encode({ffi.new('int',5), ffi.new('enum ee', 1)})
    require'yaml'.encode(ffi.new('int[1]'))
    require'msgpack'.encode(ffi.new('int[1]'))
]]);
