-- Snapshots, backups, box.once, restarts.
test_run = require('test_run').new()
fio = require('fio')
s = box.schema.space.create('kept', {format = {{'id', 'unsigned'}, {'name', 'string'}}})
_ = s:create_index('pk')
_ = s:create_index('name', {parts = {'name'}, unique = false})
for i = 1, 10 do s:insert({i, 'name ' .. i % 3}) end
box.snapshot()
box.snapshot()
files = box.backup.start()
#files, fio.basename(files[1]) == ('%020d.snap'):format(box.info.signature)
box.backup.start()
box.backup.stop()
box.backup.stop()
box.backup.start(-1)
box.backup.start(100)
box.backup.start('x')
for i = 1, 3 do s:delete(i) end
s:update(4, {{'=', 'name', 'new'}})
box.begin() s:insert({20, 'twenty'}) s:insert({21, 'twenty'}) box.commit()
box.begin() s:insert({30, 'thirty'}) box.rollback()
box.once('first', function(...) return ... end, 1, 2)
box.once('first', error)
box.once('fails', function() error('words', 0) end)
box.once('fails', function() error('words', 0) end)
box.once(1, print)
box.once('x', 1)
lsn = box.info.lsn
uuid = box.info.uuid
_ = s:replace({100, tostring(lsn) .. uuid})
test_run:cmd('restart server default')
s = box.space.kept
s:get(100)[2] == tostring(box.info.lsn - 1) .. box.info.uuid
_ = s:delete(100)
s:select()
s.index.name:select({'twenty'})
box.once('first', error)
box.is_in_txn()
box.begin() in_txn = box.is_in_txn() box.rollback()
in_txn
test_run:cmd('restart server default with cleanup=1')
box.space.kept
box.info.signature
