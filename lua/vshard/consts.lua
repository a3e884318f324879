--- Names and numbers of the sharding protocol. What other instances can see
-- (bucket states, defaults of the configuration) is that of public vshard, and
-- so are the names that scripts change to make the background work faster.
-- @module vshard.consts

return {
    --- The release of public vshard whose interface this module has.
    VERSION = '0.1.42',

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
    --- What the functions of on_bucket_event are called for.
    BUCKET_EVENT = {
        RECV = 'bucket_data_recv_txn',
        GC = 'bucket_data_gc_txn',
    },
    --- Severity of the alerts of `info()`.
    STATUS = {GREEN = 0, YELLOW = 1, ORANGE = 2, RED = 3},
    --- Seconds that a replica may be behind its master for an alert of yellow,
    -- orange and red.
    REPLICATION_THRESHOLD_SOFT = 1,
    REPLICATION_THRESHOLD_HARD = 5,
    REPLICATION_THRESHOLD_FAIL = 10,

    DEFAULT_BUCKET_COUNT = 3000,
    --- Seconds that a storage remembers where a deleted bucket has gone.
    BUCKET_SENT_GARBAGE_DELAY = 0.5,
    --- Tuples in one message of a transfer or in one transaction; buckets in
    -- one page of the discovery.
    BUCKET_CHUNK_SIZE = 1000,
    --- Entries of a Lua table that are looked at without a yield.
    LUA_CHUNK_SIZE = 100000,

    DEFAULT_REBALANCER_DISBALANCE_THRESHOLD = 1,
    DEFAULT_REBALANCER_MAX_RECEIVING = 100,
    DEFAULT_REBALANCER_MAX_SENDING = 1,
    REBALANCER_MAX_SENDING_MAX = 15,
    REBALANCER_IDLE_INTERVAL = 60 * 60,
    REBALANCER_WORK_INTERVAL = 10,
    REBALANCER_CHUNK_TIMEOUT = 60 * 5,
    REBALANCER_GET_STATE_TIMEOUT = 5,
    REBALANCER_APPLY_ROUTES_TIMEOUT = 5,
    --- Seconds that one message of a transfer may take, and that the writes of
    -- a bucket may take to leave it.
    DEFAULT_BUCKET_SEND_TIMEOUT = 10,
    DEFAULT_BUCKET_RECV_TIMEOUT = 10,

    CALL_TIMEOUT_MIN = 0.5,
    CALL_TIMEOUT_MAX = 64,
    --- Successive successes and failures that change a replica's timeout.
    TIMEOUT_SHORTEN_AFTER = 10,
    TIMEOUT_WIDEN_AFTER = 2,

    --- Seconds between looks for a nearer replica, and that the present one may
    -- be down before a farther one takes over.
    FAILOVER_UP_TIMEOUT = 5,
    FAILOVER_DOWN_TIMEOUT = 1,
    --- Pings in a row that a replica may leave unanswered.
    FAILOVER_DOWN_SEQUENTIAL_FAIL = 3,
    DEFAULT_FAILOVER_PING_TIMEOUT = 5,
    REPLICA_BACKOFF_INTERVAL = 5,
    REPLICA_NOACTIVITY_TIMEOUT = 60 * 5,
    RECONNECT_TIMEOUT = 0.5,
    MASTER_SEARCH_IDLE_INTERVAL = 5,
    MASTER_SEARCH_WORK_INTERVAL = 0.5,
    MASTER_SEARCH_BACKOFF_INTERVAL = 5,
    MASTER_SEARCH_TIMEOUT = 5,

    DEFAULT_SYNC_TIMEOUT = 1,
    --- Seconds between looks for transfers that broke off, when nothing
    -- happens and when one is waited for.
    RECOVERY_INTERVAL = 5,
    RECOVERY_BACKOFF_INTERVAL = 0.5,
    RECOVERY_GET_STAT_TIMEOUT = 5,
    DEFAULT_COLLECT_BUCKET_GARBAGE_INTERVAL = 0.5,
    --- Seconds between looks for garbage, when nothing happens and after a
    -- failure.
    GC_IDLE_INTERVAL = 60,
    GC_BACKOFF_INTERVAL = 5,
    GC_MAP_CALL_TIMEOUT = 5,
    GC_WAIT_LSN_TIMEOUT = 64,
    GC_WAIT_LSN_STEP = 0.1,
    COLLECT_LUA_GARBAGE_INTERVAL = 100,

    DISCOVERY_IDLE_INTERVAL = 10,
    DISCOVERY_WORK_INTERVAL = 1,
    DISCOVERY_WORK_STEP = 0.01,
    DISCOVERY_TIMEOUT = 10,

    DEFAULT_SCHED_REF_QUOTA = 300,
    DEFAULT_SCHED_MOVE_QUOTA = 1,

    --- Seconds in which an error that repeats is logged once.
    LOG_RATELIMIT_INTERVAL = 60,

    TIMEOUT_INFINITY = 500 * 365 * 86400,
    DEADLINE_INFINITY = math.huge,
}
