package vm

import (
	"math"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

// operand64 is an operand of 64-bit arithmetic: an integer, or a number about
// to be cut to one.
type operand64 struct {
	bits     uint64
	unsigned bool
	integer  bool // was a 64-bit integer, not a number
}

func toOperand64(v lua.LValue) (operand64, bool) {
	switch n := v.(type) {
	case *I64:
		return operand64{uint64(n.V), false, true}, true
	case *U64:
		return operand64{n.V, true, true}, true
	case lua.LNumber:
		return operand64{bits: numberBits(float64(n))}, true
	case interface{ Integer() (uint64, bool) }:
		bits, unsigned := n.Integer()
		return operand64{bits, unsigned, true}, true
	}
	return operand64{}, false
}

// numberBits cuts a number to 64 bits as LuaJIT's conversion does on x86-64:
// what exceeds int64 is taken as unsigned.
func numberBits(f float64) uint64 {
	switch {
	case math.IsNaN(f):
		return 1 << 63
	case f >= 1<<63 && f < 1<<64:
		return uint64(f)
	case f >= 1<<64 || f < -(1<<63):
		return 1 << 63
	}
	return uint64(int64(f))
}

func pair64(a, b lua.LValue) (x, y operand64, ok bool) {
	if x, ok = toOperand64(a); !ok {
		return
	}
	if y, ok = toOperand64(b); !ok {
		return
	}
	return x, y, x.integer || y.integer
}

// ToInt64 reads a 64-bit integer or a number, cut, as its bits.
func ToInt64(v lua.LValue) (int64, bool) {
	n, ok := toOperand64(v)
	return int64(n.bits), ok
}

// ToUint64 is ToInt64 for unsigned integers.
func ToUint64(v lua.LValue) (uint64, bool) {
	n, ok := toOperand64(v)
	return n.bits, ok
}

// arith64 computes when one operand is a 64-bit integer and the other that or
// a number; otherwise it returns nil.
func arith64(_ *lua.LState, op syntax.Op, a, b lua.LValue) lua.LValue {
	x, y, ok := pair64(a, b)
	if !ok {
		return nil
	}
	unsigned := x.unsigned || y.unsigned
	var r uint64
	switch op {
	case syntax.Add:
		r = x.bits + y.bits
	case syntax.Sub:
		r = x.bits - y.bits
	case syntax.Mul:
		r = x.bits * y.bits
	case syntax.Div, syntax.Mod:
		r = divide64(x.bits, y.bits, unsigned, op == syntax.Mod)
	case syntax.Pow:
		r = power64(x.bits, y.bits, unsigned)
	}
	if unsigned {
		return Uint64(r)
	}
	return Int64(int64(r))
}

func divide64(x, y uint64, unsigned, mod bool) uint64 {
	switch {
	case y == 0:
		return 1 << 63
	case unsigned && mod:
		return x % y
	case unsigned:
		return x / y
	case mod:
		return uint64(int64(x) % int64(y))
	}
	return uint64(int64(x) / int64(y))
}

func power64(x, k uint64, unsigned bool) uint64 {
	if !unsigned && int64(k) < 0 {
		switch {
		case x == 0:
			return math.MaxInt64
		case x == 1:
			return 1
		case int64(x) == -1:
			if k&1 != 0 {
				return x
			}
			return 1
		}
		return 0
	}
	r := uint64(1)
	for ; k != 0; k >>= 1 {
		if k&1 != 0 {
			r *= x
		}
		x *= x
	}
	return r
}

func (vm *VM) equalCdata(L *lua.LState, a, b lua.LValue) bool {
	if a == Null || b == Null {
		if IsNil(a) && IsNil(b) {
			return true
		}
	}
	if x, y, ok := pair64(a, b); ok {
		return x.bits == y.bits
	}
	if a == b {
		return true
	}
	if h := vm.eitherCdata(a, b, "__eq"); !isNil(h) {
		return truth(vm.call1(L, h, a, b))
	}
	if p, ok := a.(pointer); ok {
		return p.EqualPointer(b)
	}
	if p, ok := b.(pointer); ok {
		return p.EqualPointer(a)
	}
	return false
}

// pointer is a cdata that equals others by the address it holds.
type pointer interface{ EqualPointer(lua.LValue) bool }

func (vm *VM) orderCdata(L *lua.LState, a, b lua.LValue, event string) bool {
	if x, y, ok := pair64(a, b); ok {
		if event == "__le" && x.bits == y.bits {
			return true
		}
		if x.unsigned || y.unsigned {
			return x.bits < y.bits
		}
		return int64(x.bits) < int64(y.bits)
	}
	if a == Null && b == Null {
		return event == "__le"
	}
	if h := vm.eitherCdata(a, b, event); !isNil(h) {
		return truth(vm.call1(L, h, a, b))
	}
	vm.compareError(L, a, b)
	return false
}

// eitherCdata returns the metamethod of the first operand that is cdata and
// has one: those of tables do not count against cdata.
func (vm *VM) eitherCdata(a, b lua.LValue, event string) lua.LValue {
	for _, v := range [...]lua.LValue{a, b} {
		if c, ok := v.(Cdata); ok {
			if mt := vm.Meta(c.CType()); mt != nil {
				if h := mt.RawGetString(event); !isNil(h) {
					return h
				}
			}
		}
	}
	return lua.LNil
}
