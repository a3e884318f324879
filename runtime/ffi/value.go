package ffi

import (
	"fmt"
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Memory is a block that objects and pointers lie in.
type Memory struct {
	Data []byte
	// pointers are those stored in the block, by offset. The bytes there hold their addresses.
	pointers map[int]*Pointer
}

// NewMemory makes a block of n zero bytes.
func NewMemory(n int) *Memory { return &Memory{Data: make([]byte, n)} }

func (m *Memory) address(off int) uint64 {
	if len(m.Data) == 0 {
		return uint64(uintptr(unsafe.Pointer(m))) + uint64(off)
	}
	return uint64(uintptr(unsafe.Pointer(&m.Data[0]))) + uint64(off)
}

// copyFrom copies n bytes, and the pointers among them.
func (m *Memory) copyFrom(to int, from *Memory, at, n int) {
	moved := map[int]*Pointer{}
	for off, p := range from.pointers {
		if off >= at && off+8 <= at+n {
			moved[off-at+to] = p
		}
	}
	copy(m.Data[to:to+n], from.Data[at:at+n])
	for off := range m.pointers {
		if off+8 > to && off < to+n {
			delete(m.pointers, off)
		}
	}
	for off, p := range moved {
		m.keep(off, p)
	}
}

func (m *Memory) keep(off int, p *Pointer) {
	if m.pointers == nil {
		m.pointers = map[int]*Pointer{}
	}
	m.pointers[off] = p
}

// Scalar is a number narrower than 64 bits, a floating one, a bool or an enum.
type Scalar struct {
	typ  *ctype.Type
	bits uint64 // of a float64 for floating numbers
}

// String is how tostring shows the number.
func (s *Scalar) String() string {
	if s.typ.Kind == ctype.Enum {
		return fmt.Sprintf("cdata<%s>: %d", s.typ, int64(s.bits))
	}
	return fmt.Sprintf("cdata<%s>: %p", s.typ, s)
}

// Type implements lua.LValue.
func (s *Scalar) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (s *Scalar) CType() vm.CTypeID { return vm.CGeneric }

// CTypeName is the name that errors show.
func (s *Scalar) CTypeName() string { return s.typ.String() }

// Integer is the value as 64 bits, for arithmetic.
func (s *Scalar) Integer() (bits uint64, unsigned bool) {
	if s.typ.Kind == ctype.Float {
		n, _ := vm.ToInt64(lua.LNumber(math.Float64frombits(s.bits)))
		return uint64(n), false
	}
	return s.bits, false
}

// Number is what tonumber gives.
func (s *Scalar) Number() (float64, bool) {
	if s.typ.Kind == ctype.Float {
		return math.Float64frombits(s.bits), true
	}
	return float64(int64(s.bits)), true
}

// EqualPointer compares an enum with the name of a constant.
func (s *Scalar) EqualPointer(other lua.LValue) bool {
	e := s.typ.Enumeration()
	name, ok := other.(lua.LString)
	if e == nil || !ok {
		return false
	}
	n, known := e.Values[string(name)]
	return known && uint64(n) == s.bits
}

// SerialField tells the formats what the value is; an enum is nothing that they know.
func (s *Scalar) SerialField(f *serial.Field) bool {
	size, _ := s.typ.Size()
	switch {
	case s.typ.Kind == ctype.Bool:
		f.SetBool(s.bits != 0)
	case s.typ.Kind == ctype.Float && size == 4:
		f.SetFloat(float32(math.Float64frombits(s.bits)))
	case s.typ.Kind == ctype.Float:
		f.SetDouble(math.Float64frombits(s.bits))
	case s.typ.Kind == ctype.Int:
		f.SetInt(int64(s.bits))
	default:
		return false
	}
	return true
}

// Object is a struct, a union or an array, or a reference to one inside of another.
type Object struct {
	lib  *Library
	typ  *ctype.Type // Struct or Array
	mem  *Memory
	off  int
	size int
	ref  bool
}

// CTypeName is the name that errors show.
func (o *Object) CTypeName() string { return o.typ.String() }

func (o *Object) shown() *ctype.Type {
	if o.ref {
		return ctype.ReferenceTo(o.typ)
	}
	return o.typ
}

// String is how tostring shows the object.
func (o *Object) String() string {
	return fmt.Sprintf("cdata<%s>: 0x%08x", o.shown(), o.mem.address(o.off))
}

// Type implements lua.LValue.
func (o *Object) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (o *Object) CType() vm.CTypeID { return idOf(o.typ) }

// Window is the memory from the object on.
func (o *Object) Window() []byte { return o.mem.Data[o.off:] }

func (o *Object) pointer() *Pointer {
	elem := o.typ
	if o.typ.Kind == ctype.Array {
		elem = o.typ.Elem
	}
	return &Pointer{lib: o.lib, typ: ctype.PointerTo(elem), mem: o.mem, off: o.off}
}

// Pointer is a pointer of any type. Without memory it is an address that nothing can be read from.
type Pointer struct {
	lib *Library
	typ *ctype.Type // Pointer
	mem *Memory
	off int
	fn  *lua.LFunction // a callback
}

// NewPointer makes a `char *` to a place in a block.
func (lib *Library) NewPointer(mem *Memory, off int) *Pointer {
	return &Pointer{lib: lib, typ: charPointer, mem: mem, off: off}
}

var charPointer = ctype.PointerTo(ctype.Char)

// Place is the memory of the pointer and where in it the pointer is; nil for an address.
func (p *Pointer) Place() (*Memory, int) { return p.mem, p.off }

func (p *Pointer) address() uint64 {
	switch {
	case p.fn != nil:
		return uint64(uintptr(unsafe.Pointer(p.fn)))
	case p.mem == nil:
		return uint64(p.off)
	}
	return p.mem.address(p.off)
}

// CTypeName is the name that errors show.
func (p *Pointer) CTypeName() string { return p.typ.String() }

// String is how tostring shows the pointer.
func (p *Pointer) String() string {
	if a := p.address(); a != 0 {
		return fmt.Sprintf("cdata<%s>: 0x%08x", p.typ, a)
	}
	return fmt.Sprintf("cdata<%s>: NULL", p.typ)
}

// Type implements lua.LValue.
func (p *Pointer) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (p *Pointer) CType() vm.CTypeID { return idOf(p.typ) }

// Bytes is the memory from the pointer on, to the end of its block. Writes into it are seen there.
func (p *Pointer) Bytes() []byte {
	if p.mem == nil || p.off < 0 || p.off > len(p.mem.Data) {
		return nil
	}
	return p.mem.Data[p.off:]
}

// Window is Bytes, for formats that read what lies behind a pointer.
func (p *Pointer) Window() []byte { return p.Bytes() }

// Plus is the pointer n bytes further on.
func (p *Pointer) Plus(n int) vm.Cdata {
	q := *p
	q.off += n
	return &q
}

// as is the pointer under another type.
func (p *Pointer) as(t *ctype.Type) *Pointer {
	q := *p
	q.typ = t
	return &q
}

// Block is what stands for memory: a pointer or an object.
type Block interface{ Window() []byte }

// TypeObject is what ffi.typeof returns.
type TypeObject struct {
	lib *Library
	typ *ctype.Type
}

// String is how tostring shows the type.
func (t *TypeObject) String() string { return "ctype<" + t.typ.String() + ">" }

// Type implements lua.LValue.
func (t *TypeObject) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (t *TypeObject) CType() vm.CTypeID { return vm.CGeneric }

// CTypeName is the name that errors show.
func (t *TypeObject) CTypeName() string { return t.typ.String() }

// EqualPointer says that types are equal by what they are.
func (t *TypeObject) EqualPointer(other lua.LValue) bool {
	o, ok := other.(*TypeObject)
	return ok && ctype.Same(t.typ, o.typ) && t.typ.Const == o.typ.Const
}

// EqualPointer says whether the pointer is equal to another value: a place, or NULL and nil.
func (p *Pointer) EqualPointer(other lua.LValue) bool {
	a, ok := addressOf(other)
	return ok && a == p.address()
}

// EqualPointer compares places; objects with a metatype of their own may have other ideas.
func (o *Object) EqualPointer(other lua.LValue) bool {
	a, ok := addressOf(other)
	return ok && a == o.mem.address(o.off)
}

// addressOf is the address that a value stands for, if it does.
func addressOf(v lua.LValue) (uint64, bool) {
	switch v := v.(type) {
	case *Pointer:
		return v.address(), true
	case *Object:
		return v.mem.address(v.off), true
	}
	return 0, vm.IsNil(v)
}

// Function is a function of C.
type Function struct {
	lib  *Library
	typ  *ctype.Type
	name string
	call builtin
}

// String is how tostring shows the function.
func (f *Function) String() string { return fmt.Sprintf("cdata<%s>: %p", f.typ, f) }

// Type implements lua.LValue.
func (f *Function) Type() lua.LValueType { return lua.LTUserData }

// CType implements vm.Cdata.
func (f *Function) CType() vm.CTypeID { return vm.CGeneric }

// CTypeName is the name that errors show.
func (f *Function) CTypeName() string { return f.typ.String() }
