--- Whether this storage takes requests, and why it does not.
-- @module vshard.storage.access

local lerror = require('vshard.error')
local M = require('vshard.storage.state')

local EXPLICITLY = 'storage is disabled explicitly'

local function reason()
    if type(box.cfg) == 'function' then
        return 'box seems not to be configured'
    end
    local status = box.info.status
    if status ~= 'running' and status ~= 'orphan' then
        return ('instance status is "%s"'):format(status)
    end
    if M.current_cfg == nil then
        return 'storage is not configured'
    end
    return EXPLICITLY
end

--- Raise the error that says why requests are refused, if they are. It is
-- raised rather than returned, so that a caller far away cannot take it for a
-- result: the router knows it by its text.
local function check()
    if not M.is_enabled then
        error(lerror.vshard(lerror.code.STORAGE_IS_DISABLED, reason()), 0)
    end
end

--- A function that refuses while the storage does.
local function guarded(func)
    return function(...)
        check()
        return func(...)
    end
end

--- Take requests again after disable(), or from the first configuration on.
local function enable()
    M.disabled_reason = nil
    M.is_enabled = M.current_cfg ~= nil
end

--- Refuse requests; routers leave this instance alone.
local function disable()
    M.disabled_reason = EXPLICITLY
    M.is_enabled = false
end

--- Take requests, unless somebody has forbidden it before there was a
-- configuration.
local function on_configured()
    if M.disabled_reason ~= EXPLICITLY then
        enable()
    end
end

return {
    check = check,
    guarded = guarded,
    enable = enable,
    disable = disable,
    on_configured = on_configured,
}
