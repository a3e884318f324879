-- A test is a table: its name, the counts, and the level of nesting, which is how far its lines are indented.
local ffi = require('ffi')
local fiber = require('fiber')
local yaml = require('yaml')

local methods = {}
local meta = {__index = methods}

local function write(test, text)
    local indent = ('    '):rep(test.level)
    io.stdout:write(indent, (text:gsub('\n', '\n' .. indent)), '\n')
end

-- The Lua frames that lead to a failed check, the innermost first.
local function trace()
    local frames = {}
    local level = 3
    while true do
        local info = debug.getinfo(level, 'nSl')
        if info == nil then
            break
        end
        if info.source:sub(1, 1) == '@' and info.what ~= 'C' and info.source ~= '@builtin/tap.lua' then
            table.insert(frames, {
                source = info.source,
                src = info.short_src,
                line = info.linedefined or 0,
                what = info.what,
                name = info.name,
                namewhat = info.namewhat,
                filename = info.source:sub(2),
            })
        end
        level = level + 1
    end
    return frames
end

--- Check a condition.
-- @param cond anything true passes
-- @param message what the check is about
-- @param extra a table of facts to print when the check fails
-- @return whether it passed
function methods.ok(test, cond, message, extra)
    test.total = test.total + 1
    message = tostring(message)
    if cond then
        write(test, 'ok - ' .. message)
        return true
    end
    test.failed = test.failed + 1
    write(test, 'not ok - ' .. message)
    local facts = {}
    for key, value in pairs(extra or {}) do
        facts[key] = value
    end
    if test.trace then
        facts.filename = arg and arg[0] or nil
        facts.line = 0
        facts.trace = trace()
        local frame = facts.trace[#facts.trace]
        if frame ~= nil then
            facts.filename = frame.filename
            facts.line = frame.line
        end
    end
    if next(facts) ~= nil then
        write(test, '  ' .. (yaml.encode(facts):gsub('\n$', ''):gsub('\n', '\n  ')))
    end
    return false
end

--- A check that failed.
function methods.fail(test, message, extra)
    return test:ok(false, message, extra)
end

--- A check that is not made; it counts as passed.
function methods.skip(test, message)
    test:ok(true, message .. ' # skip')
end

--- Print a comment.
function methods.diag(test, format, ...)
    local text = select('#', ...) > 0 and format:format(...) or format
    write(test, '# ' .. tostring(text):gsub('\n', '\n# '))
end

--- Say how many checks will be made.
function methods.plan(test, planned)
    test.planned = planned
    write(test, ('1..%d'):format(planned))
end

-- A box.NULL counts as nil unless the test is strict.
local function plain(test, value)
    if value == nil and not test.strict then
        return nil
    end
    return value
end

local function is_number(value)
    local kind = type(value)
    return kind == 'number' or
        kind == 'cdata' and (ffi.istype('int64_t', value) or ffi.istype('uint64_t', value))
end

local function same(test, got, expected)
    if test.strict and type(got) ~= type(expected) then
        return false
    end
    return plain(test, got) == plain(test, expected)
end

local function compare(extra, got, expected)
    extra = extra or {}
    extra.got = got
    extra.expected = expected
    return extra
end

--- got == expected.
function methods.is(test, got, expected, message, extra)
    return test:ok(same(test, got, expected), message, compare(extra, got, expected))
end

--- got ~= unexpected.
function methods.isnt(test, got, unexpected, message, extra)
    extra = extra or {}
    extra.got = got
    extra.unexpected = unexpected
    return test:ok(not same(test, got, unexpected), message, extra)
end

-- Compare values deeply; on a difference, extra says where and what.
local function deep(test, extra, got, expected)
    if is_number(got) and is_number(expected) then
        if got == expected then
            return true
        end
        extra.got, extra.expected = got, expected
        return false
    end
    if type(got) == 'table' and type(expected) == 'table' then
        local path = extra.path
        local visited = {}
        for key, value in pairs(got) do
            visited[key] = true
            extra.path = path .. '/' .. tostring(key)
            if not deep(test, extra, value, expected[key]) then
                return false
            end
        end
        for key in pairs(expected) do
            if not visited[key] and (test.strict or expected[key] ~= nil) then
                extra.expected = 'key ' .. tostring(key)
                extra.got = 'nil'
                return false
            end
        end
        extra.path = path
        return true
    end
    if type(got) == type(expected) or not test.strict then
        if plain(test, got) == plain(test, expected) and (got == nil) == (expected == nil) then
            return true
        end
    end
    extra.got, extra.expected = got, expected
    return false
end

--- got and expected have the same content.
function methods.is_deeply(test, got, expected, message, extra)
    extra = extra or {}
    extra.path = '/'
    extra.strict = test.strict
    local passed = deep(test, extra, got, expected)
    if extra.path == '/' then
        extra.path = nil
    end
    return test:ok(passed, message, extra)
end

--- The text matches a Lua pattern.
function methods.like(test, got, pattern, message, extra)
    return test:ok(tostring(got):match(pattern) ~= nil, message, compare(extra, got, pattern))
end

--- The text does not match a Lua pattern.
function methods.unlike(test, got, pattern, message, extra)
    return test:ok(tostring(got):match(pattern) == nil, message, compare(extra, got, pattern))
end

-- The checks of types: isnil, isstring and so on.
local function is_type(kind)
    return function(test, value, message, extra)
        return test:ok(type(value) == kind, message, compare(extra, type(value), kind))
    end
end

methods.isnil = function(test, value, message, extra)
    local passed = test.strict and type(value) == 'nil' or not test.strict and value == nil
    return test:ok(passed, message, compare(extra, type(value), 'nil'))
end
methods.isstring = is_type('string')
methods.isnumber = is_type('number')
methods.istable = is_type('table')
methods.isboolean = is_type('boolean')
methods.isfunction = is_type('function')

--- A userdata with the metatable of that name.
function methods.isudata(test, value, name, message, extra)
    extra = extra or {}
    extra.expected = ('userdata<%s>'):format(name)
    if type(value) ~= 'userdata' then
        extra.got = type(value)
        return test:fail(message, extra)
    end
    extra.got = ('userdata<%s>'):format(tostring(getmetatable(value)))
    return test:ok(getmetatable(value) == name, message, extra)
end

--- A cdata of that C type.
function methods.iscdata(test, value, ctype, message, extra)
    extra = extra or {}
    extra.expected = tostring(ffi.typeof(ctype)):gsub('^ctype<(.*)>$', 'ctype<%1>')
    if type(value) ~= 'cdata' then
        extra.got = type(value)
        return test:fail(message, extra)
    end
    extra.got = tostring(ffi.typeof(value))
    return test:ok(ffi.istype(ctype, value), message, extra)
end

local function new_test(parent, name)
    return setmetatable({
        parent = parent,
        name = name,
        level = parent ~= nil and parent.level + 1 or 0,
        total = 0,
        failed = 0,
        planned = nil,
        trace = parent == nil or parent.trace,
        strict = parent ~= nil and parent.strict or false,
        checked = false,
    }, meta)
end

--- Compare the plan with what was run, once, and tell the parent.
-- @return whether everything passed
function methods.check(test)
    if test.checked then
        error('check called twice', 2)
    end
    test.checked = true
    if test.planned ~= test.total then
        if test.parent ~= nil then
            test.parent:ok(false, 'bad plan', {planned = test.planned, run = test.total})
        else
            test:diag(('bad plan: planned %s run %d'):format(tostring(test.planned), test.total))
        end
    elseif test.failed > 0 then
        if test.parent ~= nil then
            test.parent:ok(false, 'failed subtests', {planned = test.planned, failed = test.failed})
        else
            test:diag(('failed subtest: %d'):format(test.failed))
        end
    elseif test.parent ~= nil then
        test.parent:ok(true, test.name)
    end
    return test.planned == test.total and test.failed == 0
end

--- End the whole run.
function methods.bailout(test, format, ...)
    write(test, ('Bail out! %s'):format(select('#', ...) > 0 and format:format(...) or tostring(format)))
    os.exit(1)
end

--- Begin a test, or, as test:test(…), a test inside another. With a function, run it and check the test.
-- @param parent the test around this one, left out in tap.test(…)
-- @param name the name
-- @param fun gets the test and what follows
-- @return the test, or whether it passed when there was a function
local function begin(parent, name, fun, ...)
    local test
    if parent ~= nil then
        test = new_test(parent, name)
        write(test, '# ' .. name)
    else
        test = new_test(nil, name)
        io.stdout:write('TAP version 13\n')
        if fun ~= nil then
            write(test, '# ' .. name)
        end
    end
    if fun == nil then
        return test
    end
    fun(test, ...)
    test:diag(name .. ': end')
    return test:check()
end

function methods.test(parent, name, fun, ...)
    return begin(parent, name, fun, ...)
end

return {
    test = function(name, fun, ...)
        return begin(nil, name, fun, ...)
    end,
}
