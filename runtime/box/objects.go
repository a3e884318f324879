package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/db"
	"shardlua/runtime/luamp"
	"shardlua/runtime/vm"
)

// objectTables are the tables of box.sequence or box.func: by name and by number.
type objectTables struct {
	all   *lua.LTable
	meta  *lua.LTable
	byID  map[uint32]*lua.LTable
	names map[uint32]string
}

func newObjectTables(L *lua.LState, list map[string]lua.LGFunction) *objectTables {
	meta := L.NewTable()
	meta.RawSetString("__index", methods(L, list))
	return &objectTables{all: L.NewTable(), meta: meta, byID: make(map[uint32]*lua.LTable), names: make(map[uint32]string)}
}

// show puts an object into the tables, a new one with its keys in this order, and returns its table.
func (o *objectTables) show(L *lua.LState, id uint32, name string, keys []string) *lua.LTable {
	t := o.byID[id]
	if t == nil {
		t = L.NewTable()
		t.Metatable = o.meta
		reserve(t, keys)
		o.byID[id] = t
	} else if was := o.names[id]; was != name {
		o.forget(was, t)
	}
	o.names[id] = name
	o.all.RawSetString(name, t)
	vm.RawSet(o.all, lua.LNumber(id), t)
	t.RawSetString("id", lua.LNumber(id))
	t.RawSetString("name", lua.LString(name))
	return t
}

// keep removes the objects for which there says false.
func (o *objectTables) keep(there func(id uint32) bool) {
	for id, t := range o.byID {
		if there(id) {
			continue
		}
		o.forget(o.names[id], t)
		vm.RawSet(o.all, lua.LNumber(id), lua.LNil)
		delete(o.byID, id)
		delete(o.names, id)
	}
}

// forget takes a name away unless another object has it by now.
func (o *objectTables) forget(name string, t *lua.LTable) {
	if o.all.RawGetString(name) == lua.LValue(t) {
		o.all.RawSetString(name, lua.LNil)
	}
}

// refreshObjects brings box.sequence and box.func up to date.
func (b *Box) refreshObjects() {
	L := b.host.VM().State()
	b.sequences.keep(func(id uint32) bool { return b.db.Sequence(id) != nil })
	for _, q := range b.db.Sequences() {
		t := b.sequences.show(L, q.ID, q.Name, sequenceKeys)
		set := t.RawSetString
		set("uid", lua.LNumber(q.Owner))
		set("step", luamp.SignedInteger(q.Step))
		set("min", luamp.SignedInteger(q.Min))
		set("max", luamp.SignedInteger(q.Max))
		set("start", luamp.SignedInteger(q.Start))
		set("cache", luamp.SignedInteger(q.Cache))
		set("cycle", lua.LBool(q.Cycle))
	}
	b.functions.keep(func(id uint32) bool { return b.db.Function(id) != nil })
	for _, f := range b.db.Functions() {
		if f.Exported("LUA") && b.functions.byID[f.ID] == nil {
			b.fillFunction(L, b.functions.show(L, f.ID, f.Name, functionKeys(f)), f)
		}
	}
}

// sequenceKeys and functionKeys are orders of the keys in which the tables print them as Tarantool's do.
var sequenceKeys = []string{"start", "uid", "name", "min", "step", "cache", "id", "max", "cycle"}

func functionKeys(f *db.Function) []string {
	keys := []string{"language", "id", "exports", "returns", "aggregate", "name"}
	if f.Body != "" {
		keys = append(keys, "body")
	}
	if f.Comment != "" {
		keys = append(keys, "comment")
	}
	if f.Body != "" {
		keys = append(keys, "is_sandboxed")
	}
	keys = append(keys, "is_deterministic", "is_multikey", "setuid")
	return keys
}

func (b *Box) fillFunction(L *lua.LState, t *lua.LTable, f *db.Function) {
	set := t.RawSetString
	exports := L.NewTable()
	exports.RawSetString("lua", lua.LBool(f.Exported("LUA")))
	exports.RawSetString("sql", lua.LBool(f.Exported("SQL")))
	set("exports", exports)
	set("language", lua.LString(f.Language))
	set("setuid", lua.LBool(f.Setuid))
	set("returns", lua.LString(f.Returns))
	set("aggregate", lua.LString(f.Aggregate))
	set("is_deterministic", lua.LBool(f.Deterministic))
	set("is_multikey", lua.LBool(f.Multikey))
	if f.Body != "" {
		set("is_sandboxed", lua.LBool(f.Sandboxed))
		set("body", lua.LString(f.Body))
	}
	if f.Comment != "" {
		set("comment", lua.LString(f.Comment))
	}
}
