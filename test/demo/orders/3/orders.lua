--- Orders of a shop, version 3, with a mistake in its migration: it forgets the
-- old figures while it makes the new ones, and stumbles half-way.
-- @module orders

local shardlua = require('shardlua')

local migrations = {{
    name = 'count the money beside the orders',
    up = function(M)
        local sold = {}
        for item, count in pairs(M.sold) do
            sold[item] = {count = count, amount = 0}
        end
        for _, order in box.space.orders:pairs() do
            local figures = sold[order.item]
            if figures ~= nil then
                figures.amount = figures.amount + order.amount
            end
        end
        M.sold = sold
    end,
    down = function(M)
        for item, figures in pairs(M.sold) do
            M.sold[item] = figures.count
        end
    end,
}, {
    name = 'rank the items by their mean price',
    up = function(M)
        M.ranking = {}
        for item, figures in pairs(M.sold) do
            M.sold[item] = nil
            table.insert(M.ranking, {item = item, mean = figures.amount / figures.orders.count})
        end
    end,
}}

local M = shardlua.internals('orders', function()
    -- Item -> count and amount of its orders on this instance.
    return {sold = {}, reload_version = #migrations}
end)
shardlua.upgrade('orders', M, migrations)

--- Take an order.
local function put(id, bucket_id, item, amount)
    local figures = M.sold[item]
    if figures == nil then
        figures = {count = 0, amount = 0}
        M.sold[item] = figures
    end
    figures.count = figures.count + 1
    figures.amount = figures.amount + amount
    box.space.orders:replace({id, bucket_id, item, amount})
    return true
end

--- @return how many of an item were ordered on this instance
local function sold(item)
    return M.sold[item] ~= nil and M.sold[item].count or 0
end

--- @return the item that brought the most money on this instance, its figures
local function top()
    local best
    for item, figures in pairs(M.sold) do
        if best == nil or figures.amount > M.sold[best].amount then
            best = item
        end
    end
    return best, M.sold[best]
end

return {put = put, sold = sold, top = top}
