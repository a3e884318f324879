test_run = require('test_run').new()
test_run:cmd("create connection beside to default")
box.session.storage.who = 'first'
id = box.session.id()
test_run:cmd("set connection beside")
box.session.storage.who
box.session.id() ~= id
box.session.storage.who = 'second'
test_run:cmd("set connection default")
box.session.storage.who
count = 0
-- A statement to two connections runs twice; one answer is shown.
test_run:cmd("set connection default, beside")
count = count + 1
count
test_run:cmd("set connection default")
count
test_run:cmd("drop connection beside")
test_run:cmd("set connection beside")
-- Pushes are part of the answer, and Lua output ends where it ends.
box.session.push('pushed')
\set output lua
{a = ';'}, 2
\set output yaml
1
