package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// spaceTables are the Lua tables of box.space. A table keeps its identity while its space lives, so a script that has
// kept one sees what alter changed.
type spaceTables struct {
	all     *lua.LTable // box.space: by name and by number
	byID    map[uint32]*spaceTable
	byTable map[*lua.LTable]*spaceTable
	byIndex map[*lua.LTable]*indexTable

	spaceMeta, indexMeta       *lua.LTable
	onReplace, beforeReplace   *lua.LFunction
	step, endStep              *lua.LFunction
	spaceMethods, indexMethods *lua.LTable
	shown                      uint64 // the schema version that the tables show, plus one
}

// spaceTable is the table of one space and what it shows.
type spaceTable struct {
	table   *lua.LTable
	indexes *lua.LTable
	byID    map[uint32]*indexTable
	name    string
	space   *db.Space
	// format and list are what the space had when the table was filled: an alter makes new ones.
	format *tuple.Format
	list   []*db.Index
}

// indexTable is the table of one index.
type indexTable struct {
	table *lua.LTable
	space *db.Space
	id    uint32
	name  string
}

// openSpaces makes box.space, which is empty until refresh.
func (b *Box) openSpaces(L *lua.LState) *spaceTables {
	if b.spaces != nil {
		return b.spaces
	}
	s := &spaceTables{
		all: L.NewTable(), byID: make(map[uint32]*spaceTable),
		byTable: make(map[*lua.LTable]*spaceTable), byIndex: make(map[*lua.LTable]*indexTable),
		onReplace: L.NewFunction(b.onReplace), beforeReplace: L.NewFunction(b.beforeReplace),
		step: L.NewFunction(b.iterationStep),
		endStep: L.NewFunction(func(L *lua.LState) int {
			L.Push(lua.LNil)
			return 1
		}),
		spaceMethods: methods(L, b.spaceMethodList()), indexMethods: methods(L, b.indexMethodList()),
	}
	s.spaceMeta, s.indexMeta = metaOf(L, s.spaceMethods), metaOf(L, s.indexMethods)
	s.indexMethods.RawSetString("__len", s.indexMethods.RawGetString("len"))
	s.all.Metatable = methods(L, map[string]lua.LGFunction{"__serialize": b.serializeSpaces})
	b.spaces = s
	return s
}

// metaOf is a metatable with the methods behind __index, and pairs() that iterates the rows.
func metaOf(L *lua.LState, index *lua.LTable) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__index", index)
	for _, name := range []string{"__pairs", "__ipairs"} {
		meta.RawSetString(name, index.RawGetString("pairs"))
		index.RawSetString(name, index.RawGetString("pairs"))
	}
	return meta
}

func (b *Box) spaceMethodList() map[string]lua.LGFunction {
	list := map[string]lua.LGFunction{
		"insert": b.insert, "replace": b.replace, "put": b.replace, "upsert": b.upsert,
		"len": b.spaceLen, "count": b.spaceCount, "bsize": b.spaceBSize, "pairs": b.spacePairs,
		"auto_increment": b.autoIncrement, "truncate": b.truncate, "run_triggers": b.runTriggers,
		"drop": b.spaceDrop, "rename": b.spaceRename, "format": b.spaceFormat, "frommap": b.fromMap,
		"create_index": b.createIndex, "create_check_constraint": b.createCheckConstraint,
	}
	for name, op := range map[string]rowOp{
		"get": b.get, "select": b.selectRows, "update": b.update, "delete": b.remove,
	} {
		list[name] = b.spaceMethod(name, op)
	}
	return list
}

func (b *Box) indexMethodList() map[string]lua.LGFunction {
	list := map[string]lua.LGFunction{
		"drop": b.indexDrop, "rename": b.indexRename, "alter": b.indexAlter,
		"compact": b.indexCompact, "stat": b.indexStat,
	}
	for name, op := range map[string]rowOp{
		"get": b.get, "select": b.selectRows, "update": b.update, "delete": b.remove, "count": b.count, "len": b.length,
		"bsize": b.indexBSize, "min": b.min, "max": b.max, "random": b.random, "pairs": b.pairs,
	} {
		list[name] = b.indexMethod(name, op)
	}
	return list
}

// Refresh makes box.space, box.sequence and box.func show the schema of the database as it is now. Whoever changes the
// schema other than through a script calls it, with the baton.
func (b *Box) Refresh() { b.refresh() }

func (b *Box) refresh() {
	tables := b.spaces
	if tables == nil || b.db == nil {
		return
	}
	b.refreshObjects()
	if tables.shown == b.db.SchemaVersion()+1 {
		return
	}
	tables.shown = b.db.SchemaVersion() + 1
	L := b.host.VM().State()
	for id, t := range tables.byID {
		if t.space.Dropped() || b.db.Space(id) != t.space {
			tables.remove(t)
		}
	}
	for _, s := range b.db.Spaces() {
		b.fillSpace(L, s)
	}
}

// remove takes a space that is gone out of box.space.
func (s *spaceTables) remove(t *spaceTable) {
	id := t.table.RawGetString("id")
	delete(s.byID, t.space.ID())
	delete(s.byTable, t.table)
	vm.RawSet(s.all, id, lua.LNil)
	s.forgetName(t)
	for _, x := range t.byID {
		s.removeIndex(t, x)
	}
	t.table.RawSetString("enabled", lua.LFalse)
}

func (s *spaceTables) removeIndex(t *spaceTable, x *indexTable) {
	delete(t.byID, x.id)
	delete(s.byIndex, x.table)
	vm.RawSet(t.indexes, lua.LNumber(x.id), lua.LNil)
	if t.indexes.RawGetString(x.name) == lua.LValue(x.table) {
		t.indexes.RawSetString(x.name, lua.LNil)
	}
}

// forgetName removes a name from box.space unless another space has it by now.
func (s *spaceTables) forgetName(t *spaceTable) {
	if s.all.RawGetString(t.name) == lua.LValue(t.table) {
		s.all.RawSetString(t.name, lua.LNil)
	}
}

// spaceKeys and indexKeys are orders of the keys in which tables print them as Tarantool's do.
var (
	spaceKeys = []string{"engine", "is_local", "is_sync", "id", "temporary", "before_replace", "index", "field_count",
		"on_replace", "name", "enabled", "ck_constraint"}
	indexKeys = []string{"space_id", "func", "name", "id", "unique", "type", "parts"}
)

// reserve gives keys their places in a new table.
func reserve(t *lua.LTable, keys []string) {
	for _, k := range keys {
		t.RawSetString(k, lua.LTrue)
	}
}

func (b *Box) fillSpace(L *lua.LState, s *db.Space) {
	tables := b.spaces
	t := tables.byID[s.ID()]
	if t == nil {
		t = &spaceTable{table: L.NewTable(), indexes: L.NewTable(), byID: make(map[uint32]*indexTable), space: s}
		t.table.Metatable = tables.spaceMeta
		reserve(t.table, spaceKeys)
		t.table.RawSetString("index", t.indexes)
		t.table.RawSetString("ck_constraint", L.NewTable())
		b.addTriggers(t.table)
		tables.byID[s.ID()] = t
		tables.byTable[t.table] = t
	} else if t.format == s.Format() && t.name == s.Name() && sameList(t.list, s.Indexes()) {
		return
	}
	t.format, t.list = s.Format(), s.Indexes()
	def := s.Def()
	if t.name != def.Name {
		tables.forgetName(t)
		t.name = def.Name
	}
	vm.RawSet(tables.all, lua.LNumber(def.ID), t.table)
	tables.all.RawSetString(def.Name, t.table)
	set := t.table.RawSetString
	set("id", lua.LNumber(def.ID))
	set("name", lua.LString(def.Name))
	set("engine", lua.LString(def.Engine))
	set("field_count", lua.LNumber(def.FieldCount))
	set("temporary", lua.LBool(def.Temporary))
	set("is_local", lua.LBool(def.Local))
	set("is_sync", lua.LBool(def.Sync))
	set("enabled", lua.LBool(s.Index(0) != nil))
	b.fillIndexes(L, t, s)
}

func sameList(a, b []*db.Index) bool {
	if len(a) != len(b) {
		return false
	}
	return len(a) == 0 || &a[0] == &b[0]
}

func (b *Box) fillIndexes(L *lua.LState, t *spaceTable, s *db.Space) {
	for id, x := range t.byID {
		if s.Index(id) == nil {
			b.spaces.removeIndex(t, x)
		}
	}
	for _, x := range s.Indexes() {
		it := t.byID[x.ID()]
		if it == nil {
			it = &indexTable{table: L.NewTable(), space: s, id: x.ID()}
			it.table.Metatable = b.spaces.indexMeta
			reserve(it.table, indexKeys)
			t.byID[x.ID()] = it
			b.spaces.byIndex[it.table] = it
		} else if it.name != x.Name() && t.indexes.RawGetString(it.name) == lua.LValue(it.table) {
			t.indexes.RawSetString(it.name, lua.LNil)
		}
		it.name = x.Name()
		b.fillIndex(L, it.table, x)
		vm.RawSet(t.indexes, lua.LNumber(x.ID()), it.table)
		t.indexes.RawSetString(x.Name(), it.table)
	}
}

func (b *Box) fillIndex(L *lua.LState, it *lua.LTable, x *db.Index) {
	def := x.Def()
	it.RawSetString("id", lua.LNumber(x.ID()))
	it.RawSetString("space_id", lua.LNumber(x.Space().ID()))
	it.RawSetString("name", lua.LString(x.Name()))
	it.RawSetString("type", lua.LString(def.Type.String()))
	it.RawSetString("unique", lua.LBool(def.Unique))
	parts := L.NewTable()
	for _, p := range x.KeyDef().Parts() {
		part := L.NewTable()
		part.RawSetString("type", lua.LString(p.Type.String()))
		part.RawSetString("fieldno", lua.LNumber(p.Field+1))
		if p.Path != "" {
			part.RawSetString("path", lua.LString(p.Path))
		}
		part.RawSetString("is_nullable", lua.LBool(p.IsNullable))
		if p.Collation != nil && p.Collation.ID != 0 {
			part.RawSetString("collation", lua.LString(p.Collation.Name))
		}
		parts.Append(part)
	}
	it.RawSetString("parts", parts)
	fn := lua.LValue(lua.LNil)
	if def.FuncID != 0 {
		t := L.NewTable()
		t.RawSetString("fid", lua.LNumber(def.FuncID))
		if f := b.db.Function(def.FuncID); f != nil {
			t.RawSetString("name", lua.LString(f.Name))
		}
		fn = t
	}
	it.RawSetString("func", fn)
	sequence, field := lua.LValue(lua.LNil), lua.LValue(lua.LNil)
	if id, at, _, ok := x.Space().Sequence(); ok && x.ID() == 0 {
		sequence, field = lua.LNumber(id), lua.LNumber(at+1)
	}
	it.RawSetString("sequence_id", sequence)
	it.RawSetString("sequence_fieldno", field)
}
