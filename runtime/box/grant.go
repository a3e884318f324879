package box

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// privNames are the rights in the order of their bits.
var privNames = []struct {
	priv db.Priv
	name string
}{
	{db.PrivRead, "read"}, {db.PrivWrite, "write"}, {db.PrivExecute, "execute"}, {db.PrivSession, "session"},
	{db.PrivUsage, "usage"}, {db.PrivCreate, "create"}, {db.PrivDrop, "drop"}, {db.PrivAlter, "alter"},
	{db.PrivReference, "reference"}, {db.PrivTrigger, "trigger"}, {db.PrivInsert, "insert"},
	{db.PrivUpdate, "update"}, {db.PrivDelete, "delete"},
}

// grantable are the rights that make sense for each kind of object.
var grantable = map[string]db.Priv{
	"universe": db.PrivAll,
	"space": db.PrivRead | db.PrivWrite | db.PrivExecute | db.PrivUsage | db.PrivCreate | db.PrivDrop | db.PrivAlter |
		db.PrivReference | db.PrivTrigger | db.PrivInsert | db.PrivUpdate | db.PrivDelete,
	"sequence": db.PrivRead | db.PrivWrite | db.PrivUsage | db.PrivCreate | db.PrivDrop | db.PrivAlter,
	"function": db.PrivExecute | db.PrivUsage | db.PrivCreate | db.PrivDrop,
	"role":     db.PrivExecute | db.PrivUsage | db.PrivCreate | db.PrivDrop,
	"user":     db.PrivCreate | db.PrivDrop | db.PrivAlter,
}

// privBits reads the rights that a script named.
func (b *Box) privBits(L *lua.LState, v lua.LValue, kind string) db.Priv {
	can, ok := grantable[kind]
	if !ok {
		b.fail(L, boxerr.UnknownSchemaObject, kind)
	}
	unsupported := func() {
		b.fail(L, boxerr.UnsupportedPriv, kind, b.text(L, v))
	}
	if n, ok := v.(lua.LNumber); ok {
		bits := db.Priv(wrap32(float64(n)))
		if bits&^can != 0 {
			unsupported()
		}
		return bits
	}
	s, ok := v.(lua.LString)
	if !ok {
		unsupported()
	}
	// What else the text says is passed over, as long as it has the name of a right in it.
	var bits db.Priv
	for _, p := range privNames {
		if strings.Contains(strings.ToLower(string(s)), p.name) {
			bits |= p.priv & can
		}
	}
	if bits == 0 {
		unsupported()
	}
	return bits
}

// privText names rights, as info shows them.
func privText(bits db.Priv) string {
	var names []string
	for _, p := range privNames {
		if bits&p.priv != 0 {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, ",")
}

// objectID is the msgpack of what _priv has in the place of the object.
func (b *Box) objectID(L *lua.LState, kind string, name lua.LValue) row {
	if kind == "universe" {
		return uintValue(0)
	}
	if vm.IsNil(name) || name == lua.LString("") {
		return strValue("")
	}
	_, byName := name.(lua.LString)
	if _, byNumber := name.(lua.LNumber); !byName && !byNumber {
		b.illegal(L, "wrong object name type")
	}
	find := func(space, nameIndex uint32) *tuple.Tuple {
		index := uint32(0)
		if byName {
			index = nameIndex
		}
		return b.getRow(L, space, index, b.appendTo(L, newRow(1), name))
	}
	var t *tuple.Tuple
	code := boxerr.NoSuchSpace
	switch kind {
	case "space":
		t = find(vspaceSpace, 2)
	case "function":
		code, t = boxerr.NoSuchFunction, find(vfuncSpace, 2)
	case "sequence":
		code, t = boxerr.NoSuchSequence, find(vsequenceSpace, 2)
	case "user", "role":
		code = boxerr.NoSuchUser
		if kind == "role" {
			code = boxerr.NoSuchRole
		}
		t = b.kindOfUser(L, name, kind)
	}
	if t == nil {
		b.fail(L, code, b.text(L, name))
	}
	return uintValue(uint64(uintField(t, 0)))
}

// grantArgs takes the arguments of grant and revoke apart: (who, role) or (who, rights, kind, name, options).
func (b *Box) grantArgs(L *lua.LState) (rights lua.LValue, kind string, name lua.LValue, options *lua.LTable) {
	rights, name = L.Get(2), L.Get(4)
	k := L.Get(3)
	options, _ = L.Get(5).(*lua.LTable)
	if options == nil {
		options = vm.NewTable(0, 0)
	}
	if vm.IsNil(k) && vm.IsNil(name) {
		if vm.IsNil(rights) {
			b.fail(L, boxerr.ExactMatch, 1, 0)
		}
		return lua.LString("execute"), "role", rights, options
	}
	return rights, b.text(L, k), name, options
}

func (b *Box) grant(L *lua.LState, who uint32) int {
	rights, kind, name, options := b.grantArgs(L)
	grantor := uintValue(uint64(b.Context().UID()))
	if v := given(options, "grantor"); v != nil {
		// Nil, for a grantor who is not there, is what the row is then refused for.
		grantor = b.appendTo(L, nil, lua.LNil)
		if t := b.userRow(L, v); t != nil {
			grantor = uintValue(uint64(uintField(t, 0)))
		}
	}
	b.grantPriv(L, who, b.text(L, L.Get(1)), rights, kind, name, grantor, flag(options, "if_not_exists"))
	return 0
}

// privKey is the key of a grant in _priv.
func privKey(who uint32, kind string, object row) row {
	return newRow(3).uint(uint64(who)).str(kind).raw(object)
}

func (b *Box) privOf(L *lua.LState, who uint32, kind string, object row) (db.Priv, *tuple.Tuple) {
	t := b.getRow(L, vprivSpace, 0, privKey(who, kind, object))
	if t == nil {
		return 0, nil
	}
	return db.Priv(uintField(t, 4)), t
}

func (b *Box) grantPriv(L *lua.LState, who uint32, whoName string, rights lua.LValue, kind string, name lua.LValue, grantor row, quiet bool) {
	bits := b.privBits(L, rights, kind)
	object := b.objectID(L, kind, name)
	old, _ := b.privOf(L, who, kind, object)
	if old|bits != old {
		b.writePriv(L, grantor, who, kind, object, old|bits)
		return
	}
	if o := L.Get(5); !vm.IsNil(o) && o.Type() != lua.LTTable {
		usage(L, "builtin/box/schema.lua:2399", "attempt to index local 'options' (a %s value)", vm.TypeName(o))
	}
	if quiet {
		return
	}
	if kind == "role" && bits == db.PrivExecute && !vm.IsNil(name) {
		b.fail(L, boxerr.RoleGranted, whoName, b.text(L, name))
	}
	b.fail(L, boxerr.PrivGranted, whoName, b.text(L, rights), kind, b.objectText(L, kind, name))
}

// objectText is the name of an object as the errors of grant and revoke have it.
func (b *Box) objectText(L *lua.LState, kind string, name lua.LValue) string {
	switch {
	case vm.IsNil(name):
		return ""
	case kind == "universe":
		return b.text(L, name)
	}
	return " '" + b.text(L, name) + "'"
}

// objectWord is the name of an object, empty for a whole kind.
func (b *Box) objectWord(L *lua.LState, name lua.LValue) string {
	if vm.IsNil(name) {
		return ""
	}
	return b.text(L, name)
}

func (b *Box) writePriv(L *lua.LState, grantor row, who uint32, kind string, object row, bits db.Priv) {
	data := newRow(5).raw(grantor).uint(uint64(who)).str(kind).raw(object).uint(uint64(bits))
	b.replaceRow(L, privSpace, data)
}

// addPriv grants without questions.
func (b *Box) addPriv(L *lua.LState, who uint32, kind string, object row, bits db.Priv) {
	b.writePriv(L, uintValue(uint64(b.Context().UID())), who, kind, object, bits)
}

func (b *Box) revoke(L *lua.LState, who uint32) int {
	rights, kind, name, options := b.grantArgs(L)
	b.revokeRights(L, who, b.text(L, L.Get(1)), rights, kind, name, flag(options, "if_exists"))
	return 0
}

func (b *Box) revokePriv(L *lua.LState, who uint32, whoName, rights, kind string, name lua.LValue, quiet bool) {
	b.revokeRights(L, who, whoName, lua.LString(rights), kind, name, quiet)
}

func (b *Box) revokeRights(L *lua.LState, who uint32, whoName string, rights lua.LValue, kind string, name lua.LValue, quiet bool) {
	bits := b.privBits(L, rights, kind)
	object := b.objectID(L, kind, name)
	old, t := b.privOf(L, who, kind, object)
	left := old &^ bits
	if t == nil || left == old {
		if quiet {
			return
		}
		if kind == "role" && bits == db.PrivExecute && !vm.IsNil(name) {
			b.fail(L, boxerr.RoleNotGranted, whoName, b.text(L, name))
		}
		b.fail(L, boxerr.PrivNotGranted, whoName, b.text(L, rights), kind, b.objectWord(L, name))
	}
	if left == 0 {
		b.deleteRow(L, privSpace, privKey(who, kind, object))
		return
	}
	if int32(left) < 0 {
		// Lua's bit operations make a negative number of the last bit, which the row cannot have.
		b.fail(L, boxerr.FieldType, 5, "unsigned")
	}
	b.writePriv(L, row(t.Field(0)), who, kind, object, left)
}

// grantsOf lists the rights of a user or role: {rights, kind, name}.
func (b *Box) grantsOf(L *lua.LState, who uint32) *lua.LTable {
	list := L.NewTable()
	for _, t := range b.systemRows(L, vprivSpace, 0, idKey(who)) {
		kind := strField(t, 2)
		entry := L.NewTable()
		entry.Append(lua.LString(privText(db.Priv(uintField(t, 4)))))
		entry.Append(lua.LString(kind))
		entry.Append(lua.LString(b.objectName(L, kind, t)))
		list.Append(entry)
	}
	return list
}

func (b *Box) objectName(L *lua.LState, kind string, t *tuple.Tuple) string {
	if strField(t, 3) == "" && t.Field(3) != nil && t.Field(3)[0] == 0xa0 || kind == "universe" {
		return ""
	}
	views := map[string]uint32{"space": vspaceSpace, "function": vfuncSpace, "sequence": vsequenceSpace, "user": vuserSpace, "role": vuserSpace}
	view, ok := views[kind]
	if !ok {
		return ""
	}
	if found := b.getRow(L, view, 0, idKey(uintField(t, 3))); found != nil {
		return strField(found, 2)
	}
	return ""
}
