probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
pwd = require('pwd');
probe([[
    pwd.getpw(0).name, pwd.getpw(0).id, pwd.getpw('root').workdir ~= nil, pwd.getpw('root').group
    pwd.getpw().id == pwd.getpw(pwd.getpw().name).id
    pwd.getpw('no such user'), pwd.getpw(-1), pwd.getpw('0'), pwd.getpw(1.5).id
    select('#', pwd.getpw('no such user')), require('errno')()
    pwd.getpw({})
    pwd.getpw(true)
    pwd.getpw(1ULL)
    pwd.getgr(0).name, pwd.getgr('root').id, pwd.getgr('root').members
    pwd.getgr('no such group'), pwd.getgr(-1)
    pwd.getgr({})
    #pwd.getpwall() > 0, pwd.getpwall()[1].name, #pwd.getgrall() > 0, pwd.getgrall()[1]
]]);
