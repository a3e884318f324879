probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
http = require('http.client');
socket = require('socket');
function serve(path) if path == '/redirect' then return '302 Found\r\nLocation: /there', '' elseif path == '/cookie' then return '200 OK\r\nSet-Cookie: a=b; Path=/; HttpOnly\r\nSet-Cookie: c=d\r\nX-A: 1\r\nx-a: 2', 'hi' elseif path == '/404' then return '404 Not Here', 'no' end return '200 OK', path end;
function answer(s) local head = s:read('\r\n\r\n') local size = tonumber(head:lower():match('content%-length: (%d+)') or 0) local body = size > 0 and s:read(size) or '' last = {method = head:match('^%S+'), body = body, kind = head:match('Content%-Type: ([^\r]*)'), a = head:match('A: ([^\r]*)')} local path = head:match(' (%S+)') if path == '/empty' then return elseif path == '/cut' then s:write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc') return elseif path == '/nonsense' then s:write('nonsense\r\n\r\n') return elseif path == '/hang' then require('fiber').sleep(2) end local status, text = serve(path) s:write(('HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s'):format(status, #text, head:match('^HEAD') and '' or text)) end;
server = socket.tcp_server('127.0.0.1', 0, {handler = answer, name = 'http'});
base = 'http://127.0.0.1:' .. server:name().port;
http.get(base .. '/x'), last;
http.post(base .. '/x', 'body', {headers = {A = 'b', ['Content-Type'] = 'x/y'}}), last;
http.put(base .. '/x', 'body').status, last, http.patch(base .. '/x', 'body').body, last, http.delete(base .. '/x').status, last.method, http.head(base .. '/x').body, last.method, http.options(base .. '/x').status, last.method, http.trace(base .. '/x').status, last.method, http.request('FOO', base .. '/x', 'b').status, last;
http.get(base .. '/cookie'), http.get(base .. '/404'), http.get(base .. '/redirect'), http.get(base .. '/redirect', {follow_location = false});
probe([[
    http.get(base .. '/empty')
    http.get(base .. '/cut')
    http.get(base .. '/nonsense')
    http.get(base .. '/hang', {timeout = 0.05})
    http.get('http://127.0.0.1:1/')
    http.get('127.0.0.1:1')
    http.get(base .. '/x', {unix_socket = '/no/such/socket'})
    http.get(base .. '/x', {interface = 'nosuch'})
    http.get('')
    http.get('http://')
    http.get('foo://x')
    http.get('http://127.0.0.1:99999/')
    http.get()
    http.get(base, 5)
    http.get(base, {headers = 5})
    http.get(base, {headers = {a = {1}}})
    http.get(base, {headers = {'x'}})
    http.post(base, {})
    http.request()
    http.request('GET')
    http.new(5)
    http.new({max_connections = 'x'})
    http.new().get()
    http.new().put()
    http.new().stat()
    http.new().request()
]]);
client = http.new({max_connections = 2});
client:get(base .. '/x').body, client:get(base .. '/404').status, client:get(base .. '/empty').status;
stat = client:stat();
stat.total_requests, stat.http_200_responses, stat.http_other_responses, stat.failed_requests, stat.active_requests;
server:close();
