package ffi

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

// meta is the metatable of all values of this package. What a metatype says comes after the fields of a struct.
func (lib *Library) meta(L *lua.LState) *lua.LTable {
	mt := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"__index": lib.index, "__newindex": lib.newIndex, "__call": lib.call,
		"__add": lib.arithmetic("__add"), "__sub": lib.arithmetic("__sub"), "__mul": lib.arithmetic("__mul"),
		"__div": lib.arithmetic("__div"), "__mod": lib.arithmetic("__mod"), "__pow": lib.arithmetic("__pow"),
		"__unm": lib.negate, "__concat": lib.either("__concat", "attempt to concatenate '%s' and '%s'"),
		"__lt": lib.compare("__lt"), "__le": lib.compare("__le"),
	})
	mt.RawSetString("__metatable", lua.LString("ffi"))
	return mt
}

// integer is a key that counts.
func integer(v lua.LValue) (int, bool) {
	switch v := v.(type) {
	case lua.LNumber, *vm.I64, *vm.U64:
		n, ok := vm.ToInt64(v)
		return int(n), ok
	case *Scalar:
		if v.typ.IsInteger() {
			return int(int64(v.bits)), true
		}
	}
	return 0, false
}

// place is a part of memory and its type.
type place struct {
	mem *Memory
	off int
	typ *ctype.Type
}

// element finds what obj[n] means.
func (lib *Library) element(obj lua.LValue, n int) (place, error) {
	switch o := obj.(type) {
	case *Object:
		if o.typ.Kind == ctype.Array {
			size, _ := o.typ.Elem.Size()
			return place{o.mem, o.off + n*size, o.typ.Elem}, nil
		}
	case *Pointer:
		size, ok := o.typ.Elem.Size()
		if !ok || o.typ.Elem.Kind == ctype.Func {
			break
		}
		if o.mem == nil {
			return place{}, errOutside
		}
		return place{o.mem, o.off + n*size, o.typ.Elem}, nil
	}
	return place{}, fmt.Errorf("'%s' cannot be indexed with 'number'", lib.vm.OperandName(obj))
}

// member finds what obj.name means.
func member(obj lua.LValue, name string) (f ctype.Field, mem *Memory, off int, ok bool) {
	var r *ctype.Record
	switch o := obj.(type) {
	case *Object:
		r, mem, off = o.typ.Record(), o.mem, o.off
	case *Pointer:
		if o.typ.Elem.Kind == ctype.Struct {
			r, mem, off = o.typ.Elem.Record(), o.mem, o.off
		}
	}
	if r == nil {
		return f, nil, 0, false
	}
	f, ok = r.Find(name)
	return f, mem, off, ok
}

func (lib *Library) raise(L *lua.LState, err error) {
	if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
}

func (lib *Library) index(L *lua.LState) int {
	obj, key := L.Get(1), L.Get(2)
	if n, ok := integer(key); ok {
		if at, err := lib.element(obj, n); err == nil {
			v, err := lib.load(at.typ, at.mem, at.off)
			lib.raise(L, err)
			L.Push(v)
			return 1
		} else if errors.Is(err, errOutside) {
			lib.raise(L, err)
		}
	} else if name, ok := key.(lua.LString); ok {
		if f, mem, off, ok := member(obj, string(name)); ok {
			if mem == nil {
				lib.raise(L, errOutside)
			}
			v, err := lib.loadField(f, mem, off)
			lib.raise(L, err)
			L.Push(v)
			return 1
		}
	}
	if t, ok := obj.(*TypeObject); ok {
		if m := metatypeOf(t.typ); m != nil {
			return lib.follow(L, m.meta.RawGetString("__index"), obj, key)
		}
	}
	if h := metamethod(obj, "__index"); h != lua.LNil {
		return lib.follow(L, h, obj, key)
	}
	lib.badKey(L, obj, key)
	return 0
}

// follow asks a metatype's __index. A table that has not the key is no answer.
func (lib *Library) follow(L *lua.LState, h, obj, key lua.LValue) int {
	if fn, ok := h.(*lua.LFunction); ok {
		L.Push(fn)
		L.Push(obj)
		L.Push(key)
		L.Call(2, 1)
		return 1
	}
	if h == lua.LNil {
		lib.badKey(L, obj, key)
	}
	v := lib.vm.Index(L, h, key)
	if v == lua.LNil {
		if _, ok := obj.(*TypeObject); !ok {
			lib.badKey(L, obj, key)
		}
	}
	L.Push(v)
	return 1
}

func (lib *Library) badKey(L *lua.LState, obj, key lua.LValue) {
	name := lib.vm.OperandName(obj)
	if s, ok := key.(lua.LString); ok {
		vm.RaiseString(L, 1, "'%s' has no member named '%s'", name, string(s))
	}
	vm.RaiseString(L, 1, "'%s' cannot be indexed with '%s'", name, lib.vm.OperandName(key))
}

func (lib *Library) newIndex(L *lua.LState) int {
	obj, key, value := L.Get(1), L.Get(2), L.Get(3)
	if n, ok := integer(key); ok {
		at, err := lib.element(obj, n)
		if err == nil {
			if at.typ.Const {
				lib.raise(L, errConst)
			}
			lib.raise(L, lib.store(at.typ, at.mem, at.off, value))
			return 0
		}
		if errors.Is(err, errOutside) {
			lib.raise(L, err)
		}
	} else if name, ok := key.(lua.LString); ok {
		if f, mem, off, ok := member(obj, string(name)); ok {
			if f.Type.Const {
				lib.raise(L, errConst)
			}
			if mem == nil {
				lib.raise(L, errOutside)
			}
			lib.raise(L, lib.storeField(f, mem, off, value))
			return 0
		}
	}
	switch h := metamethod(obj, "__newindex").(type) {
	case *lua.LNilType:
		lib.badKey(L, obj, key)
	case *lua.LFunction:
		L.Push(h)
		L.Push(obj)
		L.Push(key)
		L.Push(value)
		L.Call(3, 0)
	default:
		lib.vm.SetIndex(L, h, key, value)
	}
	return 0
}

// call makes a value of a type, calls a function or a callback, or asks the metatype.
func (lib *Library) call(L *lua.LState) int {
	switch v := L.Get(1).(type) {
	case *TypeObject:
		if m := metatypeOf(v.typ); m != nil && v.typ.Kind == ctype.Struct {
			if h := m.meta.RawGetString("__new"); h != lua.LNil {
				return lib.tail(L, h, 1)
			}
		}
		L.Push(lib.construct(L, v.typ, 2))
		return 1
	case *Function:
		return lib.callFunction(L, v)
	case *Pointer:
		if v.fn != nil {
			return lib.callback(L, v)
		}
	}
	if h := metamethod(L.Get(1), "__call"); h != lua.LNil {
		return lib.tail(L, h, 1)
	}
	vm.RaiseString(L, 0, "'%s' is not callable", lib.vm.OperandName(L.Get(1)))
	return 0
}

// tail calls h with the arguments from arg on, and returns what it does.
func (lib *Library) tail(L *lua.LState, h lua.LValue, arg int) int {
	top := L.GetTop()
	L.Push(h)
	for i := arg; i <= top; i++ {
		L.Push(L.Get(i))
	}
	L.Call(top-arg+1, lua.MultRet)
	return L.GetTop() - top
}

// callback calls the Lua function behind a pointer, with numbers as its C type has them.
func (lib *Library) callback(L *lua.LState, p *Pointer) int {
	fn := p.typ.Elem
	n := L.GetTop() - 1
	if n < len(fn.Params) || n > len(fn.Params) && !fn.Variadic {
		vm.RaiseString(L, 0, "wrong number of arguments for function call")
	}
	L.Push(p.fn)
	for i := range n {
		v := L.Get(i + 2)
		if i < len(fn.Params) {
			var err error
			if v, err = lib.passed(fn.Params[i], v); err != nil {
				vm.ArgError(L, i+1, err.Error())
			}
		}
		L.Push(v)
	}
	L.Call(n, 1)
	result := L.Get(-1)
	if fn.Elem.Kind == ctype.Void {
		return 0
	}
	v, err := lib.passed(fn.Elem, result)
	lib.raise(L, err)
	L.Push(v)
	return 1
}

// passed is what comes out of a value that goes through C as type t.
func (lib *Library) passed(t *ctype.Type, v lua.LValue) (lua.LValue, error) {
	switch {
	case t.IsNumber():
		bits, err := lib.bits(t, v, false)
		if err != nil {
			return nil, err
		}
		return lib.number(t, bits), nil
	case t.Kind == ctype.Pointer:
		return lib.value(t, v, true, false)
	}
	return v, nil
}
