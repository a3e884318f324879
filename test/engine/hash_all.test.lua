-- What the iterators of a hash index make of a key.
s = box.schema.space.create('s')
_ = s:create_index('pk', {type = 'hash'})
for i = 1, 5 do s:insert{i} end
s:select({}, {iterator = 'ALL'})
s:select({3}, {iterator = 'ALL'})
s:select({9}, {iterator = 'ALL', limit = 2, offset = 1})
s:count({3}, {iterator = 'ALL'})
s:select({3}, {iterator = 'EQ'})
s:select({9}, {iterator = 'GT'})
s:select({3}, {iterator = 'GE'})
s:select({3}, {iterator = 'REQ'})
