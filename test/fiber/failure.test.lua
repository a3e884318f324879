-- What the log says of errors that leave a fiber.
fiber = require('fiber')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
function seen(pattern) return test_run:grep_log('default', pattern) end;
_ = fiber.create(function() error('some words') end);
seen('E> LuajitError: .*some words');
_ = fiber.create(function() error('bare words', 0) end);
seen('E> LuajitError: bare words');
_ = fiber.create(function() error(setmetatable({}, {__tostring = function() return 'own words' end})) end);
seen('E> LuajitError: own words');
_ = fiber.create(function() error({}) end);
seen('E> LuajitError: table: 0x');
_ = fiber.create(function() error() end);
seen('E> LuajitError: nil');
_ = fiber.create(function() error(17, 0) end);
seen('E> LuajitError: 17');
_ = fiber.create(function() box.error(box.error.NO_SUCH_USER, 'joe') end);
seen("E> ER_NO_SUCH_USER: User 'joe' is not found");
-- Nothing is said of those that were cancelled or wait to be joined.
f = fiber.create(function() pcall(fiber.sleep, 100) error('after cancel') end) f:cancel() fiber.yield();
f:status(), seen('after cancel');
f = fiber.new(function() error('to be joined') end) f:set_joinable(true) fiber.yield();
seen('to be joined'), (select(2, f:join())).message:match('to be joined');
