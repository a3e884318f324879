--- Many expressions in one golden statement.
-- probe[[ ... ]] evaluates each line of a text, as an expression or as a statement, and returns a list of what came out,
-- in a form that depends neither on the order of keys nor on addresses. A line begins with four spaces, which tell it
-- from the one before: the runner sends a statement as one line.

local function sort_key(key)
    return type(key) .. ':' .. tostring(key)
end

local function before(a, b)
    if type(a) == 'number' and type(b) == 'number' then
        return a < b
    end
    return sort_key(a) < sort_key(b)
end

local show

local function show_table(value, seen)
    if seen[value] then
        return '<seen>'
    end
    seen[value] = true
    local keys = {}
    for key in pairs(value) do
        table.insert(keys, key)
    end
    table.sort(keys, before)
    local fields = {}
    for i, key in ipairs(keys) do
        local field = show(value[key], seen)
        fields[i] = key == i and field or ('[%s]=%s'):format(show(key, seen), field)
    end
    seen[value] = nil
    return '{' .. table.concat(fields, ',') .. '}' .. (getmetatable(value) and ' with a metatable' or '')
end

local function without_addresses(text)
    return (text:gsub('0x%x+', 'ADDRESS'):gsub('builtin#%d+', 'ADDRESS'))
end

local function show_object(value)
    local text = ('<%s %s'):format(type(value), without_addresses(tostring(value)))
    if type(value) == 'cdata' then
        local ctype = tostring(require('ffi').typeof(value))
        text = text .. ' ' .. ctype
        if ctype:find('struct error') then
            text = ('%s %s code %s errno %s'):format(text, value.type, value.code, value.errno)
        end
    end
    return text .. '>'
end

function show(value, seen)
    local kind = type(value)
    if kind == 'string' then
        local quoted = ('%q'):format(value):gsub('\n', 'n'):gsub('\r', '\\r')
        return without_addresses(quoted)
    elseif kind == 'number' then
        return ('%.17g'):format(value)
    elseif kind == 'nil' or kind == 'boolean' then
        return tostring(value)
    elseif kind == 'table' then
        return show_table(value, seen)
    end
    return show_object(value)
end

local function show_results(ok, ...)
    local results = {ok and 'ok' or 'error'}
    for i = 1, select('#', ...) do
        table.insert(results, show(select(i, ...), {}))
    end
    return table.concat(results, ', ')
end

local function probe(text)
    local lines = {}
    for line in (text:gsub('\n?    +', '\n')):gmatch('[^\n]+') do
        line = line:match('^%s*(.-)%s*$')
        if line ~= '' then
            local chunk, err = loadstring('return ' .. line, '=probe')
            if not chunk then
                chunk, err = loadstring(line, '=probe')
            end
            table.insert(lines, line .. ' -> ' .. (chunk and show_results(pcall(chunk)) or 'syntax: ' .. err))
        end
    end
    return lines
end

return probe
