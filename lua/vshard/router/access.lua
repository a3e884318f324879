--- Whether a router takes requests, and why it does not.
-- @module vshard.router.access

local lerror = require('vshard.error')

local EXPLICITLY = 'router is disabled explicitly'

--- Raise the error that says why requests are refused, if they are.
local function check(router)
    if not router.is_enabled then
        error(lerror.vshard(lerror.code.ROUTER_IS_DISABLED,
                            router.current_cfg == nil and 'router is not configured' or
                            EXPLICITLY), 0)
    end
end

--- A method that refuses while its router does.
local function guarded(method)
    return function(router, ...)
        check(router)
        return method(router, ...)
    end
end

--- Take requests again after disable(), or from the first configuration on.
local function enable(router)
    router.disabled_reason = nil
    router.is_enabled = router.current_cfg ~= nil
end

--- Refuse requests.
local function disable(router)
    router.disabled_reason = EXPLICITLY
    router.is_enabled = false
end

--- Take requests, unless somebody has forbidden it before there was a
-- configuration.
local function on_configured(router)
    if router.disabled_reason ~= EXPLICITLY then
        enable(router)
    end
end

return {
    check = check,
    guarded = guarded,
    enable = enable,
    disable = disable,
    on_configured = on_configured,
}
