package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/vm"
)

// partsOf brings the parts that a script gave into the form that _index has: a list of tables with field (from 0),
// type and the other properties. Both syntaxes are known: a flat list of fields and types, and a list of tables.
func (b *Box) partsOf(L *lua.LState, fields []tuple.FieldDef, given *lua.LTable) *lua.LTable {
	if given.Len() == 0 || vm.GetInt(given, 1) == lua.LNil {
		b.illegal(L, "options.parts must have at least one part")
	}
	if b.isFlat(given) {
		return b.flatParts(L, fields, given)
	}
	parts := L.NewTable()
	for i := 1; i <= given.Len(); i++ {
		parts.Append(b.part(L, fields, i, vm.GetInt(given, i)))
	}
	return parts
}

// isFlat says whether the parts are {1, 'unsigned', 2, 'string'}.
func (b *Box) isFlat(parts *lua.LTable) bool {
	if _, nested := vm.GetInt(parts, 1).(*lua.LTable); nested {
		return false
	}
	_, number := vm.GetInt(parts, 1).(lua.LNumber)
	_, text := vm.GetInt(parts, 2).(lua.LString)
	return number && text
}

func (b *Box) flatParts(L *lua.LState, fields []tuple.FieldDef, given *lua.LTable) *lua.LTable {
	parts := L.NewTable()
	for i := 1; i <= given.Len(); i += 2 {
		field, typ := vm.GetInt(given, i), vm.GetInt(given, i+1)
		part := L.NewTable()
		switch f := field.(type) {
		case lua.LNumber:
			if f == 0 {
				b.illegal(L, "invalid index parts: field_no must be one-based")
			}
			part.RawSetString("field", f-1)
		case lua.LString:
			b.resolveField(L, fields, part, (i+1)/2, f)
		default:
			b.illegal(L, "options.parts[%d]: field (name or number) is expected", (i+1)/2)
		}
		if _, ok := typ.(lua.LString); !ok {
			b.illegal(L, "options.parts: expected field_no (number), type (string) pairs")
		}
		part.RawSetString("type", fullTypeName(typ))
		parts.Append(part)
	}
	return parts
}

// part is one part of the list of tables: {field, type, is_nullable = , …}, {field = , type = , …} or the field alone.
func (b *Box) part(L *lua.LState, fields []tuple.FieldDef, i int, v lua.LValue) *lua.LTable {
	part := L.NewTable()
	given, ok := v.(*lua.LTable)
	if !ok {
		given = L.NewTable()
		given.RawSetString("field", v)
	}
	for w := serial.Ordered(given); w.Next(); {
		key, val := w.Key, w.Val
		switch key {
		case lua.LNumber(1):
			key = lua.LString("field")
		case lua.LNumber(2):
			key = lua.LString("type")
		}
		vm.RawSet(part, key, val)
	}
	switch f := part.RawGetString("field").(type) {
	case lua.LNumber:
		if f == 0 {
			b.illegal(L, "options.parts[%d]: field (number) must be one-based", i)
		}
		part.RawSetString("field", f-1)
	case lua.LString:
		b.resolveField(L, fields, part, i, f)
	default:
		b.illegal(L, "options.parts[%d]: field (name or number) is expected", i)
	}
	b.partProperties(L, fields, part, i)
	return part
}

func (b *Box) partProperties(L *lua.LState, fields []tuple.FieldDef, part *lua.LTable, i int) {
	if name := part.RawGetString("collation"); name != lua.LNil {
		if s, ok := name.(lua.LString); ok {
			c := b.db.Collation(string(s))
			if c == nil {
				b.illegal(L, "options.parts[%d]: collation was not found by name '%s'", i, string(s))
			}
			part.RawSetString("collation", lua.LNumber(c.ID))
		} else {
			b.raise(L, boxerr.New(boxerr.KeyPartType, 0, "string"))
		}
	}
	at := -1
	if f, ok := part.RawGetString("field").(lua.LNumber); ok && f >= 0 && int(f) < len(fields) {
		at = int(f)
	}
	switch typ := part.RawGetString("type"); {
	case vm.IsNil(typ):
		part.RawSetString("type", b.typeOf(fields, part))
	case typ.Type() == lua.LTString:
		part.RawSetString("type", fullTypeName(typ))
	default:
		b.illegal(L, "options.parts[%d]: type (string) is expected", i)
	}
	switch nullable := part.RawGetString("is_nullable"); {
	case vm.IsNil(nullable):
		if at >= 0 && fields[at].IsNullable {
			part.RawSetString("is_nullable", lua.LTrue)
		}
	case nullable.Type() != lua.LTBool:
		b.illegal(L, "options.parts[%d]: type (boolean) is expected", i)
	}
}

// partsRow adds the parts as _index has them: lists of field and type as long as no part says more than that.
func (b *Box) partsRow(L *lua.LState, data row, parts *lua.LTable) row {
	short := true
	for i := 1; i <= parts.Len(); i++ {
		part, _ := vm.GetInt(parts, i).(*lua.LTable)
		for w := serial.Walk(part); w.Next(); {
			short = short && (w.Key == lua.LString("field") || w.Key == lua.LString("type"))
		}
	}
	if !short {
		return b.appendTo(L, data, parts)
	}
	data = data.array(parts.Len())
	for i := 1; i <= parts.Len(); i++ {
		part, _ := vm.GetInt(parts, i).(*lua.LTable)
		data = b.appendTo(L, data.array(2), part.RawGetString("field"))
		data = b.appendTo(L, data, part.RawGetString("type"))
	}
	return data
}

// longParts reads the parts of a row of _index in the form of tables.
func (b *Box) longParts(L *lua.LState, data row) *lua.LTable {
	parts, _ := b.value(L, data).(*lua.LTable)
	for i := 1; i <= parts.Len(); i++ {
		if part, ok := vm.GetInt(parts, i).(*lua.LTable); ok && vm.GetInt(part, 1) != lua.LNil {
			long := L.NewTable()
			long.RawSetString("field", vm.GetInt(part, 1))
			long.RawSetString("type", vm.GetInt(part, 2))
			parts.RawSetInt(i, long)
		}
	}
	return parts
}

// typeOf is the type that the space's format gives the field, scalar where it says nothing.
func (b *Box) typeOf(fields []tuple.FieldDef, part *lua.LTable) lua.LValue {
	if f, ok := part.RawGetString("field").(lua.LNumber); ok && f >= 0 && int(f) < len(fields) {
		return lua.LString(fields[int(f)].Type.String())
	}
	return lua.LString("scalar")
}

// fullTypeName is the name of a type that was given by its short name of old.
func fullTypeName(typ lua.LValue) lua.LValue {
	switch typ {
	case lua.LString("num"):
		return lua.LString("unsigned")
	case lua.LString("str"):
		return lua.LString("string")
	}
	return typ
}

// resolveField finds a field by its name, or by a JSON path that begins with a name or a number.
func (b *Box) resolveField(L *lua.LState, fields []tuple.FieldDef, part *lua.LTable, i int, name lua.LString) {
	if !b.findField(fields, part, name) {
		b.illegal(L, "options.parts[%d]: field was not found by name '%s'", i, string(name))
	}
}

// findField is resolveField for one who has words of his own about a field that is not there.
func (b *Box) findField(fields []tuple.FieldDef, part *lua.LTable, name lua.LString) bool {
	for n, f := range fields {
		if f.Name == string(name) {
			part.RawSetString("field", lua.LNumber(n))
			return true
		}
	}
	lexer := jsonpath.NewLexer(string(name), 1)
	step, ok, err := lexer.Next()
	at := -1
	switch {
	case err != nil || !ok:
	case step.Kind == jsonpath.ByName:
		for n, f := range fields {
			if f.Name == step.Name {
				at = n
			}
		}
	case step.Kind == jsonpath.ByIndex:
		at = step.Index
	}
	if at < 0 {
		return false
	}
	part.RawSetString("field", lua.LNumber(at))
	if rest := restOfPath(string(name), lexer.Position()); rest != "" {
		part.RawSetString("path", lua.LString(rest))
	}
	return true
}

// restOfPath is what follows the first step of a path; the position counts symbols.
func restOfPath(path string, symbols int) string {
	runes := []rune(path)
	return string(runes[min(symbols, len(runes)):])
}
