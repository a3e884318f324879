--- The internals of the routers: everything that outlives the code.
--
-- A change of a field's shape needs a migration, because an instance may have
-- been started on any older code.
-- @module vshard.router.state

local internals = require('vshard.internals')

local function initial()
    return {
        -- How many times the code was loaded again.
        module_version = 0,
        -- Name -> router; the static one has a name of its own.
        routers = {},
        static_router = nil,
        -- Numbers of references to storages, unique for this instance.
        ref_id = 0,
        -- Failures that tests ask for.
        errinj = {},
    }
end

return internals.get('vshard.router', initial)
