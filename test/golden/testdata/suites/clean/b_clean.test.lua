litter
package.loaded.litter
box.space.litter
box.sequence.litter
box.schema.func.exists('litter')
box.schema.user.exists('litter'), box.schema.role.exists('littering')
box.schema.user.info('guest')
box.space._schema:get('oncelitter')
box.is_in_txn()
again
again = true
