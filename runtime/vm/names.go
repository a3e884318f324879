package vm

import (
	"strings"

	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// describe says what an operand is called in the code that uses it, for
// instance "local 'x'"; it is empty for a temporary value.
func describe(f *frame, reg int) string {
	proto := f.Fn.Proto
	pc := f.Pc - 1
	for range 8 {
		if name, ok := f.Fn.LocalName(reg+1, pc); ok {
			if name == "" || name[0] == '(' {
				return ""
			}
			return fmt.Sprintf("local '%s'", name)
		}
		setter := lastWrite(proto, reg, pc)
		if setter < 0 {
			return ""
		}
		inst := proto.Code[setter]
		switch opOf(inst) {
		case opMove:
			reg, pc = argB(inst), setter
			continue
		case opGetG:
			return fmt.Sprintf("global '%s'", proto.Constants[argD(inst)])
		case opGetUp:
			return fmt.Sprintf("upvalue '%s'", proto.DbgUpvalues[argB(inst)])
		case opGetS:
			return fmt.Sprintf("field '%s'", proto.Constants[argC(inst)])
		case opSelf:
			if reg == argA(inst) {
				return fmt.Sprintf("method '%s'", proto.Constants[argC(inst)])
			}
			reg, pc = argB(inst), setter
			continue
		}
		return ""
	}
	return ""
}

// lastWrite finds the instruction before pc that put a temporary's value into
// its register. Temporaries are written once on the way to their use, so a
// look straight back finds it.
func lastWrite(proto *lua.FunctionProto, reg, pc int) int {
	skip := dataWords(proto, pc)
	for i := pc - 1; i >= 0; i-- {
		if skip[i] {
			continue
		}
		inst := proto.Code[i]
		a := argA(inst)
		switch op := opOf(inst); op {
		case opMove, opLoadK, opLoadBool, opGetUp, opGetG, opGet, opGetS, opGetI, opNewTable,
			opUnm, opNot, opLen, opConcat, opTestSet, opClosure:
			if a == reg {
				return i
			}
		case opSelf, opSelfR:
			if reg == a || reg == a+1 {
				return i
			}
		case opLoadNil:
			if reg >= a && reg <= argB(inst) {
				return i
			}
		case opCall:
			if reg >= a {
				return i
			}
		case opVararg:
			if reg >= a && (argB(inst) == 0 || reg < a+argB(inst)-1) {
				return i
			}
		default:
			if op >= opAdd && op <= opKPow && a == reg {
				return i
			}
		}
	}
	return -1
}

// dataWords marks the words before pc that are operands, not instructions.
func dataWords(proto *lua.FunctionProto, pc int) map[int]bool {
	skip := map[int]bool{}
	for i := 0; i < pc; i++ {
		n := 0
		switch inst := proto.Code[i]; opOf(inst) {
		case opClosure:
			n = int(proto.FunctionPrototypes[argD(inst)].NumUpvalues)
		case opSetList:
			n = 1
		}
		for ; n > 0; n-- {
			i++
			skip[i] = true
		}
	}
	return skip
}

// luaFrame returns the running frame when it is a Lua function.
func luaFrame(L *lua.LState) *frame {
	f := stateOf(L).currentFrame
	if f == nil || f.Fn.IsG {
		return nil
	}
	return f
}

// typeOf is the type that operator errors name: the C type of cdata.
func (vm *VM) typeOf(v lua.LValue) string {
	if c, ok := v.(Cdata); ok {
		return vm.referent(c)
	}
	return TypeName(v)
}

// referent is the type of a cdata as errors have it: what a reference refers to.
func (vm *VM) referent(c Cdata) string {
	return strings.TrimSuffix(strings.TrimPrefix(vm.cdataName(c), "const "), " &")
}

func (vm *VM) cdataName(c Cdata) string {
	if named, ok := c.(interface{ CTypeName() string }); ok {
		return named.CTypeName()
	}
	return vm.CTypeName(c.CType())
}

// operandError raises "attempt to <do> local 'x' (a nil value)" about a value
// found in the registers that the running instruction reads.
func (vm *VM) operandError(L *lua.LState, v lua.LValue, do string) {
	if c, ok := v.(Cdata); ok {
		RaiseString(L, 0, "attempt to %s '%s'", do, vm.referent(c))
	}
	name := ""
	if f := luaFrame(L); f != nil && f.Pc > 0 {
		inst := f.Fn.Proto.Code[f.Pc-1]
		var regs []int
		switch op := opOf(inst); op {
		case opGet, opGetS, opGetI, opSelf, opSelfR, opUnm, opLen, opSet, opSetS, opSetI:
			regs = []int{argB(inst)}
		case opCall, opTailCall:
			regs = []int{argA(inst)}
		case opGetG, opSetG, opTFor:
		default:
			// Of two operands that are the same the first is meant.
			if op >= opAdd && op <= opPowK {
				regs = append(regs, argB(inst))
			}
			if op >= opAdd && op <= opPow || op >= opKAdd && op <= opKPow {
				regs = append(regs, argC(inst))
			}
		}
		for _, r := range regs {
			if at := stateOf(L).reg.array[f.LocalBase+r]; at == v || at != at && v != v {
				name = describe(f, r)
				break
			}
		}
	}
	raiseOperand(L, name, v, do)
}

func raiseOperand(L *lua.LState, name string, v lua.LValue, do string) {
	if name == "" {
		RaiseString(L, 0, "attempt to %s a %s value", do, TypeName(v))
	}
	RaiseString(L, 0, "attempt to %s %s (a %s value)", do, name, TypeName(v))
}

func (vm *VM) callError(L *lua.LState, v lua.LValue) {
	if c, ok := v.(Cdata); ok {
		name := strings.TrimSuffix(vm.cdataName(c), " &")
		if v == Null {
			name = "void"
		}
		RaiseString(L, -1, "'%s' is not callable", name)
	}
	vm.operandError(L, v, "call")
}

func (vm *VM) indexError(L *lua.LState, obj, key lua.LValue) {
	c, ok := obj.(Cdata)
	if !ok {
		vm.operandError(L, obj, "index")
	}
	switch k := key.(type) {
	case lua.LString:
		RaiseString(L, 0, "'%s' has no member named '%s'", vm.referent(c), string(k))
	default:
		RaiseString(L, 0, "'%s' cannot be indexed with '%s'", vm.referent(c), vm.typeOf(key))
	}
}

func (vm *VM) arithError(L *lua.LState, a, b lua.LValue, firstIsNumber bool) {
	_, ac := a.(Cdata)
	_, bc := b.(Cdata)
	if ac || bc {
		RaiseString(L, 0, "attempt to perform arithmetic on '%s' and '%s'", vm.typeOf(a), vm.typeOf(b))
	}
	v := a
	if firstIsNumber {
		v = b
	}
	vm.operandError(L, v, "perform arithmetic on")
}

// concatError is about the values a and b, which lie, or lay, in the register at and in the next one.
func (vm *VM) concatError(L *lua.LState, at int, a, b lua.LValue) {
	_, ac := a.(Cdata)
	_, bc := b.(Cdata)
	if ac || bc {
		RaiseString(L, 0, "attempt to concatenate '%s' and '%s'", vm.typeOf(a), vm.typeOf(b))
	}
	v := a
	if _, ok := text(a); ok {
		v = b
		at++
	}
	name := ""
	if f := luaFrame(L); f != nil && f.Pc > 0 {
		name = describe(f, at-f.LocalBase)
	}
	raiseOperand(L, name, v, "concatenate")
}

func (vm *VM) compareError(L *lua.LState, a, b lua.LValue) {
	_, ac := a.(Cdata)
	_, bc := b.(Cdata)
	ta, tb := vm.typeOf(a), vm.typeOf(b)
	switch {
	case ac || bc:
		RaiseString(L, 0, "attempt to compare '%s' with '%s'", ta, tb)
	case ta == tb:
		RaiseString(L, 0, "attempt to compare two %s values", ta)
	default:
		RaiseString(L, 0, "attempt to compare %s with %s", ta, tb)
	}
}

// calledAs says how the running Go function was called, from its caller's
// code: its name, and "method" when it was called as one.
func calledAs(f *frame) (kind, name string) {
	p := f.Parent
	if p == nil || p.Fn.IsG || p.Pc == 0 {
		return "", ""
	}
	inst := p.Fn.Proto.Code[p.Pc-1]
	if op := opOf(inst); op != opCall && op != opTailCall {
		if op == opTFor {
			return "for iterator", "for iterator"
		}
		if op >= opGet && op <= opLe || op == opGetG {
			return "metamethod", metamethodOf(op)
		}
		return "", ""
	}
	d := describe(p, argA(inst))
	var n string
	if _, err := fmt.Sscanf(d, "%s", &kind); err != nil {
		return "", ""
	}
	n = d[len(kind)+2 : len(d)-1]
	return kind, n
}

func metamethodOf(op int) string {
	switch {
	case op <= opGetI || op == opSelf || op == opSelfR || op == opGetG:
		return "index"
	case op <= opSetI:
		return "newindex"
	case op >= opAdd && op <= opKPow:
		return arithEvents[(op-opAdd)%6][2:]
	case op == opUnm:
		return "unm"
	case op == opLen:
		return "len"
	case op == opConcat:
		return "concat"
	case op == opEq || op == opEqK:
		return "eq"
	case op <= opKLt:
		return "lt"
	}
	return "le"
}
