--- Sharding of data over replica sets: see vshard.storage and vshard.router.
-- @module vshard

return {
    consts = require('vshard.consts'),
    error = require('vshard.error'),
    router = require('vshard.router'),
    storage = require('vshard.storage'),
}
