package ffi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

var (
	errConst   = errors.New("attempt to write to constant location")
	errOutside = errors.New("attempt to access memory outside of an object")
)

func errMany(t *ctype.Type) error { return fmt.Errorf("too many initializers for '%s'", t) }

func (lib *Library) errConvert(v lua.LValue, t *ctype.Type) error {
	return fmt.Errorf("cannot convert '%s' to '%s'", lib.vm.OperandName(v), t)
}

// load makes the Lua value of what lies in memory.
func (lib *Library) load(t *ctype.Type, mem *Memory, off int) (lua.LValue, error) {
	size, ok := t.Size()
	if !ok && t.Kind != ctype.Array && t.Kind != ctype.Struct {
		return nil, errors.New("size of C type is unknown or too large")
	}
	if mem == nil || off < 0 || off+size > len(mem.Data) {
		return nil, errOutside
	}
	switch t.Kind {
	case ctype.Struct, ctype.Array:
		return &Object{lib: lib, typ: t, mem: mem, off: off, size: size, ref: true}, nil
	case ctype.Pointer:
		return lib.loadPointer(t, mem, off), nil
	}
	return lib.number(t, loadBits(t, mem.Data[off:off+size])), nil
}

func (lib *Library) loadPointer(t *ctype.Type, mem *Memory, off int) lua.LValue {
	address := binary.LittleEndian.Uint64(mem.Data[off:])
	if p := mem.pointers[off]; p != nil && p.address() == address {
		return p.as(t)
	}
	return lib.pointerAt(t, address)
}

// pointerAt is a pointer that is no more than its address.
func (lib *Library) pointerAt(t *ctype.Type, address uint64) lua.LValue {
	if address == 0 && t.Elem.Kind == ctype.Void {
		return vm.Null
	}
	return &Pointer{lib: lib, typ: t, off: int(address)}
}

// loadBits reads a number, extended to 64 bits; floating ones become the bits of a float64.
func loadBits(t *ctype.Type, b []byte) uint64 {
	var raw [8]byte
	copy(raw[:], b)
	u := binary.LittleEndian.Uint64(raw[:])
	if t.Kind == ctype.Float {
		if len(b) == 4 {
			return math.Float64bits(float64(math.Float32frombits(uint32(u))))
		}
		return u
	}
	return extend(t, u, 8*len(b))
}

// extend cuts an integer to so many bits and gives it its sign.
func extend(t *ctype.Type, u uint64, bits int) uint64 {
	shift := 64 - bits
	if t.Unsigned || t.Kind == ctype.Bool {
		return u << shift >> shift
	}
	return uint64(int64(u<<shift) >> shift)
}

// number is how a script gets a number out of memory.
func (lib *Library) number(t *ctype.Type, bits uint64) lua.LValue {
	switch {
	case t.Kind == ctype.Bool:
		return lua.LBool(bits != 0)
	case t.Kind == ctype.Float:
		return lib.vm.Number(math.Float64frombits(bits))
	case t.Kind == ctype.Enum:
		return &Scalar{typ: t, bits: bits}
	case t.Wide() && t.Unsigned:
		return vm.Uint64(bits)
	case t.Wide():
		return vm.Int64(int64(bits))
	}
	return lib.vm.Number(float64(int64(bits)))
}

// boxed is a number that ffi.new or ffi.cast makes.
func boxed(t *ctype.Type, bits uint64) lua.LValue {
	switch {
	case t.Wide() && t.Unsigned:
		return vm.Uint64(bits)
	case t.Wide():
		return vm.Int64(int64(bits))
	}
	return &Scalar{typ: t, bits: bits}
}

// bits converts a value to a number of type t. Casts take more than assignments do.
func (lib *Library) bits(t *ctype.Type, v lua.LValue, cast bool) (uint64, error) {
	if e := t.Enumeration(); e != nil {
		if s, ok := v.(lua.LString); ok {
			n, known := e.Values[string(s)]
			if !known {
				return 0, lib.errConvert(v, t)
			}
			return uint64(n), nil
		}
	}
	var f float64
	var u uint64
	floating, unsigned := false, false
	switch x := v.(type) {
	case lua.LBool:
		if x {
			u = 1
		}
	case lua.LNumber:
		f, floating = float64(x), true
	case *vm.I64:
		u = uint64(x.V)
	case *vm.U64:
		u, unsigned = x.V, true
	case *Scalar:
		if u = x.bits; x.typ.Kind == ctype.Float {
			f, floating = math.Float64frombits(u), true
		}
	case *Pointer:
		if !cast {
			return 0, lib.errConvert(v, t)
		}
		u, unsigned = x.address(), true
	case *Object:
		if !cast || x.typ.Kind != ctype.Array {
			return 0, lib.errConvert(v, t)
		}
		u, unsigned = x.mem.address(x.off), true
	case lua.LString:
		if !cast {
			return 0, lib.errConvert(v, t)
		}
		u = lib.text(string(x)).address(0)
	default:
		if !vm.IsNil(v) || !cast && v != vm.Null {
			return 0, lib.errConvert(v, t)
		}
	}
	return lib.cut(t, f, u, floating, unsigned), nil
}

func (lib *Library) cut(t *ctype.Type, f float64, u uint64, floating, unsigned bool) uint64 {
	size, _ := t.Size()
	if t.Kind == ctype.Float {
		if !floating {
			if f = float64(int64(u)); unsigned {
				f = float64(u)
			}
		}
		if size == 4 {
			f = float64(float32(f))
		}
		return math.Float64bits(f)
	}
	if floating {
		if t.Kind == ctype.Bool {
			return b2u(f != 0)
		}
		if size < 8 && (f >= 1<<31 || f < -(1<<31)) && !t.Unsigned && size == 4 {
			u = 1 << 31 // what the processor makes of a number that does not fit
		} else {
			n, _ := vm.ToInt64(lua.LNumber(f))
			u = uint64(n)
		}
	}
	if t.Kind == ctype.Bool {
		return b2u(u != 0)
	}
	return extend(t, u, 8*size)
}

func b2u(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// text is the memory of a string, with the zero that ends it.
func (lib *Library) text(s string) *Memory { return &Memory{Data: append([]byte(s), 0)} }

// store converts a value and writes it.
func (lib *Library) store(t *ctype.Type, mem *Memory, off int, v lua.LValue) error {
	size, ok := t.Size()
	if !ok && t.Kind != ctype.Array {
		return errors.New("size of C type is unknown or too large")
	}
	if mem == nil || off < 0 || off+size > len(mem.Data) {
		return errOutside
	}
	switch t.Kind {
	case ctype.Struct, ctype.Array:
		return lib.storeAggregate(t, mem, off, size, v)
	case ctype.Pointer:
		p, err := lib.toPointer(t, v, false)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(mem.Data[off:], p.address())
		mem.keep(off, p)
		return nil
	}
	bits, err := lib.bits(t, v, false)
	if err != nil {
		return err
	}
	storeBits(t, mem.Data[off:off+size], bits)
	return nil
}

func storeBits(t *ctype.Type, b []byte, bits uint64) {
	if t.Kind == ctype.Float && len(b) == 4 {
		bits = uint64(math.Float32bits(float32(math.Float64frombits(bits))))
	}
	var raw [8]byte
	binary.LittleEndian.PutUint64(raw[:], bits)
	copy(b, raw[:])
}

func (lib *Library) storeAggregate(t *ctype.Type, mem *Memory, off, size int, v lua.LValue) error {
	switch x := v.(type) {
	case lua.LString:
		if t.Kind == ctype.Array && t.Elem.IsChar() {
			copy(mem.Data[off:off+size], append([]byte(x), 0))
			return nil
		}
	case *Object:
		if ctype.Same(x.typ, t) || t.Kind == ctype.Array && x.typ.Kind == ctype.Array && x.size == size && ctype.Same(x.typ.Elem, t.Elem) {
			mem.copyFrom(off, x.mem, x.off, min(size, x.size))
			return nil
		}
	case *Pointer:
		if t.Kind == ctype.Struct && ctype.Same(x.typ.Elem, t) && x.mem != nil && x.off >= 0 && x.off+size <= len(x.mem.Data) {
			mem.copyFrom(off, x.mem, x.off, size)
			return nil
		}
	case *lua.LTable:
		if t.Kind == ctype.Array {
			return lib.fillArray(t, mem, off, size, x)
		}
		return lib.fillStruct(t, mem, off, x)
	}
	return lib.errConvert(v, t)
}

// toPointer converts a value to a pointer.
func (lib *Library) toPointer(t *ctype.Type, v lua.LValue, cast bool) (*Pointer, error) {
	null := &Pointer{lib: lib, typ: t}
	switch x := v.(type) {
	case lua.LString:
		if cast || t.Elem.Const && (t.Elem.IsChar() || t.Elem.Kind == ctype.Void) {
			return &Pointer{lib: lib, typ: t, mem: lib.text(string(x))}, nil
		}
	case *lua.LFunction:
		if t.Elem.Kind == ctype.Func {
			return &Pointer{lib: lib, typ: t, fn: x}, nil
		}
	case *Pointer:
		if cast || lib.compatible(t, x.typ.Elem) {
			return x.as(t), nil
		}
	case *Object:
		p := x.pointer()
		if cast || lib.compatible(t, p.typ.Elem) || x.typ.Kind == ctype.Array && lib.compatible(t, x.typ) {
			return p.as(t), nil
		}
	case *Function:
		if cast || t.Elem.Kind == ctype.Func {
			return &Pointer{lib: lib, typ: t, off: 1, fn: lib.vm.Function(func(L *lua.LState) int {
				L.Insert(x, 1)
				return lib.call(L)
			})}, nil
		}
	case lua.LNumber, *vm.I64, *vm.U64, *Scalar:
		if cast {
			n, _ := vm.ToInt64(v)
			return &Pointer{lib: lib, typ: t, off: int(n)}, nil
		}
	default:
		if vm.IsNil(v) {
			return null, nil
		}
	}
	return nil, lib.errConvert(v, t)
}

// compatible says that a pointer to elem may be assigned to one of type t.
func (lib *Library) compatible(t, elem *ctype.Type) bool {
	if t.Elem.Kind == ctype.Void || elem.Kind == ctype.Void {
		return !elem.Const || t.Elem.Const
	}
	if elem.Const && !t.Elem.Const {
		return false
	}
	if t.Elem.Kind == ctype.Int && elem.Kind == ctype.Int {
		a, _ := t.Elem.Size()
		b, _ := elem.Size()
		return a == b
	}
	return ctype.Same(t.Elem, elem)
}
