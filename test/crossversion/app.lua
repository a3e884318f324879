-- What each storage under test runs when it is configured: the space that the
-- callers write to, and the functions that they call.
if not box.info.ro then
    local space = box.schema.space.create('crossversion', {if_not_exists = true, format = {
        {'id', 'unsigned'}, {'bucket_id', 'unsigned'},
    }})
    space:create_index('primary', {if_not_exists = true})
    space:create_index('bucket_id', {parts = {'bucket_id'}, unique = false, if_not_exists = true})
end

function crossversion_put(id, bucket_id)
    box.space.crossversion:replace({id, bucket_id})
    return true
end

function crossversion_count()
    return box.space.crossversion:len()
end
