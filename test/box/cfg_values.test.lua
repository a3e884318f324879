-- Every option of box.cfg with values of every type, and what a read-only instance refuses.
opts = {} for k in pairs(box.cfg) do table.insert(opts, k) end for _, k in ipairs{'listen', 'replication', 'instance_uuid', 'replicaset_uuid', 'username', 'pid_file', 'custom_proc_title', 'snap_io_rate_limit', 'log_nonblock', 'io_collect_interval', 'wal_dir_rescan_delay', 'bogus', 'rows_per_wal', 'panic_on_wal_error', 'slab_alloc_arena', 'snap_dir', 'election_mode'} do table.insert(opts, k) end table.sort(opts)
try = function(k, v) local ok, e = pcall(box.cfg, {[k] = v}) return k .. ' ' .. tostring(v):gsub('table.*', 'table') .. ': ' .. (ok and 'ok' or tostring(e)) end
(function() local r = {} for _, k in ipairs(opts) do if k ~= 'log' then table.insert(r, try(k, {})) end end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do if k ~= 'replication' and k ~= 'listen' and k ~= 'replication_source' then table.insert(r, try(k, 'zzz')) end end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do table.insert(r, try(k, true)) end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do if k ~= 'replication' and k ~= 'listen' and k ~= 'replication_anon' then table.insert(r, try(k, -1)) end end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do if k ~= 'replication' and k ~= 'listen' then table.insert(r, try(k, 0)) end end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do if k ~= 'replication' and k ~= 'listen' then table.insert(r, try(k, 1.5)) end end return unpack(r) end)()
(function() local r = {} for _, k in ipairs(opts) do if not k:find('uuid') and k ~= 'slab_alloc_arena' and k ~= 'log' then table.insert(r, try(k, box.NULL)) end end return unpack(r) end)()
box.cfg{read_only = false}
s = box.schema.space.create('s') _ = s:create_index('pk') _ = s:insert{1}
t = box.schema.space.create('t', {temporary = true}) _ = t:create_index('pk')
l = box.schema.space.create('l', {is_local = true}) _ = l:create_index('pk')
box.cfg{read_only = true}
s:insert{2}
s:replace{2}
s:update(1, {{'=', 2, 1}})
s:upsert({1}, {})
s:delete{1}
s:truncate()
s:drop()
s:rename('x')
s:format{}
s:create_index('x')
s.index.pk:alter{}
s.index.pk:alter{parts = {1, 'integer'}}
t:insert{1}
t:truncate()
l:insert{1}
l:truncate()
box.schema.user.create('x')
box.schema.user.grant('guest', 'read', 'universe')
box.schema.func.create('x')
box.schema.sequence.create('x')
box.schema.space.create('zz')
box.schema.space.create('zz', {temporary = true})
box.snapshot()
box.begin() s:select() box.commit()
box.begin() r = {pcall(s.insert, s, {5})} box.commit()
tostring(r[2])
box.cfg{read_only = false}
s:get{1}, s:get{5}
box.cfg()
box.cfg{}
box.cfg.foo
box.cfg.foo = 1
box.cfg.read_only = true
box.cfg(1)
box.cfg('x')
box.cfg({}, 1)
#box.cfg
