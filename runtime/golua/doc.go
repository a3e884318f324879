// Package golua carries values between Go and Lua, by reflection.
//
// The one idea: the shapes correspond as they do on the wire. A Lua number without a fraction is an integer, a table
// with the keys 1 to n is an array and every other table a map, nil and box.NULL are nil.
//
//	value, err := golua.Encode(Point{X: 1, Y: 2})   // {x = 1, y = 2}
//	var p Point
//	err = golua.Decode(value, &p)
//
// A struct field corresponds to the Lua field of its `lua:"name"` tag, or of its own name in lower case with
// underscores; `lua:"-"` leaves it out. Tables that belong to an instance are read and written with its baton held.
package golua

import (
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

var (
	valueType = reflect.TypeFor[lua.LValue]()
	tableType = reflect.TypeFor[*lua.LTable]()
	anyType   = reflect.TypeFor[any]()
)

// MaxDepth bounds how deep values may be nested; it stops those that contain themselves.
const MaxDepth = 128

// NewTable makes an empty Lua table that belongs to no instance yet.
func NewTable() *lua.LTable { return vm.NewTable(0, 0) }

// fieldName is the Lua field of a struct field, empty when it has none.
func fieldName(f reflect.StructField) string {
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

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// called is how an error names the place of a value.
func called(path string) string {
	if path == "" {
		return "the value"
	}
	return "field " + path
}
