--- Configuration of a cluster of two storages, `left` and `right`, whose sockets are in the working directory.

local function replicaset(name, uuid)
    return {replicas = {[uuid] = {
        uri = 'storage:storage@unix/:./' .. name .. '.sock', name = name, master = true,
    }}}
end

return {
    bucket_count = 60,
    sharding = {
        ['aaaaaaaa-0000-4000-8000-000000000001'] = replicaset('left', 'aaaaaaaa-0000-4000-8000-0000000000a1'),
        ['aaaaaaaa-0000-4000-8000-000000000002'] = replicaset('right', 'aaaaaaaa-0000-4000-8000-0000000000a2'),
    },
}
