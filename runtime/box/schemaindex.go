package box

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// schemaIndexTable is box.schema.index.
func (b *Box) schemaIndexTable(L *lua.LState) *lua.LTable {
	return methods(L, map[string]lua.LGFunction{
		"create": b.schemaIndexCreate,
		"drop":   b.schemaIndexDrop,
		"rename": b.schemaIndexRename,
		"alter":  b.schemaIndexAlter,
	})
}

// storedOptions are the options of an index that alter can change, with their types.
var storedOptions = []param{
	{"unique", "boolean"}, {"dimension", "number"}, {"distance", "string"}, {"page_size", "number"},
	{"range_size", "number"}, {"run_count_per_level", "number"}, {"run_size_ratio", "number"}, {"bloom_fpr", "number"},
	{"func", "number, string"},
}

// storedOrder is the order of the options in Tarantool's own table, which decides about that in rows of _index.
var storedOrder = []string{"dimension", "unique", "distance", "page_size", "range_size", "run_count_per_level",
	"run_size_ratio", "bloom_fpr", "func"}

var createOptions = append([]param{
	{"type", "string"}, {"parts", "table"}, {"id", "number"}, {"if_not_exists", "boolean"}, {"sequence", "any"},
}, storedOptions...)

var alterOptions = append([]param{
	{"type", "string"}, {"parts", "table"}, {"id", "number"}, {"name", "string"}, {"sequence", "any"},
}, storedOptions...)

// createIndex is space:create_index(name, options).
func (b *Box) createIndex(L *lua.LState) int {
	s := b.spaceOrNil(L, "create_index")
	if s == nil {
		b.checkParam(L, L.Get(2), "name", "string")
		b.noSuchSpace(L, L.Get(1).(*lua.LTable).RawGetString("name").String())
	}
	return b.newIndex(L, s.ID(), L.Get(2), L.Get(3))
}

// schemaIndexCreate is box.schema.index.create(space_id, name, options).
func (b *Box) schemaIndexCreate(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "space_id", "number")
	return b.newIndex(L, uint32(L.Get(1).(lua.LNumber)), L.Get(2), L.Get(3))
}

func (b *Box) newIndex(L *lua.LState, spaceID uint32, name, options lua.LValue) int {
	b.checkParam(L, name, "name", "string")
	o := b.options(L, options, createOptions)
	s := b.db.Space(spaceID)
	if s == nil || b.getRow(L, vspaceSpace, 0, idKey(spaceID)) == nil {
		b.noSuchSpace(L, fmt.Sprintf("#%d", spaceID))
	}
	if x := s.IndexByName(name.String()); x != nil {
		if !flag(o, "if_not_exists") {
			b.fail(L, boxerr.IndexExists, name.String())
		}
		L.Push(b.indexTableOf(s, x.ID()))
		L.Push(lua.LString("not created"))
		return 2
	}
	id := row(nil)
	if v := given(o, "id"); v != nil {
		id = b.appendTo(L, nil, v)
	} else {
		id = id.uint(uint64(b.nextIndexID(L, s)))
	}
	parts := L.NewTable()
	if v, ok := given(o, "parts").(*lua.LTable); ok {
		parts = b.partsOf(L, s.Format().Fields(), v)
	} else {
		parts.Append(b.firstField(L, s.Format().Fields()))
	}
	typ := "tree"
	if v := given(o, "type"); v != nil {
		typ = v.String()
	}
	opts := L.NewTable()
	for _, name := range storedOrder {
		// A table that was made with these keys keeps their places, those without a value too.
		opts.RawSetString(name, lua.LTrue)
		opts.RawSetString(name, lua.LNil)
	}
	kind := strings.ToUpper(typ)
	opts.RawSetString("unique", lua.LBool(kind != "RTREE" && kind != "BITSET"))
	b.storeOptions(L, o, opts)
	data := newRow(6).uint(uint64(spaceID)).raw(id).str(name.String()).str(typ)
	data = b.partsRow(L, b.mappingOf(L, data, opts), parts)
	n, isNumber := given(o, "id").(lua.LNumber)
	primary := len(s.Indexes()) == 0 && (!isNumber || n == 0)
	seq := b.sequenceFor(L, s, name.String(), primary, parts, o)
	var made *tuple.Tuple
	work := func() {
		made = b.insertRow(L, indexSpace, data)
		b.bindSequence(L, s, seq)
		b.bindFunction(L, s.ID(), uintField(made, 1), opts)
	}
	if seq != nil || opts.RawGetString("func") != lua.LNil {
		b.atomically(L, work)
	} else {
		work()
	}
	L.Push(b.indexTableOf(s, uintField(made, 1)))
	return 1
}

// firstField is the part of an index that was made without a word about its parts.
func (b *Box) firstField(L *lua.LState, fields []tuple.FieldDef) *lua.LTable {
	part := L.NewTable()
	part.RawSetString("field", lua.LNumber(0))
	part.RawSetString("type", lua.LString("unsigned"))
	if len(fields) > 0 && fields[0].Type != tuple.Any {
		part.RawSetString("type", b.typeOf(fields, part))
		if fields[0].IsNullable {
			part.RawSetString("is_nullable", lua.LTrue)
		}
	}
	return part
}

func (b *Box) indexTableOf(s *db.Space, id uint32) lua.LValue {
	b.refresh()
	if t := b.spaces.byID[s.ID()]; t != nil && t.byID[id] != nil {
		return t.byID[id].table
	}
	return lua.LNil
}

// nextIndexID is the number of the space's next index.
func (b *Box) nextIndexID(L *lua.LState, s *db.Space) uint32 {
	rows := b.systemRows(L, vindexView, 0, idKey(s.ID()))
	if len(rows) == 0 {
		return 0
	}
	return uintField(rows[len(rows)-1], 1) + 1
}

// storeOptions copies what _index keeps of the options of a call.
func (b *Box) storeOptions(L *lua.LState, from, to *lua.LTable) {
	for _, o := range storedOptions {
		v := from.RawGetString(o.name)
		if v == lua.LNil {
			continue
		}
		if o.name == "func" && v != vm.Null {
			v = b.functionID(L, v)
		}
		to.RawSetString(o.name, v)
	}
}

// mappingOf adds a table as a map, even when it is empty.
func (b *Box) mappingOf(L *lua.LState, data row, t *lua.LTable) row {
	n := 0
	for w := serial.Ordered(t); w.Next(); {
		n++
	}
	data = data.mapping(n)
	for w := serial.Ordered(t); w.Next(); {
		data = b.appendTo(L, b.appendTo(L, data, w.Key), w.Val)
	}
	return data
}

// functionID is the number of a function that is given by number or name.
func (b *Box) functionID(L *lua.LState, v lua.LValue) lua.LValue {
	var key row
	index := uint32(0)
	if _, ok := v.(lua.LString); ok {
		index = 2
	}
	key = b.appendTo(L, newRow(1), v)
	t := b.getRow(L, vfuncSpace, index, key)
	if t == nil {
		b.fail(L, boxerr.NoSuchFunction, b.text(L, v))
	}
	return lua.LNumber(uintField(t, 0))
}

func (b *Box) bindFunction(L *lua.LState, space, index uint32, opts *lua.LTable) {
	if fn, ok := opts.RawGetString("func").(lua.LNumber); ok {
		b.insertRow(L, funcIndexSpace, newRow(3).uint(uint64(space)).uint(uint64(index)).uint(uint64(fn)))
	}
}

// binding is the sequence that an index shall get.
type binding struct {
	id        lua.LValue // nil: made for this index
	field     int
	path      string
	off       bool
	generated bool
}

// sequenceFor reads the option sequence: true, a name, a number, or {id = , field = }.
func (b *Box) sequenceFor(L *lua.LState, s *db.Space, index string, primary bool, parts, o *lua.LTable) *binding {
	v := o.RawGetString("sequence")
	if v == lua.LNil || v == lua.LFalse && o.RawGetString("sequence") == lua.LNil {
		return nil
	}
	if vm.IsNil(v) || v == lua.LFalse {
		return &binding{off: true}
	}
	refuse := func(why string) { b.fail(L, boxerr.ModifyIndex, index, s.Name(), why) }
	if !primary {
		refuse("sequence cannot be used with a secondary key")
	}
	at := 1
	bind := &binding{}
	id, field := v, lua.LValue(lua.LNil)
	if t, ok := v.(*lua.LTable); ok {
		id, field = t.RawGetString("id"), t.RawGetString("field")
	}
	if id == lua.LTrue || vm.IsNil(id) {
		bind.generated = true
	} else {
		bind.id = lua.LNumber(b.needSequence(L, id))
	}
	switch f := field.(type) {
	case lua.LNumber:
		at = partWithField(parts, int(f)-1, "")
	case lua.LString:
		probe := L.NewTable()
		if !b.findField(s.Format().Fields(), probe, f) {
			b.illegal(L, "sequence field: field was not found by name '%s'", string(f))
		}
		path := ""
		if p, ok := probe.RawGetString("path").(lua.LString); ok {
			path = string(p)
		}
		n, _ := probe.RawGetString("field").(lua.LNumber)
		at = partWithField(parts, int(n), path)
	}
	part, _ := vm.GetInt(parts, at).(*lua.LTable)
	if part == nil {
		refuse("sequence field must be a part of the index")
	}
	n, _ := part.RawGetString("field").(lua.LNumber)
	bind.field = int(n)
	if p, ok := part.RawGetString("path").(lua.LString); ok {
		bind.path = string(p)
	}
	return bind
}

// partWithField finds the part that a sequence shall fill; 0 means that there is none.
func partWithField(parts *lua.LTable, field int, path string) int {
	for i := 1; i <= parts.Len(); i++ {
		part, _ := vm.GetInt(parts, i).(*lua.LTable)
		n, _ := part.RawGetString("field").(lua.LNumber)
		p, _ := part.RawGetString("path").(lua.LString)
		if int(n) == field && string(p) == path {
			return i
		}
	}
	return 0
}

// bindSequence gives a space its sequence, in place of the one that it had.
func (b *Box) bindSequence(L *lua.LState, s *db.Space, bind *binding) {
	if bind == nil {
		return
	}
	old := b.getRow(L, spaceSequence, 0, idKey(s.ID()))
	if bind.off {
		if old == nil {
			return
		}
		if generated := b.unbindSequence(L, s.ID()); generated != 0 {
			b.dropSequenceRow(L, generated)
		}
		return
	}
	var id uint32
	generated := uint32(0)
	switch {
	case bind.generated && old != nil && mp.Boolean(old.Field(2)):
		id = uintField(old, 1)
	case bind.generated:
		if old != nil {
			b.unbindSequence(L, s.ID())
		}
		id = b.createSequence(L, s.Name()+"_seq", L.NewTable())
	default:
		id = uint32(bind.id.(lua.LNumber))
		if old != nil && uintField(old, 1) != id {
			generated = b.unbindSequence(L, s.ID())
		}
	}
	data := newRow(5).uint(uint64(s.ID())).uint(uint64(id)).bool(bind.generated).uint(uint64(bind.field)).str(bind.path)
	b.replaceRow(L, spaceSequence, data)
	if generated != 0 {
		b.dropSequenceRow(L, generated)
	}
	b.reshow(s)
}

// reshow fills the tables of a space again whose definition did not change.
func (b *Box) reshow(s *db.Space) {
	if t := b.spaces.byID[s.ID()]; t != nil {
		t.list = nil
		b.spaces.shown = 0
		b.refresh()
	}
}

// indexDrop is index:drop().
func (b *Box) indexDrop(L *lua.LState) int {
	space, id := b.indexNumbers(L, "drop")
	b.dropIndex(L, space, id)
	return 0
}

// indexNumbers are the numbers that an index's table says it has. The space need not be there any more.
func (b *Box) indexNumbers(L *lua.LState, method string) (space, id uint32) {
	if t, ok := L.Get(1).(*lua.LTable); ok {
		space, ok1 := t.RawGetString("space_id").(lua.LNumber)
		id, ok2 := t.RawGetString("id").(lua.LNumber)
		if ok1 && ok2 {
			return uint32(space), uint32(id)
		}
	}
	usage(L, indexPlace, "Use index:%s(...) instead of index.%s(...)", method, method)
	return 0, 0
}

// schemaIndexDrop is box.schema.index.drop(space_id, index_id).
func (b *Box) schemaIndexDrop(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "space_id", "number")
	b.checkParam(L, L.Get(2), "index_id", "number")
	b.dropIndex(L, uint32(L.Get(1).(lua.LNumber)), uint32(L.Get(2).(lua.LNumber)))
	return 0
}

func (b *Box) dropIndex(L *lua.LState, space, id uint32) {
	work := func() {
		generated := uint32(0)
		if id == 0 {
			generated = b.unbindSequence(L, space)
		}
		b.deleteRow(L, funcIndexSpace, idKey(space, id))
		b.deleteRow(L, indexSpace, idKey(space, id))
		if generated != 0 {
			b.dropSequenceRow(L, generated)
		}
	}
	if id == 0 && b.getRow(L, spaceSequence, 0, idKey(space)) != nil {
		b.atomically(L, work)
		return
	}
	work()
}

// indexRename is index:rename(name).
func (b *Box) indexRename(L *lua.LState) int {
	space, id := b.indexNumbers(L, "rename")
	b.renameIndex(L, space, id, L.Get(2))
	return 0
}

// schemaIndexRename is box.schema.index.rename(space_id, index_id, name).
func (b *Box) schemaIndexRename(L *lua.LState) int {
	b.checkParam(L, L.Get(1), "space_id", "number")
	b.checkParam(L, L.Get(2), "index_id", "number")
	b.renameIndex(L, uint32(L.Get(1).(lua.LNumber)), uint32(L.Get(2).(lua.LNumber)), L.Get(3))
	return 0
}

func (b *Box) renameIndex(L *lua.LState, space, id uint32, name lua.LValue) {
	b.checkParam(L, name, "name", "string")
	b.updateRow(L, indexSpace, idKey(space, id), assign(2, strValue(name.String())))
}

// indexAlter is index:alter(options).
func (b *Box) indexAlter(L *lua.LState) int {
	space, id := b.indexNumbers(L, "alter")
	b.alterIndex(L, space, id, L.Get(2))
	return 0
}

// schemaIndexAlter is box.schema.index.alter(space_id, index_id, options).
func (b *Box) schemaIndexAlter(L *lua.LState) int {
	space, ok := L.Get(1).(lua.LNumber)
	if !ok {
		vm.RaiseString(L, -1, "bad argument #1 to '?' (number expected, got %s)", vm.TypeName(L.Get(1)))
	}
	id, ok := L.Get(2).(lua.LNumber)
	if !ok {
		vm.RaiseString(L, -1, "bad argument #2 to '?' (number expected, got %s)", vm.TypeName(L.Get(2)))
	}
	b.alterIndex(L, uint32(space), uint32(id), L.Get(3))
	return 0
}

func (b *Box) alterIndex(L *lua.LState, space, id uint32, options lua.LValue) {
	s := b.db.Space(space)
	if s == nil {
		b.noSuchSpace(L, fmt.Sprintf("#%d", space))
	}
	if s.Index(id) == nil {
		b.fail(L, boxerr.NoSuchIndexID, id, s.Name())
	}
	if options == lua.LNil {
		return
	}
	o := b.options(L, options, alterOptions)
	key := idKey(space, id)
	if v := given(o, "id"); v != nil {
		canUpdate := true
		for _, other := range []string{"type", "name", "parts", "unique", "dimension", "distance", "sequence", "func"} {
			canUpdate = canUpdate && o.RawGetString(other) == lua.LNil
		}
		if !canUpdate {
			b.fail(L, boxerr.ProcLua, "Don't know how to update both id and other parameters")
		}
		b.updateRow(L, indexSpace, key, assign(1, b.appendTo(L, nil, v)))
		return
	}
	old := b.getRow(L, indexSpace, 0, key)
	name, typ := row(old.Field(2)), row(old.Field(3))
	if v := given(o, "name"); v != nil {
		name = strValue(v.String())
	}
	if v := given(o, "type"); v != nil {
		typ = strValue(v.String())
	}
	opts, _ := b.value(L, old.Field(4)).(*lua.LTable)
	b.storeOptions(L, o, opts)
	partsRow := row(old.Field(5))
	parts := b.longParts(L, partsRow)
	if v, ok := given(o, "parts").(*lua.LTable); ok {
		parts = b.partsOf(L, s.Format().Fields(), v)
		partsRow = b.partsRow(L, nil, parts)
	}
	seq := b.sequenceFor(L, s, b.value(L, name).String(), id == 0, parts, o)
	data := newRow(6).uint(uint64(space)).uint(uint64(id)).raw(name).raw(typ)
	data = b.mappingOf(L, data, opts).raw(partsRow)
	work := func() {
		if seq != nil && seq.off {
			b.bindSequence(L, s, seq)
			seq = nil
		}
		b.replaceRow(L, indexSpace, data)
		b.bindSequence(L, s, seq)
	}
	if seq != nil {
		b.atomically(L, work)
		b.reshow(s)
		return
	}
	work()
}

// indexCompact is index:compact(), which has nothing to do in memory.
func (b *Box) indexCompact(L *lua.LState) int {
	if _, ok := L.Get(1).(*lua.LTable); !ok {
		usage(L, "builtin/box/schema.lua:1578", "attempt to index local 'index' (a %s value)", vm.TypeName(L.Get(1)))
	}
	b.wantNumbers(L, "usage index.compact(space_id, index_id)")
	return 0
}

// indexStat is index:stat(), which an index in memory has none of.
func (b *Box) indexStat(L *lua.LState) int {
	if _, ok := L.Get(1).(*lua.LTable); !ok {
		usage(L, "builtin/box/schema.lua:1574", "attempt to index local 'index' (a %s value)", vm.TypeName(L.Get(1)))
	}
	b.wantNumbers(L, "usage index.info(space_id, index_id)")
	L.Push(L.NewTable())
	return 1
}

// wantNumbers demands the numbers of a space and an index in the table that is the first argument.
func (b *Box) wantNumbers(L *lua.LState, help string) {
	t := L.Get(1).(*lua.LTable)
	_, ok1 := vm.ToNumber(t.RawGetString("space_id"))
	_, ok2 := vm.ToNumber(t.RawGetString("id"))
	if !ok1 || !ok2 {
		usage(L, "", "%s", help)
	}
}
