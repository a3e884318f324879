test_run = require('test_run').new()
test_run:get_cfg('a'), test_run:get_cfg('list')
