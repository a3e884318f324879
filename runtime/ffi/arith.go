package ffi

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/vm"
)

// pointerOf is a value as a pointer, if it is one or decays to one.
func pointerOf(v lua.LValue) (*Pointer, bool) {
	switch v := v.(type) {
	case *Pointer:
		return v, true
	case *Object:
		if v.typ.Kind == ctype.Array {
			return v.pointer(), true
		}
	}
	return nil, false
}

// arithmetic is + and - of pointers, and what metatypes make of an operator. Integers do not come here.
func (lib *Library) arithmetic(event string) lua.LGFunction {
	refuse := lib.either(event, "attempt to perform arithmetic on '%s' and '%s'")
	return func(L *lua.LState) int {
		a, b := L.Get(1), L.Get(2)
		p, isPointer := pointerOf(a)
		q, alsoPointer := pointerOf(b)
		switch {
		case event == "__sub" && isPointer && alsoPointer && ctype.Same(p.typ.Elem, q.typ.Elem):
			if size, ok := p.typ.Elem.Size(); ok && size > 0 {
				L.Push(lib.vm.Number(float64(int64(p.address()-q.address()) / int64(size))))
				return 1
			}
		case event == "__add" && alsoPointer && !isPointer:
			p, isPointer, b = q, true, a
			fallthrough
		case isPointer && (event == "__add" || event == "__sub"):
			n, ok := integer(b)
			size, known := p.typ.Elem.Size()
			if !ok || !known && p.typ.Elem.Kind != ctype.Void {
				break
			}
			if event == "__sub" {
				n = -n
			}
			L.Push(p.Plus(n * size))
			return 1
		}
		return refuse(L)
	}
}

// either asks the metatype of the first operand that has the event, or raises text about both.
func (lib *Library) either(event, text string) lua.LGFunction {
	return func(L *lua.LState) int {
		for i := 1; i <= 2; i++ {
			if h := metamethod(L.Get(i), event); h != lua.LNil {
				return lib.tail(L, h, 1)
			}
		}
		vm.RaiseString(L, 1, text, lib.vm.OperandName(L.Get(1)), lib.vm.OperandName(L.Get(2)))
		return 0
	}
}

func (lib *Library) negate(L *lua.LState) int {
	v := L.Get(1)
	if h := metamethod(v, "__unm"); h != lua.LNil {
		return lib.tail(L, h, 1)
	}
	if s, ok := v.(*Scalar); ok {
		bits, _ := s.Integer()
		L.Push(vm.Int64(-int64(bits)))
		return 1
	}
	name := lib.vm.OperandName(v)
	vm.RaiseString(L, 1, "attempt to perform arithmetic on '%s' and '%s'", name, name)
	return 0
}

func (lib *Library) compare(event string) lua.LGFunction {
	refuse := lib.either(event, "attempt to compare '%s' with '%s'")
	return func(L *lua.LState) int {
		p, ok1 := pointerOf(L.Get(1))
		q, ok2 := pointerOf(L.Get(2))
		if !ok1 || !ok2 || !ctype.Same(p.typ.Elem, q.typ.Elem) {
			return refuse(L)
		}
		a, b := p.address(), q.address()
		L.Push(lua.LBool(a < b || event == "__le" && a == b))
		return 1
	}
}
