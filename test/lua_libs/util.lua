--- What the project's suites, and suites written for vshard, share.

local fiber = require('fiber')
local fio = require('fio')

local SOURCEDIR = os.getenv('SOURCEDIR') or '.'
local BUILDDIR = os.getenv('BUILDDIR') or SOURCEDIR

-- The results of a call that succeeded, or the error less its position.
local function without_position(ok, err, ...)
    if ok then
        return err, ...
    end
    if type(err) ~= 'string' then
        return err
    end
    return (err:gsub('^%S+%.lua"?%]?:%d+: ', ''))
end

--- Call a function that is expected to fail.
-- @param func function to call with the rest of the arguments
-- @return the error, a string without its position; the results of a call
--   that succeeds
local function check_error(func, ...)
    return without_position(pcall(func, ...))
end

--- Wait until the servers' scripts have run to their ends.
-- @param servers array of names
local function wait_loaded(test_run, servers)
    for _, name in ipairs(servers) do
        local loaded = test_run:wait_cond(function()
            return test_run:eval(name, "return require('golden_instance').loaded()")[1] == true
        end)
        assert(loaded, 'the script of ' .. name .. ' does not end')
    end
end

--- Wait until a replica set works: its master takes writes, and the others
-- receive from it.
-- @param replicaset array of the servers' names
-- @param master name of the one that is the master
local function wait_master(test_run, replicaset, master)
    wait_loaded(test_run, replicaset)
    local writable = test_run:wait_cond(function()
        return test_run:get_param(master, 'ro') == false
    end)
    assert(writable, master .. ' does not become the master')
    local id = test_run:get_server_id(master)
    for _, name in ipairs(replicaset) do
        if name ~= master then
            assert(test_run:wait_upstream(name, id), name .. ' does not follow ' .. master)
        end
    end
end

--- Evaluate an expression on several servers.
-- @return array of the first results, in the order of the servers
local function eval_on(test_run, servers, expression)
    local results = {}
    for i, name in ipairs(servers) do
        results[i] = test_run:eval(name, expression)[1]
    end
    return results
end

--- Name of this instance: that of its script.
local function instance_name()
    return fio.basename(arg[0], '.lua')
end

--- Wait for a condition of this instance, yielding between the looks at it.
-- @return what the condition returned last
local function wait_until(condition, timeout)
    local deadline = fiber.time() + (timeout or 60)
    local result = condition()
    while not result and fiber.time() < deadline do
        fiber.sleep(0.01)
        result = condition()
    end
    return result
end

return {
    SOURCEDIR = SOURCEDIR,
    BUILDDIR = BUILDDIR,
    check_error = check_error,
    wait_loaded = wait_loaded,
    wait_master = wait_master,
    wait_until = wait_until,
    eval_on = eval_on,
    instance_name = instance_name,
}
