-- Runs in an instance before its script: gives box.cfg the directories of the
-- runner, as a control tool would, and knows when the script has ended.

local fiber = require('fiber')
local fio = require('fio')

local script = fiber.self()
local configure = box.cfg
local data = os.getenv('GOLDEN_DATA')

local defaults = {
    log = os.getenv('GOLDEN_LOG'),
    pid_file = data and fio.pathjoin(data, 'instance.pid'),
    wal_dir = data,
    memtx_dir = data,
    vinyl_dir = data,
}

local function configure_here(options)
    if options ~= nil and type(options) ~= 'table' then
        return configure(options)
    end
    local complete = {}
    for name, value in pairs(options or {}) do
        complete[name] = value
    end
    for name, value in pairs(defaults) do
        if complete[name] == nil then
            complete[name] = value
        end
    end
    -- A daemon would leave the process group that the runner cleans up.
    complete.background = nil
    return configure(complete)
end

if data ~= nil and type(configure) == 'function' then
    box.cfg = configure_here
end

--- Tell whether the instance's script has run to its end.
-- @return true once the fiber that runs it is dead
local function loaded()
    return script:status() == 'dead'
end

return {loaded = loaded}
