--- Background fibers that survive reloads: one of a name at a time, handed
-- over from the old code to the new without a gap and without a double.
--
-- A service is a step: a function that does one round of work and returns how
-- many seconds to rest. Between steps the loop looks whether it is still the
-- one that should run; its state is a record in the internals of its module.
-- @module vshard.service

local fiber = require('fiber')
local log = require('log')

local ERROR_PAUSE = 1

-- The loop holds its record until the module's version, or the record's own
-- generation, says that somebody else took over.
local function is_current(record, generation)
    return record.generation == generation and not record.stopped
end

local function rest(record, seconds)
    if record.signalled then
        record.signalled = false
        seconds = 0
    end
    record.sleeping = true
    local ok, err = pcall(fiber.sleep, seconds)
    record.sleeping = false
    record.signalled = false
    if not ok then
        error(err, 0)
    end
end

local function note_status(record, status, err)
    if status ~= (record.status or 'ok') or err ~= (record.error or '') then
        record.status_idx = (record.status_idx or 0) + 1
    end
    record.status, record.error = status, err
end

local function loop(record, generation, step)
    while is_current(record, generation) do
        local ok, pause = pcall(step, record)
        fiber.testcancel()
        if not is_current(record, generation) then
            return
        end
        if not ok then
            log.error('%s has failed: %s', record.name, pause)
            note_status(record, 'error', tostring(pause))
            pause = ERROR_PAUSE
        else
            note_status(record, 'ok', '')
        end
        rest(record, pause)
    end
end

--- Let the service do its next step now, or once more after the current one.
local function wakeup(records, key)
    local record = records[key]
    if record == nil or record.fiber == nil then
        return
    end
    record.signalled = true
    if record.sleeping then
        record.sleeping = false
        record.fiber:wakeup()
    end
end

--- Let a service work from now on. A predecessor of the same name finishes
-- the step that it is in; the new one begins after that. One that works already
-- on the same code looks around once more instead.
-- @param records table of the internals that holds the services by key
-- @param key short name in that table
-- @param name name of the fiber
-- @param step function of the record, returns the seconds to rest
-- @return the record of the service
local function start(records, key, name, step)
    local record = records[key]
    if record == nil then
        record = {generation = 0}
        records[key] = record
    end
    if record.step == step and not record.stopped and record.fiber ~= nil and
       record.fiber:status() ~= 'dead' then
        wakeup(records, key)
        return record
    end
    local previous = record.fiber
    record.step = step
    record.name = name
    record.stopped = false
    record.signalled = false
    record.generation = record.generation + 1
    local generation = record.generation
    if previous ~= nil and previous:status() ~= 'dead' and record.sleeping then
        previous:wakeup()
    end
    record.fiber = fiber.create(function()
        fiber.name(name, {truncate = true})
        while previous ~= nil and previous:status() ~= 'dead' do
            fiber.sleep(0.001)
        end
        previous = nil
        record.sleeping = false
        loop(record, generation, step)
    end)
    return record
end

--- End a service after its current step.
local function stop(records, key)
    local record = records[key]
    if record == nil or record.stopped then
        return
    end
    record.stopped = true
    wakeup(records, key)
end

--- Tell whether a service works.
local function is_running(records, key)
    local record = records[key]
    return record ~= nil and not record.stopped and record.fiber ~= nil and
           record.fiber:status() ~= 'dead'
end

--- What `info()` says of a service.
-- @param name short name of the service
-- @param record of the service
local function describe(name, record)
    return {
        name = name,
        status = record.status or 'ok',
        status_idx = record.status_idx or 0,
        activity = record.sleeping and 'idling' or 'working',
        error = record.error or '',
    }
end

return {
    describe = describe,
    start = start,
    stop = stop,
    wakeup = wakeup,
    is_running = is_running,
}
