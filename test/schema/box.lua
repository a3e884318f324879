#!/usr/bin/env tarantool
box.cfg{}
local function show(v)
    if type(v) == 'function' then return 'function' end
    if type(v) ~= 'table' then return (tostring(v):gsub('0x%x+', 'ADDR')) end
    if v.engine then return 'SPACE ' .. v.name end
    if v.parts then
        local parts = {}
        for i, p in ipairs(v.parts) do
            parts[i] = table.concat({p.fieldno, p.type, tostring(p.is_nullable), p.path or ''}, ' ')
        end
        return ('INDEX %s %s %s {%s}'):format(v.name, v.type, v.unique, table.concat(parts, ', '))
    end
    local list = {}
    for k, x in pairs(v) do
        if type(k) ~= 'number' then table.insert(list, tostring(k) .. '=' .. show(x)) end
    end
    table.sort(list)
    for i = #v, 1, -1 do table.insert(list, 1, show(v[i])) end
    return '{' .. table.concat(list, ', ') .. '}'
end
local shown = {}
-- What a call returns or throws, as one line.
function P(f, ...)
    local function pack(ok, ...)
        local list = {}
        for i = 1, select('#', ...) do
            local v = select(i, ...)
            if not ok and type(v) == 'cdata' then v = ('%s %s: %s'):format(v.code, v.type, v.message) end
            list[i] = show(v)
        end
        local line = (ok and 'ok: ' or 'error: ') .. table.concat(list, ' | ')
        table.insert(shown, line)
        return line
    end
    return pack(pcall(f, ...))
end
-- Values as one line.
function S(...)
    local list = {}
    for i = 1, select('#', ...) do list[i] = show((select(i, ...))) end
    local line = table.concat(list, ' | ')
    table.insert(shown, line)
    return line
end
-- All lines since the last time.
function lines()
    local all = shown
    shown = {}
    return all
end
require('console').listen(os.getenv('ADMIN'))
