uuid = require('uuid')
uuid.new():str():len()
tostring(uuid.NULL)
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):str()
uuid.fromstr('BA90D815-14e0-431d-80c0-ce587885bb78')
uuid.fromstr('zz')
uuid.fromstr()
uuid.frombin('123')
uuid.frombin(1)
uuid.frombin('1234567890abcdef')
uuid.frombin('1234567890abcdef','b')
uuid.frombin('1234567890abcdef','network')
uuid.frombin('1234567890abcdef','zz')
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin():hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('b'):hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('l'):hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('n'):hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('h'):hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('host'):hex()
uuid.fromstr('ba90d815-14e0-431d-80c0-ce587885bb78'):bin('zz'):hex()
uuid.NULL:isnil()
uuid.new():isnil()
uuid.NULL == 1
uuid.NULL == nil
uuid.NULL == 'x'
uuid.NULL == uuid.fromstr('00000000-0000-0000-0000-000000000000')
uuid.NULL == uuid.new()
uuid.str():len()
uuid.bin():len()
uuid.NULL.xx
uuid.NULL:xx()
uuid.NULL.time_low
uuid.is_uuid
uuid.isnil
uuid.NULL..'x'
uuid.NULL.isnil(1)
uuid.fromstr('{a0000000-0000-0000-0000-000000000000}')
uuid.fromstr('a00000000000-0000-0000-000000000000')
uuid.fromstr('ba90d815-14e0-431d-00c0-ce587885bb78')
uuid.bin(1)
