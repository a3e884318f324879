litter = 1
package.loaded.litter = {}
s = box.schema.space.create('litter')
_ = s:create_index('pk', {sequence = true})
_ = box.schema.sequence.create('litter')
box.schema.func.create('litter')
box.schema.user.create('litter')
box.schema.role.create('littering')
box.schema.user.grant('guest', 'read,write', 'space', 'litter')
box.schema.user.grant('litter', 'littering')
box.schema.role.grant('littering', 'execute', 'universe')
box.once('litter', function() end)
box.begin()
