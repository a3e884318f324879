-- box.info, box.stat, box.slab.
box.info.status, box.info.ro, box.info.id, box.info.package
type(box.info.pid), type(box.info.uptime), #box.info.uuid, #box.info.cluster.uuid, type(box.info.version)
box.info.nothing
box.info.election
box.info.synchro
box.info.replication_anon
keys = function(t) local list = {} for k in pairs(t) do table.insert(list, k) end table.sort(list) return list end
s = box.schema.space.create('info')
_ = s:create_index('pk')
lsn = box.info.lsn
_ = s:insert({1})
box.info.lsn - lsn
box.info.signature == box.info.lsn
box.info.vclock[1] == box.info.lsn
box.info.vclock[2]
keys(box.info.replication)
keys(box.info.replication[1])
box.info.replication[1].lsn == box.info.lsn
box.info.replication[1].uuid == box.info.uuid
keys(box.info())
keys(box.info.memory())
keys(box.info.gc())
box.info.gc().consumers, box.info.gc().checkpoint_is_in_progress
keys(box.info.vinyl())
box.info.sql()
box.info.memory
keys(box.stat())
keys(box.stat.net())
box.stat.nothing
keys(box.stat.SELECT)
keys(box.stat.net.CONNECTIONS)
box.stat.net
box.stat.reset()
keys(box.stat.vinyl())
keys(box.slab.info())
box.slab.check()
type(box.slab.stats())
keys(box.runtime.info())
s:drop()
