package vm

import (
	"strings"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

const maxIndexChain = 100 // LJ_MAX_IDXCHAIN

// metatable returns the metatable of any value, nil when it has none.
func (vm *VM) metatable(v lua.LValue) *lua.LTable {
	var mt lua.LValue
	switch v := v.(type) {
	case *lua.LTable:
		mt = v.Metatable
	case *lua.LUserData:
		mt = v.Metatable
	case lua.LString:
		return vm.stringMeta
	case Cdata:
		return vm.Meta(v.CType())
	default:
		return vm.typeMeta[v.Type()]
	}
	t, _ := mt.(*lua.LTable)
	return t
}

func (vm *VM) metamethod(v lua.LValue, event string) lua.LValue {
	if mt := vm.metatable(v); mt != nil {
		return mt.RawGetString(event)
	}
	return lua.LNil
}

// index is obj[key].
func (vm *VM) index(L *lua.LState, obj, key lua.LValue) lua.LValue {
	cur := obj
	for range maxIndexChain {
		var h lua.LValue
		if t, ok := cur.(*lua.LTable); ok {
			if v := RawGet(t, key); !isNil(v) {
				return v
			}
			mt, ok := t.Metatable.(*lua.LTable)
			if !ok {
				return lua.LNil
			}
			if h = mt.RawGetString("__index"); isNil(h) {
				return lua.LNil
			}
		} else if h = vm.metamethod(cur, "__index"); isNil(h) {
			vm.indexError(L, cur, key)
		}
		if fn, ok := h.(*lua.LFunction); ok {
			return vm.call1(L, fn, cur, key)
		}
		cur = h
	}
	RaiseString(L, 0, "loop in gettable")
	return nil
}

// setIndex is obj[key] = value.
func (vm *VM) setIndex(L *lua.LState, obj, key, value lua.LValue) {
	cur := obj
	for range maxIndexChain {
		var h lua.LValue
		if t, ok := cur.(*lua.LTable); ok {
			mt, ok := t.Metatable.(*lua.LTable)
			if !ok {
				vm.rawSetChecked(L, t, key, value)
				return
			}
			if h = mt.RawGetString("__newindex"); isNil(h) || !isNil(RawGet(t, key)) {
				vm.rawSetChecked(L, t, key, value)
				return
			}
		} else if h = vm.metamethod(cur, "__newindex"); isNil(h) {
			vm.indexError(L, cur, key)
		}
		if fn, ok := h.(*lua.LFunction); ok {
			s := stateOf(L)
			vm.ensure(L, s, s.reg.top+8)
			regs := s.reg.array[s.reg.top:]
			regs[0], regs[1], regs[2], regs[3] = fn, cur, key, value
			s.reg.top += 4
			vm.invoke(L, 3, 0)
			return
		}
		cur = h
	}
	RaiseString(L, 0, "loop in settable")
}

func (vm *VM) rawSetChecked(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	if isNil(key) {
		RaiseString(L, 0, "table index is nil")
	}
	if isNaN(key) {
		RaiseString(L, 0, "table index is NaN")
	}
	vm.Note(t, key)
	RawSet(t, key, value)
}

// call1 calls a function with two arguments for one result.
func (vm *VM) call1(L *lua.LState, fn lua.LValue, a, b lua.LValue) lua.LValue {
	s := stateOf(L)
	top := s.reg.top
	vm.ensure(L, s, top+8)
	regs := s.reg.array[top:]
	regs[0], regs[1], regs[2] = fn, a, b
	s.reg.top = top + 3
	vm.invoke(L, 2, 1)
	v := s.reg.array[top]
	s.reg.top = top
	return v
}

// either returns the first metamethod of two operands.
func (vm *VM) either(a, b lua.LValue, event string) lua.LValue {
	if h := vm.metamethod(a, event); !isNil(h) {
		return h
	}
	return vm.metamethod(b, event)
}

var arithEvents = [...]string{"__add", "__sub", "__mul", "__div", "__mod", "__pow"}

func (vm *VM) arithmetic(L *lua.LState, op int, a, b lua.LValue) lua.LValue {
	x, xok := ToNumber(a)
	y, yok := ToNumber(b)
	if xok && yok {
		return vm.num(lua.LNumber(arith(op, x, y)))
	}
	if v := arith64(L, syntax.Op(op), a, b); v != nil {
		return v
	}
	if h := vm.either(a, b, arithEvents[op]); !isNil(h) {
		return vm.call1(L, h, a, b)
	}
	vm.arithError(L, a, b, xok)
	return nil
}

func (vm *VM) negate(L *lua.LState, v lua.LValue) lua.LValue {
	if n, ok := ToNumber(v); ok {
		return vm.num(lua.LNumber(-n))
	}
	switch n := v.(type) {
	case *I64:
		return Int64(-n.V)
	case *U64:
		return Uint64(-n.V)
	}
	if h := vm.metamethod(v, "__unm"); !isNil(h) {
		return vm.call1(L, h, v, v)
	}
	vm.arithError(L, v, v, false)
	return nil
}

func (vm *VM) length(L *lua.LState, v lua.LValue) lua.LValue {
	switch x := v.(type) {
	case lua.LString:
		return vm.num(lua.LNumber(len(x)))
	case *lua.LTable:
		return vm.num(lua.LNumber(Length(x)))
	}
	if h := vm.metamethod(v, "__len"); !isNil(h) {
		return vm.call1(L, h, v, lua.LNil)
	}
	vm.operandError(L, v, "get length of")
	return nil
}

// concat joins the values in a range of registers, from the right.
func (vm *VM) concat(L *lua.LState, s *state, first, last int) lua.LValue {
	if last == first+1 {
		if a, ok := s.reg.array[first].(lua.LString); ok {
			if b, ok := s.reg.array[last].(lua.LString); ok {
				return a + b
			}
		}
	}
	acc := s.reg.array[last]
	at := last - 1
	for at >= first {
		tail, ok := text(acc)
		lhs := s.reg.array[at]
		if _, lok := text(lhs); !ok || !lok {
			h := vm.either(lhs, acc, "__concat")
			if isNil(h) {
				vm.concatError(L, at, lhs, acc)
			}
			acc = vm.call1(L, h, lhs, acc)
			at--
			continue
		}
		start := at
		size := len(tail)
		for start >= first {
			part, ok := text(s.reg.array[start])
			if !ok {
				break
			}
			size += len(part)
			start--
		}
		var b strings.Builder
		b.Grow(size)
		for i := start + 1; i <= at; i++ {
			part, _ := text(s.reg.array[i])
			b.WriteString(part)
		}
		b.WriteString(tail)
		acc = lua.LString(b.String())
		at = start
	}
	return acc
}

func (vm *VM) equal(L *lua.LState, a, b lua.LValue) bool {
	switch x := a.(type) {
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x == y
		}
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x == y
		}
	case *lua.LNilType:
		if isNil(b) {
			return true
		}
	case lua.LBool:
		if y, ok := b.(lua.LBool); ok {
			return x == y
		}
	case *lua.LTable:
		y, ok := b.(*lua.LTable)
		if ok {
			if x == y {
				return true
			}
			return vm.equalMeta(L, x, y, x.Metatable, y.Metatable)
		}
	case *lua.LUserData:
		y, ok := b.(*lua.LUserData)
		if ok {
			if x == y {
				return true
			}
			return vm.equalMeta(L, x, y, x.Metatable, y.Metatable)
		}
	}
	_, ac := a.(Cdata)
	_, bc := b.(Cdata)
	if ac || bc {
		return vm.equalCdata(L, a, b)
	}
	return a == b
}

func (vm *VM) equalMeta(L *lua.LState, a, b, ma, mb lua.LValue) bool {
	ta, ok := ma.(*lua.LTable)
	if !ok {
		return false
	}
	tb, ok := mb.(*lua.LTable)
	if !ok {
		return false
	}
	h := ta.RawGetString("__eq")
	if isNil(h) || ta != tb && tb.RawGetString("__eq") != h {
		return false
	}
	return truth(vm.call1(L, h, a, b))
}

func (vm *VM) less(L *lua.LState, a, b lua.LValue) bool {
	return vm.order(L, a, b, "__lt")
}

func (vm *VM) lessEqual(L *lua.LState, a, b lua.LValue) bool {
	return vm.order(L, a, b, "__le")
}

func (vm *VM) order(L *lua.LState, a, b lua.LValue, event string) bool {
	orEqual := event == "__le"
	switch x := a.(type) {
	case lua.LNumber:
		if y, ok := b.(lua.LNumber); ok {
			return x < y || orEqual && x == y
		}
	case lua.LString:
		if y, ok := b.(lua.LString); ok {
			return x < y || orEqual && x == y
		}
	}
	_, ac := a.(Cdata)
	_, bc := b.(Cdata)
	if ac || bc {
		return vm.orderCdata(L, a, b, event)
	}
	if h := vm.shared(a, b, event); !isNil(h) {
		return truth(vm.call1(L, h, a, b))
	}
	if orEqual {
		if h := vm.shared(a, b, "__lt"); !isNil(h) {
			return !truth(vm.call1(L, h, b, a))
		}
	}
	vm.compareError(L, a, b)
	return false
}

// shared returns the metamethod that both operands have.
func (vm *VM) shared(a, b lua.LValue, event string) lua.LValue {
	if a.Type() != b.Type() {
		return lua.LNil
	}
	h := vm.metamethod(a, event)
	if isNil(h) || h != vm.metamethod(b, event) {
		return lua.LNil
	}
	return h
}
