package golua

import (
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Encode makes a Lua value of a Go one: nil, booleans, numbers, strings, []byte, structs, pointers, slices, arrays, maps, and
// lua.LValue as it is. Integers that a Lua number does not hold exactly become 64-bit cdata; nil inside of a slice or
// a map becomes box.NULL, so that it keeps its place.
func Encode(source any) (lua.LValue, error) {
	if source == nil {
		return lua.LNil, nil
	}
	return encoder{}.value("", reflect.ValueOf(source))
}

// EncodeFields writes the fields of a struct, or of a pointer to one, into a table. Other fields of the table stay.
// Before, it tells the names of the fields.
func EncodeFields(source any, t *lua.LTable, before func(name string)) error {
	v := reflect.Indirect(reflect.ValueOf(source))
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("the source must be a struct, got %T", source)
	}
	for i := range v.NumField() {
		if name := fieldName(v.Type().Field(i)); name != "" {
			before(name)
		}
	}
	return encoder{}.fields("", v, t)
}

// maxExact is the greatest integer that stays a Lua number, as the readers of MessagePack have it.
const maxExact = 1e14 - 1

type encoder struct{ depth int }

func (e encoder) value(path string, v reflect.Value) (lua.LValue, error) {
	if e.depth++; e.depth > MaxDepth {
		return nil, fmt.Errorf("%s is nested more than %d levels deep", called(path), MaxDepth)
	}
	if v.CanInterface() {
		if value, ok := v.Interface().(lua.LValue); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
			return value, nil
		}
	}
	switch v.Kind() {
	case reflect.String:
		return lua.LString(v.String()), nil
	case reflect.Bool:
		return lua.LBool(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n > maxExact || n < -maxExact {
			return vm.Int64(n), nil
		}
		return lua.LNumber(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := v.Uint(); n > maxExact {
			return vm.Uint64(n), nil
		}
		return lua.LNumber(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(v.Float()), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return lua.LNil, nil
		}
		return e.value(path, v.Elem())
	case reflect.Struct:
		t := NewTable()
		return t, e.fields(path, v, t)
	case reflect.Slice:
		if v.IsNil() {
			return lua.LNil, nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return lua.LString(v.Bytes()), nil
		}
		return e.elements(path, v)
	case reflect.Array:
		return e.elements(path, v)
	case reflect.Map:
		return e.mapping(path, v)
	}
	return nil, fmt.Errorf("%s: a %s cannot be a Lua value", called(path), v.Type())
}

// inner is a value inside of an array or a map.
func (e encoder) inner(path string, v reflect.Value) (lua.LValue, error) {
	value, err := e.value(path, v)
	if value == lua.LNil {
		value = vm.Null
	}
	return value, err
}

func (e encoder) fields(path string, v reflect.Value, t *lua.LTable) error {
	for i := range v.NumField() {
		name := fieldName(v.Type().Field(i))
		if name == "" {
			continue
		}
		value, err := e.value(join(path, name), v.Field(i))
		if err != nil {
			return err
		}
		vm.SetString(t, name, value)
	}
	return nil
}

func (e encoder) elements(path string, v reflect.Value) (lua.LValue, error) {
	t := NewTable()
	for i := range v.Len() {
		value, err := e.inner(fmt.Sprintf("%s[%d]", path, i+1), v.Index(i))
		if err != nil {
			return nil, err
		}
		vm.Append(t, value)
	}
	return t, nil
}

func (e encoder) mapping(path string, v reflect.Value) (lua.LValue, error) {
	if v.IsNil() {
		return lua.LNil, nil
	}
	t := NewTable()
	for it := v.MapRange(); it.Next(); {
		at := fmt.Sprintf("%s[%v]", path, it.Key())
		key, err := e.value(at, it.Key())
		if err != nil {
			return nil, err
		}
		if n, ok := key.(lua.LNumber); key == lua.LNil || ok && n != n {
			return nil, fmt.Errorf("%s: a table has no key %v", called(path), it.Key())
		}
		value, err := e.inner(at, it.Value())
		if err != nil {
			return nil, err
		}
		vm.RawSet(t, key, value)
	}
	return t, nil
}
