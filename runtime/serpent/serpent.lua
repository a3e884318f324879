-- Lua values as Lua source.

local huge = math.huge

local reserved = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
    until while]]):gmatch('%w+') do
    reserved[word] = true
end

-- The names of what scripts have without a require, so that a function can be written as its name.
local function names_of_globals()
    local names = {}
    for key, value in pairs(_G) do
        if type(key) == 'string' then
            names[value] = key
        end
    end
    for _, lib in ipairs({'coroutine', 'debug', 'io', 'math', 'string', 'table', 'os'}) do
        for key, value in pairs(type(_G[lib]) == 'table' and _G[lib] or {}) do
            names[value] = lib .. '.' .. key
        end
    end
    return names
end

local function quote(text)
    return (('%q'):format(text):gsub('\n', 'n'):gsub('\026', '\\026'))
end

local function text_of(value)
    return (select(2, pcall(tostring, value)))
end

-- Numbers inside of keys are compared by their value: a2 comes before a10.
local function sort_text(key)
    if type(key) == 'number' then
        return ('0%020.6f'):format(key)
    end
    local padded = tostring(key):gsub('%d+', function(digits)
        return ('%012d'):format(tonumber(digits))
    end)
    return (type(key) == 'string' and '1' or '2') .. padded
end

local function sorted(keys, value, sortkeys)
    if type(sortkeys) == 'function' then
        sortkeys(keys, value, sortkeys)
        return
    end
    local texts = {}
    for _, key in ipairs(keys) do
        texts[key] = sort_text(key)
    end
    table.sort(keys, function(a, b)
        return texts[a] < texts[b]
    end)
end

-- A writer walks one value.
local Writer = {}
Writer.__index = Writer

local function writer(options)
    local depth = options.comment
    if depth and type(depth) ~= 'number' then
        depth = huge
    end
    return setmetatable({
        options = options, names = names_of_globals(),
        space = options.compact and '' or ' ',
        depth = depth or 0,
        left = tonumber(options.maxlength),
        seen = {}, -- value: how it is called
        store = '_' .. (options.name or ''), -- the table of keys that have no source
        later = {}, -- assignments of what was left out
        numbers = {},
    }, Writer)
end

function Writer:comment(value, level)
    if level < self.depth then
        return ' --[[' .. text_of(value) .. ']]'
    end
    return ''
end

function Writer:number(value)
    if not self.options.nohuge then
        if value == huge then
            return '1/0 --[[math.huge]]'
        elseif value == -huge then
            return '-1/0 --[[-math.huge]]'
        elseif value ~= value then
            return '0/0'
        end
    end
    local text = (self.options.numformat or '%.17g'):format(value)
    if value == huge or value == -huge or value ~= value then
        return tostring(value)
    end
    return text
end

-- plain writes what has no parts.
function Writer:plain(value, level)
    local kind = type(value)
    if kind == 'number' then
        return self:number(value)
    elseif kind == 'string' then
        return quote(value)
    elseif kind == 'nil' or kind == 'boolean' then
        return tostring(value)
    elseif self.names[value] then
        return self.names[value] .. self:comment(value, level)
    elseif self.options.fatal then
        error("builtin/serpent.lua:31: Can't serialize " .. tostring(value), 0)
    end
    return quote(text_of(value))
end

function Writer:code(value, level)
    if self.options.nocode then
        return 'function() --[[..skipped..]] end' .. self:comment(value, level)
    elseif not self.names[value] then
        local ok, code = pcall(string.dump, value)
        if ok then
            return '((loadstring or load)(' .. quote(code) .. ",'@serialized'))" .. self:comment(value, level)
        end
    end
    return self:plain(value, level)
end

-- address returns how a field is written in its table, and how it is reached from outside.
function Writer:address(path, key)
    local plain = type(key) == 'string' and key:match('^[%a_][%w_]*$') and not reserved[key]
    if plain then
        return key, path .. (path == '' and '' or '.') .. key
    end
    local text = '[' .. self:plain(key, huge) .. ']'
    return text, path .. text
end

-- stored names a key that only an address can tell, and makes the value of that name when it is read back.
function Writer:stored(key)
    if not self.seen[key] and not self.names[key] then
        local kind = type(key)
        self.numbers[kind] = (self.numbers[kind] or 0) + 1
        local place = ('%s._%s%d'):format(self.store, kind, self.numbers[kind])
        table.insert(self.later, place .. self.space .. '=' .. self.space .. self:value(key, nil, place, 0, huge))
        self.seen[key] = place
    end
    return self.seen[key] or self.names[key]
end

local function ignored(options, key, value)
    return options.valignore and options.valignore[value]
        or options.keyallow and not options.keyallow[key]
        or options.keyignore and options.keyignore[key]
        or options.valtypeignore and options.valtypeignore[type(value)]
end

-- keys_of returns the keys in the order of the output. Those of the list part come first.
function Writer:keys_of(value)
    local options = self.options
    local limit = tonumber(options.maxnum)
    local count = math.min(#value, limit or #value)
    local keys = {}
    for i = 1, count do
        keys[i] = i
    end
    if not limit or #keys < limit then
        local rest = {}
        for key in pairs(value) do
            if keys[key] ~= key or type(key) ~= 'number' then
                table.insert(rest, key)
            end
        end
        if options.sortkeys then
            sorted(rest, value, options.sortkeys)
        end
        for _, key in ipairs(rest) do
            if limit and #keys >= limit then
                break
            end
            table.insert(keys, key)
        end
    end
    return keys, count
end

function Writer:field(out, value, key, in_list, path, level)
    local kind = type(key)
    local item = value[key]
    local assign = self.space .. '=' .. self.space
    if kind == 'table' or kind == 'function' or kind == 'thread' or kind == 'userdata' or kind == 'cdata' then
        local place = path .. '[' .. self:stored(key) .. ']'
        table.insert(self.later, place .. assign
            .. (self.seen[item] or self:value(item, nil, place, 0, huge)))
        return
    end
    local text, place = self:address(path, key)
    local tag = in_list and '' or text .. assign
    table.insert(out, self:value(item, tag, place, level, level))
    if self.left then
        self.left = self.left - #out[#out]
    end
end

function Writer:body(value, path, level)
    local options, out = self.options, {}
    local keys, count = self:keys_of(value)
    -- A sparse table has its keys written, unless it is nothing but a list.
    local as_list = not options.sparse or #keys == #value
    for n, key in ipairs(keys) do
        local absent = options.sparse and value[key] == nil
        if not absent and not ignored(options, key, value[key]) then
            self:field(out, value, key, as_list and n <= count, path, level + 1)
            if self.left and self.left < 0 then
                break
            end
        end
    end
    return out
end

function Writer:table(value, tag, path, level, remark)
    local options = self.options
    if options.maxlevel and level >= options.maxlevel then
        return tag .. '{}' .. self:comment('maxlvl', remark)
    end
    self.seen[value] = path
    if next(value) == nil then
        return tag .. '{}' .. self:comment(value, remark)
    end
    if self.left and self.left < 0 then
        return tag .. '{}' .. self:comment('maxlen', remark)
    end
    local items = self:body(value, path, level)
    local indent = options.indent
    local outer = indent and indent:rep(level)
    local head = indent and '{\n' .. outer .. indent or '{'
    local body = table.concat(items, ',' .. (indent and '\n' .. outer .. indent or self.space))
    local tail = indent and '\n' .. outer .. '}' or '}'
    local text = options.custom and options.custom(tag, head, body, tail, level) or tag .. head .. body .. tail
    return text .. self:comment(value, remark)
end

-- value writes tag and a value. Path is how the value is reached; level is its depth in the output, remark the one that
-- decides about comments.
function Writer:value(value, tag, path, level, remark)
    tag = tag or ''
    if self.seen[value] then
        table.insert(self.later, path .. self.space .. '=' .. self.space .. self.seen[value])
        return tag .. 'nil' .. self:comment('ref', remark)
    end
    local meta = (type(value) == 'table' or type(value) == 'userdata') and debug.getmetatable(value)
    if type(meta) == 'table' and self.options.metatostring ~= false and (meta.__tostring or meta.__serialize) then
        local ok, text = pcall(function()
            return meta.__serialize and meta.__serialize(value) or tostring(value)
        end)
        if ok then
            self.seen[value] = path
            value = text
        end
    end
    if type(value) == 'table' then
        return self:table(value, tag, path, level, remark)
    elseif type(value) == 'function' then
        self.seen[value] = path
        return tag .. self:code(value, remark)
    end
    return tag .. self:plain(value, remark)
end

local function serialize(value, options)
    if options == nil then
        error("builtin/serpent.lua:16: attempt to index local 'opts' (a nil value)", 0)
    end
    local self = writer(options)
    local name = options.name
    local text = self:value(value, name and name .. self.space .. '=' .. self.space, name or '', 0, 0)
    if not name then
        if #self.later > 0 and self.depth > 0 then
            text = text .. ' --[[incomplete output with shared/self-references skipped]]'
        end
        return text
    end
    local stop = options.indent and '\n' or ';' .. self.space
    local later = ''
    if #self.later > 0 then
        later = 'local ' .. self.store .. '={}' .. stop
            .. table.concat(self.later, stop) .. stop
    end
    return 'do local ' .. text .. stop .. later .. 'return ' .. name .. stop .. 'end'
end

local function deserialize(text, options)
    local env
    if not options or options.safe ~= false then
        env = setmetatable({}, {
            __index = function(t)
                return t
            end,
            __call = function()
                error('builtin/serpent.lua:126: cannot call functions', 0)
            end,
        })
    end
    local chunk, err = loadstring('return ' .. text)
    if not chunk then
        chunk, err = loadstring(text)
    end
    if not chunk then
        return chunk, err
    end
    if env then
        setfenv(chunk, env)
    end
    return pcall(chunk)
end

local function with(defaults)
    return function(value, options)
        local all = {}
        for key, option in pairs(defaults) do
            all[key] = option
        end
        for key, option in pairs(options or {}) do
            all[key] = option
        end
        return serialize(value, all)
    end
end

return {
    _NAME = 'serpent',
    _VERSION = '0.302',
    _COPYRIGHT = 'Paul Kulchenko',
    _DESCRIPTION = 'Lua serializer and pretty printer',
    serialize = serialize,
    load = deserialize,
    dump = with({name = '_', compact = true, sparse = true}),
    line = with({sortkeys = true, comment = true}),
    block = with({indent = '  ', sortkeys = true, comment = true}),
}
