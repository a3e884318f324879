package serial

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Kind is what a value is to a format.
type Kind uint8

// The kinds of fields.
const (
	Nil     Kind = iota
	Bool         // Field.Bool
	Uint         // Field.Uint
	Int          // Field.Int, below zero
	Float        // Field.Real, of 32 bits
	Double       // Field.Real
	String       // Field.Str
	Array        // Field.Size values of Field.Table
	Map          // Field.Size pairs of Field.Table
	Raw          // Field.Cdata is a MsgpackAppender: a decimal, a uuid, ...
	Foreign      // no form outside Lua
)

// Field is a value as a format sees it.
type Field struct {
	Kind    Kind
	Bool    bool
	Compact bool // text formats write the table on one line
	// Verbatim marks a String that is the text of a decimal, a uuid and the like:
	// YAML does not quote it.
	Verbatim bool
	Size     int
	bits     uint64
	Str      string
	Table    *lua.LTable
	Cdata    vm.Cdata
}

// Uint is the value of a Uint.
func (f *Field) Uint() uint64 { return f.bits }

// Int is the value of an Int.
func (f *Field) Int() int64 { return int64(f.bits) }

// Real is the value of a Float or a Double.
func (f *Field) Real() float64 { return math.Float64frombits(f.bits) }

// MsgpackAppender is a cdata that msgpack knows: tuples, decimals, uuids. The
// bytes are one whole value.
type MsgpackAppender interface {
	AppendMsgpack(dst []byte) []byte
}

// Scalar is a cdata that stands for a simple value, such as a number made by
// ffi.new. Use the Set methods on f; report false when it is no simple value.
type Scalar interface {
	SerialField(f *Field) bool
}

// SetNil makes f nil.
func (f *Field) SetNil() { *f = Field{} }

// SetBool makes f a boolean.
func (f *Field) SetBool(v bool) { *f = Field{Kind: Bool, Bool: v} }

// SetUint makes f a non-negative integer.
func (f *Field) SetUint(v uint64) { *f = Field{Kind: Uint, bits: v} }

// SetInt makes f an integer.
func (f *Field) SetInt(v int64) {
	*f = Field{Kind: Int, bits: uint64(v)}
	if v >= 0 {
		f.Kind = Uint
	}
}

// SetDouble makes f a number of 64 bits, integral or not.
func (f *Field) SetDouble(v float64) { *f = Field{Kind: Double, bits: math.Float64bits(v)} }

// SetFloat makes f a number of 32 bits.
func (f *Field) SetFloat(v float32) {
	*f = Field{Kind: Float, bits: math.Float64bits(float64(v))}
}

// SetString makes f a string.
func (f *Field) SetString(v string) { *f = Field{Kind: String, Str: v} }

// SetNumber makes f what a Lua number is to a format: an integer when it has no
// fraction and fits 64 bits.
func (f *Field) SetNumber(n float64) {
	switch {
	case n >= 0 && n < 1<<64 && n == math.Trunc(n):
		f.SetUint(uint64(n))
	case n < 0 && n >= -1<<63 && n == math.Trunc(n):
		f.SetInt(int64(n))
	default:
		f.SetDouble(n)
	}
}
