package vm

import (
	"shardlua/runtime/vm/syntax"

	lua "github.com/yuin/gopher-lua"
)

func (c *compiler) block(b *syntax.Block, loop bool) {
	c.openScope(loop)
	c.statements(b)
	c.closeScope(b.LastLine)
}

func (c *compiler) statements(b *syntax.Block) {
	for i, s := range b.Stmts {
		c.free = c.regOf(len(c.active))
		if n := len(c.active); n > 0 {
			c.free = c.active[n-1].reg + 1
		}
		if l, ok := s.(*syntax.Label); ok {
			c.label(l, b.Stmts[i+1:])
			continue
		}
		c.statement(s)
	}
}

func (c *compiler) statement(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.Local:
		c.local(s)
	case *syntax.LocalFunc:
		r := c.reserve(1, s.Line)
		c.declare(s.Name, r, s.Line)
		c.closureTo(s.Func, r)
	case *syntax.Assign:
		c.assign(s)
	case *syntax.CallStmt:
		saved := c.free
		c.call(s.Call, 0)
		c.free = saved
	case *syntax.Do:
		c.block(s.Body, false)
	case *syntax.While:
		c.while(s)
	case *syntax.Repeat:
		c.repeat(s)
	case *syntax.If:
		c.ifStmt(s)
	case *syntax.NumFor:
		c.numFor(s)
	case *syntax.GenFor:
		c.genFor(s)
	case *syntax.Return:
		c.returnStmt(s)
	case *syntax.Break:
		c.gotoStmt("", s.Line)
	case *syntax.Goto:
		c.gotoStmt(s.Label, s.Line)
	}
}

func (c *compiler) gotoStmt(name string, line int) {
	pc := c.jump(line)
	c.scope.gotos = append(c.scope.gotos, pendingGoto{name: name, pc: pc, line: line, active: len(c.active)})
}

func (c *compiler) label(l *syntax.Label, rest []syntax.Stmt) {
	for s := c.scope; s != nil; s = s.parent {
		for _, old := range s.labels {
			if old.name == l.Name {
				c.fail(l.Line, "duplicate label '%s'", l.Name)
			}
		}
	}
	active := len(c.active)
	trailing := true
	for _, s := range rest {
		if _, ok := s.(*syntax.Label); !ok {
			trailing = false
		}
	}
	if trailing && !c.scope.until {
		active = c.scope.first
	}
	c.scope.labels = append(c.scope.labels, label{l.Name, c.pc(), active})
}

func (c *compiler) local(s *syntax.Local) {
	base := c.free
	c.exprsTo(s.Exprs, len(s.Names), s.Line)
	c.free = base
	for i, name := range s.Names {
		c.reserve(1, s.Line)
		c.declare(name, base+i, s.Line)
	}
}

// exprsTo evaluates a list into want new registers.
func (c *compiler) exprsTo(exprs []syntax.Expr, want, line int) {
	base := c.free
	for i, e := range exprs {
		if i == len(exprs)-1 && want > i+1 && isMulti(e) {
			c.multi(e, want-i)
			c.free = base + want
			return
		}
		r := c.reserve(1, line)
		c.exprTo(e, r, line)
		c.free = r + 1
	}
	if missing := want - len(exprs); missing > 0 {
		r := c.reserve(missing, line)
		c.emit(abc(opLoadNil, r, r+missing-1, 0), line)
	}
}

func isMulti(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.Call, *syntax.Vararg:
		return true
	}
	return false
}

// multi evaluates a call or ... into want new registers; -1 is all there are.
func (c *compiler) multi(e syntax.Expr, want int) {
	switch e := e.(type) {
	case *syntax.Call:
		c.call(e, want)
	case *syntax.Vararg:
		r := c.reserve(max(want, 1), e.Line)
		c.emit(abc(opVararg, r, want+1, 0), e.Line)
	}
}

// call evaluates a call at the first free register, keeps want results there
// (-1: all), and returns that register.
func (c *compiler) call(e *syntax.Call, want int) int {
	base := c.reserve(2, e.Line)
	nargs := len(e.Args)
	if e.Method != "" {
		c.free = base + 1
		obj := c.operandAt(e.Fn, base, e.Line)
		k := c.literal(syntax.Str{V: e.Method}, e.Line)
		op := opSelf
		c.free = base + 2
		if k > 255 {
			op = opSelfR
			r := c.reserve(1, e.Line)
			c.emit(ad(opLoadK, r, k), e.Line)
			k = r
		}
		c.emit(abc(op, base, obj, k), e.Line)
		c.free = base + 2
		nargs++
	} else {
		c.free = base + 1
		c.exprTo(e.Fn, base, e.Line)
		c.free = base + 1
	}
	open := false
	for i, a := range e.Args {
		if i == len(e.Args)-1 && isMulti(a) {
			open = true
			c.multi(a, -1)
			break
		}
		r := c.reserve(1, e.Line)
		c.exprTo(a, r, e.Line)
		c.free = r + 1
	}
	b := nargs + 1
	if open {
		b = 0
	}
	c.free = base
	c.reserve(max(want, 1), e.Line)
	c.emit(abc(opCall, base, b, want+1), e.Line)
	return base
}

// operandAt is operand with the temporary given.
func (c *compiler) operandAt(e syntax.Expr, r, line int) int {
	if n, ok := e.(*syntax.Name); ok {
		if kind, i := c.resolve(n.Name, n.Line); kind == nameLocal {
			return c.active[i].reg
		}
	}
	c.exprTo(e, r, line)
	return r
}

func (c *compiler) tableTo(t *syntax.Table, dst int) {
	saved := c.free
	items := 0
	for _, f := range t.Fields {
		if f.Key == nil {
			items++
		}
	}
	c.emit(abc(opNewTable, dst, min(items, 255), min(len(t.Fields)-items, 255)), t.Line)
	// SetList takes the items from the registers after the table's own.
	table := dst
	if items > 0 && dst != c.free-1 {
		table = c.reserve(1, t.Line)
		c.emit(abc(opMove, table, dst, 0), t.Line)
	}
	top := c.free
	const batch = 32
	pending, done := 0, 0
	flush := func(count, line int) {
		c.emit(abc(opSetList, table, count, 0), line)
		c.emit(uint32(done), line)
		done += pending
		pending = 0
		c.free = top
	}
	for i, f := range t.Fields {
		if f.Key != nil {
			c.fieldTo(table, f)
			continue
		}
		if i == len(t.Fields)-1 && isMulti(f.Value) {
			c.multi(f.Value, -1)
			flush(0, f.Line)
			break
		}
		r := c.reserve(1, f.Line)
		c.exprTo(f.Value, r, f.Line)
		c.free = r + 1
		if pending++; pending == batch {
			flush(pending, f.Line)
		}
	}
	if pending > 0 {
		flush(pending, t.Line)
	}
	c.free = saved
}

func (c *compiler) fieldTo(table int, f syntax.Field) {
	saved := c.free
	a := c.access(&syntax.Index{Obj: register(table), Key: f.Key, Line: f.Line})
	v := c.operand(f.Value, f.Line)
	c.emit(abc(opSet+a.variant, v, table, a.key), f.Line)
	c.free = saved
}

func (c *compiler) closureTo(f *syntax.Func, dst int) {
	inner := newCompiler(c, f, c.chunk)
	inner.function(f)
	i := len(c.proto.FunctionPrototypes)
	c.proto.FunctionPrototypes = append(c.proto.FunctionPrototypes, inner.proto)
	c.emit(ad(opClosure, dst, i), f.LastLine)
	for _, u := range inner.upvalues {
		c.emit(ad(opMove, b2i(u.local), u.index), f.LastLine)
	}
}

func (c *compiler) assign(s *syntax.Assign) {
	if len(s.Targets) == 1 && len(s.Exprs) == 1 {
		c.assignOne(s.Targets[0], s.Exprs[0], s.Line)
		return
	}
	saved := c.free
	accesses := make([]access, len(s.Targets))
	for i, t := range s.Targets {
		if x, ok := t.(*syntax.Index); ok {
			accesses[i] = c.access(x)
			c.protect(&accesses[i], s.Targets, x.Line)
		}
	}
	base := c.free
	c.exprsTo(s.Exprs, len(s.Targets), s.Line)
	for i := len(s.Targets) - 1; i >= 0; i-- {
		c.store(s.Targets[i], accesses[i], base+i, s.Line)
	}
	c.free = saved
}

// protect copies the locals that an access reads and that the same statement
// assigns to.
func (c *compiler) protect(a *access, targets []syntax.Expr, line int) {
	for _, t := range targets {
		n, ok := t.(*syntax.Name)
		if !ok {
			continue
		}
		kind, i := c.resolve(n.Name, n.Line)
		if kind != nameLocal {
			continue
		}
		reg := c.active[i].reg
		if a.obj == reg {
			a.obj = c.reserve(1, line)
			c.emit(abc(opMove, a.obj, reg, 0), line)
		}
		if a.variant == 0 && a.key == reg {
			a.key = c.reserve(1, line)
			c.emit(abc(opMove, a.key, reg, 0), line)
		}
	}
}

func (c *compiler) assignOne(target, e syntax.Expr, line int) {
	saved := c.free
	defer func() { c.free = saved }()
	switch t := target.(type) {
	case *syntax.Name:
		if kind, i := c.resolve(t.Name, t.Line); kind == nameLocal {
			c.exprTo(e, c.active[i].reg, line)
			return
		}
		c.store(t, access{}, c.operand(e, line), line)
	case *syntax.Index:
		a := c.access(t)
		c.store(t, a, c.operand(e, line), line)
	}
}

func (c *compiler) store(target syntax.Expr, a access, reg, line int) {
	switch t := target.(type) {
	case *syntax.Name:
		switch kind, i := c.resolve(t.Name, t.Line); kind {
		case nameLocal:
			c.emit(abc(opMove, c.active[i].reg, reg, 0), line)
		case nameUpvalue:
			c.emit(abc(opSetUp, i, reg, 0), line)
		default:
			c.emit(ad(opSetG, reg, c.constant(lua.LString(t.Name), line)), line)
		}
	case *syntax.Index:
		c.emit(abc(opSet+a.variant, reg, a.obj, a.key), line)
	}
}

func (c *compiler) while(s *syntax.While) {
	top := c.pc()
	exit := c.cond(s.Cond, false, s.Line)
	c.openScope(true)
	c.block(s.Body, false)
	c.patchTo(c.jump(s.Body.LastLine), top)
	c.leaveScope()
	c.patchHere(exit)
}

func (c *compiler) repeat(s *syntax.Repeat) {
	top := c.pc()
	c.openScope(true)
	c.openScope(false)
	c.scope.until = true
	c.statements(s.Body)
	line := s.Body.LastLine
	if c.scope.captured {
		first := c.regOf(c.scope.first)
		exit := c.cond(s.Cond, true, line)
		back := c.jump(line)
		c.closing(back, first)
		c.patchTo(back, top)
		c.patchHere(exit)
		c.closeScope(line)
	} else {
		again := c.cond(s.Cond, false, line)
		if c.scope.captured { // by a closure in the condition
			c.closing(again[len(again)-1], c.regOf(c.scope.first))
		}
		c.patchAll(again, top)
		c.closeScope(line)
	}
	c.leaveScope()
}

func (c *compiler) ifStmt(s *syntax.If) {
	var ends []int
	for i, cond := range s.Conds {
		next := c.cond(cond, false, s.Line)
		c.block(s.Blocks[i], false)
		if i < len(s.Blocks)-1 {
			ends = append(ends, c.jump(s.Blocks[i].LastLine))
		}
		c.patchHere(next)
	}
	if len(s.Blocks) > len(s.Conds) {
		c.block(s.Blocks[len(s.Blocks)-1], false)
	}
	c.patchHere(ends)
}

func (c *compiler) numFor(s *syntax.NumFor) {
	c.openScope(true)
	base := c.free
	step := s.Step
	if step == nil {
		step = syntax.Number{V: 1}
	}
	c.exprsTo([]syntax.Expr{s.Start, s.Stop, step}, 3, s.Line)
	c.declare("(for index)", base, s.Line)
	c.declare("(for limit)", base+1, s.Line)
	c.declare("(for step)", base+2, s.Line)
	prep := c.emit(ad(opForPrep, base, 0), s.Line)
	body := c.pc()
	c.openScope(false)
	c.reserve(1, s.Line)
	c.declare(s.Var, base+3, s.Line)
	c.statements(s.Body)
	c.closeScope(s.Body.LastLine)
	c.patchTo(prep, c.pc()+1)
	c.patchTo(c.emit(ad(opForLoop, base, 0), s.Line), body)
	c.leaveScope()
}

func (c *compiler) genFor(s *syntax.GenFor) {
	c.openScope(true)
	base := c.free
	c.exprsTo(s.Exprs, 3, s.Line)
	c.free = base + 3
	c.declare("(for generator)", base, s.Line)
	c.declare("(for state)", base+1, s.Line)
	c.declare("(for control)", base+2, s.Line)
	entry := c.jump(s.Line)
	body := c.pc()
	c.openScope(false)
	for i, name := range s.Vars {
		c.reserve(1, s.Line)
		c.declare(name, base+3+i, s.Line)
	}
	// The iterator's own call needs three registers there.
	c.free = base + 3
	c.reserve(max(3, len(s.Vars)), s.Line)
	c.statements(s.Body)
	c.closeScope(s.Body.LastLine)
	c.patchHere([]int{entry})
	c.emit(abc(opTFor, base, 0, len(s.Vars)), s.Line)
	c.patchTo(c.jump(s.Line), body)
	c.leaveScope()
}

func (c *compiler) returnStmt(s *syntax.Return) {
	switch len(s.Exprs) {
	case 0:
		c.emit(abc(opReturn, 0, 1, 0), s.Line)
		return
	case 1:
		if call, ok := s.Exprs[0].(*syntax.Call); ok {
			base := c.call(call, -1)
			last := &c.proto.Code[c.pc()-1]
			*last = abc(opTailCall, base, argB(*last), 0)
			return
		}
		if !isMulti(s.Exprs[0]) {
			r := c.operand(s.Exprs[0], s.Line)
			c.emit(abc(opReturn, r, 2, 0), s.Line)
			return
		}
	}
	base := c.free
	last := s.Exprs[len(s.Exprs)-1]
	if isMulti(last) {
		n := len(s.Exprs) - 1
		c.exprsTo(s.Exprs[:n], n, s.Line)
		c.multi(last, -1)
		c.emit(abc(opReturn, base, 0, 0), s.Line)
		return
	}
	c.exprsTo(s.Exprs, len(s.Exprs), s.Line)
	c.emit(abc(opReturn, base, len(s.Exprs)+1, 0), s.Line)
}
