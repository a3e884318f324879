package vm

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

type ckind int

const (
	kindVoid ckind = iota
	kindBool
	kindInt
	kindUint
	kindFloat
	kindPointer
	kindArray
	kindStruct
)

// cinfo is a C type that ffi knows.
type cinfo struct {
	name string
	kind ckind
	size int
	elem *cinfo
	n    int     // items of an array, -1 for [?]
	id   CTypeID // of a struct
}

type ffiTypes struct{ named map[string]*cinfo }

var scalarTypes = []struct {
	names string
	kind  ckind
	size  int
}{
	{"void", kindVoid, 1}, {"bool", kindBool, 1},
	{"char", kindInt, 1}, {"int8_t|signed char", kindInt, 1}, {"unsigned char|uint8_t", kindUint, 1},
	{"short|int16_t|short int", kindInt, 2}, {"unsigned short|uint16_t", kindUint, 2},
	{"int|int32_t|signed|signed int", kindInt, 4}, {"unsigned int|uint32_t|unsigned", kindUint, 4},
	{"int64_t|long|long long|ssize_t|ptrdiff_t|intptr_t|long int|long long int", kindInt, 8},
	{"uint64_t|unsigned long|unsigned long long|size_t|uintptr_t|unsigned long int", kindUint, 8},
	{"float", kindFloat, 4}, {"double", kindFloat, 8},
}

func newFFITypes() *ffiTypes {
	f := &ffiTypes{named: map[string]*cinfo{}}
	for _, s := range scalarTypes {
		names := strings.Split(s.names, "|")
		info := &cinfo{name: names[0], kind: s.kind, size: s.size}
		for _, n := range names {
			f.named[n] = info
		}
	}
	return f
}

// parse reads a C declaration of the forms that scripts use.
func (vm *VM) parseCType(L *lua.LState, decl string, count int) *cinfo {
	text := strings.Join(strings.Fields(strings.NewReplacer("*", " * ", "&", " & ", "[", " [", "const ", " ").Replace(decl)), " ")
	base, suffix := text, ""
	if i := strings.IndexAny(text, "*&["); i >= 0 {
		base, suffix = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i:])
	}
	info := vm.ffi.named[base]
	if info == nil {
		info = vm.namedStruct(base)
	}
	if info == nil {
		if strings.HasPrefix(base, "struct ") {
			RaiseString(L, 1, "undeclared or implicit tag '%s'", strings.TrimPrefix(base, "struct "))
		}
		RaiseString(L, 1, "declaration specifier expected near '%s'", base)
	}
	for suffix != "" {
		suffix = strings.TrimSpace(suffix)
		switch {
		case suffix[0] == '*' || suffix[0] == '&':
			info = &cinfo{name: info.name + " " + suffix[:1], kind: kindPointer, size: 8, elem: info}
			suffix = strings.TrimSpace(suffix[1:])
		case suffix[0] == '[':
			end := strings.IndexByte(suffix, ']')
			if end < 0 {
				RaiseString(L, 1, "']' expected near '<eof>'")
			}
			n, err := strconv.Atoi(strings.TrimSpace(suffix[1:end]))
			if err != nil || n < 0 {
				n = count
			}
			info = arrayOf(info, n)
			suffix = strings.TrimSpace(suffix[end+1:])
		default:
			RaiseString(L, 1, "unexpected symbol near '%s'", suffix)
		}
	}
	return info
}

func arrayOf(elem *cinfo, n int) *cinfo {
	dim := "?"
	if n >= 0 {
		dim = strconv.Itoa(n)
	}
	return &cinfo{name: elem.name + " [" + dim + "]", kind: kindArray, size: max(n, 0) * elem.size, elem: elem, n: n}
}

// namedStruct finds a struct that a module of the host announced by name.
func (vm *VM) namedStruct(name string) *cinfo {
	for id, t := range vm.ctypes {
		bare := strings.TrimSuffix(strings.TrimPrefix(t.name, "const "), " &")
		if bare != "" && (bare == name || bare == "struct "+name) {
			info := &cinfo{name: bare, kind: kindStruct, size: structSizes[bare], id: CTypeID(id)}
			vm.ffi.named[name] = info
			return info
		}
	}
	return nil
}

// structSizes are Tarantool's, for ffi.sizeof.
var structSizes = map[string]int{"struct tt_uuid": 16, "struct decimal": 36, "struct ibuf": 56, "struct tuple": 10, "struct error": 136}

// CTypeObject is what ffi.typeof returns.
type CTypeObject struct{ info *cinfo }

func (t *CTypeObject) String() string       { return "ctype<" + t.info.name + ">" }
func (t *CTypeObject) Type() lua.LValueType { return lua.LTUserData }
func (t *CTypeObject) CType() CTypeID       { return CGeneric }

// CTypeName is the name that errors show.
func (t *CTypeObject) CTypeName() string { return t.info.name }

// CScalar is a number of a C type narrower than 64 bits, or a floating one.
type CScalar struct {
	info *cinfo
	bits uint64
}

func (c *CScalar) String() string       { return fmt.Sprintf("cdata<%s>: %p", c.info.name, c) }
func (c *CScalar) Type() lua.LValueType { return lua.LTUserData }
func (c *CScalar) CType() CTypeID       { return CGeneric }

// CTypeName is the name that errors show.
func (c *CScalar) CTypeName() string { return c.info.name }

// Integer is the value as 64 bits.
func (c *CScalar) Integer() (bits uint64, unsigned bool) {
	if c.info.kind == kindFloat {
		return numberBits(math.Float64frombits(c.bits)), false
	}
	return c.bits, c.info.kind == kindUint && c.info.size == 8
}

// Number is what tonumber gives.
func (c *CScalar) Number() (float64, bool) {
	if c.info.kind == kindFloat {
		return math.Float64frombits(c.bits), true
	}
	return float64(int64(c.bits)), true
}

// Simple is the value as a bool, an int64, a uint64, a float32 or a float64, whichever the C type is.
func (c *CScalar) Simple() any {
	switch c.info.kind {
	case kindBool:
		return c.bits != 0
	case kindFloat:
		n := math.Float64frombits(c.bits)
		if c.info.size == 4 {
			return float32(n)
		}
		return n
	case kindUint:
		return c.bits
	}
	return int64(c.bits)
}

// CArray is memory: an array that ffi.new made, or a pointer into one.
type CArray struct {
	info *cinfo // an array or pointer type
	data []byte
	off  int
}

func (a *CArray) String() string {
	if a.data == nil {
		return "cdata<" + a.info.name + ">: NULL"
	}
	return fmt.Sprintf("cdata<%s>: %p", a.info.name, &a.data)
}
func (a *CArray) Type() lua.LValueType { return lua.LTUserData }
func (a *CArray) CType() CTypeID       { return CGeneric }

// CTypeName is the name that errors show.
func (a *CArray) CTypeName() string { return a.info.name }

// Bytes is the memory from the address on.
func (a *CArray) Bytes() []byte { return a.data[min(a.off, len(a.data)):] }

func (a *CArray) equalPointer(other lua.LValue) bool {
	if IsNil(other) {
		return a.data == nil
	}
	b, ok := other.(*CArray)
	if !ok || len(a.data) == 0 || len(b.data) == 0 {
		return ok && len(a.data) == len(b.data)
	}
	return &a.data[0] == &b.data[0] && a.off == b.off
}

// load reads an item of the memory.
func (info *cinfo) load(vm *VM, b []byte) lua.LValue {
	var raw [8]byte
	copy(raw[:], b[:min(info.size, 8)])
	u := binary.LittleEndian.Uint64(raw[:])
	switch {
	case info.kind == kindBool:
		return lua.LBool(u != 0)
	case info.kind == kindFloat && info.size == 4:
		return vm.num(lua.LNumber(math.Float32frombits(uint32(u))))
	case info.kind == kindFloat:
		return vm.num(lua.LNumber(math.Float64frombits(u)))
	case info.size == 8 && info.kind == kindUint:
		return Uint64(u)
	case info.size == 8 && info.kind == kindInt:
		return Int64(int64(u))
	case info.kind == kindInt:
		shift := 64 - 8*info.size
		return vm.num(lua.LNumber(int64(u<<shift) >> shift))
	}
	return vm.num(lua.LNumber(u))
}

// bitsOf converts a Lua value to the bits of a scalar type.
func (info *cinfo) bitsOf(v lua.LValue) (uint64, bool) {
	if b, ok := v.(lua.LBool); ok {
		return uint64(b2i(bool(b))), info.kind == kindBool
	}
	if info.kind == kindFloat {
		f, ok := ToNumber(v)
		if n, is := v.(interface{ Number() (float64, bool) }); is {
			f, ok = n.Number()
		} else if x, is := toOperand64(v); is && x.integer {
			f, ok = float64(int64(x.bits)), true
			if x.unsigned {
				f = float64(x.bits)
			}
		}
		if _, isString := v.(lua.LString); isString {
			ok = false
		}
		return math.Float64bits(f), ok
	}
	x, ok := toOperand64(v)
	if info.kind == kindBool {
		return uint64(b2i(x.bits != 0)), ok
	}
	shift := 64 - 8*info.size
	if info.kind == kindInt {
		return uint64(int64(x.bits<<shift) >> shift), ok
	}
	return x.bits << shift >> shift, ok
}

// store writes a scalar's bits.
func (info *cinfo) store(b []byte, bits uint64) {
	if info.kind == kindFloat && info.size == 4 {
		bits = uint64(math.Float32bits(float32(math.Float64frombits(bits))))
	}
	var raw [8]byte
	binary.LittleEndian.PutUint64(raw[:], bits)
	copy(b, raw[:min(info.size, 8)])
}
