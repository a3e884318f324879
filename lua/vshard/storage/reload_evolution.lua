--- The evolution of the storage's internals: what has to become of those that
-- older code has left behind, before this code can work with them.
--
-- Internals carry in `reload_version` how many migrations they have been
-- through; those of the time before this mechanism carry nothing. Migrations
-- are written in Go and belong to the shardlua host. On stock Tarantool there
-- are none, so there only code and internals of one version go together.
--
-- Migrations:
--
--  1. The record of a transfer, a value in `rebalancer_transfering_buckets`,
--     was true; it is a table now, with `direction` ('send' or 'receive', or
--     'unknown' of those that older code has begun), `peer`, the uuid of the
--     other replica set if it is known, and `since`, seconds of the monotonic
--     clock. The table that holds the records stays the same table, because
--     calls in flight remove theirs from it. `transfer_statistics` is new:
--     the counts `sent`, `received` and `failed`.
--
-- @module vshard.storage.reload_evolution

local log = require('log')

local MODULE = 'vshard.storage'
local PREFIX = 'vshard.storage.reload_evolution: '

--- Number of migrations that this code needs.
local version = 1

local function fail(format, ...)
    local message = PREFIX .. format:format(...)
    log.error('%s', message)
    error(message)
end

-- Internals without a version are those of code before the first migration.
local function version_of(M)
    return M.reload_version or 0
end

--- Bring internals to the version that this code works with. After each
-- migration reload_version says so.
-- @param M internals
-- @raise if there is no way; the internals are true to their version then
local function upgrade(M)
    local current = version_of(M)
    if current == version then
        return
    end
    local found, host = pcall(require, 'shardlua')
    if found then
        host.upgrade(MODULE, M, version)
    elseif current > version then
        fail('auto-downgrade is not implemented; loaded version is %d, upgrade script version is %d',
             current, version)
    else
        fail('error during upgrade to %d version: %s', current + 1,
             'the migration needs the shardlua host')
    end
end

return {
    version = version,
    upgrade = upgrade,
}
