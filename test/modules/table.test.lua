table.copy({a={1}}).a[1]
table.copy == table.deepcopy
table.deepcopy()
table.copy(1)
table.deepcopy({a={1}},2)
(function() local t={} t.t=t local c=table.deepcopy(t) return c.t==c, c~=t end)()
(function() local mt={x=1} local t=setmetatable({},mt) local c=table.deepcopy(t) return getmetatable(c)==mt, getmetatable(c).x end)()
(function() local t=setmetatable({},{__copy=function(s) return {7} end}) return table.copy(t) end)()
(function() local k={} local t={[k]=1} local c=table.deepcopy(t) return next(c)==k end)()
(function() local a={} local t={a,a} local c=table.deepcopy(t) return c[1]==c[2],c[1]==a end)()
(function() local t=setmetatable({},{__copy=function(s) return {7} end}) return table.deepcopy(t) end)()
(function() local t=setmetatable({1},{__copy=function(s) return {7} end}) local d=table.deepcopy({t,a=t}) return d[1],d.a,d end)()
