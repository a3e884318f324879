-- Global variables that were assigned, or read by code that may do so.
local declared = {}

-- Whether the code that runs at a stack level may declare globals: the main chunk of a file, C, and the console.
local function may_declare()
    local info = debug.getinfo(3, 'S')
    return info == nil or info.what == 'main' or info.what == 'C'
end

local function assign(t, name, value)
    if not declared[name] then
        if not may_declare() then
            error(("assign to undeclared variable '%s'"):format(tostring(name)), 2)
        end
        declared[name] = true
    end
    rawset(t, name, value)
end

local function read(_, name)
    if not declared[name] then
        error(("variable '%s' is not declared"):format(tostring(name)), 2)
    end
    return nil
end

--- Refuse the use of undeclared globals from now on.
local function on()
    local meta = getmetatable(_G)
    if meta == nil then
        meta = {}
        setmetatable(_G, meta)
    end
    meta.__newindex = assign
    meta.__index = read
end

--- Allow everything again.
local function off()
    local meta = getmetatable(_G)
    if meta ~= nil then
        meta.__newindex = nil
        meta.__index = nil
    end
end

return {on = on, off = off}
