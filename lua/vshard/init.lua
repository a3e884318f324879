--- Sharding of data over replica sets: see vshard.storage and vshard.router.
-- @module vshard

local consts = require('vshard.consts')

return {
    _VERSION = consts.VERSION,
    consts = consts,
    error = require('vshard.error'),
    router = require('vshard.router'),
    storage = require('vshard.storage'),
}
