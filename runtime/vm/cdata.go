package vm

import (
	"fmt"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// CTypeID names a type of cdata within a VM. The identifiers below mean the
// same in every VM; [VM.NewCType] hands out the others.
type CTypeID uint32

// The well-known cdata types.
const (
	CNull CTypeID = iota + 1
	CInt64
	CUint64
	CTuple
	CError
	CUUID
	CDecimal
	CIbuf
	CGeneric // what ffi.new makes
	firstFreeCType
)

// Cdata is a Lua value whose type() is 'cdata'. All but Null report
// lua.LTUserData as their Type. Values are compared by identity, so an
// implementation is a pointer.
type Cdata interface {
	lua.LValue
	CType() CTypeID
}

type null struct{}

func (null) String() string       { return "cdata<void *>: NULL" }
func (null) Type() lua.LValueType { return lua.LTNil }
func (null) CType() CTypeID       { return CNull }

// Null is box.NULL: equal to nil, yet true and storable in tables.
var Null Cdata = null{}

// IsNil says whether a value is nil or Null.
func IsNil(v lua.LValue) bool { return v == nil || v == lua.LNil || v == Null }

// I64 is a boxed signed 64-bit integer (int64_t).
type I64 struct{ V int64 }

// Int64 boxes a signed 64-bit integer.
func Int64(v int64) *I64 { return &I64{v} }

func (n *I64) String() string       { return strconv.FormatInt(n.V, 10) + "LL" }
func (n *I64) Type() lua.LValueType { return lua.LTUserData }
func (n *I64) CType() CTypeID       { return CInt64 }

// U64 is a boxed unsigned 64-bit integer (uint64_t).
type U64 struct{ V uint64 }

// Uint64 boxes an unsigned 64-bit integer.
func Uint64(v uint64) *U64 { return &U64{v} }

func (n *U64) String() string       { return strconv.FormatUint(n.V, 10) + "ULL" }
func (n *U64) Type() lua.LValueType { return lua.LTUserData }
func (n *U64) CType() CTypeID       { return CUint64 }

// TypeName is Lua's type(v).
func TypeName(v lua.LValue) string {
	if v == nil {
		return "nil"
	}
	if _, ok := v.(Cdata); ok {
		return "cdata"
	}
	return v.Type().String()
}

// NewCType hands out an identifier for a cdata type of this VM. The name is
// what tostring and ffi.typeof print, for instance "struct tuple &".
func (vm *VM) NewCType(name string) CTypeID {
	vm.ctypes = append(vm.ctypes, ctype{name: name})
	return CTypeID(len(vm.ctypes) - 1)
}

// CTypeName returns the name of a cdata type.
func (vm *VM) CTypeName(id CTypeID) string {
	if int(id) < len(vm.ctypes) {
		return vm.ctypes[id].name
	}
	return fmt.Sprintf("ctype %d", id)
}

// SetMeta gives all values of a cdata type their metatable. The metamethods
// are LuaJIT's: __index, __newindex, __call, __eq, __lt, __le, __len, __concat,
// the arithmetic ones, __tostring, __serialize, __pairs and __ipairs.
func (vm *VM) SetMeta(id CTypeID, mt *lua.LTable) { vm.ctypes[id].meta = mt }

// Meta returns the metatable of a cdata type, nil when it has none.
func (vm *VM) Meta(id CTypeID) *lua.LTable {
	if int(id) < len(vm.ctypes) {
		return vm.ctypes[id].meta
	}
	return nil
}

type ctype struct {
	name string
	meta *lua.LTable
}

// FindCType finds the type of a struct, say "struct tuple", under whatever qualifiers it has its name here.
func (vm *VM) FindCType(tag string) (CTypeID, bool) {
	for id, t := range vm.ctypes {
		if t.name != "" && strings.TrimSuffix(strings.TrimPrefix(t.name, "const "), " &") == tag {
			return CTypeID(id), true
		}
	}
	return 0, false
}

// CdataName is the name of a value's type.
func (vm *VM) CdataName(c Cdata) string { return vm.cdataName(c) }

// OperandName is what messages call a value: its C type, without what only refers to it, or its type in Lua.
func (vm *VM) OperandName(v lua.LValue) string { return vm.typeOf(v) }

func wellKnownCTypes() []ctype {
	names := [...]string{
		0:        "",
		CNull:    "void *",
		CInt64:   "int64_t",
		CUint64:  "uint64_t",
		CTuple:   "struct tuple &",
		CError:   "const struct error &",
		CUUID:    "struct tt_uuid",
		CDecimal: "struct decimal",
		CIbuf:    "struct ibuf",
		CGeneric: "",
	}
	types := make([]ctype, firstFreeCType)
	for i := range types {
		types[i].name = names[i]
	}
	return types
}
