package ctype

// Constant expressions of integers: what the sizes of arrays and the values of enums are made of.

var precedence = map[string]int{
	"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8, ">>": 8,
	"+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
}

func (p *parser) constant() int64 {
	p.enter()
	defer p.leave()
	v := p.binary(1)
	if p.accept("?") {
		yes := p.constant()
		p.expect(":")
		no := p.constant()
		if v != 0 {
			return yes
		}
		return no
	}
	return v
}

func (p *parser) binary(level int) int64 {
	left := p.unary()
	for {
		op := p.at().text
		prec := precedence[op]
		if prec < level || p.at().str {
			return left
		}
		p.next()
		left = p.apply(op, left, p.binary(prec+1))
	}
}

func (p *parser) apply(op string, a, b int64) int64 {
	truth := func(ok bool) int64 {
		if ok {
			return 1
		}
		return 0
	}
	switch op {
	case "||":
		return truth(a != 0 || b != 0)
	case "&&":
		return truth(a != 0 && b != 0)
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "&":
		return a & b
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case ">":
		return truth(a > b)
	case "<=":
		return truth(a <= b)
	case ">=":
		return truth(a >= b)
	case "<<":
		return a << (uint64(b) & 63)
	case ">>":
		return a >> (uint64(b) & 63)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	if b == 0 {
		p.fail("unexpected symbol near '0'")
	}
	if op == "/" {
		return a / b
	}
	return a % b
}

func (p *parser) unary() int64 {
	p.enter()
	defer p.leave()
	switch t := p.next(); {
	case t.num && t.text != "":
		return t.val
	case t.text == "-":
		return -p.unary()
	case t.text == "+":
		return p.unary()
	case t.text == "~":
		return ^p.unary()
	case t.text == "!":
		if p.unary() == 0 {
			return 1
		}
		return 0
	case t.text == "(":
		if p.typeAhead() {
			s := p.specifiers()
			_, build := p.declarator(false)
			p.expect(")")
			return convert(build(s.t), p.unary())
		}
		v := p.constant()
		p.expect(")")
		return v
	case t.text == "sizeof" || t.text == "_Alignof" || t.text == "__alignof__":
		p.expect("(")
		s := p.specifiers()
		_, build := p.declarator(false)
		p.expect(")")
		typ := build(s.t)
		if t.text != "sizeof" {
			return int64(typ.Align())
		}
		size, ok := typ.Size()
		if !ok {
			p.check(errSize)
		}
		return int64(size)
	case t.text == "$":
		if n, ok := p.arg().(int); ok {
			return int64(n)
		}
	case t.word:
		if s, ok := p.u.symbols[t.text]; ok && s.Constant {
			return s.Value
		}
		p.fail("unexpected symbol near '%s'", t.near())
	default:
		p.fail("unexpected symbol near '%s'", t.near())
	}
	return 0
}

func (p *parser) typeAhead() bool {
	t := p.at()
	return t.word && (p.u.names[t.text] != nil || p.startsType(t.text))
}

func convert(t *Type, v int64) int64 {
	if size, ok := t.Size(); ok && t.Kind == Int && size < 8 {
		shift := 64 - 8*size
		if t.Unsigned {
			return int64(uint64(v) << shift >> shift)
		}
		return v << shift >> shift
	}
	return v
}
