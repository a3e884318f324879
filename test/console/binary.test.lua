test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
console = require('console');
socket = require('socket');
path = require('fio').pathjoin(require('fio').tempdir(), 'console.sock');
server = console.listen(path);
client = socket.tcp_connect('unix/', path);
_ = client:read(128, 5);
function say(text) client:write(text .. '\n') return (client:read('\n...\n', 5):gsub('127.0.0.1:%d+', 'ADDRESS')) end;
box.cfg({listen = '127.0.0.1:0'});
address = box.info.listen;
say(("require('console').connect('%s')"):format(address));
box.schema.user.create('admirer', {password = 'secret'});
box.schema.user.grant('admirer', 'read,write,execute', 'universe');
say(("require('console').connect('admirer:wrong@%s')"):format(address)):match('error: (.*)\n%.');
say(("require('console').connect('admirer:secret@%s')"):format(address));
say('1 + 1, nil, {a = 1}');
say('box.session.user()');
say('box.session.type()');
say("error('x')");
say('x = = 1');
say('nosuch()');
say('for i = 1, 2 do\nlocal a = i end');
client:close();
server:close();
box.cfg({listen = box.NULL});
box.schema.user.drop('admirer');
