test_run = require('test_run').new()
SERVERS = {'second', 'third'}
test_run:create_cluster(SERVERS, 'servers', {args = 'a b'})
test_run:wait_cond(function() return test_run:get_param('third', 'status') == 'running' end)
test_run:switch('second')
NAME, ARGUMENTS
test_run:switch('third')
NAME
test_run:switch('default')
test_run:stop_cluster(SERVERS)
test_run:set_cluster_environment({GREETING = 'hello'})
test_run:start_cluster(SERVERS)
test_run:eval('second', "os.getenv('GREETING')")
test_run:drop_cluster(SERVERS)
uris = test_run:create_cluster(SERVERS, nil, {return_listen_uri = true})
#uris
test_run:drop_cluster(SERVERS)
test_run:cmd("start server second")
