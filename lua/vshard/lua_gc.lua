--- Collecting Lua's own garbage now and then, for applications that make too
-- much of it to leave that to chance. Off unless the configuration asks.
-- @module vshard.lua_gc

local consts = require('vshard.consts')
local log = require('log')
local service = require('vshard.service')

local function step()
    local before = collectgarbage('count')
    collectgarbage()
    log.debug('Lua garbage is collected: %d KiB', before - collectgarbage('count'))
    return consts.COLLECT_LUA_GARBAGE_INTERVAL
end

--- Start or stop the service as the configuration says.
-- @param records services of the module that is configured
-- @param is_on value of the option collect_lua_garbage
local function configure(records, is_on)
    if is_on then
        service.start(records, 'lua_gc', 'vshard.lua_gc', step)
    else
        service.stop(records, 'lua_gc')
    end
end

return {configure = configure}
