package ffi

import (
	"bytes"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

// exports makes the module's table.
func (lib *Library) exports(L *lua.LState) *lua.LTable {
	t := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"cdef": lib.cdef, "new": lib.new, "cast": lib.cast, "typeof": lib.typeof, "istype": lib.istype,
		"metatype": lib.metatype, "sizeof": lib.sizeof, "alignof": lib.alignof, "offsetof": lib.offsetof,
		"string": lib.string, "copy": lib.copy, "fill": lib.fill, "errno": lib.errno, "gc": lib.gc, "abi": abi,
		"load": load, "typeinfo": func(L *lua.LState) int { return 0 },
	})
	t.RawSetString("os", lua.LString("Linux"))
	t.RawSetString("arch", lua.LString("x64"))
	t.RawSetString("C", lib.namespace(L))
	return t
}

func (lib *Library) cdef(L *lua.LState) int {
	text := vm.CheckString(L, 1)
	if err := lib.u.Declare(text, lib.typeArgs(L, 2)...); err != nil {
		lib.declarationError(L, err)
	}
	return 0
}

func (lib *Library) new(L *lua.LState) int {
	L.Push(lib.construct(L, lib.argType(L, 1, false), 2))
	return 1
}

func (lib *Library) cast(L *lua.LState) int {
	t := lib.argType(L, 1, false)
	v := vm.CheckAny(L, 2)
	if t.Kind == ctype.Reference && t.Elem.Kind == ctype.Struct || t.Kind == ctype.Struct {
		// A value of another package stays what it is.
		r := t.Record()
		if r == nil {
			r = t.Elem.Record()
		}
		if f, ok := r.Value.(*foreign); ok {
			if c, ok := v.(vm.Cdata); ok && c.CType() == f.id {
				L.Push(v)
				return 1
			}
		}
	}
	if !t.IsNumber() && t.Kind != ctype.Pointer {
		vm.ArgError(L, 1, "invalid C type")
	}
	out, err := lib.value(t, v, true, true)
	if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	L.Push(out)
	return 1
}

func (lib *Library) typeof(L *lua.LState) int {
	t := lib.argType(L, 1, true)
	if o, ok := L.Get(1).(*Object); ok {
		t = o.shown()
	}
	L.Push(&TypeObject{lib, t})
	return 1
}

func (lib *Library) istype(L *lua.LState) int {
	want := lib.argType(L, 1, false)
	v := vm.CheckAny(L, 2)
	is := false
	target := want
	if want.Kind == ctype.Pointer || want.Kind == ctype.Reference {
		target = want.Elem
	}
	if r := target.Record(); r != nil {
		if f, ok := r.Value.(*foreign); ok {
			c, isCdata := v.(vm.Cdata)
			L.Push(lua.LBool(isCdata && c.CType() == f.id))
			return 1
		}
	}
	switch t := typeOf(v); {
	case v == vm.Null:
		is = want.Kind == ctype.Pointer && want.Elem.Kind == ctype.Void
	case t == nil:
	case want.Kind == ctype.Reference:
		is = ctype.Same(want.Elem, t)
	default:
		is = ctype.Same(want, t) || t.Kind == ctype.Pointer && want.Kind == ctype.Struct && ctype.Same(want, t.Elem)
	}
	L.Push(lua.LBool(is))
	return 1
}

func (lib *Library) metatype(L *lua.LState) int {
	t := lib.argType(L, 1, false)
	mt := vm.CheckTable(L, 2)
	if t.Kind != ctype.Struct {
		vm.ArgError(L, 1, "invalid C type")
	}
	r := t.Record()
	if r.Value != nil {
		vm.RaiseString(L, 0, "cannot change a protected metatable")
	}
	m := &metatype{id: lib.vm.NewCType(""), meta: mt}
	r.Value = m
	// The values' own metatable: fields first, then the metatype's. Events that only a metatype has are its own.
	own := lib.meta(L)
	for _, event := range [...]string{"__tostring", "__len", "__eq", "__pairs", "__ipairs", "__serialize"} {
		own.RawSetString(event, mt.RawGetString(event))
	}
	lib.vm.SetMeta(m.id, own)
	L.Push(&TypeObject{lib, t})
	return 1
}

func (lib *Library) sizeof(L *lua.LState) int {
	if o, ok := L.Get(1).(*Object); ok {
		L.Push(lua.LNumber(o.size))
		return 1
	}
	t := lib.argType(L, 1, false)
	size, ok := t.Size()
	if t.Variable() {
		if t.Kind == ctype.Array || L.GetTop() > 1 {
			vm.CheckAny(L, 2)
			size, ok = t.SizeFor(vm.CheckInt(L, 2))
		}
	}
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(size))
	return 1
}

func (lib *Library) alignof(L *lua.LState) int {
	L.Push(lua.LNumber(lib.argType(L, 1, false).Align()))
	return 1
}

func (lib *Library) offsetof(L *lua.LState) int {
	r := lib.argType(L, 1, false).Record()
	name := vm.CheckString(L, 2)
	if r == nil {
		return 0
	}
	f, ok := r.Find(name)
	if !ok {
		return 0
	}
	L.Push(lua.LNumber(f.Offset))
	if f.Bits == 0 {
		return 1
	}
	L.Push(lua.LNumber(f.Shift))
	L.Push(lua.LNumber(f.Bits))
	return 3
}

// block is the memory that a value stands for, and whether it may be written.
func (lib *Library) block(v lua.LValue) (p *Pointer, ok bool) {
	switch x := v.(type) {
	case *Pointer:
		return x, true
	case *Object:
		return x.pointer(), true
	}
	return nil, false
}

func (lib *Library) string(L *lua.LState) int {
	v := vm.CheckAny(L, 1)
	if s, ok := v.(lua.LString); ok {
		v = &Pointer{lib: lib, typ: charPointer, mem: lib.text(string(s))}
	}
	p, ok := lib.block(v)
	measured := !vm.IsNil(L.Get(2))
	if ok && !measured {
		size, known := p.typ.Elem.Size()
		ok = known && size == 1 || p.typ.Elem.Kind == ctype.Void
	}
	if !ok {
		vm.ArgError(L, 1, "cannot convert '"+lib.vm.OperandName(v)+"' to 'const char *'")
	}
	b := p.Bytes()
	if measured {
		n := lib.count(L, 2)
		if n < 0 {
			vm.RaiseString(L, 0, "string length overflow")
		}
		if n > len(b) {
			lib.raise(L, errOutside)
		}
		b = b[:n]
	} else if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	} else if b == nil {
		lib.raise(L, errOutside)
	}
	L.Push(lua.LString(b))
	return 1
}

// count reads a number of bytes.
func (lib *Library) count(L *lua.LState, n int) int {
	bits, err := lib.bits(ctype.Int32, vm.CheckAny(L, n), false)
	if err != nil {
		vm.ArgError(L, n, err.Error())
	}
	return int(int64(bits))
}

// writable is argument 1 as memory to write to.
func (lib *Library) writable(L *lua.LState) *Pointer {
	v := vm.CheckAny(L, 1)
	p, ok := lib.block(v)
	if !ok {
		vm.ArgError(L, 1, "cannot convert '"+lib.vm.OperandName(v)+"' to 'void *'")
	}
	return p
}

func (lib *Library) copy(L *lua.LState) int {
	to := lib.writable(L)
	v := vm.CheckAny(L, 2)
	from, ok := lib.block(v)
	n := 0
	if s, isString := v.(lua.LString); isString {
		from, ok = &Pointer{lib: lib, typ: charPointer, mem: lib.text(string(s))}, true
		n = len(s) + 1
	}
	if !ok {
		vm.ArgError(L, 2, "cannot convert '"+lib.vm.OperandName(v)+"' to 'const void *'")
	}
	if n == 0 || L.GetTop() > 2 {
		n = lib.count(L, 3)
	}
	if n < 0 || n > len(from.Bytes()) || n > len(to.Bytes()) {
		lib.raise(L, errOutside)
	}
	if n > 0 {
		to.mem.copyFrom(to.off, from.mem, from.off, n)
	}
	return 0
}

func (lib *Library) fill(L *lua.LState) int {
	to := lib.writable(L)
	n := lib.count(L, 2)
	c := 0
	if L.GetTop() > 2 {
		c = lib.count(L, 3)
	}
	b := to.Bytes()
	if n < 0 || n > len(b) {
		lib.raise(L, errOutside)
	}
	for i := range n {
		b[i] = byte(c)
	}
	return 0
}

func (lib *Library) errno(L *lua.LState) int {
	old := errno.Get(lib.host)
	if L.GetTop() > 0 {
		errno.Set(lib.host, lib.count(L, 1))
	}
	L.Push(lua.LNumber(old))
	return 1
}

// gc checks its arguments and returns the value. There are no finalizers: what they would free is Go's to free.
func (lib *Library) gc(L *lua.LState) int {
	if _, ok := L.Get(1).(vm.Cdata); !ok {
		vm.TypeError(L, 1, "cdata")
	}
	vm.CheckAny(L, 2)
	L.SetTop(1)
	return 1
}

func abi(L *lua.LState) int {
	switch vm.CheckString(L, 1) {
	case "64bit", "le", "fpu", "hardfp":
		L.Push(lua.LTrue)
	default:
		L.Push(lua.LFalse)
	}
	return 1
}

// load finds no library: the program is static.
func load(L *lua.LState) int {
	name := vm.CheckString(L, 1)
	if !strings.ContainsAny(name, "/.") {
		name = "lib" + name + ".so"
	}
	vm.RaiseString(L, 0, "%s: cannot open shared object file: No such file or directory", name)
	return 0
}
