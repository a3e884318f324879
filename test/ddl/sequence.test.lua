-- Sequences.
box.schema.sequence.create()
box.schema.sequence.create(5)
box.schema.sequence.create('')
box.schema.sequence.create('q', 5)
box.schema.sequence.create('q', {foo = 1})
box.schema.sequence.create('q', {step = 0})
box.schema.sequence.create('q', {min = 10, max = 5})
box.schema.sequence.create('q', {start = 100, max = 5})
box.schema.sequence.create('q', {start = 'a'})
box.schema.sequence.create('q', {cycle = 1})
box.schema.sequence.create('q', {cache = 'x'})
q = box.schema.sequence.create('q')
q
box.schema.sequence.create('q')
box.schema.sequence.create('q', {if_not_exists = true}) == q
q:current()
q:next()
q:next()
q:current()
q:set(100)
q:set('a')
q:set()
q:set(-5)
q:next()
q:reset()
q:next()
q:alter({step = 2})
q:next()
q:alter({step = -2, max = 3})
q:next()
q:next()
q:next()
q:alter({foo = 1})
q:alter({step = 0})
q:alter()
q:alter(5)
q.next()
q.next(5)
q:rename('w')
q:alter({name = 'w'})
box.sequence.w
box.sequence.w == q
q:alter({min = 1, max = 3, cycle = true, start = 1, step = 1})
q:reset()
q:next(), q:next(), q:next(), q:next()
q:drop()
q:next()
q:drop()
box.sequence.w
box.schema.sequence.drop('nope')
box.schema.sequence.drop('nope', {if_exists = true})
box.schema.sequence.drop()
box.schema.sequence.alter('nope', {})
q = box.schema.sequence.create('q', {min = 1, max = 2})
q:next(), q:next()
q:next()
box.error.last().code
q:reset()
s = box.schema.space.create('s')
pk = s:create_index('pk', {sequence = 'nope'})
pk = s:create_index('pk', {sequence = true})
pk
pk.sequence_id
pk.sequence_fieldno
s:insert{box.NULL, 'a'}
s:insert{nil, 'b'}
s:insert{'x', 'b'}
s:insert{10, 'c'}
s:insert{box.NULL, 'd'}
s:replace{box.NULL, 'e'}
s:insert{}
s:upsert({box.NULL, 'f'}, {})
s:update(1, {{'=', 2, 'z'}})
box.sequence
box.sequence.s_seq:current()
box.sequence.s_seq:next()
box.sequence.s_seq:drop()
box.space._sequence:select()
box.space._sequence_data:select()
box.space._space_sequence:select()
pk:drop()
box.sequence
s:insert{box.NULL, 'a'}
pk:alter({sequence = 'q'})
s:truncate()
s:insert{box.NULL, 'a'}
s:insert{box.NULL, 'a'}
s:insert{box.NULL, 'a'}
q:drop()
pk:alter({sequence = {id = 'q', field = 1}})
pk:alter({sequence = {id = 'q', field = 2}})
pk:alter({sequence = {id = 'q', field = 'x'}})
pk:alter({sequence = {foo = 'q'}})
pk:alter({sequence = 5})
s:drop()
q:current()
q:drop()
s = box.schema.space.create('s', {format = {{'a', 'string'}, {'b', 'unsigned'}}})
s:create_index('pk', {parts = {'a', 'b'}, sequence = true})
pk = s:create_index('pk', {parts = {'a', 'b'}, sequence = {field = 'b'}})
pk.sequence_fieldno
s:insert{'x', box.NULL}
s:insert{'x', box.NULL}
s:insert{'x'}
s:create_index('sk', {parts = {'b'}, sequence = true})
s:drop()
s = box.schema.space.create('s')
pk = s:create_index('pk', {parts = {{1, 'integer', path = 'a.b'}}, sequence = {field = '[1].a.b'}})
pk = s:create_index('pk', {parts = {{'[1].a.b', 'integer'}}, sequence = {field = '[1].a.b'}})
s:insert{{a = {b = box.NULL}}}
s:insert{{a = {b = box.NULL}}}
s:insert{{a = {}}}
s:insert{{}}
s:insert{box.NULL}
s:drop()
s = box.schema.space.create('s')
s:create_index('pk', {parts = {1, 'string'}, sequence = true})
pk = s:create_index('pk', {parts = {1, 'integer'}, sequence = true})
box.begin() s:insert{box.NULL} s:insert{box.NULL} box.rollback()
s:insert{box.NULL}
s:insert{-5}
s:insert{box.NULL}
s:insert{100}
s:delete(100)
s:insert{box.NULL}
s:drop()
box.space._sequence:insert{1, 1, 'raw', 1, 1, 100, 1, 0, false}
box.sequence.raw:next()
box.space._sequence_data:select()
box.space._sequence_data:replace{1, 50}
box.sequence.raw:next()
box.space._sequence_data:delete{1}
box.sequence.raw:next()
box.space._sequence:insert{2, 1, 'raw2', 0, 1, 100, 1, 0, false}
box.space._sequence:insert{2, 1, 'raw', 1, 1, 100, 1, 0, false}
box.space._sequence:delete{1}
box.sequence.raw
