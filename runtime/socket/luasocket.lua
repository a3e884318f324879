-- The part of the LuaSocket library that Tarantool's socket has: tcp, connect and bind, and objects with LuaSocket's
-- methods. They are sockets with another metatable, so all waiting is that of the module's own methods.

local core, methods = ...

local clock = require('clock')
local errno = require('errno')

local defaultBacklog = 32

local function failure(s)
    return nil, s and methods.error(s) or errno.strerror()
end

local function done(ok, s)
    if ok then
        return 1
    end
    return failure(s)
end

-- open fails on a closed socket as the module's own methods do.
local function open(s)
    methods.fd(s)
    return s
end

local function become(s, meta)
    return setmetatable(s, meta)
end

local common = {}

function common:close()
    return done(methods.close(open(self)), self)
end

local function address(found, s)
    if found == nil then
        return failure(s)
    end
    if found.family == 'AF_UNIX' then
        return found.port, found.port, 'unix'
    end
    return found.host, tostring(found.port), found.family == 'AF_INET6' and 'inet6' or 'inet'
end

function common:getsockname()
    return address(methods.name(open(self)), self)
end

function common:getpeername()
    return address(methods.peer(open(self)), self)
end

function common:settimeout(seconds)
    open(self).timeout = seconds
    return 1
end

-- LuaSocket's names of options.
local options = {
    ['reuseaddr'] = {'SOL_SOCKET', 'SO_REUSEADDR'},
    ['keepalive'] = {'SOL_SOCKET', 'SO_KEEPALIVE'},
    ['linger'] = {'SOL_SOCKET', 'SO_LINGER'},
    ['tcp-nodelay'] = {'tcp', 'TCP_NODELAY'},
}

function common:setoption(name, value)
    open(self)
    local option = options[name]
    if option == nil then
        error('builtin/socket.lua:1342: Unknown socket option name: ' .. tostring(name), 0)
    end
    if name == 'linger' then
        local on = type(value) == 'table' and value.on or value
        local seconds = type(value) == 'table' and value.timeout or 0
        return done(methods.linger(self, on and true or false, seconds), self)
    end
    return done(methods.setsockopt(self, option[1], option[2], value), self)
end

local function class(kind, own)
    for name, method in pairs(common) do
        own[name] = method
    end
    local function show(s)
        return ('tcp{%s}: fd=%d'):format(kind, methods.fd(s))
    end
    return {__index = own, __tostring = show, __serialize = show}
end

-- A client is connected.
local client = {}

function client:send(data, first, last)
    open(self)
    first, last = first or 1, last or -1
    local piece = data:sub(first, last)
    local from = 0
    local deadline = self.timeout and clock.monotonic() + self.timeout
    while from < #piece do
        local n = methods.syswrite(self, piece:sub(from + 1))
        if n ~= nil then
            from = from + n
        elseif methods.errno(self) ~= errno.EAGAIN then
            return nil, methods.error(self), first + from - 1
        elseif not methods.writable(self, deadline and math.max(deadline - clock.monotonic(), 0)) then
            return nil, errno.strerror(errno.ETIMEDOUT), first + from - 1
        end
    end
    return first + from - 1
end

local function closed(prefix, rest)
    return nil, 'closed', prefix .. rest
end

function client:receive(pattern, prefix)
    open(self)
    pattern, prefix = pattern or '*l', prefix or ''
    local rule
    if type(pattern) == 'number' then
        rule = pattern
    elseif pattern == '*l' then
        rule = '\n'
    elseif pattern == '*a' then
        rule = 4294967295
    else
        error('builtin/socket.lua:1494: Usage: socket:receive(pattern, [, prefix])', 0)
    end
    local data = methods.read(self, rule, self.timeout)
    if data == nil then
        return failure(self)
    end
    if pattern == '*a' then
        if data == '' then
            return closed(prefix, data)
        end
    elseif pattern == '*l' then
        if data:sub(-1) ~= '\n' then
            return closed(prefix, data)
        end
        data = data:sub(1, -2)
    elseif #data < pattern then
        return closed(prefix, data)
    end
    return prefix .. data
end

local directions = {receive = 'R', send = 'W', both = 'RW'}

function client:shutdown(direction)
    open(self)
    return done(methods.shutdown(self, directions[direction] or 'RW'), self)
end

local clientMeta = class('client', client)

-- A server listens.
local server = {}

function server:accept()
    open(self)
    while true do
        if not methods.readable(self, self.timeout) then
            return nil, errno.strerror(errno.ETIMEDOUT)
        end
        local accepted = methods.accept(self)
        if accepted ~= nil then
            return become(accepted, clientMeta)
        elseif methods.errno(self) ~= errno.EAGAIN then
            return failure(self)
        end
    end
end

local serverMeta = class('server', server)

-- A master has been made and nothing more.
local master = {send = client.send, receive = client.receive}

-- each tries the addresses of a host until one will do.
local function each(host, port, try)
    local found = core.getaddrinfo(host, port, {type = 'SOCK_STREAM', family = 'AF_INET', protocol = 'tcp'})
    if found == nil or #found == 0 then
        return nil, errno.strerror(errno.EINVAL)
    end
    local ok, reason
    for _, at in ipairs(found) do
        ok, reason = try(at.host, at.port)
        if ok then
            return 1
        end
    end
    return nil, reason
end

function master:bind(host, port)
    open(self)
    return each(host, port, function(h, p)
        return done(methods.bind(self, h, p), self)
    end)
end

function master:listen(backlog)
    open(self)
    if not methods.listen(self, backlog or defaultBacklog) then
        return failure(self)
    end
    become(self, serverMeta)
    return 1
end

function master:connect(host, port)
    open(self)
    return each(host, port, function(h, p)
        if not methods.sysconnect(self, h, p) then
            local code = methods.errno(self)
            if code ~= errno.EINPROGRESS and code ~= errno.EAGAIN then
                return failure(self)
            end
            if not methods.writable(self, self.timeout) then
                return nil, errno.strerror(errno.ETIMEDOUT)
            end
            code = methods.getsockopt(self, 'SOL_SOCKET', 'SO_ERROR')
            if code ~= 0 then
                return nil, errno.strerror(code)
            end
        end
        become(self, clientMeta)
        return 1
    end)
end

local masterMeta = class('master', master)

local luasocket = {}

function luasocket.tcp()
    local s = core('AF_INET', 'SOCK_STREAM', 'tcp')
    if s == nil then
        return failure()
    end
    return become(s, masterMeta)
end

function luasocket.connect(host, port)
    if host == nil or port == nil then
        error('builtin/socket.lua:1556: Usage: luasocket.connect(host, port)', 0)
    end
    local s = core.tcp_connect(host, port)
    if s == nil then
        return failure()
    end
    return become(s, clientMeta)
end

function luasocket.bind(host, port, backlog)
    if host == nil or port == nil then
        error('builtin/socket.lua:1568: Usage: luasocket.bind(host, port [, backlog])', 0)
    end
    local s = core('AF_INET', 'SOCK_STREAM', 'tcp')
    if s == nil then
        return failure()
    end
    methods.setsockopt(s, 'SOL_SOCKET', 'SO_REUSEADDR', true)
    local ok, reason = each(host, port, function(h, p)
        return done(methods.bind(s, h, p) and methods.listen(s, backlog or defaultBacklog), s)
    end)
    if not ok then
        methods.close(s)
        return nil, reason
    end
    return become(s, serverMeta)
end

return luasocket
