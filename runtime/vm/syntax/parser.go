package syntax

import "bytes"

// maxLevels is how deep expressions and blocks may nest (LJ_MAX_XLEVEL).
const maxLevels = 200

type parser struct {
	lexer
	levels int
	vararg bool // is the function being read a vararg one
}

// byteOrderMark may stand in front of a chunk in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// Parse reads a chunk into its main function. The chunk's name is the one
// that errors show. The error is an *Error.
func Parse(src []byte, chunk string) (main *Func, err error) {
	p := &parser{lexer: lexer{src: src, chunk: chunk, line: 1, lastLine: 1}, vararg: true}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			main, err = nil, e
		}
	}()
	if bytes.HasPrefix(src, []byte(byteOrderMark)) {
		p.pos = len(byteOrderMark)
	}
	if p.cur() == '#' {
		for c := p.cur(); c != -1 && c != '\n' && c != '\r'; c = p.cur() {
			p.pos++
		}
	}
	p.next()
	body := p.block()
	if p.tok != tEOF {
		p.expectFail(tEOF)
	}
	return &Func{Vararg: true, Body: body, LastLine: p.line}, nil
}

func (p *parser) expectFail(t token) { p.fail(p.tok, "'%s' expected", t) }

func (p *parser) expect(t token) {
	if p.tok != t {
		p.expectFail(t)
	}
	p.next()
}

func (p *parser) accept(t token) bool {
	if p.tok == t {
		p.next()
		return true
	}
	return false
}

// closing expects what closes something that an earlier line opened.
func (p *parser) closing(t, opener token, line int) {
	if p.tok == t {
		p.next()
		return
	}
	if line == p.line {
		p.expectFail(t)
	}
	p.fail(p.tok, "'%s' expected (to close '%s' at line %d)", t, opener, line)
}

func (p *parser) name() string {
	// LuaJIT takes goto for a name where a name is due.
	if p.tok == tGoto {
		p.next()
		return "goto"
	}
	if p.tok != tName {
		p.expectFail(tName)
	}
	s := p.str
	p.next()
	return s
}

func (p *parser) enter() {
	if p.levels++; p.levels > maxLevels {
		p.fail(0, "chunk has too many syntax levels")
	}
}

func (p *parser) leave() { p.levels-- }

func (p *parser) block() *Block {
	p.enter()
	defer p.leave()
	b := &Block{}
	for {
		switch p.tok {
		case tElse, tElseif, tEnd, tEOF, tUntil:
			b.LastLine = p.line
			return b
		case tReturn:
			b.Stmts = append(b.Stmts, p.returnStmt())
			b.LastLine = p.line
			return b
		}
		b.Stmts = append(b.Stmts, p.stmt())
		p.accept(';')
	}
}

func (p *parser) stmt() Stmt {
	line := p.line
	switch p.tok {
	case tIf:
		return p.ifStmt(line)
	case tWhile:
		p.next()
		cond := p.expr()
		p.expect(tDo)
		body := p.block()
		p.closing(tEnd, tWhile, line)
		return &While{cond, body, line}
	case tDo:
		p.next()
		body := p.block()
		p.closing(tEnd, tDo, line)
		return &Do{body}
	case tFor:
		return p.forStmt(line)
	case tRepeat:
		p.next()
		body := p.block()
		p.closing(tUntil, tRepeat, line)
		return &Repeat{body, p.expr(), line}
	case tFunction:
		return p.functionStmt(line)
	case tLocal:
		p.next()
		if p.accept(tFunction) {
			name := p.name()
			return &LocalFunc{name, p.funcBody(false, line), line}
		}
		return p.localStmt()
	case tBreak:
		p.next()
		return &Break{line}
	case tLabel:
		p.next()
		name := p.name()
		p.expect(tLabel)
		return &Label{name, line}
	case tGoto:
		if t := p.peek(); t == tName || t == tGoto {
			p.next()
			return &Goto{p.name(), line}
		}
	}
	return p.exprStmt()
}

func (p *parser) ifStmt(line int) Stmt {
	s := &If{Line: line}
	for {
		p.next()
		s.Conds = append(s.Conds, p.expr())
		p.expect(tThen)
		s.Blocks = append(s.Blocks, p.block())
		if p.tok != tElseif {
			break
		}
	}
	if p.accept(tElse) {
		s.Blocks = append(s.Blocks, p.block())
	}
	p.closing(tEnd, tIf, line)
	return s
}

func (p *parser) forStmt(line int) Stmt {
	p.next()
	first := p.name()
	switch p.tok {
	case '=':
		p.next()
		s := &NumFor{Var: first, Line: line, Start: p.expr()}
		p.expect(',')
		s.Stop = p.expr()
		if p.accept(',') {
			s.Step = p.expr()
		}
		p.expect(tDo)
		s.Body = p.block()
		p.closing(tEnd, tFor, line)
		return s
	case ',', tIn:
		s := &GenFor{Vars: []string{first}, Line: line}
		for p.accept(',') {
			s.Vars = append(s.Vars, p.name())
		}
		p.expect(tIn)
		s.Line = p.line
		s.Exprs = p.exprList()
		p.expect(tDo)
		s.Body = p.block()
		p.closing(tEnd, tFor, line)
		return s
	}
	p.fail(p.tok, "'=' or 'in' expected")
	return nil
}

func (p *parser) functionStmt(line int) Stmt {
	p.next()
	var target Expr = &Name{Name: p.name(), Line: p.lastLine}
	method := false
	for p.tok == '.' || p.tok == ':' {
		method = p.tok == ':'
		p.next()
		target = &Index{target, Str{p.name()}, p.lastLine}
		if method {
			break
		}
	}
	fn := p.funcBody(method, line)
	return &Assign{[]Expr{target}, []Expr{fn}, line}
}

func (p *parser) localStmt() Stmt {
	s := &Local{Line: p.line}
	s.Names = append(s.Names, p.name())
	for p.accept(',') {
		s.Names = append(s.Names, p.name())
	}
	if p.accept('=') {
		s.Exprs = p.exprList()
	}
	s.Line = p.lastLine
	return s
}

func (p *parser) returnStmt() Stmt {
	s := &Return{Line: p.line}
	p.next()
	switch p.tok {
	case tElse, tElseif, tEnd, tEOF, tUntil, ';':
	default:
		s.Exprs = p.exprList()
	}
	s.Line = p.lastLine
	p.accept(';')
	switch p.tok {
	case tElse, tElseif, tEnd, tEOF, tUntil:
	default:
		// Only the main chunk can meet this: elsewhere the opener complains.
		if p.levels == 1 {
			p.expectFail(tEOF)
		}
	}
	return s
}

func (p *parser) exprStmt() Stmt {
	e := p.suffixed()
	if call, ok := e.(*Call); ok {
		return &CallStmt{call}
	}
	s := &Assign{Targets: []Expr{e}}
	for {
		switch e.(type) {
		case *Name, *Index:
		default:
			p.fail(p.tok, "syntax error")
		}
		if !p.accept(',') {
			break
		}
		e = p.suffixed()
		s.Targets = append(s.Targets, e)
		if len(s.Targets) > maxLevels {
			p.fail(0, "chunk has too many syntax levels")
		}
	}
	p.expect('=')
	s.Exprs = p.exprList()
	s.Line = p.lastLine
	return s
}

// funcBody reads from the parameter list on.
func (p *parser) funcBody(method bool, line int) *Func {
	f := &Func{Line: line}
	if method {
		f.Params = append(f.Params, "self")
	}
	p.expect('(')
	if p.tok != ')' {
		for {
			if p.tok == tName || p.tok == tGoto {
				f.Params = append(f.Params, p.name())
			} else if p.accept(tDots) {
				f.Vararg = true
				break
			} else {
				p.fail(p.tok, "<name> or '...' expected")
			}
			if !p.accept(',') {
				break
			}
		}
	}
	p.expect(')')
	outer := p.vararg
	p.vararg = f.Vararg
	f.Body = p.block()
	p.vararg = outer
	f.LastLine = p.line
	p.closing(tEnd, tFunction, line)
	return f
}
