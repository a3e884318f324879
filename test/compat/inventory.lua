-- Prints every name of the Lua API that a script can reach on the instance that runs it, one a line: where it is found,
-- its name, its type. The modules to look into are the arguments; without any, those that the instance has loaded.

local fiber = require('fiber')

box.cfg({work_dir = arg[1], log = 'inventory.log', wal_mode = 'none'})
local modules = {unpack(arg, 2)}
if #modules == 0 then
    for name, module in pairs(package.loaded) do
        if type(module) == 'table' and name ~= '_G' and not name:match('^jit') and not name:match('internal') and
           not name:match('%.lib$') and not name:match('^help%.') and not name:match('^box%.') then
            table.insert(modules, name)
        end
    end
    table.sort(modules)
end

local function emit(place, name, value)
    io.write(place, '\t', name, '\t', type(value), '\n')
end

-- Data rather than API: what is in it depends on the instance's contents.
local data = {['box.space'] = true, ['box.index'] = true, ['box.internal'] = true, ['box.error'] = true,
              ['package.loaded'] = true, ['package.preload'] = true, ['ffi.C'] = true, ['msgpackffi.internal'] = true}

-- Names for the two ways in which stock reaches its C code.
local function variant(name)
    return name:match('_ffi$') or name:match('_luac$')
end

local function walk(place, name, holder, seen)
    for key, value in pairs(holder) do
        if type(key) == 'string' and not key:match('^_') and not variant(key) then
            local path = name == '' and key or name .. '.' .. key
            emit(place, path, value)
            if type(value) == 'table' and not seen[value] and not data[place .. '.' .. path] then
                seen[value] = true
                walk(place, path, value, seen)
            end
        end
    end
end

for _, name in ipairs(modules) do
    local found, module = pcall(require, name)
    if not found or type(module) ~= 'table' then
        io.write(name, '\t\tnone\n')
    else
        walk(name, '', module, {[module] = true, [_G] = true})
    end
end
for key, holder in pairs({info = box.info(), stat = box.stat(), cfg = box.cfg}) do
    for name, value in pairs(holder) do
        emit('box.' .. key, name, value)
    end
end
for name, value in pairs(_G) do
    if type(value) == 'function' then
        emit('globals', name, value)
    end
end

-- Methods of objects, through the table that their metatable looks names up in.
local space = box.schema.space.create('inventory')
space:create_index('primary')
local function methods(place, make)
    local made, object = pcall(make)
    local meta = made and (getmetatable(object) or debug.getmetatable(object))
    local index = type(meta) == 'table' and (meta.__index_methods or meta.__index)
    if type(index) ~= 'table' then
        return
    end
    for name, value in pairs(index) do
        if type(name) == 'string' and type(value) == 'function' and not name:match('^_') and not variant(name) then
            emit(place, name, value)
        end
    end
end
methods('space_object', function() return space end)
methods('index_object', function() return space.index.primary end)
methods('sequence_object', function() return box.schema.sequence.create('inventory') end)
methods('channel_object', function() return fiber.channel() end)
methods('cond_object', function() return fiber.cond() end)
methods('socket_object', function() return require('socket')('AF_INET', 'SOCK_STREAM', 'tcp') end)
methods('fio_object', function() return require('fio').open(arg[0]) end)
methods('net_box_object', function() return require('net.box').connect('127.0.0.1:1', {wait_connected = false}) end)
methods('iconv_object', function() return require('iconv').new('UTF-8', 'ASCII') end)
methods('tap_object', function() return require('tap').test('inventory') end)
os.exit(0)
