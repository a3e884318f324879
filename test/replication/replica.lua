#!/usr/bin/env tarantool
-- A replica of its rpl_master.

require('console').listen(os.getenv('ADMIN'))
local fiber = require('fiber')

-- Wait until the master is followed in a state, with that in the message.
function wait_upstream(status, text)
    for _ = 1, 1000 do
        local upstream = box.info.replication[1].upstream
        if upstream ~= nil and (status == nil or upstream.status == status) and
           (text == nil or (upstream.message or ''):find(text, 1, true)) then
            return true
        end
        fiber.sleep(0.01)
    end
    return box.info.replication[1].upstream
end

box.cfg{
    listen = os.getenv('LISTEN'), replication = os.getenv('MASTER'),
    replication_timeout = 0.1, replication_connect_timeout = 10,
    replication_sync_timeout = 10,
}
