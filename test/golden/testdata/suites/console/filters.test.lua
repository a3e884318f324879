test_run = require('test_run').new()
test_run:cmd("push filter 'id: [0-9]+' to 'id: <id>'")
{{id = 17}}
test_run:cmd("push filter '(a+)(b+)' to '\\2\\1 $1'")
'aabb'
test_run:cmd("pop filter")
'aabb'
{{id = 17}}
test_run:cmd("push filter '.*secret.*' to ''")
{'shown', 'a secret', 'shown too'}
test_run:cmd("clear filter")
{{id = 17}}
test_run:cmd("pop filter")
test_run:cmd("push filter '(' to 'x'")
test_run:cmd("push filter 'x'")
test_run:cmd("peel filter")
