--- Configuration of the cluster of two replica sets that suites work with.
--
-- Addresses are sockets in the directory where a test's instances all run.

local function replica(name, master)
    return {
        uri = 'storage:storage@unix/:./' .. name .. '.sock',
        name = name,
        master = master,
    }
end

return {
    bucket_count = 3000,
    sharding = {
        ['cbf06940-0790-498b-948d-042b62cf3d29'] = {
            replicas = {
                ['8a274925-a26d-47fc-9e1b-af88ce939412'] = replica('storage_1_a', true),
                ['3de2e3e1-9ebe-4d0d-abb1-26d301b84633'] = replica('storage_1_b'),
            },
        },
        ['ac522f65-aa94-4134-9f64-51ee384f1a54'] = {
            replicas = {
                ['1e02ae8a-afc0-4e91-ba34-843a356b8ed7'] = replica('storage_2_a', true),
                ['001688c3-66f8-4a31-8e19-036c17d489c2'] = replica('storage_2_b'),
            },
        },
    },
}
