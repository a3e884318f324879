--- Names and numbers of the sharding protocol. What other instances can see
-- (bucket states, defaults of the configuration) is that of public vshard.
-- @module vshard.consts

return {
    --- States of a bucket, as `_bucket` stores them.
    BUCKET = {
        -- Serves reads and writes.
        ACTIVE = 'active',
        -- Serves both, and the rebalancer does not move it.
        PINNED = 'pinned',
        -- Serves reads, while its data travel to the destination.
        SENDING = 'sending',
        -- Serves nothing until the last of its data has come.
        RECEIVING = 'receiving',
        -- Lives elsewhere now; reads that began earlier may go on.
        SENT = 'sent',
        -- Serves nothing; its data are to be deleted.
        GARBAGE = 'garbage',
    },
    --- Severity of the alerts of `info()`.
    STATUS = {GREEN = 0, YELLOW = 1, ORANGE = 2, RED = 3},

    DEFAULT_BUCKET_COUNT = 3000,
    --- Tuples in one message of a transfer.
    BUCKET_CHUNK_SIZE = 1000,
    --- Buckets in one page of the discovery.
    DISCOVERY_CHUNK_SIZE = 10000,

    DEFAULT_REBALANCER_DISBALANCE_THRESHOLD = 1,
    DEFAULT_REBALANCER_MAX_RECEIVING = 100,
    DEFAULT_REBALANCER_MAX_SENDING = 1,
    REBALANCER_MAX_SENDING_MAX = 15,
    REBALANCER_IDLE_INTERVAL = 60 * 60,
    REBALANCER_WORK_INTERVAL = 10,
    REBALANCER_GET_STATE_TIMEOUT = 5,
    REBALANCER_APPLY_ROUTES_TIMEOUT = 5,
    --- Seconds that one message of a transfer may take.
    BUCKET_SEND_CHUNK_TIMEOUT = 10,
    --- Seconds to wait for writes to leave a bucket that is to be sent.
    BUCKET_SEND_RW_TIMEOUT = 10,

    CALL_TIMEOUT_MIN = 0.5,
    CALL_TIMEOUT_MAX = 64,
    --- Successive successes and failures that change a replica's timeout.
    TIMEOUT_SHORTEN_AFTER = 10,
    TIMEOUT_WIDEN_AFTER = 2,

    FAILOVER_DOWN_TIMEOUT = 1,
    DEFAULT_FAILOVER_PING_TIMEOUT = 5,
    FAILOVER_INTERVAL = 1,
    REPLICA_BACKOFF_INTERVAL = 5,
    RECONNECT_INTERVAL = 0.5,
    MASTER_SEARCH_INTERVAL = 0.5,
    MASTER_SEARCH_TIMEOUT = 5,

    DEFAULT_SYNC_TIMEOUT = 1,
    RECOVERY_INTERVAL = 5,
    RECOVERY_RETRY_INTERVAL = 0.5,
    RECOVERY_TIMEOUT = 5,
    DEFAULT_COLLECT_BUCKET_GARBAGE_INTERVAL = 0.5,
    GC_IDLE_INTERVAL = 60,
    GC_TIMEOUT = 5,
    COLLECT_LUA_GARBAGE_INTERVAL = 100,

    DISCOVERY_IDLE_INTERVAL = 10,
    DISCOVERY_WORK_INTERVAL = 1,
    DISCOVERY_WORK_STEP = 0.01,
    DISCOVERY_TIMEOUT = 10,

    DEFAULT_SCHED_REF_QUOTA = 300,
    DEFAULT_SCHED_MOVE_QUOTA = 1,

    --- Seconds after which a replica that has not been heard of is an alert.
    REPLICATION_LAG_MAX = 30,
    TIMEOUT_INFINITY = 100 * 365 * 86400,
}
