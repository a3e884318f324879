-- What each storage of the demo runs when it is configured.
if not box.info.ro then
    local space = box.schema.space.create('orders', {if_not_exists = true, format = {
        {'id', 'unsigned'}, {'bucket_id', 'unsigned'}, {'item', 'string'}, {'amount', 'unsigned'},
    }})
    space:create_index('primary', {if_not_exists = true})
    space:create_index('bucket_id', {parts = {'bucket_id'}, unique = false, if_not_exists = true})
end
orders = require('orders')
