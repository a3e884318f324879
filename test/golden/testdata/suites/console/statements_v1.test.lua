test_run = require('test_run').new()

-- A comment stays where it is.

1
1, 2
x = nil
x
{a = 1}
error('no')
('line\n...\nline')
require('lib').answer

-- Several lines by a backslash.
function sum(a, b) \
    return a + b   \
end
sum(1, \
    2)

-- Several lines by a delimiter.
test_run:cmd("setopt delimiter ';'")
function twice(a)

    return a * 2
-- A comment in the first column.
end;
twice(
    21
);
test_run:cmd("setopt delimiter ''");
twice(4)
