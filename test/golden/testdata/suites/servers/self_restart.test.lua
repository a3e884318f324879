test_run = require('test_run').new()
_ = box.schema.space.create('kept'):create_index('pk')
box.space.kept:insert{1}
lost = true
test_run:cmd("restart server default")
lost
test_run ~= nil
box.space.kept:select()
test_run:cmd("restart server default with cleanup=1")
box.space.kept
