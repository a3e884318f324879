--- The internals of the storage: everything that outlives the code.
--
-- A change of a field's shape needs a migration (see reload_evolution.lua),
-- because an instance may have been started on any older code.
-- @module vshard.storage.state

local consts = require('vshard.consts')
local internals = require('vshard.internals')
local reload_evolution = require('vshard.storage.reload_evolution')

local function initial()
    return {
        -- How many times the code was loaded again.
        module_version = 0,
        -- How many migrations these internals do not need any more.
        reload_version = reload_evolution.version,
        -- The complete configuration that is applied; nil before cfg().
        current_cfg = nil,
        is_configuring = false,
        is_enabled = false,
        -- Why calls are refused while is_enabled is not set.
        disabled_reason = 'storage is not configured',
        -- Objects of the topology, nil before cfg().
        this_replica = nil,
        this_replicaset = nil,
        replicasets = nil,
        is_master = false,
        -- Options that are looked up often.
        total_bucket_count = 0,
        shard_index = nil,
        sync_timeout = consts.DEFAULT_SYNC_TIMEOUT,
        rebalancer_max_receiving = consts.DEFAULT_REBALANCER_MAX_RECEIVING,
        rebalancer_max_sending = consts.DEFAULT_REBALANCER_MAX_SENDING,
        rebalancer_disbalance_threshold = consts.DEFAULT_REBALANCER_DISBALANCE_THRESHOLD,
        rebalancer_bucket_send_timeout = consts.TIMEOUT_INFINITY,
        is_rebalancer_active = true,
        -- Bucket id -> references and what they are known to allow.
        bucket_refs = {},
        -- Buckets that this instance is sending or receiving right now: bucket
        -- id -> direction, peer, since.
        rebalancer_transfering_buckets = {},
        transfer_statistics = {sent = 0, received = 0, failed = 0},
        -- Bucket id -> where a deleted bucket has gone.
        route_map = {},
        -- Counts the changes of _bucket.
        bucket_generation = 0,
        bucket_trigger = nil,
        truncate_trigger = nil,
        -- Records of the background fibers.
        services = {},
        -- The rebalancer's routes that are being applied.
        applier = {is_busy = false, generation = 0},
        -- References to the storage as a whole and the peace between them and
        -- the transfers.
        storage_refs = {sessions = {}, count = 0},
        sched = {refs = 0, moves = 0, ref_strike = 0, move_strike = 0,
                 refs_waiting = 0, moves_waiting = 0,
                 ref_quota = consts.DEFAULT_SCHED_REF_QUOTA,
                 move_quota = consts.DEFAULT_SCHED_MOVE_QUOTA},
        on_master_enable = {},
        on_master_disable = {},
        -- Failures that tests ask for.
        errinj = {},
    }
end

return internals.get('vshard.storage', initial)
