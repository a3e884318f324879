--- How a test steers the runner that runs it.
--
-- Every method is a request to the inspector, the runner's socket, or an
-- expression evaluated on one of the test's servers by way of it.

local clock = require('clock')
local fiber = require('fiber')
local fio = require('fio')
local json = require('json')
local log = require('log')
local socket = require('socket')
local yaml = require('yaml')

local DEFAULT_TIMEOUT = 60
local DEFAULT_DELAY = 0.001
local DEFAULT_TAIL = 65536
-- The runner writes it to an instance's log before each start.
local START_MARK = '^Starting instance '

local function pack(...)
    return {count = select('#', ...), ...}
end

local methods = {}
local metatable = {__index = methods}

--- Send one command to the runner.
-- @return true, or the value that the command has
function methods.cmd(self, text)
    local sock, err = socket.tcp_connect(self.host, self.port)
    if sock == nil then
        error('Inspector is not reachable: ' .. tostring(err), 0)
    end
    sock:write(json.encode({command = text}) .. '\n')
    local line = sock:read('\n')
    sock:close()
    if line == nil or line == '' then
        error('Inspector closed the connection', 0)
    end
    local reply = json.decode(line)
    if not reply.ok then
        error(reply.error, 0)
    end
    if reply.value == nil then
        return true
    end
    return reply.value
end

--- Evaluate an expression on a server.
-- @return an array of its results
function methods.eval(self, node, expression)
    local answer = yaml.decode(self:cmd(('eval %s "%s"'):format(node, expression)))
    if type(answer) ~= 'table' then
        return {}
    end
    return answer
end

--- Send further statements to another server.
function methods.switch(self, node)
    return self:cmd('switch ' .. node)
end

--- A value of the configuration that this run of the test has.
function methods.get_cfg(self, name)
    if self.configuration == nil then
        self.configuration = self:cmd('config run')
    end
    return self.configuration[name]
end

--- The value of one option of a server's box.cfg.
function methods.get_server_cfg(self, node, option)
    local expression = 'box.cfg'
    if option ~= nil then
        expression = expression .. '.' .. option
    end
    return self:eval(node, expression)[1]
end

--- Call a function until its first result is true.
-- @param timeout seconds, 60 by default
-- @param delay seconds between two calls
-- @return the results of the last call
function methods.wait_cond(_, condition, timeout, delay)
    local deadline = clock.monotonic() + (timeout or DEFAULT_TIMEOUT)
    while true do
        local results = pack(condition())
        if results[1] or clock.monotonic() > deadline then
            return unpack(results, 1, results.count)
        end
        fiber.sleep(delay or DEFAULT_DELAY)
    end
end

-- Log files ------------------------------------------------------------

local function log_path(self, node, options)
    local path = options.filename or self:get_server_cfg(node, 'log')
    if type(path) ~= 'string' then
        error('Failed to find the log of ' .. node, 0)
    end
    path = path:gsub('^file:', '')
    if path:sub(1, 1) ~= '/' then
        path = fio.pathjoin(fio.cwd(), path)
    end
    return path
end

local function read_tail(path, bytes)
    local file, err = fio.open(path, {'O_RDONLY', 'O_NONBLOCK'})
    if file == nil then
        error(('Failed to open log file: %s: %s'):format(path, err), 0)
    end
    local size = file:stat().size
    if size > bytes then
        file:seek(size - bytes, 'SEEK_SET')
    end
    local chunks = {}
    while true do
        local chunk = file:read(65536)
        if chunk == nil or chunk == '' then
            break
        end
        table.insert(chunks, chunk)
    end
    file:close()
    return table.concat(chunks)
end

--- Find a Lua pattern in the end of a server's log.
-- @param bytes how much of the log to look at, 64 KiB by default
-- @param options filename: another file; noreset: look before the last
--   start of the server, too
-- @return the last match, or nil
function methods.grep_log(self, node, what, bytes, options)
    options = options or {}
    local found
    local path = log_path(self, node, options)
    for line in read_tail(path, bytes or DEFAULT_TAIL):gmatch('[^\n]+') do
        if not options.noreset and line:match(START_MARK) then
            found = nil
        else
            found = line:match(what) or found
        end
    end
    return found
end

--- Wait until grep_log finds something.
function methods.wait_log(self, node, what, bytes, timeout, options)
    return self:wait_cond(function()
        return self:grep_log(node, what, bytes, options)
    end, timeout)
end

-- Replication ----------------------------------------------------------

--- A field of a server's box.info.
function methods.get_param(self, node, name)
    return self:eval(node, 'box.info.' .. name)[1]
end

--- The id of a server in its cluster, nil before it has one.
function methods.get_server_id(self, node)
    local id = self:get_param(node, 'id')
    if type(id) == 'number' then
        return id
    end
    return nil
end

--- The vclock of a server: an array-like table without the component 0.
function methods.get_vclock(self, node)
    local answer = self:get_param(node, 'vclock')
    local vclock = {}
    if type(answer) == 'table' then
        for id, lsn in pairs(answer) do
            id = tonumber(id)
            if id ~= nil and id ~= 0 then
                vclock[id] = lsn
            end
        end
    end
    return vclock
end

--- The lsn of one component of a server's vclock, 0 for an absent one.
function methods.get_lsn(self, node, id)
    return tonumber(self:get_vclock(node)[tonumber(id)] or 0)
end

--- Wait until a server has what another one has written.
function methods.wait_lsn(self, waiter, master)
    local id = self:get_server_id(master)
    local lsn = self:get_lsn(master, id)
    return self:wait_cond(function()
        return self:get_lsn(waiter, id) >= lsn
    end)
end

--- Wait until a server's vclock is not behind another.
function methods.wait_vclock(self, node, target)
    return self:wait_cond(function()
        local vclock = self:get_vclock(node)
        for id, lsn in pairs(target) do
            if id ~= 0 and (vclock[id] or 0) < lsn then
                return false
            end
        end
        return true
    end)
end

--- The greatest of the servers' vclocks, component by component.
function methods.get_cluster_vclock(self, servers)
    local union = {}
    for _, node in pairs(servers) do
        for id, lsn in pairs(self:get_vclock(node)) do
            union[id] = math.max(union[id] or 0, lsn)
        end
    end
    return union
end

--- Wait until every server has reached a vclock.
-- @return the vclock
function methods.wait_cluster_vclock(self, servers, target)
    for _, node in pairs(servers) do
        self:wait_vclock(node, target)
    end
    return target
end

-- One direction of replication, as box.info.replication shows it, checked
-- against the wanted status and, as a Lua pattern, its message.
local function wait_stream(self, node, id, stream, options)
    options = options or {}
    local wanted = options.status or 'follow'
    return self:wait_cond(function()
        local info = self:eval(node, ('box.info.replication[%s]'):format(id))[1]
        info = type(info) == 'table' and info[stream]
        if type(info) ~= 'table' then
            return options.status == 'missing'
        end
        if info.status ~= wanted then
            return false
        end
        if options.message_re ~= nil then
            return string.match(info.message or '', options.message_re) ~= nil
        end
        return true
    end, options.timeout)
end

--- Wait until a server receives from the instance with an id.
-- @param options status ('follow'), message_re, timeout
function methods.wait_upstream(self, node, id, options)
    return wait_stream(self, node, id, 'upstream', options)
end

--- Wait until a server sends to the instance with an id.
-- @param options status ('follow'), message_re, timeout
function methods.wait_downstream(self, node, id, options)
    return wait_stream(self, node, id, 'downstream', options)
end

--- Wait until every server follows every other.
function methods.wait_fullmesh(self, servers)
    for _, source in pairs(servers) do
        local id
        self:wait_cond(function()
            id = self:get_server_id(source)
            return id ~= nil
        end)
        for _, node in pairs(servers) do
            if node ~= source and not self:wait_upstream(node, id) then
                error(('%s does not follow %s'):format(node, source), 0)
            end
        end
    end
    log.info('full mesh')
end

--- Find the server that takes writes among those that elect a leader.
function methods.get_leader(self, servers)
    for _, node in pairs(servers) do
        if self:get_server_cfg(node, 'read_only') == false and
           self:get_param(node, 'ro') == false then
            return node
        end
    end
    return nil
end

-- Clusters -------------------------------------------------------------

--- Create and start servers whose scripts are SUITE/NAME.lua.
-- @param suite directory of the scripts, by default the test's own
-- @param options args: the scripts' arguments; return_listen_uri: return the
--   array of the servers' addresses
function methods.create_cluster(self, servers, suite, options)
    options = options or {}
    local uris = {}
    for _, name in ipairs(servers) do
        local script = name .. '.lua'
        if suite ~= nil then
            script = suite .. '/' .. script
        end
        table.insert(uris, self:cmd(('create server %s with script="%s", return_listen_uri=True'):format(name, script)))
    end
    self:start_cluster(servers, options)
    if options.return_listen_uri then
        return uris
    end
end

--- Start servers at once, without waiting for their scripts to end: they may
-- wait for each other.
function methods.start_cluster(self, servers, options)
    for _, name in ipairs(servers) do
        local command = ('start server %s with wait_load=False, wait=False'):format(name)
        if options ~= nil and options.args ~= nil then
            command = ('%s, args="%s"'):format(command, options.args)
        end
        self:cmd(command)
    end
end

--- Put the servers' scripts and libraries in place again.
function methods.deploy_cluster(self, servers)
    for _, name in ipairs(servers) do
        self:cmd('deploy server ' .. name)
    end
end

--- Stop servers; one that is stopped already is left alone.
function methods.stop_cluster(self, servers, signal)
    for _, name in ipairs(servers) do
        local command = 'stop server ' .. name
        if signal ~= nil then
            command = ('%s with signal=%s'):format(command, signal)
        end
        pcall(self.cmd, self, command)
    end
end

--- Stop servers, remove their data, and forget them.
function methods.drop_cluster(self, servers)
    self:stop_cluster(servers)
    for _, name in ipairs(servers) do
        self:cmd('cleanup server ' .. name)
        self:cmd('delete server ' .. name)
    end
end

--- Forget all other members of this instance's cluster.
function methods.cleanup_cluster(_)
    for _, tuple in pairs(box.space._cluster:select()) do
        if tuple[1] ~= box.info.id then
            box.space._cluster:delete(tuple[1])
        end
    end
end

--- Set environment variables for servers that start from now on.
function methods.set_cluster_environment(self, variables)
    for name, value in pairs(variables) do
        self:cmd(('env %s="%s"'):format(name, value))
    end
end

--- Copy the file of a log to a place that the test will not remove.
-- @return true
function methods.copy_log(self, node, target)
    return fio.copyfile(log_path(self, node, {}), target)
end

--- Connect to the runner.
-- @param host by default this machine
-- @param port by default what the environment's INSPECTOR says
local function new(host, port)
    port = tonumber(port or os.getenv('INSPECTOR'))
    if port == nil then
        error('Inspector not started')
    end
    return setmetatable({host = host or '127.0.0.1', port = port}, metatable)
end

return {new = new}
