package ctype

// typeOnly says that the text is one type, in which a tag must be known.
func (p *parser) typeOnly() bool { return p.tokens[len(p.tokens)-1].num }

// typeName reads a type without a name.
func (p *parser) typeName() *Type {
	// The mark at the end tells tagged that nothing new may be named.
	p.tokens[len(p.tokens)-1].num = true
	s := p.specifiers()
	_, build := p.declarator(false)
	return build(s.t)
}

// declarator reads a name and what is said about it, as a function of the base type.
func (p *parser) declarator(named bool) (string, func(*Type) *Type) {
	p.enter()
	defer p.leave()
	build := func(t *Type) *Type { return t }
	for {
		switch {
		case p.accept("*"):
			constant := p.pointerQualifiers()
			inner := build
			build = func(t *Type) *Type {
				ptr := PointerTo(inner(t))
				ptr.Const = constant
				return ptr
			}
			continue
		case p.accept("&"):
			inner := build
			build = func(t *Type) *Type { return ReferenceTo(inner(t)) }
			continue
		case p.pointerQualifiers():
			continue
		}
		break
	}
	var attr attributes
	p.attributes(&attr)
	name := ""
	nested := func(t *Type) *Type { return t }
	switch t := p.at(); {
	case t.text == "(" && p.nests():
		p.next()
		name, nested = p.declarator(named)
		p.expect(")")
	case t.word && named:
		name = p.next().text
	case t.text == "$" && named:
		p.next()
		text, ok := p.arg().(string)
		if !ok {
			p.fail("'<identifier>' expected near '$'")
		}
		name = text
	}
	suffix := p.suffixes()
	return name, func(t *Type) *Type { return nested(suffix(build(t))) }
}

func (p *parser) pointerQualifiers() bool {
	constant := false
	for {
		t := p.at()
		switch {
		case t.word && constWords[t.text]:
			constant = true
		case t.word && qualifiers[t.text]:
		default:
			return constant
		}
		p.next()
	}
}

// nests says that a parenthesis groups a declarator, and begins no list of parameters.
func (p *parser) nests() bool {
	if p.pos+1 >= len(p.tokens) {
		return false
	}
	t := p.tokens[p.pos+1]
	return t.text == "*" || t.text == "&" || t.text == "(" || t.text == "__attribute__" ||
		t.word && p.u.names[t.text] == nil && !p.startsType(t.text)
}

func (p *parser) startsType(word string) bool {
	var b basicWords
	return word == "struct" || word == "union" || word == "enum" || qualifiers[word] || constWords[word] || b.add(word)
}

func (p *parser) suffixes() func(*Type) *Type {
	switch {
	case p.accept("["):
		n := Unknown
		switch {
		case p.accept("?"):
		case p.at().text == "]":
			n = 0
		case p.at().text == "$":
			p.next()
			size, ok := p.arg().(int)
			if !ok {
				p.fail("unexpected symbol near '$'")
			}
			n = size
		default:
			p.pointerQualifiers()
			v := p.constant()
			if v < 0 || v > 1<<31 {
				p.check(errSize)
			}
			n = int(v)
		}
		p.expect("]")
		rest := p.suffixes()
		return func(t *Type) *Type {
			elem := rest(t)
			if size, ok := elem.Size(); !ok || n > 0 && size > (1<<31)/n {
				p.check(errSize)
			}
			return ArrayOf(elem, n)
		}
	case p.accept("("):
		f := &Type{Kind: Func}
		p.parameters(f)
		rest := p.suffixes()
		return func(t *Type) *Type {
			fn := *f
			fn.Elem = rest(t)
			return &fn
		}
	}
	return func(t *Type) *Type { return t }
}

func (p *parser) parameters(f *Type) {
	if p.accept(")") {
		return
	}
	for {
		if p.accept("...") {
			f.Variadic = true
			break
		}
		s := p.specifiers()
		_, build := p.declarator(true)
		t := build(s.t)
		switch t.Kind {
		case Array:
			t = PointerTo(t.Elem)
		case Func:
			t = PointerTo(t)
		}
		if t.Kind == Void && len(f.Params) == 0 && p.at().text == ")" {
			break
		}
		f.Params = append(f.Params, t)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
}
