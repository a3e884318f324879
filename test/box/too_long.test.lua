-- A write to the log that takes longer than too_long_threshold is worth a warning.
test_run = require('test_run').new()
s = box.schema.space.create('t')
_ = s:create_index('pk')
test_run:grep_log('default', 'too long WAL write') == nil
box.cfg{too_long_threshold = 0}
s:insert{1}
test_run:wait_log('default', 'too long WAL write: 1 rows at LSN %d+: %d+%.%d%d%d sec', nil, 10) ~= nil
box.begin() s:insert{2} s:insert{3} box.commit()
test_run:wait_log('default', 'too long WAL write: 2 rows at LSN', nil, 10) ~= nil
box.cfg{too_long_threshold = 0.5}
s:drop()
