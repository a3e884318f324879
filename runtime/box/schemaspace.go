package box

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// Limits of the schema, as box.schema shows them.
const (
	systemIDMax = 511
	spaceMax    = 1<<31 - 1
)

// schemaSpaceTable is box.schema.space.
func (b *Box) schemaSpaceTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create": b.spaceCreate,
		"drop":   b.schemaSpaceDrop,
		"rename": b.schemaSpaceRename,
		"format": b.schemaSpaceFormat,
		"bless":  b.spaceBless,
	})
}

// spaceCreate is box.schema.space.create(name, options).
func (b *Box) spaceCreate(L *lua.LState) int {
	name := L.Get(1)
	b.checkParam(L, name, "name", "string")
	o := b.options(L, L.Get(2), []param{
		{"if_not_exists", "boolean"}, {"engine", "string"}, {"id", "number"}, {"field_count", "number"},
		{"user", "string, number"}, {"format", "table"}, {"is_local", "boolean"}, {"temporary", "boolean"},
		{"is_sync", "boolean"},
	})
	if t, ok := b.spaces.all.RawGetString(name.String()).(*lua.LTable); ok {
		if !flag(o, "if_not_exists") {
			b.fail(L, boxerr.SpaceExists, name.String())
		}
		L.Push(t)
		L.Push(lua.LString("not created"))
		return 2
	}
	data := newRow(7)
	if id := given(o, "id"); id != nil {
		data = b.appendTo(L, data, id)
	} else {
		data = data.uint(uint64(b.nextSpaceID(L)))
	}
	owner := b.Context().UID()
	if u := given(o, "user"); u != nil {
		owner = b.needOwner(L, u)
	}
	format := b.formatRow(L, o.RawGetString("format"))
	flags, n := row(nil), 0
	if flag(o, "temporary") {
		flags, n = flags.str("temporary").bool(true), n+1
	}
	if flag(o, "is_local") {
		flags, n = flags.str("group_id").uint(1), n+1
	}
	if sync := given(o, "is_sync"); sync != nil {
		flags, n = flags.str("is_sync").bool(truth(sync)), n+1
	}
	engine := "memtx"
	if v := given(o, "engine"); v != nil {
		engine = v.String()
	}
	data = data.uint(uint64(owner)).str(name.String()).str(engine)
	if count := given(o, "field_count"); count != nil {
		data = b.appendTo(L, data, count)
	} else {
		data = data.uint(0)
	}
	t := b.insertRow(L, spaceSpace, data.mapping(n).raw(flags).raw(format))
	L.Push(b.spaces.byID[uintField(t, 0)].table)
	L.Push(lua.LString("created"))
	return 2
}

// nextSpaceID takes the next number out of _schema.
func (b *Box) nextSpaceID(L *lua.LState) uint32 {
	key := nameKey("max_id")
	add := newRow(1).array(3).str("+").uint(1).uint(1)
	if t := b.updateRow(L, schemaSpace, key, add); t != nil {
		return uintField(t, 1)
	}
	max := uint32(0)
	if last, err := b.system(spaceSpace).Max(b.Context(), 0, emptyKey); err == nil && last != nil {
		max = uintField(last, 0)
	}
	if max < systemIDMax {
		max = systemIDMax
	}
	b.insertRow(L, schemaSpace, newRow(2).str("max_id").uint(uint64(max+1)))
	return max + 1
}

// formatRow is the msgpack of a format that a script gave, with names and types in their places.
func (b *Box) formatRow(L *lua.LState, v lua.LValue) row {
	t, ok := v.(*lua.LTable)
	if !ok {
		return newRow(0)
	}
	// As ipairs would have it: the first hole ends the format.
	n := 0
	for !vm.IsNil(vm.GetInt(t, n+1)) {
		n++
	}
	out := newRow(n)
	for i := 1; i <= n; i++ {
		out = b.formatField(L, out, i, vm.GetInt(t, i))
	}
	return out
}

func (b *Box) formatField(L *lua.LState, out row, i int, v lua.LValue) row {
	if name, ok := v.(lua.LString); ok {
		return out.mapping(2).str("name").str(string(name)).str("type").str("any")
	}
	given, ok := v.(*lua.LTable)
	if !ok {
		b.illegal(L, "format[%d]: name (string) is expected", i)
	}
	field := L.NewTable()
	hasName, hasType := truth(given.RawGetString("name")), truth(given.RawGetString("type"))
	for w := serial.Ordered(given); w.Next(); {
		vm.RawSet(field, formatKey(w.Key, hasName, hasType), w.Val)
	}
	if _, ok := field.RawGetString("name").(lua.LString); !ok {
		b.illegal(L, "format[%d]: name (string) is expected", i)
	}
	typ := field.RawGetString("type")
	if vm.IsNil(typ) {
		field.RawSetString("type", lua.LString("any"))
	} else if typ.Type() != lua.LTString {
		b.illegal(L, "format[%d]: type must be a string", i)
	}
	if name := field.RawGetString("collation"); name != lua.LNil {
		c := b.db.Collation(b.text(L, name))
		if c == nil {
			b.illegal(L, "format[%d]: collation was not found by name '%s'", i, b.text(L, name))
		}
		field.RawSetString("collation", lua.LNumber(c.ID))
	}
	return b.appendTo(L, out, field)
}

// formatKey is what a key of a field means: the first value is the name, or the type of a field that has a name; the
// second is the type of one that has neither.
func formatKey(key lua.LValue, hasName, hasType bool) lua.LValue {
	switch {
	case key == lua.LNumber(1) && !hasName:
		return lua.LString("name")
	case key == lua.LNumber(1) && !hasType, key == lua.LNumber(2) && !hasName && !hasType:
		return lua.LString("type")
	}
	return key
}

// spaceFormat is space:format([format]).
func (b *Box) spaceFormat(L *lua.LState) int {
	s := b.spaceOrNil(L, "format")
	if s == nil {
		b.noSuchSpace(L, spaceName(L.Get(1).(*lua.LTable).RawGetString("id")))
	}
	return b.formatOf(L, s.ID(), L.Get(2))
}

// schemaSpaceFormat is box.schema.space.format(id[, format]).
func (b *Box) schemaSpaceFormat(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "id", "number")
	return b.formatOf(L, uint32(L.Get(1).(lua.LNumber)), L.Get(2))
}

func (b *Box) formatOf(L *lua.LState, id uint32, format lua.LValue) int {
	if vm.IsNil(format) {
		t := b.getRow(L, vspaceSpace, 0, idKey(id))
		if t == nil {
			b.noSuchSpace(L, fmt.Sprintf("#%d", id))
		}
		b.pushField(L, t.Field(6))
		return 1
	}
	b.checkParam(L, format, "format", "table")
	data := b.formatRow(L, format)
	b.updateRow(L, spaceSpace, idKey(id), assign(6, data))
	return 0
}

// spaceRename is space:rename(name).
func (b *Box) spaceRename(L *lua.LState) int {
	s := b.spaceOrNil(L, "rename")
	if s == nil {
		b.noSuchSpace(L, L.Get(1).(*lua.LTable).RawGetString("name").String())
	}
	b.renameSpace(L, s.ID(), L.Get(2))
	return 0
}

// schemaSpaceRename is box.schema.space.rename(id, name).
func (b *Box) schemaSpaceRename(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "space_id", "number")
	b.renameSpace(L, uint32(L.Get(1).(lua.LNumber)), L.Get(2))
	return 0
}

func (b *Box) renameSpace(L *lua.LState, id uint32, name lua.LValue) {
	b.checkParam(L, name, "space_name", "string")
	b.updateRow(L, spaceSpace, idKey(id), assign(2, strValue(name.String())))
}

// spaceDrop is space:drop().
func (b *Box) spaceDrop(L *lua.LState) int {
	s := b.spaceOrNil(L, "drop")
	t := L.Get(1).(*lua.LTable)
	if s == nil {
		b.noSuchSpace(L, t.RawGetString("name").String())
	}
	b.dropSpace(L, s.ID(), s.Name(), lua.LNil)
	return 0
}

// schemaSpaceDrop is box.schema.space.drop(id[, name[, options]]).
func (b *Box) schemaSpaceDrop(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "space_id", "number")
	id := L.Get(1).(lua.LNumber)
	name := spaceName(id)
	if v := L.Get(2); !vm.IsNil(v) {
		name = b.text(L, v)
	}
	b.dropSpace(L, uint32(id), name, L.Get(3))
	return 0
}

// dropSpace takes everything that hangs on a space out of the system spaces, then the space.
func (b *Box) dropSpace(L *lua.LState, id uint32, name string, options lua.LValue) {
	o := b.options(L, options, []param{{"if_exists", "boolean"}})
	s := b.db.Space(id)
	if s == nil {
		if !flag(o, "if_exists") {
			b.noSuchSpace(L, name)
		}
		return
	}
	generated := b.unbindSequence(L, id)
	for _, t := range b.systemRows(L, triggerSpace, 1, idKey(id)) {
		b.deleteRow(L, triggerSpace, newRow(1).raw(t.Field(0)))
	}
	for _, t := range b.systemRows(L, funcIndexSpace, 0, idKey(id)) {
		b.deleteRow(L, funcIndexSpace, idKey(id, uintField(t, 1)))
	}
	rows := b.systemRows(L, vindexView, 0, idKey(id))
	for i := len(rows) - 1; i >= 0; i-- {
		b.deleteRow(L, indexSpace, idKey(id, uintField(rows[i], 1)))
	}
	b.revokeObject(L, "space", id)
	b.deleteRow(L, truncateSpace, idKey(id))
	if b.deleteRow(L, spaceSpace, idKey(id)) == nil && !flag(o, "if_exists") {
		b.noSuchSpace(L, name)
	}
	if generated != 0 {
		b.dropSequenceRow(L, generated)
	}
}

const vindexView = 289

// unbindSequence takes a space's sequence from it and returns the number of one that was made for it alone.
func (b *Box) unbindSequence(L *lua.LState, id uint32) (generated uint32) {
	t := b.deleteRow(L, spaceSequence, idKey(id))
	if t == nil || !mp.Boolean(t.Field(2)) {
		return 0
	}
	return uintField(t, 1)
}

// revokeObject takes back all that was granted on an object.
func (b *Box) revokeObject(L *lua.LState, kind string, id uint32) {
	key := newRow(2).str(kind).uint(uint64(id))
	for _, t := range b.systemRows(L, vprivSpace, 2, key) {
		b.deleteRow(L, privSpace, newRow(3).raw(t.Field(1)).raw(t.Field(2)).raw(t.Field(3)))
	}
}

// spaceBless is box.schema.space.bless(space): gives a table the methods of spaces.
func (b *Box) spaceBless(L *lua.LState) int {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		usage(L, "builtin/box/schema.lua:1791", "attempt to index local 'space' (a %s value)", vm.TypeName(L.Get(1)))
	}
	t.Metatable = b.spaces.spaceMeta
	return 0
}

// fromMap is space:frommap(map[, {table = bool}]): nil and the reason when a field is not known or may not be nil.
func (b *Box) fromMap(L *lua.LState) int {
	const help = "Usage: space:frommap(map, opts)"
	self, ok1 := L.Get(1).(*lua.LTable)
	m, ok2 := L.Get(2).(*lua.LTable)
	if n := L.GetTop(); n < 2 || n > 3 || !ok1 || !ok2 {
		vm.RaiseString(L, 1, help)
	}
	asTable := false
	if L.GetTop() == 3 {
		o, ok := L.Get(3).(*lua.LTable)
		if !ok {
			vm.RaiseString(L, 1, help)
		}
		switch v := o.RawGetString("table").(type) {
		case lua.LBool:
			asTable = bool(v)
		case *lua.LNilType:
		default:
			vm.RaiseString(L, 1, help)
		}
	}
	id, ok := self.RawGetString("id").(lua.LNumber)
	if !ok {
		vm.RaiseString(L, 1, help)
	}
	s := b.db.Space(uint32(id))
	if s == nil {
		L.Push(lua.LNil)
		L.Push(lua.LString("Space with id '" + id.String() + "' doesn't exist"))
		return 2
	}
	fields := s.Format().Fields()
	for w := serial.Ordered(m); w.Next(); {
		name, ok := w.Key.(lua.LString)
		if _, known := s.Format().FieldNumber(string(name)); !ok || !known {
			L.Push(lua.LNil)
			L.Push(lua.LString("Unknown field '" + b.text(L, w.Key) + "'"))
			return 2
		}
	}
	last := 0
	for i, f := range fields {
		if m.RawGetString(f.Name) != lua.LNil {
			last = i + 1
		}
	}
	list := vm.NewTable(last, 0)
	for i, f := range fields[:last] {
		v := m.RawGetString(f.Name)
		if v == lua.LNil {
			v = vm.Null
			if asTable {
				continue
			}
		}
		vm.RawSet(list, lua.LNumber(i+1), v)
	}
	if asTable {
		L.Push(list)
		return 1
	}
	t, err := tuple.New(s.Format(), b.append(L, list))
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(boxerr.From(err).Message))
		return 2
	}
	L.Push((*Tuple)(t))
	return 1
}

// createCheckConstraint is space:create_check_constraint, which needs SQL.
func (b *Box) createCheckConstraint(L *lua.LState) int {
	b.spaceArg(L, "create_constraint")
	if L.GetTop() < 3 || vm.IsNil(L.Get(2)) || vm.IsNil(L.Get(3)) {
		b.fail(L, boxerr.ProcLua, "Usage: space:create_constraint(name, code)")
	}
	b.fail(L, boxerr.Unsupported, "shardlua", "SQL")
	return 0
}

// serializeSpaces is what a console shows of box.space: names and the facts of each space.
func (b *Box) serializeSpaces(L *lua.LState) int {
	out := L.NewTable()
	for _, s := range b.db.Spaces() {
		if isSystem := s.IsSystem(); !isSystem {
			out.RawSetString(s.Name(), b.describeSpace(L, s))
		}
	}
	L.Push(out)
	return 1
}

func (b *Box) describeSpace(L *lua.LState, s *db.Space) *lua.LTable {
	t := L.NewTable()
	t.RawSetString("engine", lua.LString(s.Def().Engine))
	t.RawSetString("is_local", lua.LBool(s.Def().Local))
	t.RawSetString("is_sync", lua.LBool(s.Def().Sync))
	t.RawSetString("temporary", lua.LBool(s.Def().Temporary))
	return t
}
