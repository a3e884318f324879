// Package ctype knows the types of C as LuaJIT's ffi does: it reads declarations, lays structs out for x86-64, and
// names types in messages.
//
// The one idea: a Universe is what one instance has declared; a Type is immutable but for a struct or an enum that is
// completed after its name was used. No Lua value is known here.
//
//	u := ctype.NewUniverse()
//	err := u.Declare("typedef struct { int x, y; } point_t;")
//	t, err := u.Parse("point_t[4]") // t.Size() == 32
package ctype

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is what a type is at its outermost.
type Kind int

// The kinds. Int and Enum are integers of up to 8 bytes.
const (
	Void Kind = iota
	Bool
	Int
	Float
	Enum
	Pointer
	Reference
	Array
	Struct // or union
	Func
)

// Unknown is the number of items of an array that a value gives, [?].
const Unknown = -1

// Type is a type of C.
type Type struct {
	Kind     Kind
	Unsigned bool // of Int
	Const    bool
	Elem     *Type // of Pointer, Reference, Array; what a Func returns
	N        int   // items of an Array, or Unknown
	Params   []*Type
	Variadic bool

	name   string // of a basic type
	size   int
	align  int
	record *Record
	enum   *Enumeration
}

// Record is the body of a struct or union, which its types share.
type Record struct {
	Tag      string // with "struct " or "union "
	Union    bool
	Complete bool
	Fields   []Field
	size     int
	align    int
	// Variable says that the last field is an array of unknown length.
	Variable bool
	// Value is for whom the type is more than its layout: metatype, or a type of the host.
	Value any
}

// Field is a member. One without a name is a struct or union whose members are found through it.
type Field struct {
	Name   string
	Type   *Type
	Offset int
	// Bits is the width of a bit field, 0 for other members; Shift is where it starts in the integer at Offset.
	Bits, Shift int
}

// Enumeration is the body of an enum.
type Enumeration struct {
	Tag    string
	Values map[string]int64
}

// Record is the body of a struct type, nil for others.
func (t *Type) Record() *Record { return t.record }

// Enumeration is the body of an enum type, nil for others.
func (t *Type) Enumeration() *Enumeration { return t.enum }

// Size is the size in bytes; false for one that is not known.
func (t *Type) Size() (int, bool) {
	switch t.Kind {
	case Void, Func:
		return 0, false
	case Array:
		size, ok := t.Elem.Size()
		return size * t.N, ok && t.N >= 0
	case Struct:
		return t.record.size, t.record.Complete
	case Pointer, Reference:
		return 8, true
	}
	return t.size, true
}

// SizeFor is Size for a variable type with n items.
func (t *Type) SizeFor(n int) (int, bool) {
	if n < 0 {
		return 0, false
	}
	const limit = 1 << 31
	switch {
	case t.Kind == Array && t.N == Unknown:
		size, ok := t.Elem.Size()
		return size * n, ok && (size == 0 || n < limit/size)
	case t.Kind == Struct && t.record.Variable:
		last := t.record.Fields[len(t.record.Fields)-1]
		size, ok := last.Type.Elem.Size()
		return last.Offset + size*n, ok && (size == 0 || n < limit/size)
	}
	return t.Size()
}

// Variable says that a value gives the number of items.
func (t *Type) Variable() bool {
	return t.Kind == Array && t.N == Unknown || t.Kind == Struct && t.record.Variable
}

// Align is the alignment in bytes.
func (t *Type) Align() int {
	switch t.Kind {
	case Array:
		return t.Elem.Align()
	case Struct:
		return max(t.record.align, 1)
	case Pointer, Reference:
		return 8
	}
	return max(t.align, 1)
}

// IsInteger says that values are integers.
func (t *Type) IsInteger() bool { return t.Kind == Int || t.Kind == Enum || t.Kind == Bool }

// IsNumber says that values are numbers.
func (t *Type) IsNumber() bool { return t.IsInteger() || t.Kind == Float }

// Wide says that values are 64-bit integers.
func (t *Type) Wide() bool { return t.Kind == Int && t.size == 8 }

// IsChar says that arrays of the type hold text.
func (t *Type) IsChar() bool { return t.Kind == Int && t.size == 1 }

// PointerTo is t *.
func PointerTo(t *Type) *Type { return &Type{Kind: Pointer, Elem: t} }

// ReferenceTo is t &.
func ReferenceTo(t *Type) *Type { return &Type{Kind: Reference, Elem: t} }

// ArrayOf is t[n].
func ArrayOf(t *Type, n int) *Type { return &Type{Kind: Array, Elem: t, N: n} }

func (t *Type) constant() *Type {
	if t.Const {
		return t
	}
	c := *t
	c.Const = true
	return &c
}

// Same says whether two types are one, whatever is const.
func Same(a, b *Type) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case Struct:
		return a.record == b.record
	case Enum:
		return a.enum == b.enum
	case Pointer, Reference:
		return Same(a.Elem, b.Elem)
	case Array:
		return a.N == b.N && Same(a.Elem, b.Elem)
	case Func:
		if len(a.Params) != len(b.Params) || a.Variadic != b.Variadic {
			return false
		}
		for i := range a.Params {
			if !Same(a.Params[i], b.Params[i]) {
				return false
			}
		}
		return Same(a.Elem, b.Elem)
	}
	return a.size == b.size && a.Unsigned == b.Unsigned
}

// Find looks a member up, also in members without a name.
func (r *Record) Find(name string) (Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name && name != "" {
			return f, true
		}
		if f.Name == "" && f.Type.Kind == Struct {
			if inner, ok := f.Type.record.Find(name); ok {
				inner.Offset += f.Offset
				return inner, true
			}
		}
	}
	return Field{}, false
}

// String is the name that messages show.
func (t *Type) String() string { return t.render("") }

func (t *Type) render(inner string) string {
	switch t.Kind {
	case Pointer, Reference:
		mark := "*"
		if t.Kind == Reference {
			mark = "&"
		}
		if t.Const {
			mark += "const"
			if inner != "" && inner[0] == '*' {
				mark += " "
			}
		}
		inner = mark + inner
		if t.Elem.Kind == Array || t.Elem.Kind == Func {
			inner = "(" + inner + ")"
		}
		return t.Elem.render(inner)
	case Array:
		n := "?"
		if t.N >= 0 {
			n = strconv.Itoa(t.N)
		}
		return t.Elem.render(fmt.Sprintf("%s[%s]", inner, n))
	case Func:
		return t.Elem.render(inner + "()")
	}
	name := t.name
	switch t.Kind {
	case Struct:
		name = t.record.Tag
	case Enum:
		name = t.enum.Tag
	}
	if t.Const {
		name = "const " + name
	}
	return strings.TrimSuffix(name+" "+inner, " ")
}
