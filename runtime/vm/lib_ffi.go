package vm

import (
	"bytes"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openFFI() {
	vm.ffi = newFFITypes()
	t := newTable(0, 16)
	vm.preload("ffi", t)
	vm.Register(t, map[string]lua.LGFunction{
		"typeof": vm.ffiTypeof, "new": vm.ffiNew, "cast": vm.ffiCast, "istype": vm.ffiIsType,
		"sizeof": vm.ffiSizeof, "string": vm.ffiString, "copy": vm.ffiCopy, "fill": ffiFill, "metatype": vm.ffiMetatype,
		"cdef": func(L *lua.LState) int {
			CheckString(L, 1)
			return 0
		},
		"gc": func(L *lua.LState) int {
			L.SetTop(1)
			return 1
		},
		"abi": func(L *lua.LState) int {
			name := CheckString(L, 1)
			L.Push(lua.LBool(name == "64bit" || name == "le" || name == "fpu" || name == "hardfp"))
			return 1
		},
		"errno": func(L *lua.LState) int {
			L.Push(small[0])
			return 1
		},
	})
	setString(t, lua.LString("os"), lua.LString("Linux"))
	setString(t, lua.LString("arch"), lua.LString("x64"))
	c := newTable(0, 0)
	cm := newTable(0, 1)
	vm.Register(cm, map[string]lua.LGFunction{"__index": func(L *lua.LState) int {
		RaiseString(L, 1, "missing declaration for symbol '%s'", CheckString(L, 2))
		return 0
	}})
	c.Metatable = cm
	setString(t, lua.LString("C"), c)
	vm.SetMeta(CGeneric, vm.genericMeta())
}

func (vm *VM) genericMeta() *lua.LTable {
	mt := newTable(0, 6)
	vm.Register(mt, map[string]lua.LGFunction{
		"__index": vm.memoryIndex, "__newindex": vm.memoryNewIndex,
		"__call": func(L *lua.LState) int {
			t, ok := L.Get(1).(*CTypeObject)
			if !ok {
				vm.callError(L, &CScalar{info: &cinfo{name: vm.typeOf(L.Get(1))}})
			}
			return vm.construct(L, t.info, 2)
		},
		"__add": func(L *lua.LState) int {
			a, ok := L.Get(1).(*CArray)
			n, isNumber := ToInt64(L.Get(2))
			if !ok || !isNumber {
				vm.arithError(L, L.Get(1), L.Get(2), false)
			}
			ptr := &cinfo{name: a.info.elem.name + " *", kind: kindPointer, size: 8, elem: a.info.elem}
			L.Push(&CArray{info: ptr, data: a.data, off: a.off + int(n)*a.info.elem.size})
			return 1
		},
	})
	return mt
}

// slot finds the memory of item n, which must lie inside.
func (vm *VM) slot(L *lua.LState) (*cinfo, []byte) {
	a, ok := L.Get(1).(*CArray)
	n, isNumber := ToInt64(L.Get(2))
	if !ok || !isNumber {
		name := vm.typeOf(L.Get(1))
		if s, ok := L.Get(2).(lua.LString); ok {
			RaiseString(L, 1, "'%s' has no member named '%s'", name, string(s))
		}
		RaiseString(L, 1, "'%s' cannot be indexed with '%s'", name, vm.typeOf(L.Get(2)))
	}
	elem := a.info.elem
	at := a.off + int(n)*elem.size
	if at < 0 || elem.size == 0 || at+elem.size > len(a.data) {
		RaiseString(L, 1, "index %d is outside '%s'", n, a.info.name)
	}
	return elem, a.data[at : at+elem.size]
}

func (vm *VM) memoryIndex(L *lua.LState) int {
	elem, b := vm.slot(L)
	L.Push(elem.load(vm, b))
	return 1
}

func (vm *VM) memoryNewIndex(L *lua.LState) int {
	elem, b := vm.slot(L)
	bits, ok := elem.bitsOf(L.Get(3))
	if !ok {
		vm.cannotConvert(L, L.Get(3), elem)
	}
	elem.store(b, bits)
	return 0
}

func (vm *VM) cannotConvert(L *lua.LState, v lua.LValue, info *cinfo) {
	from := vm.typeOf(v)
	RaiseString(L, 1, "cannot convert '%s' to '%s'", from, info.name)
}

// checkCType takes a type by name, by ctype object or by example.
func (vm *VM) checkCType(L *lua.LState, n int) *cinfo {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return vm.parseCType(L, string(v), -1)
	case *CTypeObject:
		return v.info
	case *CScalar:
		return v.info
	case *CArray:
		return v.info
	case *I64:
		return vm.ffi.named["int64_t"]
	case *U64:
		return vm.ffi.named["uint64_t"]
	case Cdata:
		return &cinfo{name: vm.cdataName(v), kind: kindStruct, id: v.CType()}
	}
	TypeError(L, n, "C type")
	return nil
}

func (vm *VM) ffiTypeof(L *lua.LState) int {
	L.Push(&CTypeObject{vm.checkCType(L, 1)})
	return 1
}

func (vm *VM) ffiNew(L *lua.LState) int { return vm.construct(L, vm.checkCType(L, 1), 2) }

// construct makes a value of a type from the arguments that follow.
func (vm *VM) construct(L *lua.LState, info *cinfo, arg int) int {
	switch info.kind {
	case kindArray:
		if info.n < 0 {
			info = arrayOf(info.elem, CheckInt(L, arg))
			arg++
		}
		a := &CArray{info: info, data: make([]byte, info.size)}
		vm.fill(L, a, arg)
		L.Push(a)
	case kindPointer:
		L.Push(vm.pointerTo(L, info, L.Get(arg)))
	case kindStruct:
		if c := vm.structConstructor(info.id); c != nil {
			L.Push(c(L))
			return 1
		}
		RaiseString(L, 1, "size of C type is unknown or too large")
	case kindVoid:
		RaiseString(L, 1, "size of C type is unknown or too large")
	default:
		v := L.Get(arg)
		if isNil(v) {
			v = small[0]
		}
		L.Push(vm.scalar(L, info, v))
	}
	return 1
}

func (vm *VM) structConstructor(id CTypeID) func(L *lua.LState) lua.LValue {
	return vm.ctypes[id].construct
}

// SetConstructor says how ffi.new makes a value of a struct type.
func (vm *VM) SetConstructor(id CTypeID, construct func(L *lua.LState) lua.LValue) {
	vm.ctypes[id].construct = construct
}

func (vm *VM) scalar(L *lua.LState, info *cinfo, v lua.LValue) lua.LValue {
	bits, ok := info.bitsOf(v)
	if !ok {
		vm.cannotConvert(L, v, info)
	}
	switch {
	case info.size == 8 && info.kind == kindInt:
		return Int64(int64(bits))
	case info.size == 8 && info.kind == kindUint:
		return Uint64(bits)
	}
	return &CScalar{info, bits}
}

func (vm *VM) fill(L *lua.LState, a *CArray, arg int) {
	store := func(i int, v lua.LValue) {
		bits, ok := a.info.elem.bitsOf(v)
		if !ok {
			vm.cannotConvert(L, v, a.info.elem)
		}
		if (i+1)*a.info.elem.size > len(a.data) {
			RaiseString(L, 1, "too many initializers for '%s'", a.info.name)
		}
		a.info.elem.store(a.data[i*a.info.elem.size:], bits)
	}
	switch v := L.Get(arg).(type) {
	case *lua.LNilType:
	case lua.LString:
		copy(a.data, v)
	case *lua.LTable:
		for i := 1; i <= Length(v); i++ {
			store(i-1, RawGet(v, lua.LNumber(i)))
		}
	default:
		for i := arg; i <= L.GetTop(); i++ {
			store(i-arg, L.Get(i))
		}
		if L.GetTop() == arg {
			for i := 1; i*a.info.elem.size < len(a.data); i++ {
				store(i, v)
			}
		}
	}
}

func (vm *VM) pointerTo(L *lua.LState, info *cinfo, v lua.LValue) lua.LValue {
	switch x := v.(type) {
	case lua.LString:
		return &CArray{info: info, data: append([]byte(x), 0)}
	case *CArray:
		return &CArray{info: info, data: x.data, off: x.off}
	}
	n, ok := ToInt64(v)
	if IsNil(v) || ok && n == 0 {
		if info.elem.kind == kindVoid {
			return Null
		}
		return &CArray{info: info}
	}
	vm.cannotConvert(L, v, info)
	return nil
}

func (vm *VM) ffiCast(L *lua.LState) int {
	info := vm.checkCType(L, 1)
	v := CheckAny(L, 2)
	switch info.kind {
	case kindPointer:
		L.Push(vm.pointerTo(L, info, v))
	case kindArray, kindVoid:
		vm.cannotConvert(L, v, info)
	case kindStruct:
		c, ok := v.(Cdata)
		if !ok || c.CType() != info.id {
			vm.cannotConvert(L, v, info)
		}
		L.Push(v)
	default:
		L.Push(vm.scalar(L, info, v))
	}
	return 1
}

func (vm *VM) ffiIsType(L *lua.LState) int {
	want := vm.checkCType(L, 1)
	same := false
	switch v := L.Get(2).(type) {
	case *I64:
		same = want.kind == kindInt && want.size == 8
	case *U64:
		same = want.kind == kindUint && want.size == 8
	case *CScalar:
		same = v.info.name == want.name
	case *CArray:
		same = v.info.name == want.name
	case *CTypeObject:
	case Cdata:
		same = want.kind == kindStruct && v.CType() == want.id || v == Null && want.name == "void *" ||
			want.kind == kindPointer && want.elem.kind == kindStruct && want.elem.id == v.CType()
	}
	L.Push(lua.LBool(same))
	return 1
}

func (vm *VM) ffiSizeof(L *lua.LState) int {
	info := vm.checkCType(L, 1)
	size := info.size
	if info.kind == kindArray && info.n < 0 {
		if isNil(L.Get(2)) {
			L.Push(lua.LNil)
			return 1
		}
		size = CheckInt(L, 2) * info.elem.size
	}
	L.Push(lua.LNumber(size))
	return 1
}

func (vm *VM) ffiString(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case lua.LString:
		s := string(v)
		if !isNil(L.Get(2)) {
			s = s[:min(max(CheckInt(L, 2), 0), len(s))]
		}
		L.Push(lua.LString(s))
	case *CArray:
		b := v.Bytes()
		if !isNil(L.Get(2)) {
			n := CheckInt(L, 2)
			if n < 0 || n > len(b) {
				ArgError(L, 2, "length is outside the memory")
			}
			b = b[:n]
		} else if i := bytes.IndexByte(b, 0); i >= 0 {
			b = b[:i]
		}
		L.Push(lua.LString(b))
	default:
		ArgError(L, 1, fmt.Sprintf("cannot convert '%s' to 'const char *'", vm.typeOf(v)))
	}
	return 1
}

func (vm *VM) ffiCopy(L *lua.LState) int {
	dst, ok := L.Get(1).(*CArray)
	if !ok {
		ArgError(L, 1, fmt.Sprintf("cannot convert '%s' to 'void *'", vm.typeOf(L.Get(1))))
	}
	var src []byte
	switch v := L.Get(2).(type) {
	case lua.LString:
		src = append([]byte(v), 0)
	case *CArray:
		src = v.Bytes()
	default:
		ArgError(L, 2, fmt.Sprintf("cannot convert '%s' to 'const void *'", vm.typeOf(v)))
	}
	n := OptInt(L, 3, len(src))
	if n < 0 || n > len(src) || n > len(dst.Bytes()) {
		ArgError(L, 3, "length is outside the memory")
	}
	copy(dst.Bytes(), src[:n])
	return 0
}

func ffiFill(L *lua.LState) int {
	dst, ok := L.Get(1).(*CArray)
	if !ok {
		TypeError(L, 1, "cdata")
	}
	n := CheckInt(L, 2)
	b := dst.Bytes()
	if n < 0 || n > len(b) {
		ArgError(L, 2, "length is outside the memory")
	}
	c := byte(OptInt(L, 3, 0))
	for i := range n {
		b[i] = c
	}
	return 0
}

func (vm *VM) ffiMetatype(L *lua.LState) int {
	info := vm.checkCType(L, 1)
	mt := CheckTable(L, 2)
	if info.kind != kindStruct {
		ArgError(L, 1, fmt.Sprintf("invalid C type '%s'", strings.TrimSpace(info.name)))
	}
	vm.SetMeta(info.id, mt)
	L.Push(&CTypeObject{info})
	return 1
}
