--- The arithmetic of the rebalancer: how many buckets everyone should have,
-- and who sends how many to whom. Plain data in, plain data out.
-- @module vshard.balance

-- Replica sets that take part, in an order that is the same everywhere.
local function sorted_uuids(replicasets)
    local uuids = {}
    for uuid in pairs(replicasets) do
        table.insert(uuids, uuid)
    end
    table.sort(uuids)
    return uuids
end

-- Share buckets by weight. Each share is rounded down; what is left goes, one
-- by one, to those who hold the most above their share, to move as few as
-- possible.
local function share(pool, uuids, replicasets, weight)
    local given = 0
    local order = {}
    for _, uuid in ipairs(uuids) do
        local replicaset = replicasets[uuid]
        replicaset.etalon = weight > 0 and math.floor(pool * replicaset.weight / weight) or 0
        given = given + replicaset.etalon
        if replicaset.weight > 0 then
            table.insert(order, replicaset)
        end
    end
    table.sort(order, function(a, b)
        local a_above, b_above = a.count - a.etalon, b.count - b.etalon
        if a_above ~= b_above then
            return a_above > b_above
        end
        return a.uuid < b.uuid
    end)
    local i = 0
    while given < pool and #order > 0 do
        i = i % #order + 1
        order[i].etalon = order[i].etalon + 1
        given = given + 1
    end
end

--- Give every replica set its ideal number of buckets.
--
-- A locked one keeps what it has. One with more pinned buckets than its share
-- keeps those, and the others share the rest.
-- @param replicasets table by uuid of {uuid, count, pinned, weight, lock};
--   gets the field etalon
-- @param unplaced number of buckets that nobody has yet, 0 by default
local function set_etalons(replicasets, unplaced)
    local pool, weight, uuids = unplaced or 0, 0, {}
    for _, uuid in ipairs(sorted_uuids(replicasets)) do
        local replicaset = replicasets[uuid]
        if replicaset.lock then
            replicaset.etalon = replicaset.count
        else
            table.insert(uuids, uuid)
            pool = pool + replicaset.count
            weight = weight + replicaset.weight
        end
    end
    while true do
        share(pool, uuids, replicasets, weight)
        local rest = {}
        for _, uuid in ipairs(uuids) do
            local replicaset = replicasets[uuid]
            if replicaset.pinned > replicaset.etalon then
                replicaset.etalon = replicaset.pinned
                pool = pool - replicaset.pinned
                weight = weight - replicaset.weight
            else
                table.insert(rest, uuid)
            end
        end
        if #rest == #uuids then
            return
        end
        uuids = rest
    end
end

--- How far from its share the worst one is.
-- @return percents, and its entry in the table if they are not 0
local function disbalance(replicasets)
    local worst, state = 0, nil
    for _, uuid in ipairs(sorted_uuids(replicasets)) do
        local replicaset = replicasets[uuid]
        local off = math.abs(replicaset.etalon - replicaset.count)
        if off > 0 then
            local percents = replicaset.etalon > 0 and off / replicaset.etalon * 100 or math.huge
            if percents > worst then
                worst, state = percents, replicaset
            end
        end
    end
    return worst, state
end

--- Who sends how many buckets to whom.
-- @param replicasets with etalons
-- @return table: uuid of the sender -> table: uuid of the receiver -> count
local function routes(replicasets)
    local receivers = {}
    local uuids = sorted_uuids(replicasets)
    for _, uuid in ipairs(uuids) do
        local missing = replicasets[uuid].etalon - replicasets[uuid].count
        if missing > 0 then
            table.insert(receivers, {uuid = uuid, missing = missing})
        end
    end
    local result = {}
    for _, uuid in ipairs(uuids) do
        local surplus = replicasets[uuid].count - replicasets[uuid].etalon
        while surplus > 0 and #receivers > 0 do
            local receiver = receivers[1]
            local count = math.min(surplus, receiver.missing)
            result[uuid] = result[uuid] or {}
            result[uuid][receiver.uuid] = count
            surplus = surplus - count
            receiver.missing = receiver.missing - count
            if receiver.missing == 0 then
                table.remove(receivers, 1)
            end
        end
    end
    return result
end

return {
    set_etalons = set_etalons,
    disbalance = disbalance,
    routes = routes,
}
