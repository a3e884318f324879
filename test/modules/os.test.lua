os.execute('exit 3')
os.execute('kill -9 $$')
os.execute('true')
os.getenv('NOPE')
os.setenv('A_B','1')
os.getenv('A_B')
os.setenv('A_B',nil)
os.setenv('A')
os.setenv(1,1)
os.remove('/nonexist')
os.remove('/tmp')
os.difftime(5,3)
os.difftime(5)
os.setlocale('C')
os.setlocale('xx')
os.setlocale(nil,'numeric')
os.setlocale('C','foo')
os.time{year=2020,month=1,day=1}
os.time{year=2020,month=1,day=1,hour=0}
os.time{year=2020}
os.time(1)
os.date('!%Y-%m-%d %H:%M:%S',0)
os.date('!*t',0)
os.date('!%c %x %X %p %A %B %j %U %w %W %y %Z %%',0)
os.date('*t',0).isdst
os.date('%E',0)
os.date('!%D %e %F %h %n %R %t %T %u %V %g %G %C %I %k %l %s %z %r %O %Q',0)
os.rename('/nonexistent/a', '/nonexistent/b')
name = os.tmpname()
name:match('^/tmp/lua_%w+$') ~= nil
os.remove(name)
os.remove(name) == nil
type(os.clock()), type(os.time())
