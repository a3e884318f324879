package syntax

type priority struct {
	op          Op
	left, right int
}

const (
	opAnd        = Op(-1)
	opOr         = Op(-2)
	unaryBinding = 8
)

var priorities = map[token]priority{
	'+': {Add, 6, 6}, '-': {Sub, 6, 6}, '*': {Mul, 7, 7}, '/': {Div, 7, 7}, '%': {Mod, 7, 7},
	'^': {Pow, 10, 9}, tConcat: {Concat, 5, 4},
	tEq: {Eq, 3, 3}, tNe: {Ne, 3, 3}, '<': {Lt, 3, 3}, tLe: {Le, 3, 3}, '>': {Gt, 3, 3}, tGe: {Ge, 3, 3},
	tAnd: {opAnd, 2, 2}, tOr: {opOr, 1, 1},
}

func (p *parser) expr() Expr { return p.binary(0) }

func (p *parser) exprList() []Expr {
	list := []Expr{p.expr()}
	for p.accept(',') {
		list = append(list, p.expr())
	}
	return list
}

// binary reads operators that bind tighter than limit.
func (p *parser) binary(limit int) Expr {
	p.enter()
	left := p.unary()
	for {
		pr, ok := priorities[p.tok]
		if !ok || pr.left <= limit {
			break
		}
		p.next()
		right := p.binary(pr.right)
		switch pr.op {
		case opAnd, opOr:
			left = &Logical{pr.op == opAnd, left, right}
		default:
			left = &Binary{pr.op, left, right, p.lastLine}
		}
	}
	p.leave()
	return left
}

func (p *parser) unary() Expr {
	var op Op
	switch p.tok {
	case tNot:
		op = Not
	case '-':
		op = Neg
	case '#':
		op = Len
	default:
		return p.simple()
	}
	p.next()
	x := p.binary(unaryBinding)
	return &Unary{op, x, p.lastLine}
}

func (p *parser) simple() Expr {
	var e Expr
	switch p.tok {
	case tNumber:
		e = p.num
	case tString:
		e = Str{p.str}
	case tNil:
		e = Nil{}
	case tTrue:
		e = Bool{true}
	case tFalse:
		e = Bool{false}
	case tDots:
		if !p.vararg {
			p.fail(p.tok, "cannot use '...' outside a vararg function")
		}
		e = &Vararg{p.line}
	case '{':
		return p.table()
	case tFunction:
		line := p.line
		p.next()
		return p.funcBody(false, line)
	default:
		return p.suffixed()
	}
	p.next()
	return e
}

// suffixed reads a name or a parenthesis and the accesses and calls on it.
func (p *parser) suffixed() Expr {
	var e Expr
	switch p.tok {
	case '(':
		line := p.line
		p.next()
		e = &Paren{p.expr()}
		p.closing(')', '(', line)
	case tName, tGoto:
		line := p.line
		e = &Name{p.name(), line}
	default:
		p.fail(p.tok, "unexpected symbol")
	}
	for {
		switch p.tok {
		case '.':
			p.next()
			e = &Index{e, Str{p.name()}, p.lastLine}
		case '[':
			p.next()
			key := p.expr()
			p.expect(']')
			e = &Index{e, key, p.lastLine}
		case ':':
			p.next()
			method := p.name()
			e = p.call(e, method)
		case '(', tString, '{':
			e = p.call(e, "")
		default:
			return e
		}
	}
}

func (p *parser) call(fn Expr, method string) Expr {
	c := &Call{Fn: fn, Method: method, Line: p.line}
	switch p.tok {
	case '(':
		if p.line != p.lastLine {
			p.fail(p.tok, "ambiguous syntax (function call x new statement)")
		}
		p.next()
		if p.tok != ')' {
			c.Args = p.exprList()
		}
		p.closing(')', '(', c.Line)
	case '{':
		c.Args = []Expr{p.table()}
	case tString:
		c.Args = []Expr{Str{p.str}}
		p.next()
	default:
		p.fail(p.tok, "function arguments expected")
	}
	return c
}

func (p *parser) table() Expr {
	t := &Table{Line: p.line}
	line := p.line
	p.expect('{')
	for p.tok != '}' {
		f := Field{}
		switch {
		case p.tok == '[':
			p.next()
			f.Key = p.expr()
			p.expect(']')
			p.expect('=')
		case (p.tok == tName || p.tok == tGoto) && p.peekIs('='):
			f.Key = Str{p.name()}
			p.next()
		}
		f.Value = p.expr()
		f.Line = p.lastLine
		t.Fields = append(t.Fields, f)
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	p.closing('}', '{', line)
	return t
}

func (p *parser) peekIs(t token) bool {
	if p.ahead {
		return p.aheadSave.tok == t
	}
	return p.peek() == t
}
