-- What a restart keeps.
test_run = require('test_run').new()
s = box.schema.space.create('test', {format = {{'id', 'unsigned'}, {name = 'v', type = 'string', is_nullable = true, collation = 'unicode_ci'}, {'x', 'any', is_nullable = true}}})
_ = s:create_index('pk', {sequence = true})
_ = s:create_index('sk', {parts = {{'v', is_nullable = true, collation = 'unicode_ci'}}, unique = false})
_ = s:create_index('j', {parts = {{'x', 'unsigned', path = 'a', is_nullable = true}}, unique = false})
for i = 1, 5 do s:insert{box.NULL, 'v' .. i, {a = i}} end
s:update(1, {{'=', 2, 'upd'}})
s:upsert({1}, {{'=', 2, 'ups'}})
s:delete(3)
s:replace{10, box.NULL, {a = 1, b = {1.5, -1, 2^60, true, box.NULL}}}
t = box.schema.space.create('temp', {temporary = true})
_ = t:create_index('pk')
t:insert{1}
l = box.schema.space.create('loc', {is_local = true})
_ = l:create_index('pk', {type = 'hash'})
l:insert{1}
q = box.schema.sequence.create('q', {step = 5, start = 100})
q:next(), q:next()
box.schema.user.create('joe', {password = 'pw'})
box.schema.role.create('readers')
box.schema.role.grant('readers', 'read', 'space', 'test')
box.schema.user.grant('joe', 'readers')
box.schema.func.create('sum', {body = [[function(a, b) return a + b end]], is_deterministic = true, is_sandboxed = true})
box.schema.func.create('key', {body = [[function(t) return {t[2] or ''} end]], is_deterministic = true, is_sandboxed = true})
_ = s:create_index('f', {func = 'key', parts = {{1, 'string'}}, unique = false})
n = 0
box.once('first', function() n = n + 1 end)
box.once('first', function() n = n + 1 end)
n
box.once('args', function(a, b) n = a + b end, 5, 6)
n
box.once()
box.once(5, 5)
box.once('x', 5)
box.once('bad', function() error('failed once') end)
box.space._schema:select{'onceargs'}
box.space._schema:select{'oncebad'}
box.begin() s:insert{20, 'tx'} s:insert{21, 'tx'} box.commit()
box.begin() s:insert{22, 'tx'} box.rollback()
lsn = box.info.lsn
box.info.signature == lsn
test_run:cmd('restart server default')
box.info.lsn
s = box.space.test
s:select()
s.index.sk:select('UPS')
s.index.sk:select({'V'}, {iterator = 'GT', limit = 2})
s.index.j:select({1}, {iterator = 'GE'})
s.index.f:select('tx')
s:format()
s.index.sk.parts
s.index.f.func.fid ~= nil
s:insert{box.NULL, 'after'}
box.space.temp:select()
box.space.temp.temporary
box.space.loc:select()
box.space.loc.index.pk.type
box.sequence.q:next()
box.schema.user.info('joe')
box.schema.role.info('readers')
box.func.sum:call({1, 2})
n
box.once('first', function() n = 5 end)
n
box.snapshot()
#box.info.gc().checkpoints
box.info.gc().checkpoints[2].signature == box.info.signature
s:insert{50, 'behind the snapshot'}
s:alter{}
s:create_index('late', {parts = {3, 'any'}})
s.index.j:drop()
test_run:cmd('restart server default')
s = box.space.test
s:select()
s.index.j
s.index.f:select('after')
box.sequence.q:next()
box.session.su('joe', s.get, s, 1)
box.session.su('joe', s.insert, s, {1})
s:truncate()
s:insert{1}
box.space._truncate:select()
test_run:cmd('restart server default')
box.space.test:select()
box.space.test:insert{box.NULL}
box.space.test:rename('other')
box.schema.user.drop('joe')
box.schema.role.drop('readers')
box.sequence.q:drop()
box.space.loc:drop()
box.space.temp:drop()
box.snapshot()
test_run:cmd('restart server default')
box.space.test, box.space.loc, box.space.temp, box.sequence.q
box.schema.user.exists('joe')
box.space.other:select()
box.space.other:drop()
box.func.sum:drop()
box.func.key:drop()
-- checkpoints and files
fio = require('fio')
#fio.glob(fio.pathjoin(box.cfg.memtx_dir, '*.snap'))
box.snapshot()
box.snapshot()
#box.info.gc().checkpoints
files = box.backup.start()
#files
fio.basename(files[1]):match('%.snap$')
box.backup.start()
s = box.schema.space.create('s') _ = s:create_index('pk')
box.snapshot()
s:insert{1}
box.snapshot()
#box.info.gc().checkpoints
fio.path.exists(files[1])
box.backup.stop()
box.backup.stop()
require('fiber').sleep(0.1)
fio.path.exists(files[1])
box.backup.start(100)
box.backup.start(-1)
box.backup.start('x')
#box.backup.start(0)
box.backup.stop()
box.cfg{checkpoint_count = 1}
box.snapshot()
#box.info.gc().checkpoints
s:drop()
box.cfg{checkpoint_count = 0}
box.cfg{wal_mode = 'none'}
box.cfg{memtx_dir = '/tmp'}
box.cfg{memtx_memory = 1}
box.cfg{memtx_memory = 'x'}
box.cfg{nope = 1}
box.cfg{checkpoint_interval = -1}
box.cfg{wal_max_size = 5}
box.cfg{rows_per_wal = 5}
box.cfg{read_only = true}
box.space._schema:insert{'a'}
box.error.last().code
box.cfg{read_only = false}
box.space._schema:insert{'a'}
box.space._schema:delete('a')
box.cfg{read_only = 'x'}
box.cfg(5)
box.cfg{listen = {}}
box.cfg{log_level = 'bad'}
box.cfg{log_level = 100}
box.cfg{too_long_threshold = 'x'}
box.cfg{checkpoint_count = 'x'}
box.cfg{username = 'x'}
box.cfg{replication_connect_quorum = -1}
box.cfg{instance_uuid = '12345678-1234-1234-1234-123456789abc'}
box.cfg{replicaset_uuid = 'x'}
box.cfg{wal_dir_rescan_delay = -1}
box.cfg{vinyl_memory = 1}
box.cfg{net_msg_max = 0}
box.cfg{slab_alloc_factor = 2}
box.cfg{memtx_max_tuple_size = 10}
box.cfg{background = true}
box.cfg{feedback_enabled = 5}
box.cfg{io_collect_interval = 'x'}
box.cfg{readahead = 'x'}
box.cfg{sql_cache_size = 'x'}
box.cfg{coredump = 1}
box.cfg{force_recovery = 1}
box.cfg{hot_standby = true}
box.cfg{worker_pool_threads = 'x'}
box.cfg{custom_proc_title = 'golden'}
box.cfg.custom_proc_title
