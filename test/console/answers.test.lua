-- What the console makes of one line.
1, 'two', nil
nil
return
x = 1
t = {} return t, t
t = {} return {t, t}
{1, box.NULL, {a = {b = 2}}}
1ULL, -1LL, 1/0, -1/0
"\0binary\255"
("long "):rep(60)
'multi\nline'
x x
local a = nil; a.b = 1
nosuch()
-- Numbers that are thrown become text.
error(5)
error({code = 1})
error(nil)
-- Errors that blame the caller, and tracebacks, name Tarantool's console.
error('mine', 1)
error('caller', 2)
error('caller of the caller', 3)
string.split('a', '')
(debug.traceback('where'))
setmetatable({}, {__serialize = function() error('cannot') end})
-- Chunk names are cut where LuaJIT cuts them.
local aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = nil; x.y()
local aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = nil; x.y()
