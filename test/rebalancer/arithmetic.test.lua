balance = require("vshard.balance")
-- name = {count, weight, pinned, locked}
test_run = require("test_run").new()
test_run:cmd("setopt delimiter ';'")
function plan(replicasets, unplaced)
    local states, etalons = {}, {}
    for name, r in pairs(replicasets) do
        states[name] = {uuid = name, count = r[1], weight = r[2] or 1, pinned = r[3] or 0, lock = r[4]}
    end
    balance.set_etalons(states, unplaced)
    for name, state in pairs(states) do
        etalons[name] = state.etalon
    end
    return {etalons = etalons, disbalance = balance.disbalance(states), routes = balance.routes(states)}
end;
test_run:cmd("setopt delimiter ''");
plan({a = {100}, b = {100}})
plan({a = {200}, b = {0}})
plan({a = {150}, b = {150}, c = {0}})
-- Shares that are not whole go to those who have more already.
plan({a = {33}, b = {34}, c = {33}})
plan({a = {35}, b = {33}, c = {32}})
-- Weights.
plan({a = {100, 3}, b = {100, 1}})
plan({a = {100, 0}, b = {100, 1}})
plan({a = {100, 0.1}, b = {100, 0.3}})
-- Locked ones keep what they have.
plan({a = {100, 1, 0, true}, b = {200}, c = {0}})
plan({a = {100, 1, 0, true}, b = {200, 1, 0, true}})
-- More pinned buckets than the share.
plan({a = {100, 1, 100}, b = {20}, c = {0}})
plan({a = {100, 1, 80}, b = {90, 1, 90}, c = {0, 1}})
plan({a = {100, 0, 10}, b = {0, 1}})
-- A new cluster.
plan({a = {0}, b = {0}, c = {0}}, 10).etalons
plan({a = {0, 1}, b = {0, 0}}, 10).etalons

-- Any cluster: buckets are neither made nor lost, routes lead to the shares.
test_run:cmd("setopt delimiter ';'")
function try()
    local states, before, after = {}, 0, 0
    for i = 1, math.random(6) do
        local count = math.random(0, 50)
        states["r" .. i] = {uuid = "r" .. i, count = count, weight = math.random(0, 3), pinned = math.random(0, count), lock = math.random(5) == 1 or nil}
        before = before + count
    end
    states.r0 = {uuid = "r0", count = 0, weight = 1, pinned = 0}
    balance.set_etalons(states)
    for from, targets in pairs(balance.routes(states)) do
        for to, count in pairs(targets) do
            assert(count > 0 and from ~= to)
            states[from].count = states[from].count - count
            states[to].count = states[to].count + count
        end
    end
    for _, state in pairs(states) do
        assert(state.count == state.etalon and state.count >= state.pinned)
        after = after + state.count
    end
    assert(before == after and balance.disbalance(states) == 0)
end;
test_run:cmd("setopt delimiter ''");
for i = 1, 1000 do try() end
