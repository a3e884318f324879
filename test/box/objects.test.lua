-- Transactions, triggers, sequences, box.ctl, box.once, box.info.
test_run = require('test_run').new()
test_run:cmd("push filter 'function: 0x[0-9a-f]+' to 'function: ADDR'")
box.ctl.wait_ro(0.001)
box.ctl.wait_rw(0.001)
box.ctl.wait_rw()
box.ctl.wait_rw('x')
box.ctl.wait_ro('x')
box.ctl.wait_ro(-1)
box.ctl.wait_ro({})
box.ctl.on_shutdown()
f = function() end
box.ctl.on_shutdown(f) == f
box.ctl.on_shutdown(nil, f)
box.ctl.on_shutdown(1)
box.ctl.on_schema_init()
box.ctl.on_schema_init(1)
box.ctl.on_schema_init(f) == f
box.ctl.on_schema_init(nil, f)
box.ctl.clear_synchro_queue()
box.ctl.promote
box.ctl.is_recovery_finished
(function() local r = {} for k, v in pairs(box.ctl) do table.insert(r, k .. ' ' .. type(v)) end table.sort(r) return r end)()
(function() local r = {} for k, v in pairs(box.schema) do table.insert(r, k .. ' ' .. type(v)) end table.sort(r) return r end)()
box.once()
box.once('a')
box.once(1, f)
box.once('a', 1)
box.once('a', function(...) return ... end, 1, 2)
box.once('a', function() error('no') end)
box.once('b', function() error('no') end)
box.once('b', function() return 5 end)
box.space._schema:get{'oncea'}, box.space._schema:get{'onceb'}
box.once('', f)
box.schema.SYSTEM_ID_MAX
box.schema.GUEST_ID, box.schema.ADMIN_ID
box.info.status
box.info.ro, box.info.id, box.info.lsn >= 0, box.info.package
box.info.version:match('^2%.6') ~= nil
type(box.info.pid), type(box.info.uptime), box.info.cluster.uuid ~= nil
box.info.replication[1].id, box.info.replication[1].lsn >= 0
box.info.replication[2]
box.info.replication_anon
box.info.replication_anon()
box.info.memory().tx, box.info.memory().cache, box.info.memory().net ~= nil
box.info.gc().consumers
box.info.vinyl().disk
box.info.sql()
box.info.election
box.info.synchro
box.info.listen ~= nil
box.info.signature ~= nil
tostring(box.info):match('^table') ~= nil
box.info.id = 5
box.info()['id']
box.slab.check()
type(box.slab.stats()[1].item_size), type(box.slab.stats()[1].mem_free)
box.runtime.foo
box.execute ~= nil
box.NULL
box.index.EQ, box.index.ALL, box.index.NEIGHBOR, box.index.FOO
box.iproto
box.is_in_txn()
box.on_commit()
box.on_commit(f)
box.on_rollback(f)
box.begin() r = {pcall(box.on_commit, f)} r2 = {pcall(box.on_commit, 1)} r3 = {pcall(box.on_commit, nil, f)} r4 = box.on_commit() box.commit()
r[1], r[2] == f, r2, r3, r4
box.atomic(1)
box.atomic(function(...) return ..., box.is_in_txn() end, 1, 2)
box.atomic(error, 'x')
box.atomic(function() box.begin() end)
box.atomic(function() box.commit() return 5 end)
box.atomic(function() box.rollback() return 5 end)
box.is_in_txn()
box.begin() ok, e = pcall(box.atomic, f) box.rollback()
ok, tostring(e)
s = box.schema.space.create('t')
_ = s:create_index('pk')
box.begin() s:insert{1} sp = box.savepoint() s:insert{2} box.rollback_to_savepoint(sp) s:insert{3} box.commit()
s:select()
box.begin() s:insert{4} sp1 = box.savepoint() s:insert{5} sp2 = box.savepoint() s:insert{6} box.rollback_to_savepoint(sp1) r = {pcall(box.rollback_to_savepoint, sp2)} box.commit()
r[1], tostring(r[2])
s:select()
box.begin() s:insert{7} require('fiber').sleep(0) r = {pcall(s.insert, s, {8})} r2 = {pcall(box.commit)}
r[1], tostring(r[2]), r2[1], tostring(r2[2])
box.is_in_txn()
s:get{7}
box.begin() r = {pcall(s.create_index, s, 'sk', {parts = {2, 'unsigned'}})} box.rollback()
box.begin() r = {pcall(box.schema.space.create, 'x2')} box.rollback()
r[1], box.space.x2
box.begin() r = {pcall(function() s:truncate() s:insert{100} end)} box.rollback()
r[1], s:count()
box.begin() s:drop() box.rollback() s = box.space.t
box.space.t ~= nil, s:count()
log = {}
_ = s:on_replace(function(old, new, name, op) table.insert(log, {old, new, name, op}) end)
s:insert{20, 'a'}
s:replace{20, 'b'}
s:update(20, {{'=', 2, 'c'}})
s:upsert({20, 'x'}, {{'=', 2, 'd'}})
s:upsert({21, 'x'}, {{'=', 2, 'd'}})
s:delete{21}
s:delete{999}
s:update(999, {{'=', 2, 1}})
log
s:on_replace(nil, s:on_replace()[1])
s:on_replace()
s:on_replace(1)
s:on_replace('x')
s:on_replace(nil, f)
s:on_replace(f, f)
s:before_replace(1)
_ = s:before_replace(function(old, new) return new and new:update{{'=', 2, 'bf'}} end)
s:insert{30, 'x'}
s:replace{30, 'y'}
s:delete{30}
s:get{30}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) return nil end)
s:insert{31}
s:get{31}
s:delete{20}
s:get{20}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) return old end)
s:insert{31}
s:replace{1, 'zzz'}
s:get{1}
s:delete{1}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) end)
s:insert{32}
s:get{32}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) return 'str' end)
s:insert{32}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) return {33, 'other'} end)
s:insert{32}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) return box.tuple.new{34, 'tuple'} end)
s:insert{34}
s:insert{35}
s:get{35}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) error('trg') end)
s:insert{36}
s:before_replace(nil, s:before_replace()[1])
_ = s:before_replace(function(old, new) box.error(box.error.PROC_LUA, 'custom') end)
s:insert{36}
s:before_replace(nil, s:before_replace()[1])
_ = s:on_replace(function(old, new) if new and new[1] < 45 then s:insert{new[1] + 1} end end)
s:insert{40}
s:select({40}, {iterator = 'GE'})
s:on_replace(nil, s:on_replace()[1])
_ = s:on_replace(function(old, new) s:insert{new[1] + 1} end)
s:insert{60}
s:on_replace(nil, s:on_replace()[1])
_ = s:on_replace(function() box.commit() end)
s:insert{61}
s:on_replace(nil, s:on_replace()[1])
_ = s:on_replace(function() box.rollback() end)
s:insert{61}
s:on_replace(nil, s:on_replace()[1])
_ = s:on_replace(function() require('fiber').yield() end)
s:insert{62}
s:on_replace(nil, s:on_replace()[1])
s:get{62}
s:run_triggers(false)
s:run_triggers(true)
box.begin() c = {} box.on_commit(function(it) for i, o, n, id in it() do table.insert(c, {i, o, n, id == s.id}) end end) s:insert{70} s:replace{70, 1} s:delete{70} box.commit()
c
box.begin() c = {} box.on_rollback(function(it) for i, o, n, id in it() do table.insert(c, {i, o, n, id == s.id}) end end) s:insert{70} s:replace{70, 1} box.rollback()
c
s:drop()
q = box.schema.sequence.create('q')
q
q:next(), q:next(), q:current()
q:set(10), q:next()
q:set()
q:set('x')
q:set(1.5)
q:set(-1)
q:set(2^70)
q:reset()
q:current()
q:next()
q:alter()
q:alter{min = 5}
q:alter{step = 0}
q:alter{min = 10, max = 5}
q:alter{start = 100, max = 50}
q:alter{cycle = 1}
q:alter{bogus = 1}
q:alter{name = 'q2'}
q.name
q:alter{min = -5, max = 5, start = 3, step = 2, cycle = true, cache = 10}
box.space._sequence:select()
q:next(), q:next(), q:next(), q:next()
q:reset()
q:alter{cycle = false}
q:next(), q:next()
q:next()
q:next()
q:current()
q:drop()
q:next()
box.sequence.q2
box.schema.sequence.create()
box.schema.sequence.create(1)
box.schema.sequence.create('a', 1)
box.schema.sequence.create('a', {bogus = 1})
box.schema.sequence.create('a', {step = 0})
box.schema.sequence.create('a', {step = 'x'})
box.schema.sequence.create('a', {min = 10, max = 1})
box.schema.sequence.create('a', {start = 0})
box.schema.sequence.create('a', {start = -5, min = -10})
box.sequence.a:next()
box.schema.sequence.create('a')
box.schema.sequence.create('a', {if_not_exists = true})
box.schema.sequence.drop()
box.schema.sequence.drop('zz')
box.schema.sequence.drop('zz', {if_exists = true})
box.schema.sequence.drop('a', {bogus = 1})
box.schema.sequence.drop('a')
d = box.schema.sequence.create('d', {step = -1})
d.min, d.max, d.start
d:next(), d:next()
d:alter{step = -9223372036854775807LL}
d:next()
d:next()
d:drop()
m = box.schema.sequence.create('m', {max = 9223372036854775807LL, start = 9223372036854775806LL})
m:next(), m:next()
m:next()
m:drop()
box.sequence
box.space._sequence:insert{50, 1, 'x', 1, 1, 10, 1, 0, false}
box.space._sequence:insert{51, 1, 'y', 0, 1, 10, 1, 0, false}
box.space._sequence:update({50}, {{'=', 3, 'y'}})
box.space._sequence_data:insert{50, 5}
box.space._sequence_data:insert{99, 5}
box.space._sequence:delete{50}
box.space._sequence_data:delete{50}
box.space._sequence:delete{50}
box.space._space_sequence:insert{999, 1, false, 0, ''}
box.space._space_sequence:insert{280, 99, false, 0, ''}
s = box.schema.space.create('s')
i = s:create_index('pk', {sequence = true})
s:insert{box.NULL, 1}
s:insert{nil, 2}
s:insert{10}
s:insert{box.NULL}
s:insert{}
s:replace{box.NULL}
s:update(1, {{'=', 1, box.NULL}})
s:upsert({box.NULL}, {})
s:auto_increment{'x'}
box.sequence.s_seq:drop()
box.schema.sequence.drop('s_seq')
i:alter{sequence = false}
s:insert{box.NULL}
i:alter{sequence = {id = 'nope'}}
i:alter{sequence = {field = 2}}
i:alter{parts = {1, 'string'}}
s:drop()
