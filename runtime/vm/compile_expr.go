package vm

import (
	"math"

	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

// exprTo evaluates an expression into a register. A register that belongs to
// a local is written last, when the expression has been read whole.
func (c *compiler) exprTo(e syntax.Expr, dst, line int) {
	switch e := e.(type) {
	case syntax.Nil:
		c.emit(abc(opLoadNil, dst, dst, 0), line)
	case syntax.Bool:
		c.emit(abc(opLoadBool, dst, b2i(e.V), 0), line)
	case syntax.Number, syntax.Str, syntax.Integer:
		c.emit(ad(opLoadK, dst, c.literal(e, line)), line)
	case *syntax.Vararg:
		c.emit(abc(opVararg, dst, 2, 0), e.Line)
	case *syntax.Name:
		c.nameTo(e, dst)
	case *syntax.Paren:
		c.exprTo(e.X, dst, line)
	case *syntax.Index:
		c.indexTo(e, dst)
	case *syntax.Call:
		if dst == c.free-1 && !c.isLocal(dst) {
			c.free = dst
		}
		base := c.call(e, 1)
		if base != dst {
			c.emit(abc(opMove, dst, base, 0), e.Line)
		}
	case *syntax.Func:
		c.closureTo(e, dst)
	case *syntax.Table:
		c.viaTemp(dst, e.Line, func(r int) { c.tableTo(e, r) })
	case *syntax.Logical:
		c.viaTemp(dst, line, func(r int) {
			j := c.valueJump(e.L, r, !e.And, line)
			c.exprTo(e.R, r, line)
			c.patchHere(j)
		})
	case *syntax.Unary:
		c.unaryTo(e, dst)
	case *syntax.Binary:
		c.binaryTo(e, dst)
	}
}

// viaTemp runs build on dst, or on a temporary when dst is a live local.
func (c *compiler) viaTemp(dst, line int, build func(int)) {
	if !c.isLocal(dst) {
		build(dst)
		return
	}
	saved := c.free
	r := c.reserve(1, line)
	build(r)
	c.emit(abc(opMove, dst, r, 0), line)
	c.free = saved
}

func (c *compiler) isLocal(reg int) bool {
	n := len(c.active)
	return n > 0 && reg <= c.active[n-1].reg
}

// register is an expression that is in a register already.
type register int

// operand returns a register that holds the expression's value: a local's own
// or a new temporary.
func (c *compiler) operand(e syntax.Expr, line int) int {
	for {
		p, ok := e.(*syntax.Paren)
		if !ok {
			break
		}
		e = p.X
	}
	switch e := e.(type) {
	case register:
		return int(e)
	case *syntax.Name:
		if kind, i := c.resolve(e.Name, e.Line); kind == nameLocal {
			return c.active[i].reg
		}
	}
	r := c.reserve(1, line)
	c.exprTo(e, r, line)
	c.free = r + 1
	return r
}

func (c *compiler) literal(e syntax.Expr, line int) int {
	switch e := e.(type) {
	case syntax.Number:
		return c.constant(lua.LNumber(e.V), line)
	case syntax.Str:
		return c.constant(lua.LString(e.V), line)
	case syntax.Integer:
		if e.Unsigned {
			return c.constant(Uint64(e.Bits), line)
		}
		return c.constant(Int64(int64(e.Bits)), line)
	}
	panic("not a literal")
}

func (c *compiler) nameTo(e *syntax.Name, dst int) {
	switch kind, i := c.resolve(e.Name, e.Line); kind {
	case nameLocal:
		if r := c.active[i].reg; r != dst {
			c.emit(abc(opMove, dst, r, 0), e.Line)
		}
	case nameUpvalue:
		c.emit(abc(opGetUp, dst, i, 0), e.Line)
	default:
		c.emit(ad(opGetG, dst, c.constant(lua.LString(e.Name), e.Line)), e.Line)
	}
}

// access is how an index expression reaches its slot: the operation's variant
// and its third operand.
type access struct {
	obj     int
	variant int // 0 register, 1 string constant, 2 small integer
	key     int
}

func (c *compiler) access(e *syntax.Index) access {
	a := access{obj: c.operand(e.Obj, e.Line)}
	switch k := e.Key.(type) {
	case syntax.Str:
		if i := c.literal(k, e.Line); i < 256 {
			a.variant, a.key = 1, i
			return a
		}
	case syntax.Number:
		if k.V >= 1 && k.V < 256 && k.V == math.Trunc(k.V) {
			a.variant, a.key = 2, int(k.V)
			return a
		}
	}
	a.key = c.operand(e.Key, e.Line)
	return a
}

func (c *compiler) indexTo(e *syntax.Index, dst int) {
	saved := c.free
	a := c.access(e)
	c.free = saved
	c.emit(abc(opGet+a.variant, dst, a.obj, a.key), e.Line)
}

func (c *compiler) unaryTo(e *syntax.Unary, dst int) {
	if e.Op == syntax.Neg {
		switch x := fold(e.X).(type) {
		case syntax.Number:
			if x.V != 0 {
				c.exprTo(syntax.Number{V: -x.V}, dst, e.Line)
				return
			}
		case syntax.Integer:
			c.exprTo(syntax.Integer{Bits: -x.Bits, Unsigned: x.Unsigned}, dst, e.Line)
			return
		}
	}
	saved := c.free
	r := c.operand(e.X, e.Line)
	c.free = saved
	op := map[syntax.Op]int{syntax.Neg: opUnm, syntax.Not: opNot, syntax.Len: opLen}[e.Op]
	c.emit(abc(op, dst, r, 0), e.Line)
}

// fold computes what is constant. A result that is not a number, or a zero,
// whose sign a constant would lose, is left to run time.
func fold(e syntax.Expr) syntax.Expr {
	switch x := e.(type) {
	case *syntax.Paren:
		switch v := fold(x.X).(type) {
		case syntax.Number:
			return v
		}
	case *syntax.Unary:
		if n, ok := fold(x.X).(syntax.Number); ok && x.Op == syntax.Neg && n.V != 0 {
			return syntax.Number{V: -n.V}
		}
	case *syntax.Binary:
		if x.Op > syntax.Pow {
			return e
		}
		l, lok := fold(x.L).(syntax.Number)
		r, rok := fold(x.R).(syntax.Number)
		if lok && rok {
			if v := arith(int(x.Op), l.V, r.V); v == v && v != 0 {
				return syntax.Number{V: v}
			}
		}
	}
	return e
}

func (c *compiler) binaryTo(e *syntax.Binary, dst int) {
	switch {
	case e.Op == syntax.Concat:
		c.concatTo(e, dst)
		return
	case e.Op >= syntax.Eq:
		j := c.compare(e, true)
		c.emit(abc(opLoadBool, dst, 0, 1), e.Line)
		c.patchHere([]int{j})
		c.emit(abc(opLoadBool, dst, 1, 0), e.Line)
		return
	}
	if n, ok := fold(e).(syntax.Number); ok {
		c.exprTo(n, dst, e.Line)
		return
	}
	saved := c.free
	op := int(e.Op)
	l, lk := c.number(e.L, e.Line)
	if !lk {
		l = c.operand(e.L, e.Line)
	}
	r, rk := 0, false
	if !lk {
		r, rk = c.number(e.R, e.Line)
	}
	if !rk {
		r = c.operand(e.R, e.Line)
	}
	c.free = saved
	switch {
	case lk:
		op += opKAdd
	case rk:
		op += opAddK
	default:
		op += opAdd
	}
	c.emit(abc(op, dst, l, r), e.Line)
}

// number returns the constant that a numeric expression is, when an
// instruction can name it.
func (c *compiler) number(e syntax.Expr, line int) (int, bool) {
	if n, ok := fold(e).(syntax.Number); ok {
		if i := c.literal(n, line); i < 256 {
			return i, true
		}
	}
	return 0, false
}

func (c *compiler) concatTo(e *syntax.Binary, dst int) {
	saved := c.free
	first := c.reserve(1, e.Line)
	c.exprTo(e.L, first, e.Line)
	last := first
	var rest syntax.Expr = e.R
	for {
		b, ok := rest.(*syntax.Binary)
		more := ok && b.Op == syntax.Concat
		item := rest
		if more {
			item, rest = b.L, b.R
		}
		c.free = last + 1
		last = c.reserve(1, e.Line)
		c.exprTo(item, last, e.Line)
		if !more {
			break
		}
	}
	c.free = saved
	c.emit(abc(opConcat, dst, first, last), e.Line)
}

// compare emits a comparison and the jump taken when it is as sense says.
func (c *compiler) compare(e *syntax.Binary, sense bool) int {
	saved := c.free
	l, r := e.L, e.R
	op := opEq
	switch e.Op {
	case syntax.Ne:
		sense = !sense
	case syntax.Lt:
		op = opLt
	case syntax.Le:
		op = opLe
	case syntax.Gt: // a > b is b < a, but a is evaluated first
		op = opLt
	case syntax.Ge:
		op = opLe
	}
	swap := e.Op == syntax.Gt || e.Op == syntax.Ge
	lk, isK := -1, false
	if op != opEq {
		lk, isK = c.number(l, e.Line)
	} else if _, ok := c.simpleConstant(l, e.Line); ok {
		l, r = r, l // == takes its constant on the right
	}
	la := lk
	if !isK {
		la = c.operand(l, e.Line)
	}
	rk, rIsK := -1, false
	switch {
	case op == opEq:
		rk, rIsK = c.simpleConstant(r, e.Line)
	case !isK:
		rk, rIsK = c.number(r, e.Line)
	}
	ra := rk
	if !rIsK {
		ra = c.operand(r, e.Line)
	}
	c.free = saved
	if swap {
		la, ra, isK, rIsK = ra, la, rIsK, isK
	}
	switch {
	case rIsK:
		op++
	case isK:
		op += 2
	}
	c.emit(abc(op, la, ra, b2i(sense)), e.Line)
	return c.jump(e.Line)
}

// simpleConstant is number for all that == can be asked about by constant.
func (c *compiler) simpleConstant(e syntax.Expr, line int) (int, bool) {
	i := -1
	switch k := fold(e).(type) {
	case syntax.Number, syntax.Str:
		i = c.literal(k, line)
	case syntax.Nil:
		i = c.constant(lua.LNil, line)
	case syntax.Bool:
		i = c.constant(lua.LBool(k.V), line)
	}
	return i, i >= 0 && i < 256
}

// cond emits jumps taken when the expression is as true as sense.
func (c *compiler) cond(e syntax.Expr, sense bool, line int) []int {
	switch e := e.(type) {
	case syntax.Nil:
		return c.constantJump(false, sense, line)
	case syntax.Bool:
		return c.constantJump(e.V, sense, line)
	case syntax.Number, syntax.Str, syntax.Integer, *syntax.Func:
		return c.constantJump(true, sense, line)
	case *syntax.Paren:
		return c.cond(e.X, sense, line)
	case *syntax.Unary:
		if e.Op == syntax.Not {
			return c.cond(e.X, !sense, line)
		}
	case *syntax.Logical:
		if e.And == sense {
			skip := c.cond(e.L, !sense, line)
			j := c.cond(e.R, sense, line)
			c.patchHere(skip)
			return j
		}
		return append(c.cond(e.L, sense, line), c.cond(e.R, sense, line)...)
	case *syntax.Binary:
		if e.Op >= syntax.Eq {
			return []int{c.compare(e, sense)}
		}
	}
	saved := c.free
	r := c.operand(e, line)
	c.free = saved
	c.emit(abc(opTest, r, 0, b2i(sense)), line)
	return []int{c.jump(line)}
}

func (c *compiler) constantJump(v, sense bool, line int) []int {
	if v == sense {
		return []int{c.jump(line)}
	}
	return nil
}

// valueJump evaluates an expression; when it is as true as sense, its value
// goes to dst and the jumps are taken. Otherwise dst holds anything.
func (c *compiler) valueJump(e syntax.Expr, dst int, sense bool, line int) []int {
	switch x := e.(type) {
	case *syntax.Logical:
		if x.And == sense {
			skip := c.cond(x.L, !sense, line)
			j := c.valueJump(x.R, dst, sense, line)
			c.patchHere(skip)
			return j
		}
		return append(c.valueJump(x.L, dst, sense, line), c.valueJump(x.R, dst, sense, line)...)
	case *syntax.Binary:
		if x.Op >= syntax.Eq {
			return c.boolJump(e, dst, sense, line)
		}
	case *syntax.Unary:
		if x.Op == syntax.Not {
			return c.boolJump(e, dst, sense, line)
		}
	case *syntax.Name:
		if kind, i := c.resolve(x.Name, x.Line); kind == nameLocal && c.active[i].reg != dst {
			c.emit(abc(opTestSet, dst, c.active[i].reg, b2i(sense)), line)
			return []int{c.jump(line)}
		}
	}
	c.exprTo(e, dst, line)
	c.emit(abc(opTest, dst, 0, b2i(sense)), line)
	return []int{c.jump(line)}
}

func (c *compiler) boolJump(e syntax.Expr, dst int, sense bool, line int) []int {
	skip := c.cond(e, !sense, line)
	c.emit(abc(opLoadBool, dst, b2i(sense), 0), line)
	j := c.jump(line)
	c.patchHere(skip)
	return []int{j}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
