package golua

import (
	"fmt"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Decode stores a Lua value in what target, a pointer that is not nil, points to. Lua's nil leaves it as it is. Strings,
// []byte, booleans, numbers, structs, pointers, slices and arrays (of Lua arrays), maps, any, lua.LValue and
// *lua.LTable can be filled; a value of another type, or a number that does not fit, is an error that names the field.
//
// In an any, a number without a fraction becomes an int64 (a uint64 beyond that), any other a float64; an array a
// []any; a table with nothing but string keys a map[string]any, and every other table a map[any]any. Uuids and decimals become
// their text.
func Decode(from lua.LValue, target any) error {
	return DecodeTelling(from, target, func(lua.LValue) {})
}

// DecodeTelling is Decode that tells of each Lua value that it hands out as it is, which may be a table.
func DecodeTelling(from lua.LValue, target any, handed func(lua.LValue)) error {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("decode a Lua value: the target must be a pointer, got %T", target)
	}
	return decoder{handed: handed}.value("", from, v.Elem())
}

type decoder struct {
	depth  int
	handed func(lua.LValue)
}

func mismatch(path string, from lua.LValue, to reflect.Value) error {
	return fmt.Errorf("%s is a %s, not a %s", called(path), vm.TypeName(from), to.Type())
}

func (d decoder) value(path string, from lua.LValue, to reflect.Value) error {
	if vm.IsNil(from) && to.Type() != valueType {
		return nil
	}
	if d.depth++; d.depth > MaxDepth {
		return fmt.Errorf("%s is nested more than %d levels deep", called(path), MaxDepth)
	}
	switch to.Type() {
	case valueType:
		d.handed(from)
		to.Set(reflect.ValueOf(&from).Elem())
		return nil
	case tableType:
		t, ok := from.(*lua.LTable)
		if !ok {
			return mismatch(path, from, to)
		}
		d.handed(t)
		to.Set(reflect.ValueOf(t))
		return nil
	case anyType:
		v, err := d.natural(path, from)
		if err == nil {
			to.Set(reflect.ValueOf(&v).Elem())
		}
		return err
	}
	if to.Kind() == reflect.Pointer {
		made := reflect.New(to.Type().Elem())
		if err := d.value(path, from, made.Elem()); err != nil {
			return err
		}
		to.Set(made)
		return nil
	}
	if t, ok := from.(*lua.LTable); ok {
		return d.table(path, t, to)
	}
	if !scalar(from, to) {
		return mismatch(path, from, to)
	}
	return nil
}

// scalar stores a value that is no table; false when its type or size does not fit.
func scalar(from lua.LValue, to reflect.Value) bool {
	switch to.Kind() {
	case reflect.String:
		s, ok := text(from)
		if ok {
			to.SetString(s)
		}
		return ok
	case reflect.Slice:
		s, ok := from.(lua.LString)
		if ok = ok && to.Type().Elem().Kind() == reflect.Uint8; ok {
			to.SetBytes([]byte(s))
		}
		return ok
	case reflect.Bool:
		b, ok := from.(lua.LBool)
		if ok {
			to.SetBool(bool(b))
		}
		return ok
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := signed(from)
		if ok = ok && !to.OverflowInt(n); ok {
			to.SetInt(n)
		}
		return ok
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, ok := unsigned(from)
		if ok = ok && !to.OverflowUint(n); ok {
			to.SetUint(n)
		}
		return ok
	case reflect.Float32, reflect.Float64:
		n, ok := float(from)
		if ok {
			to.SetFloat(n)
		}
		return ok
	}
	return false
}

// text is the string of a value that has one.
func text(from lua.LValue) (string, bool) {
	switch v := from.(type) {
	case lua.LString:
		return string(v), true
	case vm.Cdata:
		if id := v.CType(); id == vm.CUUID || id == vm.CDecimal {
			return v.String(), true
		}
	}
	return "", false
}

func signed(from lua.LValue) (int64, bool) {
	switch n := from.(type) {
	case lua.LNumber:
		return int64(n), n >= -1<<63 && n < 1<<63 && n == lua.LNumber(int64(n))
	case *vm.I64:
		return n.V, true
	case *vm.U64:
		return int64(n.V), n.V <= math.MaxInt64
	}
	return 0, false
}

func unsigned(from lua.LValue) (uint64, bool) {
	switch n := from.(type) {
	case lua.LNumber:
		return uint64(n), n >= 0 && n < 1<<64 && n == lua.LNumber(uint64(n))
	case *vm.I64:
		return uint64(n.V), n.V >= 0
	case *vm.U64:
		return n.V, true
	}
	return 0, false
}

func float(from lua.LValue) (float64, bool) {
	switch n := from.(type) {
	case lua.LNumber:
		return float64(n), true
	case *vm.I64:
		return float64(n.V), true
	case *vm.U64:
		return float64(n.V), true
	}
	return 0, false
}

func (d decoder) table(path string, t *lua.LTable, to reflect.Value) error {
	switch to.Kind() {
	case reflect.Struct:
		return d.fields(path, t, to)
	case reflect.Slice:
		made := reflect.MakeSlice(to.Type(), vm.Length(t), vm.Length(t))
		if err := d.elements(path, t, made); err != nil {
			return err
		}
		to.Set(made)
		return nil
	case reflect.Array:
		if vm.Length(t) != to.Len() {
			return fmt.Errorf("%s has %d elements, not %d", called(path), vm.Length(t), to.Len())
		}
		return d.elements(path, t, to)
	case reflect.Map:
		return d.mapping(path, t, to)
	}
	return mismatch(path, t, to)
}

func (d decoder) fields(path string, t *lua.LTable, to reflect.Value) error {
	for i := range to.NumField() {
		name := fieldName(to.Type().Field(i))
		if name == "" {
			continue
		}
		if err := d.value(join(path, name), t.RawGetString(name), to.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) elements(path string, t *lua.LTable, to reflect.Value) error {
	for i := range to.Len() {
		if err := d.value(fmt.Sprintf("%s[%d]", path, i+1), vm.GetInt(t, i+1), to.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) mapping(path string, t *lua.LTable, to reflect.Value) error {
	made := reflect.MakeMap(to.Type())
	for w := serial.Walk(t); w.Next(); {
		k, v := w.Key, w.Val
		at := fmt.Sprintf("%s[%s]", path, k)
		key, value := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
		if err := d.value(at, k, key); err != nil {
			return err
		}
		if err := d.value(at, v, value); err != nil {
			return err
		}
		made.SetMapIndex(key, value)
	}
	to.Set(made)
	return nil
}

// natural is the Go value that a Lua value becomes when nobody says which.
func (d decoder) natural(path string, from lua.LValue) (any, error) {
	if b, ok := from.(lua.LBool); ok {
		return bool(b), nil
	}
	if s, ok := text(from); ok {
		return s, nil
	}
	if n, ok := signed(from); ok {
		return n, nil
	}
	if n, ok := unsigned(from); ok {
		return n, nil
	}
	if n, ok := float(from); ok {
		return n, nil
	}
	t, ok := from.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("%s is a %s, which Go has no value for", called(path), vm.TypeName(from))
	}
	return d.naturalTable(path, t)
}

func (d decoder) naturalTable(path string, t *lua.LTable) (any, error) {
	count, named := 0, true
	for w := serial.Walk(t); w.Next(); {
		count++
		if _, ok := w.Key.(lua.LString); !ok {
			named = false
		}
	}
	if count == vm.Length(t) {
		made := make([]any, count)
		return made, d.elements(path, t, reflect.ValueOf(made))
	}
	if named {
		made := make(map[string]any, count)
		return made, d.mapping(path, t, reflect.ValueOf(&made).Elem())
	}
	made := make(map[any]any, count)
	return made, d.mapping(path, t, reflect.ValueOf(&made).Elem())
}
