-- Options of box.cfg: types, values, what can be changed later.
msg = function(options) local ok, err = pcall(box.cfg, options) return ok, tostring(err), type(err) == 'cdata' and err.code or nil end

-- Names and types.
msg({bogus = 1})
msg({'x'})
msg({read_only = 1})
msg({memtx_dir = 1})
msg({memtx_memory = 'a lot'})
msg({listen = true})
msg({replication = true})
msg({checkpoint_count = false})
pcall(box.cfg, 5)

-- Values.
msg({listen = 'localhost'})
msg({listen = 'a:b:c:d'})
msg({replication = '!!'})
msg({checkpoint_count = 0})
msg({readahead = 0})
msg({log_level = 'loud'})
msg({log_level = true})
msg({log_format = 'xml'})
msg({log = 'other.log'})
msg({log_nonblock = true})
msg({replication_timeout = 0})
msg({replication_connect_timeout = -1})
msg({replication_connect_quorum = -1})
msg({replication_sync_lag = -1})
msg({replication_synchro_quorum = 0})
msg({replication_synchro_quorum = 33})
msg({replication_synchro_timeout = -1})
msg({sql_cache_size = -1})
msg({memtx_memory = -1})

-- What cannot be changed.
msg({wal_mode = 'none'})
msg({wal_dir = 'elsewhere'})
msg({memtx_dir = 'elsewhere'})
msg({work_dir = 'elsewhere'})
msg({wal_max_size = 1000})
msg({memtx_min_tuple_size = 32})
msg({slab_alloc_factor = 2})
msg({background = true})
msg({pid_file = 'x.pid'})
msg({username = 'nobody'})
msg({hot_standby = true})
msg({vinyl_page_size = 1024})
msg({instance_uuid = '12345678-1234-4234-8234-123456789012'})
msg({replicaset_uuid = '12345678-1234-4234-8234-123456789012'})
msg({memtx_memory = 1000})

-- The same value is no change.
msg({wal_mode = box.cfg.wal_mode, memtx_dir = box.cfg.memtx_dir, background = false})
msg({instance_uuid = box.info.uuid, replicaset_uuid = box.info.cluster.uuid})

-- What can.
box.cfg{checkpoint_interval = 100, checkpoint_count = 3, too_long_threshold = 1, snap_io_rate_limit = 10}
box.cfg.checkpoint_interval, box.cfg.checkpoint_count, box.cfg.too_long_threshold, box.cfg.snap_io_rate_limit
box.cfg{snap_io_rate_limit = box.NULL}
box.cfg.snap_io_rate_limit
box.cfg{log_level = 'verbose'}
box.cfg.log_level
box.cfg{log_level = 5}
box.cfg{custom_proc_title = 'golden'}
box.cfg.custom_proc_title
box.cfg{read_only = true}
box.info.ro
box.space._schema:insert({'x'})
box.cfg{read_only = false}
box.info.ro
box.cfg{memtx_memory = box.cfg.memtx_memory + 1048576}

-- One bad option leaves the others as they are.
msg({checkpoint_count = 7, bogus = 1})
msg({checkpoint_count = 8, wal_mode = 'none'})
box.cfg.checkpoint_count

-- The table.
box.cfg.bogus
box.cfg.x = 1
box.cfg()
box.cfg({})
type(box.cfg)
box.cfg.wal_dir_rescan_delay, box.cfg.readahead, box.cfg.vinyl_cache, box.cfg.replication_connect_quorum
box.cfg.feedback_host, box.cfg.slab_alloc_factor, box.cfg.checkpoint_wal_threshold
