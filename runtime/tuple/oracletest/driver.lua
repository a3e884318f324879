-- Reads the cases from the file beside it, from the number given on, and writes a
-- line for each: "ok HEX" or "error CODE HEX".
local ffi = require('ffi')
local key_def = require('key_def')

box.cfg{log_level = 0, wal_mode = 'none', memtx_memory = 64 * 1024 * 1024}
io.stdout:setvbuf('line')

ffi.cdef[[
    typedef struct tuple_format box_tuple_format_t;
    box_tuple_format_t *box_tuple_format_default(void);
    struct tuple *box_tuple_new(box_tuple_format_t *format, const char *data, const char *end);
]]

local default = ffi.C.box_tuple_format_default()

local function raw(data)
    local p = ffi.cast('const char *', data)
    return p, p + #data
end

local function tuple(data)
    local b, e = raw(data)
    local t = ffi.C.box_tuple_new(default, b, e)
    if t == nil then
        return box.error()
    end
    return box.internal.tuple.bless(t)
end

local function bytes(t)
    local size = t:bsize()
    local buffer = ffi.new('char[?]', size)
    ffi.C.box_tuple_to_buf(t, buffer, size)
    return ffi.string(buffer, size)
end

local cache = {}
local function cached(kind, with, make)
    local key = kind .. with
    if cache[key] == nil then
        cache[key] = make(loadstring('return ' .. with)())
    end
    return cache[key]
end

local function change(name)
    return function(_, data, ops)
        local b, e = raw(ops)
        local t = tuple(data)
        local r = ffi.C[name](t, b, e)
        if r == nil then
            return box.error()
        end
        return bytes(box.internal.tuple.bless(r))
    end
end

local spaces = 0
local function space(def)
    spaces = spaces + 1
    local s = box.schema.space.create('s' .. spaces, {format = def.format, field_count = def.field_count})
    for i, parts in ipairs(def.indexes) do
        s:create_index('i' .. i, {parts = parts, unique = i == 1})
    end
    return s
end

local actions = {
    update = change('box_tuple_update'),
    upsert = change('box_tuple_upsert'),
    compare = function(with, a, b)
        local def = cached('key', with, key_def.new)
        return tostring(def:compare(tuple(a), tuple(b)))
    end,
    comparekey = function(with, a, b)
        local def = cached('key', with, key_def.new)
        return tostring(def:compare_with_key(tuple(a), tuple(b)))
    end,
    insert = function(with, a)
        local s = cached('space', with, space)
        return bytes(s:replace(tuple(a)))
    end,
    extract = function(with, a)
        local def = cached('key', with, key_def.new)
        return bytes(def:extract_key(tuple(a)))
    end,
}

local number, from = 0, tonumber(arg[1])
for line in io.lines('cases') do
    number = number + 1
    if number >= from then
        local fields = line:split('\t')
        local args = {}
        for i = 3, #fields do
            args[#args + 1] = fields[i]:fromhex()
        end
        local ok, result = pcall(actions[fields[1]], fields[2], unpack(args))
        if ok then
            print('ok ' .. result:hex())
        else
            local code = type(result) == 'cdata' and result.code or 0
            print(('error %d %s'):format(code, tostring(result):hex()))
        end
    end
end
os.exit(0)
