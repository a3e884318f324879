--- Sharding of data over replica sets: see vshard.storage.
-- @module vshard

return {
    consts = require('vshard.consts'),
    error = require('vshard.error'),
    storage = require('vshard.storage'),
}
