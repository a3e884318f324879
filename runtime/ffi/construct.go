package ffi

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

const unknownSize = "size of C type is unknown or too large"

// construct makes a value of a type from the arguments from arg on.
func (lib *Library) construct(L *lua.LState, t *ctype.Type, arg int) lua.LValue {
	size, ok := t.Size()
	if t.Variable() {
		if L.GetTop() < arg {
			vm.ArgError(L, arg, "value expected")
		}
		n, err := lib.bits(ctype.Int32, L.Get(arg), false)
		if err != nil {
			vm.ArgError(L, arg, err.Error())
		}
		if size, ok = t.SizeFor(int(int64(n))); ok && t.Kind == ctype.Array {
			t = ctype.ArrayOf(t.Elem, int(int64(n)))
		}
		if f, isNumber := L.Get(arg).(lua.LNumber); isNumber && (f < 0 || f > 1<<31) {
			ok = false
		}
		arg++
	}
	if !ok {
		vm.ArgError(L, 1, unknownSize)
	}
	var v lua.LValue
	var err error
	switch t.Kind {
	case ctype.Struct, ctype.Array:
		if r := t.Record(); r != nil {
			if _, host := r.Value.(*foreign); host {
				vm.ArgError(L, 1, unknownSize)
			}
		}
		o := &Object{lib: lib, typ: t, mem: NewMemory(size), size: size}
		v, err = o, lib.initialize(L, o, arg)
	default:
		if L.GetTop() > arg {
			vm.RaiseString(L, 1, "%s", errMany(t))
		}
		v, err = lib.value(t, L.Get(arg), L.GetTop() >= arg, false)
	}
	if err != nil {
		vm.RaiseString(L, 1, "%s", err)
	}
	return v
}

// value makes a number or a pointer.
func (lib *Library) value(t *ctype.Type, v lua.LValue, given, cast bool) (lua.LValue, error) {
	if t.Kind == ctype.Pointer {
		p, err := lib.toPointer(t, v, cast)
		if err != nil {
			return nil, err
		}
		if t.Elem.Kind == ctype.Void && p.address() == 0 {
			return vm.Null, nil
		}
		return p, nil
	}
	if !given {
		return boxed(t, 0), nil
	}
	bits, err := lib.bits(t, v, cast)
	if err != nil {
		return nil, err
	}
	return boxed(t, bits), nil
}

func (lib *Library) initialize(L *lua.LState, o *Object, arg int) error {
	count := L.GetTop() - arg + 1
	if count <= 0 {
		return nil
	}
	first := L.Get(arg)
	if count == 1 {
		switch v := first.(type) {
		case *lua.LTable, lua.LString:
			if _, text := v.(lua.LString); !text || o.typ.Kind == ctype.Array {
				return lib.storeAggregate(o.typ, o.mem, 0, o.size, first)
			}
		case *Object:
			if ctype.Same(v.typ, o.typ) || o.typ.Kind == ctype.Array && v.typ.Kind == ctype.Array {
				return lib.storeAggregate(o.typ, o.mem, 0, o.size, first)
			}
		case *Pointer:
			if ctype.Same(v.typ.Elem, o.typ) {
				return lib.storeAggregate(o.typ, o.mem, 0, o.size, first)
			}
		case *lua.LNilType:
			if o.typ.Kind == ctype.Array && o.typ.Elem.Kind != ctype.Pointer {
				return nil
			}
		}
	}
	values := make([]lua.LValue, count)
	for i := range values {
		values[i] = L.Get(arg + i)
	}
	if o.typ.Kind == ctype.Array {
		return lib.items(o.typ, o.mem, 0, o.size, values)
	}
	return lib.fields(o.typ, o.mem, 0, values, true)
}

// items stores the items of an array; a single one goes everywhere.
func (lib *Library) items(t *ctype.Type, mem *Memory, off, size int, values []lua.LValue) error {
	each, _ := t.Elem.Size()
	if each == 0 {
		return nil
	}
	n := size / each
	if len(values) > n {
		return errMany(t)
	}
	for i, v := range values {
		if err := lib.store(t.Elem, mem, off+i*each, v); err != nil {
			return err
		}
	}
	if len(values) == 1 {
		for i := 1; i < n; i++ {
			mem.copyFrom(off+i*each, mem, off, each)
		}
	}
	return nil
}

// list reads the items of a table that counts from 0 or from 1.
func list(t *lua.LTable) []lua.LValue {
	var values []lua.LValue
	if v := vm.GetInt(t, 0); !vm.IsNil(v) || v == vm.Null {
		values = append(values, v)
	}
	for i := 1; ; i++ {
		v := vm.GetInt(t, i)
		if v == lua.LNil {
			return values
		}
		values = append(values, v)
	}
}

func (lib *Library) fillArray(t *ctype.Type, mem *Memory, off, size int, table *lua.LTable) error {
	return lib.items(t, mem, off, size, list(table))
}

// fillStruct stores the fields of a table, in their order or by their names.
func (lib *Library) fillStruct(t *ctype.Type, mem *Memory, off int, table *lua.LTable) error {
	if values := list(table); len(values) > 0 {
		return lib.fields(t, mem, off, values, false)
	}
	return lib.named(t.Record(), mem, off, table)
}

func (lib *Library) named(r *ctype.Record, mem *Memory, off int, table *lua.LTable) error {
	for _, f := range r.Fields {
		if f.Name == "" && f.Type.Kind == ctype.Struct {
			if err := lib.named(f.Type.Record(), mem, off+f.Offset, table); err != nil {
				return err
			}
			continue
		}
		if v := table.RawGetString(f.Name); v != lua.LNil {
			if err := lib.storeField(f, mem, off, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// fields stores values in the order of the fields.
func (lib *Library) fields(t *ctype.Type, mem *Memory, off int, values []lua.LValue, strict bool) error {
	r := t.Record()
	next := 0
	var walk func(r *ctype.Record, off int) error
	walk = func(r *ctype.Record, off int) error {
		for _, f := range r.Fields {
			if next >= len(values) {
				return nil
			}
			if f.Name == "" && f.Type.Kind == ctype.Struct {
				if err := walk(f.Type.Record(), off+f.Offset); err != nil {
					return err
				}
			} else {
				v := values[next]
				next++
				if err := lib.storeField(f, mem, off, v); err != nil {
					return err
				}
			}
			if r.Union {
				return nil
			}
		}
		return nil
	}
	if err := walk(r, off); err != nil {
		return err
	}
	if strict && next < len(values) {
		return errMany(t)
	}
	return nil
}

func (lib *Library) storeField(f ctype.Field, mem *Memory, off int, v lua.LValue) error {
	if f.Bits == 0 {
		return lib.store(f.Type, mem, off+f.Offset, v)
	}
	bits, err := lib.bits(f.Type, v, false)
	if err != nil {
		return err
	}
	b, err := unit(f, mem, off)
	if err != nil {
		return err
	}
	mask := uint64(1)<<f.Bits - 1
	old := loadBits(ctype.Uint64, b)
	storeBits(ctype.Uint64, b, old&^(mask<<f.Shift)|bits&mask<<f.Shift)
	return nil
}

// unit is the integer that a bit field lies in.
func unit(f ctype.Field, mem *Memory, off int) ([]byte, error) {
	size, _ := f.Type.Size()
	at := off + f.Offset
	if at < 0 || at >= len(mem.Data) {
		return nil, errOutside
	}
	return mem.Data[at:min(at+size, len(mem.Data))], nil
}

func (lib *Library) loadField(f ctype.Field, mem *Memory, off int) (lua.LValue, error) {
	if f.Bits == 0 {
		return lib.load(f.Type, mem, off+f.Offset)
	}
	b, err := unit(f, mem, off)
	if err != nil {
		return nil, err
	}
	u := loadBits(ctype.Uint64, b) >> f.Shift
	return lib.number(f.Type, extend(f.Type, u, f.Bits)), nil
}
