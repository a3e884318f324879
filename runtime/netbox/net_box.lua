-- The surface of net.box: options, states, schema, triggers. Requests are Go functions of `native`.
local native = ...

local log = require('log')
local trigger = require('internal.trigger')
local uri = require('uri')

local connection = {}
local connection_meta = {__index = connection, __metatable = false}

local function check(self, method)
    if type(self) ~= 'table' then
        error(('Use remote:%s(...) instead of remote.%s(...):'):format(method, method), 0)
    end
end

connection.ping = native.ping
connection.call = native.call
connection.call_16 = native.call_16
connection.eval = native.eval
connection.eval_16 = native.eval_16

for _, name in ipairs({'execute', 'prepare', 'unprepare'}) do
    connection[name] = function(self)
        check(self, name)
        box.error(box.error.UNSUPPORTED, 'shardlua', 'SQL')
    end
end

function connection:__serialize()
    return {
        host = self.host, port = self.port, state = self.state, error = self.error, protocol = self.protocol,
        peer_uuid = self.peer_uuid, peer_version_id = self.peer_version_id, schema_version = self.schema_version,
        opts = next(self.opts) and self.opts or nil,
    }
end
connection_meta.__serialize = connection.__serialize

function connection:close()
    check(self, 'close')
    native.close(self)
end

function connection:is_connected()
    check(self, 'is_connected')
    return self.state == 'active' or self.state == 'fetch_schema'
end

local function check_timeout(timeout)
    if timeout ~= nil and type(timeout) ~= 'number' then
        error(("builtin/box/net_box.lua:464: attempt to perform arithmetic on upvalue 'TIMEOUT_INFINITY' (a %s value)"):format(
            type(timeout)), 0)
    end
end

function connection:wait_connected(timeout)
    check(self, 'wait_connected')
    check_timeout(timeout)
    return native.wait_state(self, 'active', timeout)
end

function connection:wait_state(state, timeout)
    check(self, 'wait_state')
    if state == nil then
        error("builtin/box/net_box.lua:465: attempt to index local 'target_state' (a nil value)", 0)
    end
    check_timeout(timeout)
    return native.wait_state(self, state, timeout)
end

for _, name in ipairs({'on_connect', 'on_disconnect', 'on_schema_reload'}) do
    connection[name] = function(self, ...)
        check(self, name)
        return self['_' .. name](...)
    end
end

-- Deprecated: a deadline for what this fiber asks for.
function connection:timeout(timeout)
    check(self, 'timeout')
    if timeout ~= nil and type(timeout) ~= 'number' then
        error(("builtin/box/net_box.lua:1310: attempt to perform arithmetic on local 'timeout' (a %s value)"):format(
            type(timeout)), 0)
    end
    log.warn('netbox:timeout(timeout) is deprecated since 1.7.4, please use space:<request>(..., '
        .. '{timeout = t}) instead.')
    native.timeout(self, timeout or math.huge)
    return self
end

function connection:reload_schema()
    check(self, 'reload_schema')
    self:ping()
end

-- What a connection with the option `console` can do: it tells a console a line, and gets the text of the answer.
local console = {
    close = connection.close, is_connected = connection.is_connected, wait_state = connection.wait_state,
    on_connect = connection.on_connect, on_disconnect = connection.on_disconnect,
    on_schema_reload = connection.on_schema_reload,
}
local console_meta = {__index = console, __metatable = false, __serialize = connection.__serialize}

function console:eval(line, timeout)
    check(self, 'eval')
    if timeout ~= nil and type(timeout) ~= 'number' then
        error('builtin/box/net_box.lua:408: Usage: future:wait_result(timeout)', 0)
    end
    if type(line) ~= 'string' and type(line) ~= 'number' then
        error(("builtin/box/net_box.lua:1445: attempt to concatenate local 'line' (a %s value)"):format(type(line)), 0)
    end
    local options = {timeout = timeout}
    if self.protocol == 'Lua console' then
        return native.text(self, tostring(line), options)
    end
    return (native.eval(self, 'return require("console").eval(...)', {line}, options))
end

-- Spaces and indexes ---------------------------------------------------------

local function space_method(name)
    local fn = native[name]
    local text = ('builtin/box/schema.lua:1291: Use space:%s(...) instead of space.%s(...)'):format(name, name)
    return function(space, ...)
        if type(space) ~= 'table' or space.id == nil then
            error(text, 0)
        end
        return fn(space, ...)
    end
end

local function index_method(name)
    local fn = native[name]
    local text = ('builtin/box/schema.lua:1310: Use index:%s(...) instead of index.%s(...)'):format(name, name)
    return function(index, ...)
        if type(index) ~= 'table' or index.id == nil then
            error(text, 0)
        end
        return fn(index, ...)
    end
end

local space_methods, index_methods = {}, {}
for _, name in ipairs({'insert', 'replace', 'select', 'get', 'delete', 'update', 'upsert'}) do
    space_methods[name] = space_method(name)
end
for _, name in ipairs({'select', 'get', 'min', 'max', 'delete', 'update'}) do
    index_methods[name] = index_method(name)
end

local function needs_primary(name)
    local inner = space_methods[name]
    space_methods[name] = function(space, ...)
        if type(space) == 'table' and space.id ~= nil and space.index ~= nil and space.index[0] == nil then
            box.error(box.error.NO_SUCH_INDEX_ID, 0, space.name)
        end
        return inner(space, ...)
    end
end
needs_primary('select')
needs_primary('get')
needs_primary('update')
needs_primary('delete')

function index_methods:count(key, opts)
    if type(self) ~= 'table' or self.id == nil then
        error('builtin/box/schema.lua:1310: Use index:count(...) instead of index.count(...)', 0)
    end
    local name = ('box.space.%s.index.%s:count'):format(self.space.name, self.name)
    if opts ~= nil and opts.buffer ~= nil then
        error('index:count() doesn\'t support `buffer` argument', 0)
    end
    return self.space.connection:call(name, {key, opts}, opts)
end

function space_methods:format()
    return self._format
end

local space_meta = {__index = space_methods, __metatable = false}
local index_meta = {__index = index_methods, __metatable = false}

-- Make the parts of an index as scripts see them, from what _index holds.
local function parts_of(raw, collations)
    local parts = {}
    for i, part in ipairs(raw) do
        local shown = {}
        if part.field ~= nil then
            shown.fieldno, shown.type = part.field + 1, part.type
            shown.is_nullable = part.is_nullable or false
            shown.path = part.path
            if part.collation ~= nil then
                shown.collation = collations[part.collation]
            end
        else
            shown.fieldno, shown.type, shown.is_nullable = part[1] + 1, part[2], false
        end
        parts[i] = shown
    end
    return parts
end

local function install_schema(conn, version, spaces, indexes, collation_rows)
    local collations = {}
    for _, row in ipairs(collation_rows or {}) do
        collations[row[1]] = row[2]
    end
    local all = {}
    for _, row in ipairs(spaces) do
        local flags = row[6]
        local format = row[7] or {}
        local space = setmetatable({
            id = row[1], name = row[3], engine = row[4], field_count = row[5], enabled = true, index = {},
            temporary = type(flags) == 'table' and flags.temporary or false,
            is_sync = type(flags) == 'table' and flags.is_sync or false,
            _format = format, _format_cdata = native.format(format), connection = conn,
        }, space_meta)
        all[space.id], all[space.name] = space, space
    end
    for _, row in ipairs(indexes) do
        local space = all[row[1]]
        if space ~= nil then
            local flags = row[5]
            local index = setmetatable({
                id = row[2], name = row[3], type = string.upper(row[4]), space = space,
                unique = type(flags) ~= 'table' or flags.unique ~= false,
                parts = parts_of(row[6], collations),
            }, index_meta)
            space.index[index.id], space.index[index.name] = index, index
        end
    end
    conn.schema_version = version
    conn.space = all
    conn._on_schema_reload:run(conn)
end

-- States -----------------------------------------------------------------------

local function on_state(conn, state, message)
    local was = conn._is_connected
    -- Triggers see the state that the connection comes from.
    if state == 'active' then
        conn._is_connected = true
        if not was then
            conn._on_connect:run(conn)
        end
    elseif state == 'error' or state == 'error_reconnect' or state == 'closed' then
        if state ~= 'closed' then
            log.warn('%s:%s: %s', conn.host, conn.port, message)
        end
        conn._is_connected = false
        if was then
            conn._on_disconnect:run(conn)
        end
    end
    conn.state, conn.error = state, message
end

local function version_id(version)
    local major, minor, patch = version:match('^(%d+)%.(%d+)%.(%d+)')
    return major ~= nil and major * 65536 + minor * 256 + patch or tonumber(version)
end

local function on_peer(conn, protocol, version, uuid)
    conn.protocol, conn.peer_uuid = protocol, uuid ~= '' and uuid or '00000000-0000-0000-0000-000000000000'
    conn.peer_version_id = version_id(version)
end

-- connect ----------------------------------------------------------------------

local usage = 'usage: connect(uri[, opts] | host, port[, opts])'

local function parse_arguments(...)
    local first, second, third = ...
    if type(first) == 'table' or first == nil then
        error(usage, 0)
    end
    local host, port, opts, login, password
    if type(second) == 'table' or second == nil then
        local parsed = uri.parse(tostring(first))
        if parsed == nil or parsed.service == nil then
            error(usage, 0)
        end
        host, port, login, password = parsed.host, parsed.service, parsed.login, parsed.password
        opts = second
    else
        host, port, opts = first, second, third
    end
    if opts ~= nil and type(opts) ~= 'table' then
        error(("builtin/box/net_box.lua:944: bad argument #1 to 'pairs' (table expected, got %s)"):format(type(opts)), 0)
    end
    local copy = {}
    for k, v in pairs(opts or {}) do
        copy[k] = v
    end
    if copy.user == nil and copy.password == nil then
        copy.user, copy.password = login, password
    end
    return host, port, copy
end

local function new_connection(socket, greeting, host, port, opts)
    local user, password = opts.user, opts.password
    if user == nil and password ~= nil then
        error('net.box: user is not defined', 0)
    end
    local shown = {}
    for k, v in pairs(opts) do
        if k ~= 'password' then
            shown[k] = v
        end
    end
    local conn = setmetatable({
        host = host, port = port, opts = shown, state = 'initial', _is_connected = false,
        _on_connect = trigger.new('on_connect'), _on_disconnect = trigger.new('on_disconnect'),
        _on_schema_reload = trigger.new('on_schema_reload'), _call_16 = opts.call_16,
    }, opts.console and console_meta or connection_meta)
    local network, address = 'tcp', nil
    host = host or 'localhost'
    if host == 'unix/' then
        network, address = 'unix', tostring(port)
    elseif host:find(':', 1, true) then
        address = ('[%s]:%s'):format(host, port)
    else
        address = host .. ':' .. port
    end
    native.new(conn, network, address, opts, on_state, install_schema, on_peer)
    if socket ~= nil then
        native.adopt(conn, socket:fd(), {
            protocol = greeting.protocol, uuid = greeting.uuid, salt = greeting.salt, version = greeting.version_id})
        socket:close()
    end
    native.start(conn)
    if opts.wait_connected ~= false then
        native.wait_state(conn, 'active', tonumber(opts.wait_connected))
    end
    return conn
end

local function connect(...)
    return new_connection(nil, nil, parse_arguments(...))
end

-- A socket with its greeting, for wrap(); nil and why there is none.
local function establish_connection(host, port, timeout)
    timeout = timeout or 10
    local deadline = require('clock').monotonic() + timeout
    local s = require('socket').tcp_connect(host, port, timeout)
    if s == nil then
        return nil, require('errno').strerror()
    end
    local bytes = s:read(128, math.max(0, deadline - require('clock').monotonic()))
    if bytes == nil or #bytes < 128 then
        local reason = bytes == nil and require('errno').strerror() or 'Peer closed'
        s:close()
        return nil, reason
    end
    local protocol, version, uuid, salt = native.parse_greeting(bytes)
    if protocol == nil then
        s:close()
        return nil, "Can't decode handshake"
    end
    return s, {protocol = protocol, version_id = version_id(version), salt = salt,
        uuid = uuid ~= '' and uuid or '00000000-0000-0000-0000-000000000000'}
end

-- A connection on a socket that establish_connection has made. It takes the socket over.
local function wrap(socket, greeting, ...)
    if socket == nil or type(greeting) ~= 'table' then
        error('net.box: wrap() needs a socket and its greeting', 0)
    end
    return new_connection(socket, greeting, parse_arguments(...))
end

-- self: the instance itself, without a connection ---------------------------------

local function call_self(name, args)
    local object, method = name:match('^(.*):([^:]+)$')
    local value = _G
    for step in (object or name):gmatch('[^.]+') do
        if type(value) ~= 'table' and type(value) ~= 'cdata' then
            value = nil
            break
        end
        if value == _G then
            value = rawget(_G, step) -- a strict _G must not object
        else
            value = value[step]
        end
    end
    local fn = value
    if method ~= nil and value ~= nil then
        fn = value[method]
    end
    if type(fn) ~= 'function' then
        native.no_such_proc(name)
    end
    if method ~= nil then
        return fn(value, unpack(args, 1, table.maxn(args)))
    end
    return fn(unpack(args, 1, table.maxn(args)))
end

-- Undo what a call has left open, and make its error a box error.
local function protect(ok, ...)
    if type(box.cfg) ~= 'function' and box.is_in_txn() then
        box.rollback()
        if ok then
            box.error(box.error.FUNCTION_TX_ACTIVE)
        end
    end
    if ok then
        return ...
    end
    local err = ...
    if type(err) == 'string' then
        box.error(box.error.PROC_LUA, err)
    end
    error(err, 0)
end

local function check_args(args, method, first)
    if type(args) ~= 'table' and args ~= nil then
        error(('builtin/box/net_box.lua:1115: Use remote:%s(%s, {arg1, arg2, ...}, opts) instead of '
            .. 'remote:%s(%s, arg1, arg2, ...)'):format(method, first, method, first), 0)
    end
    return args or {}
end

local this = {
    ping = function() return true end,
    reload_schema = function() end,
    close = function() end,
    timeout = function(self) return self end,
    wait_connected = function() return true end,
    is_connected = function() return true end,
    call = function(_, name, args)
        if type(_) ~= 'table' then
            error('Use remote:call(...) instead of remote.call(...):', 0)
        end
        args = check_args(args, 'call', 'func_name')
        return protect(pcall(call_self, tostring(name), args))
    end,
    eval = function(_, expression, args)
        if type(_) ~= 'table' then
            error('Use remote:eval(...) instead of remote.eval(...):', 0)
        end
        args = check_args(args, 'eval', 'expression')
        local fn, message = loadstring(expression)
        if fn == nil then
            box.error(box.error.PROC_LUA, message)
        end
        return protect(pcall(fn, unpack(args, 1, table.maxn(args))))
    end,
}
setmetatable(this, {
    __index = function(_, key)
        if key == 'space' then
            return box.space
        end
        return nil
    end,
})

-- Deprecated: the module with a time limit for connecting.
local function module_timeout(_, seconds)
    local limited = {}
    limited.connect = function(...)
        local self_or_host = ...
        local host, port, opts = parse_arguments(select(self_or_host == limited and 2 or 1, ...))
        opts.wait_connected = seconds
        return new_connection(nil, nil, host, port, opts)
    end
    limited.new = limited.connect
    return limited
end

return {
    connect = connect, new = connect, self = this, timeout = module_timeout, wrap = wrap,
    establish_connection = establish_connection,
}
