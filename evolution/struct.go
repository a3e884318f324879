package evolution

import (
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Decode fills a Go struct from the fields of the internals, so that a migration can be typed. A struct field takes the
// Lua field of its `lua:"name"` tag, or of its own name in lower case with underscores; `lua:"-"` leaves it out. Lua
// nil leaves a Go field as it is. Strings, booleans, numbers, structs, pointers to structs, slices (from arrays), maps
// with string or integer keys, lua.LValue and *lua.LTable can be filled; anything else, or a value of another type, is
// an error that names the field.
func (in Internals) Decode(target any) error {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("decode internals: the target must be a pointer to a struct, got %T", target)
	}
	return decodeStruct("", in.table, v.Elem())
}

// Encode writes the fields of a struct, or of a pointer to one, into the internals, by the rules of Decode. Fields of
// the internals that the struct does not have stay.
func (in Internals) Encode(source any) error {
	v := reflect.Indirect(reflect.ValueOf(source))
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("encode internals: the source must be a struct, got %T", source)
	}
	return encodeStruct("", v, in.table)
}

var (
	valueType = reflect.TypeFor[lua.LValue]()
	tableType = reflect.TypeFor[*lua.LTable]()
)

// luaName is the Lua field of a struct field, empty when it has none.
func luaName(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	switch tag := f.Tag.Get("lua"); tag {
	case "-":
		return ""
	case "":
	default:
		return tag
	}
	var b strings.Builder
	for i, r := range f.Name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && !upperAt(f.Name, i-1) {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func upperAt(s string, i int) bool { return s[i] >= 'A' && s[i] <= 'Z' }

func decodeStruct(path string, t *lua.LTable, v reflect.Value) error {
	for i := range v.NumField() {
		name := luaName(v.Type().Field(i))
		if name == "" {
			continue
		}
		if err := decodeValue(join(path, name), t.RawGetString(name), v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func mismatch(path string, from lua.LValue, to reflect.Value) error {
	return fmt.Errorf("field %s is a %s, not a %s", path, from.Type(), to.Type())
}

func decodeValue(path string, from lua.LValue, to reflect.Value) error {
	if from == lua.LNil {
		return nil
	}
	switch to.Type() {
	case valueType:
		to.Set(reflect.ValueOf(from))
		return nil
	case tableType:
		t, ok := from.(*lua.LTable)
		if !ok {
			return mismatch(path, from, to)
		}
		to.Set(reflect.ValueOf(t))
		return nil
	}
	switch to.Kind() {
	case reflect.String:
		if s, ok := from.(lua.LString); ok {
			to.SetString(string(s))
			return nil
		}
	case reflect.Bool:
		if b, ok := from.(lua.LBool); ok {
			to.SetBool(bool(b))
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n, ok := from.(lua.LNumber); ok && n == lua.LNumber(int64(n)) && !to.OverflowInt(int64(n)) {
			to.SetInt(int64(n))
			return nil
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n, ok := from.(lua.LNumber); ok && n >= 0 && n == lua.LNumber(uint64(n)) && !to.OverflowUint(uint64(n)) {
			to.SetUint(uint64(n))
			return nil
		}
	case reflect.Float32, reflect.Float64:
		if n, ok := from.(lua.LNumber); ok {
			to.SetFloat(float64(n))
			return nil
		}
	case reflect.Pointer:
		made := reflect.New(to.Type().Elem())
		if err := decodeValue(path, from, made.Elem()); err != nil {
			return err
		}
		to.Set(made)
		return nil
	}
	if t, ok := from.(*lua.LTable); ok {
		return decodeTable(path, t, to)
	}
	return mismatch(path, from, to)
}

func decodeTable(path string, t *lua.LTable, to reflect.Value) error {
	switch to.Kind() {
	case reflect.Struct:
		return decodeStruct(path, t, to)
	case reflect.Slice:
		made := reflect.MakeSlice(to.Type(), t.Len(), t.Len())
		for i := range t.Len() {
			if err := decodeValue(fmt.Sprintf("%s[%d]", path, i+1), t.RawGetInt(i+1), made.Index(i)); err != nil {
				return err
			}
		}
		to.Set(made)
		return nil
	case reflect.Map:
		made := reflect.MakeMap(to.Type())
		var failed error
		t.ForEach(func(k, v lua.LValue) {
			if failed != nil {
				return
			}
			at := fmt.Sprintf("%s[%s]", path, k)
			key, value := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
			if failed = decodeValue(at, k, key); failed == nil {
				failed = decodeValue(at, v, value)
			}
			if failed == nil {
				made.SetMapIndex(key, value)
			}
		})
		to.Set(made)
		return failed
	}
	return mismatch(path, t, to)
}

func encodeStruct(path string, v reflect.Value, t *lua.LTable) error {
	for i := range v.NumField() {
		name := luaName(v.Type().Field(i))
		if name == "" {
			continue
		}
		value, err := encodeValue(join(path, name), v.Field(i))
		if err != nil {
			return err
		}
		t.RawSetString(name, value)
	}
	return nil
}

func encodeValue(path string, v reflect.Value) (lua.LValue, error) {
	if value, ok := v.Interface().(lua.LValue); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return value, nil
	}
	switch v.Kind() {
	case reflect.String:
		return lua.LString(v.String()), nil
	case reflect.Bool:
		return lua.LBool(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return lua.LNumber(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return lua.LNumber(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(v.Float()), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return lua.LNil, nil
		}
		return encodeValue(path, v.Elem())
	case reflect.Struct:
		t := newTable()
		return t, encodeStruct(path, v, t)
	case reflect.Slice:
		if v.IsNil() {
			return lua.LNil, nil
		}
		t := newTable()
		for i := range v.Len() {
			value, err := encodeValue(fmt.Sprintf("%s[%d]", path, i+1), v.Index(i))
			if err != nil {
				return nil, err
			}
			t.RawSetInt(i+1, value)
		}
		return t, nil
	case reflect.Map:
		return encodeMap(path, v)
	}
	return nil, fmt.Errorf("field %s: a %s cannot be a Lua value", path, v.Type())
}

func encodeMap(path string, v reflect.Value) (lua.LValue, error) {
	if v.IsNil() {
		return lua.LNil, nil
	}
	t := newTable()
	for it := v.MapRange(); it.Next(); {
		key, err := encodeValue(path, it.Key())
		if err != nil {
			return nil, err
		}
		value, err := encodeValue(fmt.Sprintf("%s[%v]", path, it.Key()), it.Value())
		if err != nil {
			return nil, err
		}
		t.RawSet(key, value)
	}
	return t, nil
}

func newTable() *lua.LTable { return &lua.LTable{Metatable: lua.LNil} }
