test_run = require('test_run').new()
engine = test_run:get_cfg('engine')
box.schema.space.create('s', {engine = engine}).engine
