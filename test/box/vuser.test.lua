-- Whom a user sees in _vuser, and the grantor of a grant.
test_run = require('test_run').new()
for _, name in ipairs({'anna', 'bert'}) do box.schema.user.create(name) end
box.schema.role.create('painter')
test_run:cmd("setopt delimiter ';'")
function seen(user)
    local names = {}
    box.session.su(user, function()
        for _, row in box.space._vuser:pairs() do table.insert(names, row.name) end
    end)
    table.sort(names)
    return table.concat(names, ' ')
end;
function seen_with(rights, kind, object)
    box.schema.user.grant('anna', rights, kind, object)
    local names = seen('anna')
    box.schema.user.revoke('anna', rights, kind, object)
    return rights .. ': ' .. names
end;
test_run:cmd("setopt delimiter ''");
seen('admin')
seen('anna')
seen('guest')
box.schema.user.grant('anna', 'painter')
seen('anna')
seen_with('read', 'universe')
seen_with('write', 'universe')
seen_with('alter', 'universe')
seen_with('drop', 'universe')
seen_with('create', 'universe')
seen_with('execute', 'universe')
seen_with('read', 'space', '_user')
seen_with('write', 'space', '_user')
seen_with('alter,drop', 'user')
seen_with('alter', 'user', 'bert')
seen_with('execute', 'role')
box.schema.role.grant('painter', 'read', 'space', '_user')
seen('anna')
box.schema.role.revoke('painter', 'read', 'space', '_user')
-- One's own users are seen.
box.space._user:update({box.space._user.index.name:get('bert').id}, {{'=', 2, box.space._user.index.name:get('anna').id}})['name']
seen('anna')
box.session.su('anna', function() return box.space._vuser:get(1) end)
box.session.su('anna', function() return box.space._vuser:get(2).name end)

-- A grantor is a number or a name; nobody of that name is no grantor at all.
function grant(...) local ok, err = pcall(box.schema.user.grant, ...) return ok, ok or err.code, ok or err.message end
grant('anna', 'read', 'space', '_space', {grantor = 77})
grant('anna', 'read', 'space', '_space', {grantor = 'zz'})
grant('anna', 'read', 'space', '_space', {grantor = 'bert'})
grant('anna', 'read', 'space', '_space', {grantor = 'admin'})
grant('anna', 'write', 'space', '_space', {grantor = 1})
box.schema.user.drop('bert')
box.schema.user.drop('anna')
box.schema.role.drop('painter')
