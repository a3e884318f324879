require('test_run').new():get_cfg('engine')
