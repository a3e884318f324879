--- The application of the storages under test: the space `test` of id and
-- bucket_id, and functions to reach it through the router. Loading it defines
-- the functions as globals, because remote calls find them there.

local fiber = require('fiber')
local log = require('log')
local util = require('lua_libs.util')

function do_select(...)
    return box.space.test:select(...)
end

function do_replace(...)
    return box.space.test:replace(...)
end

function do_delete(...)
    return box.space.test:delete(...)
end

function echo(...)
    return ...
end

function sleep(seconds)
    fiber.sleep(seconds)
    return true
end

function raise_luajit_error()
    error('assertion failed!')
end

function raise_client_error()
    box.error(box.error.UNKNOWN)
end

local functions = {
    'do_select', 'do_replace', 'do_delete', 'echo', 'sleep',
    'raise_luajit_error', 'raise_client_error',
}

--- Wait until the rebalancer of this instance reports a state in its log.
-- @param state Lua pattern of the message
-- @param test_run connection to the runner
function wait_rebalancer_state(state, test_run)
    local name = util.instance_name()
    -- Only what the rebalancer says from now on counts: push what it has said
    -- out of the part of the log that is looked at.
    local window = 4096
    log.info(string.rep('-', window))
    local reached = test_run:wait_cond(function()
        if test_run:grep_log(name, state, window) ~= nil then
            return true
        end
        vshard.storage.rebalancer_wakeup()
        return false
    end, 60, 0.02)
    assert(reached, 'the rebalancer does not report: ' .. state)
end

-- Replicas get the schema from their master.
if not box.info.ro then
    box.once('lua_libs.bootstrap', function()
        local format = {{'id', 'unsigned'}, {'bucket_id', 'unsigned'}}
        local test = box.schema.space.create('test', {format = format})
        test:create_index('pk', {parts = {{'id'}}})
        test:create_index('bucket_id', {parts = {{'bucket_id'}}, unique = false})
        for _, name in ipairs(functions) do
            box.schema.func.create(name)
            box.schema.role.grant('public', 'execute', 'function', name)
        end
    end)
end
