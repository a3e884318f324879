errno = require('errno')
errno(2) ~= nil
errno.strerror(2)
errno(2) ~= nil and errno.strerror()
errno.strerror(0)
errno.strerror(9999)
errno.EFOO
errno.ENOENT
errno('x')
errno({})
errno.strerror('x')
errno.strerror({})
