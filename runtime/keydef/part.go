package keydef

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/box"
	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/vm"
)

const usage = "Bad params, use: key_def.new({{fieldno = fieldno, type = type[, is_nullable = <boolean>]" +
	"[, path = <string>][, collation_id = <number>][, collation = <string>]}, ...}"

func illegal(format string, args ...any) error {
	return boxerr.Newf(boxerr.ClassIllegalParams, format, args...)
}

// create is key_def.new.
func (k *library) create(L *lua.LState) int {
	list, ok := L.Get(1).(*lua.LTable)
	if !ok || L.GetTop() != 1 {
		vm.RaiseString(L, -1, "%s", usage)
	}
	count := list.Len()
	if count == 0 {
		k.raise(L, illegal("Key definition can only be constructed by using at least 1 key_part"))
	}
	parts := make([]tuple.Part, count)
	collations := make([]uint32, count)
	for i := range parts {
		var err error
		if parts[i], collations[i], err = k.part(L, vm.GetInt(list, i+1)); err != nil {
			k.raise(L, err)
		}
	}
	for i, id := range collations {
		if id == 0 {
			continue
		}
		if parts[i].Collation = k.collationByID(id); parts[i].Collation == nil {
			k.raise(L, boxerr.New(boxerr.WrongIndexOptions, i+1, "collation was not found by ID"))
		}
	}
	kd, err := tuple.NewKeyDef(parts)
	if err != nil {
		k.raise(L, err)
	}
	L.Push(&Definition{kd, k.ctype})
	return 1
}

// part reads one part and the number of its collation, 0 for none. Numbers that are none count as 0 and texts that
// are none as empty, as they do on Tarantool.
func (k *library) part(L *lua.LState, v lua.LValue) (p tuple.Part, collation uint32, err error) {
	get := func(name string) lua.LValue { return lua.LNil }
	switch v := v.(type) {
	case *lua.LTable:
		get = func(name string) lua.LValue { return L.GetField(v, name) }
	case lua.LString:
	default:
		vm.RaiseString(L, -1, "attempt to index a %s value", vm.TypeName(v))
	}
	fieldno, field := get("fieldno"), get("field")
	switch {
	case fieldno != lua.LNil && field != lua.LNil:
		return p, 0, illegal("Conflicting options: fieldno and field")
	case fieldno == lua.LNil && field == lua.LNil:
		return p, 0, illegal("fieldno or field must not be nil")
	case fieldno == lua.LNil:
		fieldno = field
	}
	p.Field = integer(fieldno) - 1
	if p.Type, err = fieldType(get("type")); err != nil {
		return p, 0, err
	}
	if nullable := get("is_nullable"); nullable != lua.LNil {
		p.IsNullable = nullable != lua.LFalse
	}
	if collation, err = k.collation(get("collation_id"), get("collation")); err != nil {
		return p, 0, err
	}
	if path := get("path"); path != lua.LNil {
		p.Path = text(path)
		parsed, err := jsonpath.Parse(p.Path, 1)
		switch {
		case err != nil:
			return p, 0, illegal("invalid path")
		case parsed.Multikey() >= 0:
			return p, 0, illegal("multikey path is unsupported")
		}
	}
	return p, collation, nil
}

func fieldType(v lua.LValue) (tuple.FieldType, error) {
	if v == lua.LNil {
		return tuple.Any, illegal("type must not be nil")
	}
	name := text(v)
	if name == "" {
		return tuple.Unsigned, nil
	}
	typ, ok := tuple.ParseFieldType(name)
	if !ok {
		return typ, illegal("Unknown field type: %s", name)
	}
	if !typ.Indexable() || typ == tuple.Varbinary {
		return typ, illegal("Unsupported field type: %s", name)
	}
	return typ, nil
}

// collation is the number of the collation that a part names, 0 for none.
func (k *library) collation(id, name lua.LValue) (uint32, error) {
	switch {
	case id != lua.LNil && name != lua.LNil:
		return 0, illegal("Conflicting options: collation_id and collation")
	case id != lua.LNil:
		return integer(id), nil
	case name == lua.LNil:
		return 0, nil
	}
	if db := box.Of(k.host).DB(); db != nil {
		if c := db.Collation(text(name)); c != nil {
			return c.ID, nil
		}
	}
	return 0, illegal("Unknown collation: \"%s\"", text(name))
}

func (k *library) collationByID(id uint32) *collation.Collation {
	db := box.Of(k.host).DB()
	if db == nil {
		return nil
	}
	return db.CollationByID(id)
}

// integer is what 32 bits hold of a number or of a text that is one.
func integer(v lua.LValue) uint32 {
	switch v.(type) {
	case lua.LNumber, lua.LString:
		return uint32(int64(lua.LVAsNumber(v)))
	}
	return 0
}

func text(v lua.LValue) string {
	switch v.(type) {
	case lua.LNumber, lua.LString:
		return v.String()
	}
	return ""
}
