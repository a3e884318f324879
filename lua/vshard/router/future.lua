--- The future of a request through the router: that of net.box, less what the
-- storage says about the call.
-- @module vshard.router.future

local lerror = require('vshard.error')

local sequence = {__serialize = 'seq'}

-- What the function returned, of what the storage did; or nil and the error.
local function unwrap(result)
    local is_called, value, err = result[1], result[2], result[3]
    if not is_called then
        return nil, lerror.make(value)
    end
    if value == nil and err ~= nil then
        return nil, lerror.make(err)
    end
    return setmetatable({value}, sequence)
end

local function unwrap_future(result, err)
    if result == nil then
        return nil, lerror.make(err)
    end
    return unwrap(result)
end

local methods = {}

--- Tell whether the result is there.
function methods.is_ready(self)
    return self._base:is_ready()
end

--- The result, if it is there.
-- @return array of the function's value; or nil and the error
function methods.result(self)
    return unwrap_future(self._base:result())
end

--- Wait for the result.
-- @param timeout seconds
-- @return array of the function's value; or nil and the error
function methods.wait_result(self, timeout)
    return unwrap_future(self._base:wait_result(timeout))
end

--- Let nobody wait for the result any more.
function methods.discard(self)
    return self._base:discard()
end

-- What comes last is the result, what came before was pushed. A request that is
-- done has no more to come than the iterator still holds, so looking for the
-- next does not wait.
local function step(iterator, position)
    local value
    position, value = iterator.next(iterator.base, position)
    if position == nil then
        return nil, value ~= nil and lerror.make(value) or nil
    end
    if not iterator.future:is_ready() or iterator.next(iterator.base, position) ~= nil then
        return position, value
    end
    local result, err = unwrap(value)
    if result == nil then
        return position, {nil, err}
    end
    return position, result
end

--- Iterate over what the function pushes and, last, its result.
-- @param timeout seconds to wait for each
function methods.pairs(self, timeout)
    local next_value, base, position = self._base:pairs(timeout)
    return step, {base = base, next = next_value, future = self}, position
end

local metatable = {
    __index = methods,
    __tostring = function() return 'vshard.net.box.request' end,
    __serialize = function(self)
        local fields = {}
        for key, value in pairs(self) do
            fields[key] = key ~= '_base' and value or nil
        end
        return fields
    end,
}

--- Wrap a future.
-- @param future of a call of vshard.storage.call
local function new(future)
    return setmetatable({_base = future}, metatable)
end

return {new = new}
