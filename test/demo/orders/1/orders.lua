--- Orders of a shop, version 1: a space keeps them, and a table the figures
-- that are asked for often.
-- @module orders

-- The state of this module. It belongs to the host and outlives the code.
local M = require('shardlua').internals('orders', function()
    -- Item -> how many were ordered on this instance.
    return {sold = {}}
end)

--- Take an order. The figures come first: a call that waits for the log while
-- another version of this module is loaded does not touch the state any more.
local function put(id, bucket_id, item, amount)
    M.sold[item] = (M.sold[item] or 0) + 1
    box.space.orders:replace({id, bucket_id, item, amount})
    return true
end

--- @return how many of an item were ordered on this instance
local function sold(item)
    return M.sold[item] or 0
end

return {put = put, sold = sold}
