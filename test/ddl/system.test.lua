-- The system spaces of a fresh instance.
test_run = require('test_run').new()
box.space._space:select({}, {limit = 3})
box.space._vspace:select({512}, {iterator = 'LT', limit = 2})
box.space._index:select({280}, {iterator = 'LE', limit = 5})
box.space._index:count(), box.space._space:count()
t = {} for _, r in box.space._space:pairs() do table.insert(t, tostring(r)) end
t
t = {} for _, r in box.space._index:pairs() do table.insert(t, tostring(r)) end
t
t = {} for _, r in box.space._priv:pairs() do table.insert(t, tostring(r)) end
t
t = {} for _, r in box.space._user:pairs() do table.insert(t, tostring(r)) end
t
t = {} for _, r in box.space._func:pairs() do table.insert(t, tostring(r:transform(18, 2))) end
#t
t[1]
t[#t]
t = {} for _, r in box.space._vfunc:pairs() do table.insert(t, tostring(r[3])) end
table.concat(t, ' ')
t = {} for _, r in box.space._collation:pairs() do table.insert(t, tostring(r)) end
#t
t[1], t[2], t[3], t[4], t[5], t[100]
box.space._truncate:select()
box.space._trigger:select()
box.space._ck_constraint:select()
box.space._fk_constraint:select()
box.space._func_index:select()
box.space._sequence:select()
box.space._session_settings:select()
box.space._cluster:count()
box.space._schema:get('version')
box.space._schema:get('max_id')
box.space._vuser:select()
box.space._vpriv:count()
box.space._vindex:count()
box.space._vsequence:select()
box.space._vspace_sequence:select()
box.space._vcollation:count()
names = {} for k, v in pairs(box.space) do if type(k) == 'string' then table.insert(names, k) end end
table.sort(names) table.concat(names, ' ')
names = {} for k, v in pairs(box) do if k ~= "is_in_txn" and k ~= "feedback" then table.insert(names, k .. ':' .. type(v)) end end table.sort(names)
names
names = {} for k, v in pairs(box.schema) do table.insert(names, k .. ':' .. type(v)) end table.sort(names)
names
out = {} for _, m in ipairs{'space', 'index', 'user', 'role', 'func', 'sequence'} do local n = {} for k in pairs(box.schema[m]) do table.insert(n, k) end table.sort(n) table.insert(out, m .. ': ' .. table.concat(n, ' ')) end
out
function keys(t) local n = {} for k in pairs(t) do table.insert(n, tostring(k)) end table.sort(n) return table.concat(n, ' ') end
keys(box.index)
keys(box.ctl)
keys(box.backup)
keys(box.slab)
keys(box.tuple)
keys(box.stat)
keys(box.schema)
keys(box.runtime)
keys(box.runtime.info())
keys(box.slab.info())
keys(box.info())
keys(box.info.memory())
keys(box.info.gc())
keys(box.info.ro and {} or {})
keys(box.stat())
keys(box.stat.INSERT)
keys(box.stat.net())
keys(box.info.replication[1])
keys(box.info.sql())
keys(box.info.listen or {})
keys(box.info.vinyl())
keys(box.info.election or {})
keys(box.info.synchro or {})
box.info.status
box.info.ro
box.info.id
box.info.lsn == box.info.vclock[1]
box.info.signature
box.info.cluster.uuid == box.space._schema:get('cluster')[2]
box.info.replication[1].id
box.info.listen
box.info.uptime >= 0
box.info.pid > 0
box.info.package
box.info.version:match('^%d+%.%d+') ~= nil
box.info.nope
box.info.gc().checkpoints[1].signature
box.info.gc()
box.slab.check()
box.cfg.nope
keys(box.cfg)
box.cfg.memtx_memory
box.cfg.wal_mode
box.cfg.log_level
box.cfg.too_many_threads
box.stat.INSERT.total >= 0
box.stat.reset()
box.stat.INSERT
box.stat.net.CONNECTIONS
box.stat.nope
box.stat.vinyl().tx ~= nil
