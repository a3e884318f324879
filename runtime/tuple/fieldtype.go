package tuple

import (
	"strings"

	"shardlua/runtime/tuple/mp"
)

// FieldType is the type that a space format or an index part requires.
type FieldType uint8

// The field types of Tarantool 2.6.
const (
	Any FieldType = iota
	Unsigned
	String
	Number
	Double
	Integer
	Boolean
	Varbinary
	Scalar
	Decimal
	UUID
	Array
	Map
	fieldTypes
)

var typeNames = [fieldTypes]string{
	"any", "unsigned", "string", "number", "double", "integer", "boolean",
	"varbinary", "scalar", "decimal", "uuid", "array", "map",
}

// String is the name that error messages use.
func (t FieldType) String() string { return typeNames[t] }

// ParseFieldType finds a type by its name in any case; "num", "str" and "*" are
// the names that Tarantool 1.6 had.
func ParseFieldType(name string) (FieldType, bool) {
	name = strings.ToLower(name)
	switch name {
	case "num":
		return Unsigned, true
	case "str":
		return String, true
	case "*":
		return Any, true
	}
	for i, n := range typeNames {
		if n == name {
			return FieldType(i), true
		}
	}
	return Any, false
}

// ParsePartType is ParseFieldType with the short names that index parts may have
// beside: "uint" and "int".
func ParsePartType(name string) (FieldType, bool) {
	switch strings.ToLower(name) {
	case "uint":
		return Unsigned, true
	case "int":
		return Integer, true
	}
	return ParseFieldType(name)
}

const (
	integers = 1<<mp.Uint | 1<<mp.Int
	numbers  = integers | 1<<mp.Float | 1<<mp.Double
)

// kinds has a bit for each kind of MessagePack value that a type takes.
var kinds = [fieldTypes]uint16{
	Any:       1<<mp.Invalid - 1,
	Unsigned:  1 << mp.Uint,
	String:    1 << mp.Str,
	Number:    numbers,
	Double:    1 << mp.Double,
	Integer:   integers,
	Boolean:   1 << mp.Bool,
	Varbinary: 1 << mp.Bin,
	Scalar:    numbers | 1<<mp.Bool | 1<<mp.Str | 1<<mp.Bin,
	Array:     1 << mp.Array,
	Map:       1 << mp.Map,
}

// exts has a bit for each extension that a type takes.
var exts = [fieldTypes]uint8{
	Any:     0xff,
	Number:  1 << mp.ExtDecimal,
	Scalar:  1 << mp.ExtDecimal,
	Decimal: 1 << mp.ExtDecimal,
	UUID:    1 << mp.ExtUUID,
}

// Check reports whether the value that begins b is of type t. Nil is of no type
// but any; whether a field may be nil is another question.
func (t FieldType) Check(b []byte) bool {
	k := mp.KindOf(b)
	if k == mp.Ext && t != Any {
		typ, _ := mp.Extension(b)
		return typ >= 0 && typ < 8 && exts[t]>>uint(typ)&1 == 1
	}
	return kinds[t]>>k&1 == 1
}

// Contains reports whether every value of type u is of type t as well.
func (t FieldType) Contains(u FieldType) bool {
	switch t {
	case Any:
		return true
	case Number:
		return u == Number || u == Unsigned || u == Integer || u == Double || u == Decimal
	case Integer:
		return u == Integer || u == Unsigned
	case Scalar:
		return u != Any && u != Array && u != Map && u != UUID
	}
	return t == u
}

// Indexable reports whether an index part can have the type.
func (t FieldType) Indexable() bool { return t != Any && t != Array && t != Map }
