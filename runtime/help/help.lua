-- The screens of the tutorial. Each ends with what to type.
local screens = {
    {'Values', [[
A console answers each line with the values of its expressions. Type:

  5.1, "Olá", "Lua"
]]},
    {'Variables and tables', [[
A variable begins to exist when it gets a value, and braces make a table. Type:

  t = {"Olá", "Lua"}
  t[1], #t
]]},
    {'Functions', [[
A function is a value like others. Type:

  function twice(x) return 2 * x end
  twice(21)
]]},
    {'The database', [[
box.cfg starts the database; its files go into the working directory. Type:

  box.cfg{}
  s = box.schema.space.create('guests', {if_not_exists = true})
  s:create_index('primary', {if_not_exists = true})
]]},
    {'Tuples', [[
A space holds tuples, and an index finds them. Type:

  s:replace{1, 'Ada'}
  s:replace{2, 'Grace'}
  s:select{}
  s:get(2)[2]
]]},
    {'Fibers', [[
A fiber runs beside the console, and sleeping lets others run. Type:

  fiber = require('fiber')
  f = fiber.create(function() while true do beat = fiber.time() fiber.sleep(1) end end)
  beat
  f:cancel()
]]},
    {'State that outlives its code', [[
Internals belong to the host: a module that is loaded again finds them as they were. Type:

  M = require('shardlua').internals('demo', function() return {calls = 0} end)
  M.calls = M.calls + 1
  require('shardlua').internals('demo').calls
]]},
}

local function screen(n)
    local title, body = screens[n][1], screens[n][2]
    local text = ('Tutorial -- Screen #%d of %d -- %s\n\n%s'):format(n, #screens, title, body)
    if n < #screens then
        text = text .. '\nThen go on with tutorial("next").'
    end
    return text
end

return function(help_text)
    local shown = 0

    local function show_help()
        return {help_text}
    end

    -- tutorial() begins; a number, "next", "prev" and "start" choose a screen.
    local function show_tutorial(_, action)
        if action == 'next' then
            shown = shown + 1
        elseif action == 'prev' or action == 'previous' then
            shown = shown - 1
        elseif action == nil or action == 'start' then
            shown = 1
        elseif tonumber(action) ~= nil then
            shown = tonumber(action)
        else
            error('Usage: tutorial("start" | "next" | "prev" | 1 .. ' .. #screens .. ')', 2)
        end
        shown = math.max(1, math.min(math.floor(shown), #screens))
        return screen(shown)
    end

    help = setmetatable({}, {__call = show_help, __serialize = show_help})
    tutorial = setmetatable({}, {__call = show_tutorial, __serialize = show_help})
    return {help = help, tutorial = tutorial}
end
