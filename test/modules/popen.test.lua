probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
fiber = require('fiber');
popen = require('popen');
function run(argv, options) local h = popen.new(argv, options) h:wait() local info = h:info() h:close() return info end;
function refused(...) local ok, err = pcall(...) return ok, err.type, err.message end;
popen.opts, popen.state, popen.stream, popen.signal.SIGKILL, popen.signal.SIGTERM, popen.signal.SIGPOLL;
run({'/bin/true'}), run({'/bin/false'}, {stdin = 'close', stdout = 'devnull', setsid = true, group_signal = true}), run({'/no/such/program'});
run({'/bin/sh', '-c', 'kill -9 $$'}).status, run({'exit 3', 'a b', 'c'}, {shell = true});
probe([[
    refused(popen.new)
    refused(popen.new, 'x')
    refused(popen.new, {1})
    refused(popen.new, {'/bin/true'}, 5)
    refused(popen.new, {'/bin/true'}, {stdin = 5})
    refused(popen.new, {'/bin/true'}, {stdin = 'x'})
    refused(popen.new, {'/bin/true'}, {env = 'x'})
    refused(popen.new, {'/bin/true'}, {env = {1}})
    refused(popen.new, {'/bin/true'}, {shell = 5})
    refused(popen.new, {'/bin/true'}, {keep_child = 5})
    refused(popen.new, {'/bin/true'}, {group_signal = true})
    refused(popen.shell)
    refused(popen.shell, 'true', 5)
    refused(popen.shell, 'true', 'x')
]]);
h = popen.shell('echo out; echo err >&2; read line; echo $line; exit 3', 'rwR');
h.pid == h:info().pid, h.command, h.stdin, h.stdout, h.stderr, h.status, h.opts.setsid, h.no_such_field, type(h), getmetatable(h);
h:read(), h:read({stderr = true}), h:write('hello\n'), h:read(), h:wait(), h:read(), h.pid;
probe([[
    refused(h.read, h, {timeout = 'x'})
    refused(h.read, h, {timeout = -1})
    refused(h.read, h, {stdout = true, stderr = true})
    refused(h.read, h, 5)
    refused(h.read)
    refused(h.write, h)
    refused(h.write, h, 5)
    refused(h.write, h, 'x', 5)
    refused(h.signal, h)
    refused(h.shutdown, h)
    refused(h.shutdown, h, 5)
    refused(h.shutdown, h, {})
    refused(h.shutdown, h, {stdin = 5})
    h:signal(0)
    h:kill()
    h:terminate()
    h:shutdown({stdin = true}), h.stdin, h:shutdown({stdin = true})
    refused(h.write, h, 'x')
    h:close(), h:close()
    refused(h.info, h)
    refused(function() return h.pid end)
]]);
h = popen.new({'/bin/cat'}, {stdin = 'pipe', stdout = 'pipe'});
probe([[
    h:read({timeout = 0.01})
    h:write(('x'):rep(1000000), {timeout = 0.01})
    refused(h.read, h, {stderr = true})
]]);
f = fiber.new(function() return pcall(h.wait, h) end);
f:set_joinable(true), h:kill(), f:join();
h:close();
h = popen.new({'/usr/bin/env'}, {stdout = 'pipe', env = {NAME = 'value'}});
h:read(), h:read(), h:close();
