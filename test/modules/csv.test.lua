csv = require('csv')
csv.load('a,b\nc,d')[1]
csv.load('a,b\nc,d')[2]
csv.load('a,"b ""x"" \n",c\n')[1]
csv.load(' a , b \n')[1]
csv.load('a;b\n',{delimiter=';'})[1]
csv.load("a;'b;c'\n",{delimiter=';',quote_char="'"})[1]
#csv.load('a\nb\nc\n',{skip_head_lines=1})
#csv.load('')
#csv.load('\n\n')
#csv.load('a\n\nb')
csv.load('a\r\nb\r\n')[1]
csv.load('a,b,\n')[1]
csv.load(',,')[1]
csv.load('"a')
csv.load('a"b"c,d')[1]
csv.load('"a"b,c')[1]
csv.load('"a" ,c')[1]
csv.load(' "a",c')[1]
csv.load(1)
csv.load()
csv.load('a',1)
csv.load('a',{delimiter='xx'})
csv.load('a',{chunk_size=1})[1]
csv.load('a',{delimiter=1})
csv.load({})
(function() local n=0 local f={'a,b\n','c',',d\n',''} return csv.load({read=function(self,size) n=n+1 return f[n] end}) end)()[2]
csv.dump({{1,2},{'a,b','c"d'}})
csv.dump({1,2,'x'})
csv.dump({{'a\nb',' x','',1.5,true}})
csv.dump({{'a;b'}},{delimiter=';'})
csv.dump({})
csv.dump({{}})
csv.dump()
csv.dump(1)
csv.dump({{1,nil,3}})
csv.dump({{1}},1)
csv.dump({{"a'b"}},{quote_char="'"})
(function() local r={} for i,t in csv.iterate('a,b\nc') do r[#r+1]=i..t[1] end return r end)()
(function() local r={} for i,t in csv.iterate('a,b\nc',{skip_head_lines=1}) do r[#r+1]=i..t[1] end return r end)()
csv.dump({{'a\r'}})
csv.dump({{'a '}})
