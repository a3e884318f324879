--- Functions that give a bucket to a sharding key.
-- @module vshard.hash

local digest = require('digest')
local ffi = require('ffi')
local msgpack = require('msgpack')

local uint64 = ffi.typeof('uint64_t')
local int64 = ffi.typeof('int64_t')

-- A number has one text, whichever of Lua's types carries it: 1ULL is '1'.
local function text_of(value)
    if type(value) == 'cdata' and (ffi.istype(uint64, value) or ffi.istype(int64, value)) then
        return (tostring(value):gsub('U?LL$', ''))
    end
    return tostring(value)
end

--- Checksum of the key's parts as text. Fast to agree on with other programs;
-- numbers that are equal but of different Lua types may differ.
-- @param key a scalar or an array of scalars
-- @return unsigned 32-bit number
local function strcrc32(key)
    if type(key) ~= 'table' then
        return digest.crc32(text_of(key))
    end
    local crc = digest.crc32.new()
    for _, part in ipairs(key) do
        crc:update(text_of(part))
    end
    return crc:result()
end

--- Checksum of the key's parts as MessagePack, where equal numbers are equal.
-- @param key a scalar or an array of scalars
-- @return unsigned 32-bit number
local function mpcrc32(key)
    if type(key) ~= 'table' then
        return digest.crc32(msgpack.encode(key))
    end
    local crc = digest.crc32.new()
    for _, part in ipairs(key) do
        crc:update(msgpack.encode(part))
    end
    return crc:result()
end

return {
    strcrc32 = strcrc32,
    mpcrc32 = mpcrc32,
    -- Names of the first releases.
    key_hash = strcrc32,
}
